"""Which recorded agents a figure shows: one run a depth in one environment, of each its first seed."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from crlkit import evidence
from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.q_maps import CriticMap, Paths
from crlkit.weights import load_agent

PAIR = (4, 64)  # the depths of the paper's table 1 and figures 9 and 10

load = lru_cache(maxsize=32)(load_agent)  # once a file: it takes most of a second


class Kept(NamedTuple):
    """What is kept of a run. arrays: as they were recorded, in half precision. file: its weights; None where they were
    too large to keep."""

    run: str
    arrays: dict[str, np.ndarray]
    file: Path | None

    @property
    def paths(self) -> Paths:
        cells, goals = (self.arrays[name].astype(float) for name in ("paths", "path_goals"))
        return Paths(cells, goals, self.arrays["path_success"])

    @property
    def critic_map(self) -> CriticMap:
        return CriticMap(self.arrays["critic_map"].astype(float), tuple(map(int, self.arrays["goal"])))

    @property
    def agent(self) -> TrainedAgent:
        return load(self.file)


def runs(data: Path, suite: str, env: str) -> dict[int, str]:
    """The run of every depth, shallow first, whose map and paths were recorded; empty where none were."""
    return {depth: kept.run for depth, kept in all_kept(data, suite, env).items()}


def all_kept(data: Path, suite: str, env: str) -> dict[int, Kept]:
    """What is kept of the run of every depth, shallow first."""
    rows = evidence.rows(data, suite)
    names = rows[rows.env == env].groupby("depth").run.first() if len(rows) else {}
    every = ((int(depth), run, evidence.arrays(data, run)) for depth, run in names.items())
    return {depth: Kept(run, arrays, weights(data, run)) for depth, run, arrays in every if arrays}


def shallow_and_deep(depths) -> tuple[int, ...]:
    """The paper's pair where both are there, else the least and the greatest (one, if there is only one)."""
    return PAIR if set(PAIR) <= set(depths) else tuple(sorted({min(depths), max(depths)}))


def weights(data: Path, run: str) -> Path | None:
    """The file with the weights of a run; None where they were too large to keep."""
    files = (folder / "weights" / f"{run}.safetensors" for folder in evidence.folders(data))
    return next(filter(Path.exists, files), None)
