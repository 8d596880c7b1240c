"""Run directories: complete before the first step, never overwritten, readable afterwards."""

import contextlib
import json
import signal
import subprocess
import sys

import pandas as pd
import pytest

import crlkit
from crlkit import config as configs
from crlkit import loop, runs


def test_a_run_directory_holds_config_provenance_metrics_and_a_checkpoint(smoke, tmp_path):
    config = smoke(seeds=2, out=str(tmp_path / "run"))
    run = crlkit.train(config)
    assert configs.from_dict(json.loads((tmp_path / "run/config.json").read_text())) == config
    made = json.loads((tmp_path / "run/provenance.json").read_text())
    assert made["status"] == "finished" and made["updates"] == config.rounds * config.updates_per_unroll
    assert made["versions"]["jax"] and made["device"] and made["started"] <= made["ended"]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "run/metrics.csv"), run.metrics, check_dtype=False)
    assert list(run.metrics.groupby("seed").size()) == [2, 2]
    assert run.metrics.env_steps.iloc[-1] <= config.env_steps

    opened = crlkit.open_run(tmp_path / "run")
    pd.testing.assert_frame_equal(crlkit.evaluate(opened), crlkit.evaluate(run))


def test_config_and_provenance_are_there_before_the_first_step(smoke, tmp_path, monkeypatch):
    def stop(*_):
        assert sorted(p.name for p in (tmp_path / "run").glob("*.json")) == ["config.json", "provenance.json"]
        raise RuntimeError("power cut")

    monkeypatch.setattr(loop.Trainer, "train", stop)
    with pytest.raises(RuntimeError, match="power cut"):
        crlkit.train(smoke(out=str(tmp_path / "run")))
    assert crlkit.open_run(tmp_path / "run").provenance["error"] == "RuntimeError: power cut"


def test_a_directory_that_holds_another_run_is_refused_and_left_as_it_was(smoke, tmp_path):
    out = tmp_path / "run"
    crlkit.train(smoke(out=str(out)))
    before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
    with pytest.raises(crlkit.UserError, match=rf"holds another run.*nearest: {out}-2, or crlkit resume"):
        crlkit.train(smoke(depth=8, out=str(out)))
    assert {file: file.read_bytes() for file in out.rglob("*") if file.is_file()} == before

    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/shed").write_text("of the garden shed")
    with pytest.raises(crlkit.UserError, match="is not empty"):
        crlkit.train(smoke(out=str(tmp_path / "photos")))
    assert [file.read_text() for file in (tmp_path / "photos").iterdir()] == ["of the garden shed"]


def test_a_run_that_was_killed_before_it_had_a_config_leaves_its_directory_free(smoke, tmp_path, monkeypatch):
    config = smoke(out=str(tmp_path / "run"))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(configs, "to_file", lambda config: (_ for _ in ()).throw(KeyboardInterrupt))
        runs.create(config)
    assert {file.name for file in (tmp_path / "run").iterdir()} == {"lock", "provenance.json"}
    assert runs.create(config).path == tmp_path / "run" and (tmp_path / "run/config.json").exists()


def test_a_directory_that_another_process_trains_in_is_refused(smoke, tmp_path):
    run = runs.create(smoke(out=str(tmp_path / "run")))
    with pytest.raises(crlkit.UserError, match="holds another run"):
        runs.create(smoke(out=str(tmp_path / "run")))
    with pytest.raises(crlkit.UserError, match="another process is training it"):
        runs.reopen(tmp_path / "run")
    run.release()


def test_a_path_that_is_no_run_names_the_runs_beside_it(smoke, tmp_path):
    runs.create(smoke(out=str(tmp_path / "good")))
    with pytest.raises(crlkit.UserError, match="not a run directory.*good"):
        crlkit.open_run(tmp_path / "bad")
    with pytest.raises(crlkit.UserError, match="has no checkpoint yet"):
        crlkit.evaluate(str(tmp_path / "good"))


def test_evaluate_refuses_another_body(smoke):
    with pytest.raises(crlkit.UserError, match="another body"):
        crlkit.evaluate(crlkit.train(smoke()), env="ant_u4_maze")


@pytest.mark.slow
def test_ctrl_c_ends_cleanly_and_keeps_what_was_trained(tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "crlkit", "train", "--preset", "smoke", "--depth", "4"]
    command += ["--env-steps", "100000000", "--evaluations", "20000", "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while not (out / "metrics.csv").exists() and process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate()
    assert process.returncode == 130 and "Traceback" not in errors, errors
    run = crlkit.open_run(out)
    assert run.status == "interrupted" and f"interrupted after {run.provenance['updates']} updates" in said
    assert crlkit.evaluate(run, episodes=4).success.notna().all()
