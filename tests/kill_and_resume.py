"""Kills one run again and again, resumes it each time, and compares its end with a run that was left alone.

    python tests/kill_and_resume.py --kills 20

Every second kill waits for a checkpoint that is just being written. Exits with 1 if a single bit differs.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np

import crlkit

TIMES = ["seconds", "cpu_seconds", "compile_seconds"]
CHILD = """
import sys, crlkit
from crlkit import loop
loop.CHUNK_SECONDS = 0.01  # many moments to die at

crlkit.resume(sys.argv[1])
"""


def config(out: str | None, kills: int) -> crlkit.Config:
    steps = 128 * (2 + 12 * kills)
    return crlkit.Config(
        preset="smoke", depth=4, seeds=2, env_steps=steps, evaluations=6, out=out, checkpoint_seconds=0
    )


def being_written(run: Path) -> bool:
    """Whether a checkpoint lies half finished."""
    return any("tmp" in path.name for path in (run / "checkpoints").glob("*"))


def kill_once(run: Path, rng: random.Random, during_write: bool) -> str:
    """Resumes the run in a process of its own and kills it; says how that ended."""
    marks = list_checkpoints(run)
    newest = max(map(int, marks), default=0)
    process = subprocess.Popen([sys.executable, "-c", CHILD, str(run)], stderr=subprocess.PIPE, text=True)
    while list_checkpoints(run) == marks and not ended(process, 0.02):
        pass  # until it trains, and so makes progress even if killed every time
    if during_write:
        while not being_written(run) and not ended(process, 0.001):
            pass
    else:
        ended(process, rng.uniform(0, 0.5))
    process.send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert max(map(int, list_checkpoints(run)), default=0) >= newest, "it began anew"
    if process.returncode == -signal.SIGKILL:
        return "killed while writing" if being_written(run) else "killed"
    assert process.returncode == 0, errors
    return "finished"


def ended(process: subprocess.Popen, within: float) -> bool:
    """Whether it ends within so many seconds."""
    try:
        process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return True


def list_checkpoints(run: Path) -> set[str]:
    return {path.name for path in (run / "checkpoints").glob("*") if path.name.isdigit()}


def outcome(run: crlkit.Run):
    return run.metrics.drop(columns=TIMES).reset_index(drop=True)


def main(kills: int, seed: int = 0) -> list[str]:
    """Returns how each attempt ended. Raises AssertionError if the outcome differs from that of an undisturbed run."""
    rng, ends = random.Random(seed), []
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        crlkit.runs.create(config(str(run), kills)).release()
        while sum(end != "finished" for end in ends) < kills:
            ends.append(kill_once(run, rng, during_write=len(ends) % 2 == 1))
            print(f"{len(ends)}: {ends[-1]}, checkpoints {sorted(map(int, list_checkpoints(run)))}", flush=True)
            assert ends[-1] != "finished", f"the run ended after {len(ends) - 1} kills: make it longer"
        crlkit.resume(run)
        disturbed, alone = crlkit.open_run(run), crlkit.train(replace(config(str(run), kills), out=None))
        assert outcome(disturbed).equals(outcome(alone)), "metrics differ"
        same = jax.tree.map(np.array_equal, disturbed._restored, alone.agent_states)
        assert all(jax.tree.leaves(same)), "weights differ"
    print(
        f"{kills} kills, {ends.count('killed while writing')} inside a checkpoint write: metrics and weights identical"
    )
    return ends


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    main(arguments.kills, arguments.seed)
