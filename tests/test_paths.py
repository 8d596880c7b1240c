"""Folders with odd names, and checkpoints on the disk before they are called kept."""

import os

import pytest
from odd_paths import FINE
from odd_paths import main as odd_paths

import crlkit
from crlkit import checkpoints


@pytest.mark.slow
def test_a_run_in_an_odd_folder_is_refused_before_it_trains_or_comes_back_equal():
    accepted = odd_paths(50)
    for name in accepted:
        assert accepted[name] or name not in FINE, name
    assert sum(accepted.values()) > 25


def test_a_folder_with_square_brackets_keeps_its_runs(smoke, tmp_path, monkeypatch):
    (tmp_path / "[RL] course").mkdir()
    monkeypatch.chdir(tmp_path / "[RL] course")
    run = crlkit.train(smoke(env="point_u_maze", out="runs/first"))
    assert crlkit.evaluate("runs/first", episodes=4).equals(crlkit.evaluate(run, episodes=4))


def test_a_checkpoint_is_on_the_disk_before_it_is_called_kept(smoke, tmp_path, monkeypatch):
    synced, fsync = [], checkpoints.os.fsync
    monkeypatch.setattr(checkpoints.os, "fsync", lambda number: (synced.append(os.fstat(number).st_ino), fsync(number)))
    crlkit.train(smoke(out=str(tmp_path / "run")))
    (step,) = (tmp_path / "run/checkpoints").iterdir()
    assert {file.stat().st_ino for file in [step.parent, step, *step.rglob("*")]} <= set(synced)
