"""The command line: what it prints, and one line with exit code 2 for whatever is wrong."""

import os
import subprocess
import sys

import pytest

from crlkit.cli import main

WRONG = {
    "train --depth 6": ["depth 6", "multiple of 4", "nearest: 8"],
    "train --depth 0": ["depth 0", "nearest: 4"],
    "train --depth abc": ["--depth", "abc"],
    "train --dept 4": ["--dept"],
    "train --env point_bg_maze": ["point_bg_maze", "nearest: point_big_maze"],
    "train --energy l3": ["'l3'", "one of l2", "nearest: l2"],
    "train --batch-size 100000": ["batch_size 100000", "larger than the buffer", "nearest: 4096"],
    "train --env-steps 100": ["env_steps 100", "not enough to fill the buffer", "nearest: 8192"],
    "train --out taken": ["'taken'", "is not empty", "nearest: taken-2"],
    "train --out .": ["'.'", "is not empty", "nearest"],
    "evaluate nothing": ["'nothing'", "not a run directory"],
    "evaluate": ["required"],
    "dance": ["dance"],
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_input_is_one_line_and_exit_code_2(line, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken/thesis.txt").write_text("years of work")
    with pytest.raises(SystemExit) as stop:
        main(line.split())
    said = capsys.readouterr()
    assert stop.value.code == 2 and said.out == ""
    assert said.err.count("\n") == 1 and said.err.startswith("crlkit: ")
    assert all(part in said.err for part in WRONG[line]), said.err
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert files <= {"taken/thesis.txt"}


def test_train_and_evaluate_from_the_command_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    main("train --preset smoke --depth 8 --seeds 2 --seed 7 --no-residual --out here".split())
    assert "finished after 24 updates; kept in here" in capsys.readouterr().out
    main("evaluate here --env point_u4_maze_eval --episodes 4".split())
    table = capsys.readouterr().out.splitlines()
    assert [row.split()[:2] for row in table[1:]] == [["7", "point_u4_maze_eval"], ["8", "point_u4_maze_eval"]]


def test_envs_lists_names_sizes_and_thresholds(capsys):
    main(["envs"])
    rows = {row.split()[0]: row.split()[1:] for row in capsys.readouterr().out.splitlines() if "_maze" in row}
    assert rows["ant_u4_maze_eval"][:5] == ["29", "2", "8", "0.50", "2.0"]
    assert rows["point_hardest_maze"][:4] == ["2", "2", "2", "0.15"]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_nobody_reads_is_no_error(unbuffered):
    command = [sys.executable, "-m", "crlkit", "envs", "point_u_maze"]
    variables = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables)
    process.stdout.close()  # as `crlkit envs | head` does, sooner or later
    assert process.stderr.read() == "" and process.wait() == 0
