"""Runs in folders with odd names: each is refused before it trains, or comes back equal.

    python tests/odd_paths.py --names 200

Trains once, then for every name begins a run, writes its checkpoint and metrics, opens it again and exports it. Exits
with 1 if anything differs.
"""

import argparse
import os
import random
import tempfile
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np

import crlkit
from crlkit import checkpoints, loop, runs, weights

FINE = [
    *(
        "[RL] course",
        "a[x]",
        "[",
        "what?",
        "*",
        "**",
        "{a,b}",
        "!x",
        "~",
        "~root",
        "-rf",
        "$HOME",
        "`id`",
        "a b",
        " a ",
    ),
    *(
        "it's",
        'the "best"',
        "back\\slash",
        "100 %",
        "%2F",
        "file:",
        "s3:",
        "http:",
        "a#b",
        "a&b;c",
        ".hidden",
        "...",
        "@",
    ),
    *("Übung", "U\u0308bung", "学习", "путь", "🧪", "\u202eabc", "é" * 100, "x" * 200, "n" * 255),
]
LETTERS = "abzAZ019 .-_[]{}()*?!'\"`\\%#&;:,~$@=+^|<>éßÜ学🧪\u0301"


def names(count: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    found = [*FINE]
    while len(found) < count:
        found.append("".join(rng.choices(LETTERS, k=rng.choice([1, 3, 8, 30, 120]))))
    return rng.sample(found, count)


def trained() -> tuple:
    """A config, the whole state and the finished run of it, in memory."""
    config = crlkit.Config(preset="smoke", depth=4, env="point_u_maze", env_steps=128 * 3, evaluations=1)
    kept, save = [], loop.Trainer.save
    loop.Trainer.save = lambda trainer: kept.append(trainer._checkpoint())
    try:
        run = crlkit.train(config)
    finally:
        loop.Trainer.save = save
    return config, kept[-1], run


def comes_back(config: crlkit.Config, state: checkpoints.Checkpoint, made: crlkit.Run, out: str) -> bool:
    """Whether a run at `out` is accepted. Raises AssertionError if then not all that was written of it comes back, or
    if it is refused in any other way than in one line."""
    try:
        run = runs.create(replace(config, out=out))
    except crlkit.UserError as error:
        assert len(str(error).splitlines()) == 1 and "; nearest: " in str(error), error
        return False
    run.add_rows(made.rows)
    checkpoints.save(run.path, made.provenance["updates"], state)
    run.set_status("finished", updates=made.provenance["updates"])
    run.release()
    again, first = crlkit.open_run(out), made.agents[0]
    assert again.metrics.equals(made.metrics)
    for agent in (again.agents[0], weights.load_agent(weights.export(again))):
        same = jax.tree.map(np.array_equal, (agent.actor, agent.critic), (first.actor, first.critic))
        assert all(jax.tree.leaves(same)), out
    return True


def main(count: int, seed: int = 0) -> dict[str, bool]:
    """Which names were accepted."""
    made, home, accepted = trained(), Path.cwd(), {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number, name in enumerate(names(count, seed)):
                apart = Path(folder) / str(number)
                apart.mkdir()
                os.chdir(apart)
                accepted[name] = comes_back(*made, f"{name}/run")
        finally:
            os.chdir(home)
    print(f"{count} names: {sum(accepted.values())} came back equal, the others were refused")
    return accepted


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=200)
    main(parser.parse_args().names)
