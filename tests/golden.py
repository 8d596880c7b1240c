"""What a change of the house must not move: `python tests/golden.py before.json [PART...]`, change, the same with
`after.json`, diff.

Run names of all suites and sizes, keys of the parameter trees, rows and weights of smoke runs bit for bit (on one
machine), the pages of the ledger, takeaway and alternative text of every figure.
"""

import hashlib
import json
import sys
from pathlib import Path

import jax
import numpy as np

import crlkit
from crlkit import figures, suites, sweep
from crlkit.claims import CLAIMS, report

DATA = Path(__file__).parents[1] / "data"
SMOKE = {
    "online": dict(env="point_u_maze", depth=4, seeds=2, actor_head="norm"),
    "walks": dict(env="lights_out_2x2", depth=8, data="walks", energy="dot"),
    "collector": dict(env="point_u_maze", depth=8, collector_depth=4, critic_head="scaled"),
}


def names() -> dict[str, list[str]]:
    """Run directories of every suite at every size."""
    return {
        f"{suite}-{size}": [sweep.name_of(config) for config in suites.configs(suite, size)]
        for suite in sorted(suites.SUITES)
        for size in suites.SIZES
    }


def run(options: dict) -> dict:
    """A smoke run: what it measured and what it learned. Clocks and memory are left out."""
    done = crlkit.train(crlkit.Config(preset="smoke", **options))
    rows = done.metrics[[c for c in done.metrics if "seconds" not in c and "memory" not in c and "per_second" not in c]]
    trees = [{"actor": agent.actor, "critic": agent.critic} for agent in done.agents]
    leaves = jax.tree.leaves_with_path(trees[0])
    weights = b"".join(np.asarray(x).tobytes() for x in jax.tree.leaves(trees))
    return {
        "keys": [f"{jax.tree_util.keystr(path)} {leaf.shape}" for path, leaf in leaves],
        "rows": json.loads(rows.to_json(orient="records", double_precision=15)),
        "weights": hashlib.sha256(weights).hexdigest(),
    }


def figure_words() -> dict[str, list[str]]:
    words = {name: figures.module(name).words(DATA) for name in figures.NAMES}
    return {name: [said.takeaway, said.alt] for name, said in words.items()}


PARTS = {
    "names": names,
    "runs": lambda: {name: run(options) for name, options in SMOKE.items()},
    "verdicts": lambda: {name: list(map(str, claim.judge(DATA))) for name, claim in CLAIMS.items()},
    "pages": lambda: {name: report.entry(name, DATA) for name in CLAIMS},
    "figures": figure_words,
}


if __name__ == "__main__":
    out, *parts = sys.argv[1:]
    record = {part: PARTS[part]() for part in parts or PARTS}
    Path(out).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
