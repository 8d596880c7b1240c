"""What is inside a trained critic: its map of the maze, its embeddings, its blocks; and how these follow depth.

The networks of shipped agents run here in plain NumPy, the paper's network alone (layer norm, swish, residual blocks):
to compile dozens of networks, as `crlkit.load_agent` would, takes a minute. A test holds both together.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from safetensors.numpy import load_file
from scipy import stats

from crlkit import envs, evidence
from crlkit.analysis.q_maps import by_cell, farthest_cell
from crlkit.analysis.representations import stretch, tightness
from crlkit.analysis.topology import topology_score
from crlkit.claims.comparison import CHANCE
from crlkit.claims.verdicts import NOT_RUN, Verdict, by_parts, short, size
from crlkit.config import BEFORE
from crlkit.envs.mazes import make_maze

TELLS_APART = 0.02  # least difference of the two rank correlations that a goal must be able to show
SINGLE = {"residual": True, "norm": "layer", "activation": "swish"} | BEFORE  # the network that `run_stack` knows


class Stack(NamedTuple):
    """output: `[n, outputs]`. added: the mean L2 norm of what each block adds `[blocks]` (paper, figure 17)."""

    output: np.ndarray
    added: np.ndarray


def run_stack(weights: dict[str, np.ndarray], stack: str, x: np.ndarray) -> Stack:
    """One of `actor`, `critic/state_action`, `critic/goal` on inputs `[n, inputs]`."""

    def layer(name: str, x: np.ndarray, block=...) -> np.ndarray:
        leaves = ("dense/kernel", "dense/bias", "norm/scale", "norm/bias")
        kernel, bias, scale, shift = (weights[f"{stack}/{name}/{leaf}"][block] for leaf in leaves)
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
    stretch: length of a cell's step in the space near the goal over far from it. tightness: of the cells nearest to
    it."""

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
    phi = run_stack(weights, "critic/state_action", np.hstack([states, action]))
    psi = run_stack(weights, "critic/goal", cells)
    remaining = env.maze.distances[env.maze.free_cells.index(target)]
    return Seen(phi, psi, stretch(phi.output, env.maze, target), tightness(phi.output, remaining))


def able(table: pd.DataFrame) -> pd.DataFrame:
    """The runs whose first seed, the one that is kept, ends at the goal some of the time: the critic of an agent that
    stays at its start has seen no maze."""
    first = table[table.seed == table.groupby("run").seed.transform("min")]
    return table[table.run.isin(first.run[first.score > 0])]


def kept(data: Path, *suites: str) -> list[pd.Series]:
    """The options of every run whose kept agent reaches goals."""
    runs = able(evidence.scores(data, *suites, sizes=True)).drop_duplicates("run")
    return [row for _, row in runs.iterrows()]


def agents(data: Path, *suites: str) -> Iterator[tuple[pd.Series, Seen]]:
    """Every shipped agent of the paper's network that reaches goals in a maze, with the options of its run."""
    weights = (file for folder in evidence.folders(data, *suites) for file in folder.glob("weights/*.safetensors"))
    files = {file.stem: file for file in weights}
    for row in kept(data, *suites):
        plain = all(row.get(name, value) == value for name, value in SINGLE.items())
        if row.run in files and plain and "maze" in row.env:
            yield row, look(files[row.run], row.env)


def topology(data: Path, *suites: str) -> pd.DataFrame:
    """One row per run with a recorded map: `value` is 1 if the map orders the cells by path, -1 if by straight line;
    runs whose goal hardly tells the two apart are left out."""
    rows = []
    for row in kept(data, *suites):
        if recorded := evidence.arrays(data, row.run):
            maze = make_maze(row.env.partition("_")[2])
            cells = by_cell(recorded["critic_map"].astype(float), maze)
            order = topology_score(cells, maze, tuple(recorded["goal"].tolist()))
            if order.ceiling > TELLS_APART:
                rows.append({**row, "value": order.score / order.ceiling})
    return pd.DataFrame(rows).dropna(subset="value") if rows else pd.DataFrame()


def trend(table: pd.DataFrame, resamples: int = 10_000) -> tuple[float, float]:
    """Spearman's correlation of depth and value, mean over tasks of three depths or more, and its two-sided p: depths
    are dealt anew within each task. NaN where no task has three."""
    rng, sums, count = np.random.default_rng(0), np.zeros(resamples + 1), 0
    for _, task in table.groupby("task"):
        if task.depth.nunique() < 3:
            continue
        depth, value = (stats.zscore(stats.rankdata(task[name])) for name in ("depth", "value"))
        dealt = np.stack([depth, *(rng.permutation(depth) for _ in range(resamples))])
        sums, count = sums + dealt @ np.nan_to_num(value) / len(task), count + 1
    if not count:
        return float("nan"), float("nan")
    rho = sums / count
    return float(rho[0]), float((np.abs(rho) >= abs(rho[0]) - 1e-12).mean())


def follows_depth(
    data: Path,
    *suites: str,
    measure: str = "topology",  # or "stretch" or "tightness" of shipped agents
    way: str = "rises",  # or "falls"
    above: float = -np.inf,  # what the deepest must reach, too: `further`, in words
    further: str = "",
) -> Verdict:
    """Reproduced: it {way} with depth (p below 0.05){further}; not reproduced: the reverse (p below 0.05)"""
    if measure == "topology":
        values = topology(data, *suites)
    else:
        values = pd.DataFrame([{**row, "value": getattr(seen, measure)} for row, seen in agents(data, *suites)])
    if values.empty:
        return NOT_RUN
    rho, p = trend(values)
    if np.isnan(rho):
        return NOT_RUN._replace(here="needs three depths in a maze")
    deepest = values.task[values.depth == values.depth.max()]  # another maze may begin elsewhere
    ends = values[values.task.isin(deepest)].groupby("depth").value.mean()
    follows = bool(p < CHANCE and (rho > 0) == (way == "rises"))
    reaches = bool(ends.iloc[-1] > above)
    outcome = by_parts([follows, reaches]) if follows else "not reproduced" if p < CHANCE else "undecided"
    (first, low), *_, (last, high) = ends.items()
    here = f"rho {rho:+.2f}, p {p:.2g}; {low:+.2f} at depth {first:.0f}, {high:+.2f} at {last:.0f}"
    return Verdict(outcome, here, 1, size(values[values.groupby("task").depth.transform("nunique") > 2]))


def blocks(data: Path, *suites: str) -> Verdict:
    """An encoder of a maze's agent is a part: negative with p below 0.05. Reproduced: all; partly: some; not reproduced:
    none"""
    shipped = [(row, seen) for row, seen in agents(data, *suites) if row.depth >= 32]
    if not shipped:
        return NOT_RUN
    rows = pd.DataFrame([row for row, _ in shipped])
    deepest = rows.depth == rows.groupby("task").depth.transform("max")
    held, words = [], []
    for row, seen in (agent for agent, chosen in zip(shipped, deepest) if chosen):
        both = []
        for encoder in ("state_action", "goal"):
            added = getattr(seen, encoder).added
            rank = stats.spearmanr(np.arange(len(added)), added)
            held.append(bool(rank.statistic < 0) if rank.pvalue < CHANCE else None)
            both.append(f"{encoder.replace('_', '-')} {rank.statistic:+.2f} (p {rank.pvalue:.1g})")
        words.append(f"{short(row.env)}, depth {row.depth:.0f}: {', '.join(both)}")
    return Verdict(by_parts(held), "; ".join(words), 1, size(rows[deepest]))
