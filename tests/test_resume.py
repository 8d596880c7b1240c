"""Runs that die and go on: the same end, bit for bit; and nothing damaged is ever believed."""

import errno
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import jax
import numpy as np
import pytest
from kill_and_resume import main as kill_and_resume
from kill_and_resume import outcome

import crlkit
from crlkit import checkpoints, loop


class PowerCut(Exception):
    pass


@pytest.fixture
def dying(monkeypatch):
    """Lets training die after a number of calls of the update program."""

    def arm(calls: int):
        update, left = loop.Trainer._update_some, [calls]

        def update_or_die(self, updates):
            if not left[0]:
                raise PowerCut
            left[0] -= 1
            update(self, updates)

        monkeypatch.setattr(loop.Trainer, "_update_some", update_or_die)
        return lambda: monkeypatch.setattr(loop.Trainer, "_update_some", update)

    return arm


@pytest.mark.parametrize("calls", [0, 1, 5])
def test_a_resumed_run_ends_like_one_that_was_never_stopped(smoke, tmp_path, dying, monkeypatch, calls):
    options = dict(seeds=2, env_steps=128 * 9, evaluations=4, fixed_goals=True)
    revive = dying(calls)
    with pytest.raises(PowerCut):
        crlkit.train(smoke(**options, checkpoint_seconds=0.0, out=str(tmp_path / "run")))
    revive()
    steps = [int(path.name) for path in (tmp_path / "run/checkpoints").glob("*")]
    done, update = [], loop.Trainer._update_some
    monkeypatch.setattr(
        loop.Trainer, "_update_some", lambda self, left: (done.append(self.updates), update(self, left))
    )
    resumed = crlkit.resume(tmp_path / "run")
    assert done[0] == max(steps, default=0) and (done[0] > 0) == (calls > 0)  # it went on, and did not begin anew
    alone = crlkit.train(smoke(**options))
    assert outcome(resumed).equals(outcome(alone))
    assert all(jax.tree.leaves(jax.tree.map(np.array_equal, resumed.agent_states, alone.agent_states)))
    assert outcome(crlkit.open_run(tmp_path / "run")).equals(outcome(alone))
    with pytest.raises(crlkit.UserError, match="finished, nothing left to train"):
        crlkit.resume(tmp_path / "run")


@pytest.mark.slow
def test_kills_at_random_moments_change_nothing():
    ends = kill_and_resume(kills=2, seed=1)
    assert len(ends) == 2


def test_the_last_two_checkpoints_are_kept_and_a_damaged_one_is_passed_over(smoke, tmp_path, dying):
    out = tmp_path / "run"
    revive = dying(4)
    with pytest.raises(PowerCut):
        crlkit.train(smoke(env_steps=128 * 9, checkpoint_seconds=0.0, out=str(out)))
    revive()
    steps = sorted(int(path.name) for path in (out / "checkpoints").iterdir())
    assert len(steps) == 2
    for file in (out / "checkpoints" / str(steps[1])).rglob("*"):
        if file.is_file() and file.stat().st_size > 100:
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (out / "checkpoints" / f"{steps[1] + 1}.orbax-checkpoint-tmp").mkdir()  # cut off half-way
    shape = crlkit.runs.state_shape(crlkit.open_run(out).config)
    assert int(checkpoints.restore(out, shape.agent).agent.updates[0]) == steps[0]
    resumed, alone = crlkit.resume(out), crlkit.train(smoke(env_steps=128 * 9))
    assert outcome(resumed).equals(outcome(alone))


def test_a_flipped_bit_in_a_checkpoint_is_seen(smoke, tmp_path, caplog):
    out = tmp_path / "run"
    crlkit.train(smoke(out=str(out)))
    assert crlkit.open_run(out).agents
    (step,) = (out / "checkpoints").iterdir()
    largest = max((file for file in step.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
    whole, shape = largest.read_bytes(), crlkit.runs.state_shape(crlkit.open_run(out).config)
    refused = 0
    for place in np.linspace(0, len(whole) - 1, 12).astype(int):
        largest.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            found = checkpoints.restore(out, shape.agent, shape._replace(agent=()))
            assert checkpoints._digest(found.agent) == found.position["agent_sha256"]
        except crlkit.UserError as error:
            assert "no checkpoint can be read" in str(error) and "\n" not in str(error)
            refused += 1
    assert refused > 0
    largest.write_bytes(whole)


def test_a_finished_run_never_answers_with_older_weights(smoke, tmp_path):
    out = tmp_path / "run"
    crlkit.train(smoke(checkpoint_seconds=0.0, out=str(out)))
    newest = max((out / "checkpoints").iterdir(), key=lambda path: int(path.name))
    shutil.rmtree(newest / "agent")
    with pytest.raises(crlkit.UserError, match="after 24 updates is damaged"):
        crlkit.open_run(out).agents  # noqa: B018


def test_a_stop_is_heard_while_the_buffer_fills(smoke, tmp_path, monkeypatch):
    config = smoke(prefill=64, buffer_size=64, env_steps=128 * 6, out=str(tmp_path / "run"))
    assert config.prefill_unrolls == 4
    run = crlkit.train(config, deadline=0.0)
    shape = crlkit.runs.state_shape(config)
    found = checkpoints.restore(tmp_path / "run", shape.agent, shape._replace(agent=()))
    assert run.status == "interrupted" and int(found.rest.rounds[0]) == 0
    assert outcome(crlkit.resume(tmp_path / "run")).equals(
        outcome(crlkit.train(smoke(prefill=64, buffer_size=64, env_steps=128 * 6)))
    )


def test_two_processes_cannot_train_one_run(smoke, tmp_path):
    run = crlkit.runs.create(smoke(out=str(tmp_path / "run")))
    script = f"import crlkit\ntry: crlkit.resume({str(tmp_path / 'run')!r})\nexcept crlkit.UserError as e: print(e)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "another process is training it" in done.stdout
    assert crlkit.open_run(tmp_path / "run").status == "running"
    run.release()
    assert crlkit.resume(tmp_path / "run").status == "finished"  # the first one's directory was not harmed


def small_disk():
    """A folder on a file system of 6 MB of its own, or None where this user may not make one."""
    folder = Path(tempfile.mkdtemp())
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True)
    return folder if done.returncode == 0 else None


def test_a_full_disk_stops_the_run_and_leaves_the_last_checkpoint(smoke):
    folder = small_disk()
    if folder is None:
        pytest.skip("mounting a small file system needs root")
    try:
        config = smoke(env_steps=128 * 20, checkpoint_seconds=0.0, out=str(folder / "run"))
        filled = []

        def fill(run):
            if not filled:
                filled.append(folder / "filler")
                with open(filled[0], "wb") as file, pytest.raises(OSError) as error:
                    while True:
                        file.write(b"x" * 4096)
                        file.flush()
                assert error.value.errno == errno.ENOSPC

        with pytest.raises(crlkit.UserError, match="(No space left|could not be written).*nearest.*crlkit resume"):
            crlkit.train(config, callback=fill)
        filled[0].unlink()
        shape = crlkit.runs.state_shape(config)
        assert checkpoints.restore(folder / "run", shape.agent) is not None
        resumed, alone = crlkit.resume(folder / "run"), crlkit.train(smoke(env_steps=128 * 20))
        assert outcome(resumed).equals(outcome(alone))
    finally:
        subprocess.run(["umount", str(folder)])
        shutil.rmtree(folder, ignore_errors=True)
