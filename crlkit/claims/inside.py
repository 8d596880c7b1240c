"""What is inside a trained critic: its map of the maze, its embeddings, its blocks; and how these follow depth."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from crlkit import evidence
from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.gradients import residual_norms
from crlkit.analysis.q_maps import at_rest, by_cell, farthest_cell
from crlkit.analysis.representations import cell_embeddings, stretch, tightness
from crlkit.analysis.topology import topology_score
from crlkit.claims.verdicts import CHANCE, NOT_RUN, Verdict, by_parts, short, size
from crlkit.envs.mazes import make_maze
from crlkit.weights import load_agent

TELLS_APART = 0.02  # least difference of the two rank correlations that a goal must be able to show
Row = pd.Series  # the options of a run


def kept(data: Path, *suites: str) -> Iterator[Row]:
    """Every run whose kept agent, that of its first seed, ends at the goal some of the time: the critic of an agent that
    stays at its start has seen no maze."""
    for _, seeds in evidence.scores(data, *suites, sizes=True).groupby("run"):
        if seeds.score[seeds.seed.idxmin()] > 0:
            yield seeds.iloc[0]


def agents(data: Path, *suites: str) -> Iterator[tuple[Row, TrainedAgent]]:
    """Every shipped agent that reaches goals in a maze."""
    weights = (file for folder in evidence.folders(data, *suites) for file in folder.glob("weights/*.safetensors"))
    files = {file.stem: file for file in weights}
    for row in kept(data, *suites):
        if row.run in files and "maze" in row.env:
            yield row, load_agent(files[row.run])


def layout(agent: TrainedAgent, measure: str) -> float:
    """`stretch` or `tightness` of the agent's embeddings of all free cells, on its way to the farthest."""
    maze, goal = agent.env.maze, farthest_cell(agent.env.maze)
    embeddings, remaining = cell_embeddings(agent, goal)
    return stretch(embeddings, maze, goal) if measure == "stretch" else tightness(embeddings, remaining)


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
    measure: str = "topology",  # or one of `layout`
    way: str = "rises",  # or "falls"
    above: float = -np.inf,  # what the deepest must reach, too: `further`, in words
    further: str = "",
) -> Verdict:
    """Reproduced: it {way} with depth (p below 0.05){further}; not reproduced: the reverse (p below 0.05)"""
    if measure == "topology":
        values = topology(data, *suites)
    else:
        values = pd.DataFrame([{**row, "value": layout(agent, measure)} for row, agent in agents(data, *suites)])
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
    shipped = [(row, agent) for row, agent in agents(data, *suites) if row.depth >= 32]
    if not shipped:
        return NOT_RUN
    rows = pd.DataFrame([row for row, _ in shipped])
    deepest = rows.depth == rows.groupby("task").depth.transform("max")
    held, words = [], []
    for row, agent in (pair for pair, chosen in zip(shipped, deepest) if chosen):
        maze, both = agent.env.maze, []
        states, actions, _ = at_rest(agent, maze.free_cells, farthest_cell(maze))
        inputs = np.hstack([states, actions]), maze.position(maze.free_cells)
        for encoder, x in zip(("state_action", "goal"), inputs):
            added = residual_norms(agent.config, agent.critic[encoder], x).residual
            rank = stats.spearmanr(added.index, added)
            held.append(bool(rank.statistic < 0) if rank.pvalue < CHANCE else None)
            both.append(f"{encoder.replace('_', '-')} {rank.statistic:+.2f} (p {rank.pvalue:.1g})")
        words.append(f"{short(row.env)}, depth {row.depth:.0f}: {', '.join(both)}")
    return Verdict(by_parts(held), "; ".join(words), 1, size(rows[deepest]))
