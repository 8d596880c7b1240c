"""A missing folder of records is an error, not an empty answer; and notebooks find theirs."""

import json
from pathlib import Path

import pytest

import crlkit
from crlkit import evidence
from crlkit.cli import main

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "line",
    [
        "claims --data",
        "claims --write --data",
        "figures --data",
        "figures --check --data",
        "sweep depth --dry-run --data",
    ],
)
def test_a_folder_that_is_not_there_is_one_line_with_the_nearest(line, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    with pytest.raises(SystemExit) as stop:
        main([*line.split(), "dta"])
    said = capsys.readouterr()
    assert stop.value.code == 2 and said.out == ""
    assert said.err == "crlkit: data 'dta': no such folder; nearest: data\n"
    assert [file.name for file in tmp_path.iterdir()] == ["data"]


def test_the_wrong_working_directory_names_the_kits_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["claims"])
    assert capsys.readouterr().err == f"crlkit: data 'data': no such folder; nearest: {ROOT / 'data'}\n"


def test_a_new_folder_can_still_be_recorded_into_and_none_can_be_asked_for(tmp_path, capsys):
    main(["sweep", "depth", "--size", "smoke", "--dry-run", "--data", "", "--out", str(tmp_path)])
    assert "to do" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["record", "depth", "--size", "smoke", "--out", str(tmp_path), "--data", str(tmp_path / "new")])
    assert "no finished run" in capsys.readouterr().err


@pytest.mark.parametrize("place", [".", "notebooks", "docs", "data/paper"])
def test_the_data_are_found_from_everywhere_in_the_kit(place, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT / place)
    assert evidence.find_data().resolve() == ROOT / "data"
    monkeypatch.chdir(tmp_path)
    assert evidence.find_data() == ROOT / "data"
    monkeypatch.setattr(evidence, "__file__", str(tmp_path / "lib/crlkit/evidence.py"))
    with pytest.raises(crlkit.UserError, match="nearest: start in the folder"):
        evidence.find_data()


def test_no_notebook_names_the_folder_by_where_it_runs():
    for file in sorted((ROOT / "notebooks").glob("*.ipynb")):
        code = [
            "".join(cell["source"]) for cell in json.loads(file.read_text())["cells"] if cell["cell_type"] == "code"
        ]
        assert not [cell for cell in code if "../" in cell], file.name
