"""The agents that `data/<suite>-<size>/weights/` ships, seen from every free cell of their maze.

In plain NumPy and for the paper's network alone (layer norm, swish, residual blocks): to compile dozens of networks, as
`crlkit.load_agent` would, takes a minute. A test holds both together.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from safetensors.numpy import load_file

from crlkit import envs, evidence
from crlkit.analysis.q_maps import farthest_cell
from crlkit.analysis.representations import stretch, tightness
from crlkit.claims.measured import scores
from crlkit.config import BEFORE


class Stack(NamedTuple):
    """output: `[n, outputs]`. added: the mean L2 norm of what each block adds `[blocks]` (paper, figure 17)."""

    output: np.ndarray
    added: np.ndarray


def run_stack(weights: dict[str, np.ndarray], stack: str, x: np.ndarray) -> Stack:
    """One of `actor`, `critic/state_action`, `critic/goal` on inputs `[n, inputs]`."""

    def layer(name: str, x: np.ndarray, block=...) -> np.ndarray:
        parts = ("dense/kernel", "dense/bias", "norm/scale", "norm/bias")
        kernel, bias, scale, shift = (weights[f"{stack}/{name}/{part}"][block] for part in parts)
        x = x @ kernel + bias
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6) * scale + shift
        return x / (1 + np.exp(-x))

    x, added = layer("first", x), []
    for block in range(len(weights[f"{stack}/blocks/layers/0/dense/kernel"])):
        y = x
        for number in range(4):
            y = layer(f"blocks/layers/{number}", y, block)
        added.append(np.linalg.norm(y, axis=-1).mean())
        x = x + y
    return Stack(x @ weights[f"{stack}/head/kernel"] + weights[f"{stack}/head/bias"], np.array(added))


class Seen(NamedTuple):
    """The critic on all free cells, acting towards the farthest one. state_action, goal: its two encoders there.
    stretch: length of a cell's step in the space near the goal over far from it. tightness: of the cells nearest to it."""

    state_action: Stack
    goal: Stack
    stretch: float
    tightness: float


def look(file: Path, env_name: str) -> Seen:
    weights, env = load_file(file), envs.make(env_name)
    cells = np.asarray(env.maze.position(env.maze.free_cells), float)
    states, target = np.asarray(env.states_at(cells), float), farthest_cell(env.maze)
    goals = np.broadcast_to(env.maze.position(target), (len(states), 2))
    action = np.tanh(run_stack(weights, "actor", np.hstack([states, goals])).output[:, : env.action_size])
    phi, psi = (
        run_stack(weights, f"critic/{name}", x)
        for name, x in (("state_action", np.hstack([states, action])), ("goal", cells))
    )
    remaining = env.maze.distances[env.maze.free_cells.index(target)]
    return Seen(phi, psi, stretch(phi.output, env.maze, target), tightness(phi.output, remaining))


def able(table: pd.DataFrame) -> pd.DataFrame:
    """The runs whose first seed, the one that is kept, ends at the goal some of the time: the critic of an agent that stays
    at its start has seen no maze."""
    if table.empty:
        return table
    first = table[table.seed == table.groupby("run").seed.transform("min")]
    return table[table.run.isin(first.run[first.score > 0])]


def agents(data: Path) -> Iterator[tuple[pd.Series, Seen]]:
    """Every shipped agent of the depth suite that reaches goals (the first seed of its run), with the options of its run."""
    files = {
        file.stem: file for folder in evidence.folders(data, "depth") for file in folder.glob("weights/*.safetensors")
    }
    table = able(scores(data, "depth", sizes=True))
    for _, row in table.drop_duplicates("run").iterrows() if len(table) else ():
        plain = row.residual and row.norm == "layer" and row.activation == "swish"
        plain &= all(row.get(name, end) == end for name, end in BEFORE.items())
        if row.run in files and plain and "maze" in row.env:
            yield row, look(files[row.run], row.env)
