"""Figure 10: how the critic lays states out: along a path, over the whole maze, near a goal against far from it

The embeddings phi(s, a) of one seed per depth. Above, along one recorded episode to a goal that all reached; below, in the middle of every free cell,
recomputed from the recorded weights on the same states for every depth. The paper: Humanoid, pictures only.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from crlkit import envs, evidence
from crlkit.analysis.q_maps import farthest_cell
from crlkit.analysis.representations import allocation, cell_embeddings, principal_components, stretch
from crlkit.envs.base import goal_at
from crlkit.figures import recorded
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.scores import doubling_axis
from crlkit.figures.words import held_equal, not_measured

ENV = "point_big_maze"
MOST_DEPTHS = 3  # whose weights are opened for the panel by depth
STANDS = 0.05  # cells a step: a body that moves less stands still
STANDOUT = {"fc": "white", "ec": "none", "alpha": 0.8, "pad": 0.8}
MEASURES = {"spread": ("o", "#0072B2", "spread of cells"), "stretch": ("s", "#D55E00", "length of one cell's step")}


def _draw(figure: Drawing, data: Path) -> None:
    runs, maze = recorded.runs(data, "depth", ENV), envs.make(ENV).maze
    shown = recorded.shallow_and_deep(runs) if runs else recorded.PAIR
    grid = figure.add_gridspec(2, 3, width_ratios=(1, 1, 1.05))
    walks = walks_to_one_goal(data, runs, shown) if runs else {}
    for column, depth in enumerate(shown):
        above, below = figure.add_subplot(grid[0, column]), figure.add_subplot(grid[1, column])
        above.set_title(f"depth {depth}, one episode")
        below.set_title(f"depth {depth}, every free cell")
        _along_a_path(figure, above, walks.get(depth))
        _over_the_maze(figure, below, recorded.weights(data, runs[depth]) if runs else None, maze)
    _by_depth(figure.add_subplot(grid[:, 2]), near_over_far(data))
    said = (
        f"{ENV}: principal components of φ(s, a), the critic's embedding. Paper: Humanoid, pictures only, no numbers."
    )
    if runs:
        rows = evidence.rows(data, "depth").query("env == @ENV")
        said += f"\nHere: one seed per depth, equal: {held_equal(rows)}"
    figure.suptitle(said, fontsize=9.5)


class Walk(NamedTuple):
    """One episode of an agent: cells `[time, 2]` until it ended, its embeddings `[time, E]`, whether it reached the goal."""

    cells: np.ndarray
    embeddings: np.ndarray
    reached: bool


def walks_to_one_goal(data: Path, runs: dict[int, str], shown: Sequence[int]) -> dict[int, Walk]:
    """Of every depth shown the first recorded episode whose goal all of them reached, its embeddings recomputed from the
    weights on the recorded ways; the first episode, with its recorded ones, where there is none such or no weights."""
    paths = {depth: recorded.walked(evidence.arrays(data, runs[depth])) for depth in shown}
    files = {depth: recorded.weights(data, runs[depth]) for depth in shown}
    reached = np.logical_and.reduce([of_one.success for of_one in paths.values()])
    episode = int(reached.argmax()) if all(files.values()) else 0
    found = {}
    for depth, of_one in paths.items():
        cells = of_one.cells[:-1, episode]
        if episode:
            lasted = ~np.isnan(cells).any(axis=1)
            agent = recorded.load(files[depth])
            goal = goal_at(agent.env, agent.env.maze.position(of_one.goals[episode]))
            states = agent.env.states_at(agent.env.maze.position(cells[lasted]), goal)
            embeddings = agent.embed(states, agent.act(states, np.broadcast_to(goal, (len(states), len(goal)))))
        else:
            embeddings = evidence.arrays(data, runs[depth])["embeddings"].astype(float)
            lasted = ~np.isnan(embeddings).any(axis=1)
            embeddings = embeddings[lasted]
        found[depth] = Walk(cells[lasted], np.asarray(embeddings, float), bool(of_one.success[episode]))
    return found


def moving_steps(cells: np.ndarray) -> int:
    """The number of steps after which the body stands still for good; cells `[time, 2]`."""
    moves = np.linalg.norm(np.diff(cells, axis=0), axis=1) > STANDS
    return int(np.flatnonzero(moves).max()) + 1 if moves.any() else 0


def _components(axes: Axes, embeddings: np.ndarray):
    """The first two principal components, said with the share of the variance that they show."""
    found = principal_components(embeddings, 2)
    first, second = 100 * found.explained
    axes.set(xlabel=f"component 1 ({first:.0f} % of the variance)", ylabel=f"component 2 ({second:.0f} %)")
    return found.coordinates


def _along_a_path(figure: Drawing, axes: Axes, walk: Walk | None) -> None:
    if walk is None:
        not_measured(axes)
        return
    steps = moving_steps(walk.cells)
    x, y = _components(axes, walk.embeddings).T
    axes.plot(x, y, color="0.7", lw=0.8, zorder=1)
    dots = axes.scatter(x, y, c=np.minimum(np.arange(len(x)), steps), cmap="viridis", s=30, ec="0.2", lw=0.4)
    figure.colorbar(dots, ax=axes, label=f"step, up to {steps}", shrink=0.8)
    end = "goal reached" if walk.reached else "goal not reached"
    axes.set_title(f"{axes.get_title()}: {end},\nstands still from step {steps} of {len(walk.cells)} on")


def _over_the_maze(figure: Drawing, axes: Axes, weights: Path | None, maze) -> None:
    """The maze as the critic sees it on the way to the farthest goal: cells, and lines between neighbours."""
    if weights is None:
        not_measured(axes)
        return
    goal = farthest_cell(maze)
    embeddings, remaining = cell_embeddings(recorded.load(weights), goal)
    x, y = _components(axes, embeddings).T
    for pair in np.argwhere(np.triu(maze.distances == 1)):
        axes.plot(x[pair], y[pair], color="0.6", lw=1, zorder=1)
    dots = axes.scatter(x, y, c=remaining, cmap="cividis_r", s=44, ec="0.2", lw=0.5)
    figure.colorbar(dots, ax=axes, label="shortest path to the goal (cells)", shrink=0.8)
    at = maze.free_cells.index(goal)
    axes.annotate("G", (x[at], y[at]), xytext=(7, 7), textcoords="offset points", weight="bold", bbox=STANDOUT)
    axes.set_title(f"{axes.get_title()}; G the farthest goal,\nlines join neighbouring cells")


def near_over_far(data: Path) -> dict[int, dict[str, list[float]]]:
    """By depth, for every goal of the evaluation: `spread` and `stretch` near the goal over far from it, thirds of the
    free cells. The goals of one agent share its weights, so they are no sample of agents."""
    runs, maze, found = recorded.runs(data, "depth", ENV), envs.make(ENV).maze, {}
    kept = {depth: file for depth, run in runs.items() if (file := recorded.weights(data, run))}
    for depth in recorded.some(kept, MOST_DEPTHS) if kept else []:
        agent = recorded.load(kept[depth])
        of_goals = [(goal, *cell_embeddings(agent, goal)) for goal in envs.make(agent.config.eval_env).maze.goals]
        found[depth] = {
            "spread": [allocation(embeddings, remaining) for _, embeddings, remaining in of_goals],
            "stretch": [stretch(embeddings, maze, goal) for goal, embeddings, _ in of_goals],
        }
    return found


def _by_depth(axes: Axes, found: dict[int, dict[str, list[float]]]) -> None:
    axes.set(
        ylabel="near the goal / far from it (thirds of the maze)", title="space around a goal, same states for all"
    )
    axes.axhline(1, color="0.3", ls=":")
    for shift, (name, (marker, colour, label)) in zip((0.95, 1.05), MEASURES.items()):
        for depth, values in found.items():
            axes.plot([depth * shift] * len(values[name]), values[name], marker, color=colour, ms=3.5, alpha=0.4)
        means = [np.mean(values[name]) for values in found.values()]
        axes.plot([depth * shift for depth in found], means, marker, ls="-", color=colour, ms=8, label=f"{label}")
    doubling_axis(axes, found or recorded.PAIR)
    if not found:
        not_measured(axes, y=0.3)
        return
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.2 * (high - low))
    axes.legend(title="mean over goals, small marks the goals", loc="upper center")


def finding(data: Path) -> Finding:
    spaces, runs = near_over_far(data), recorded.runs(data, "depth", ENV)
    if not runs:
        return Finding(missing="how much space a critic gives to the goal")
    walks = walks_to_one_goal(data, runs, recorded.shallow_and_deep(runs)).items()
    explained = ", ".join(
        f"{principal_components(walk.embeddings, 2).explained.sum():.0%} at depth {depth}" for depth, walk in walks
    )
    axes = f"The two axes show {explained} of the variance along the episode"
    if not spaces:
        said = "Space near a goal against far from it: not yet measured here, as no weights were kept"
        return Finding(said, more=axes)
    means = {depth: [np.mean(values[name]) for name in MEASURES] for depth, values in spaces.items()}
    listed = "; ".join(
        f"depth {depth}: spread {spread:.2f}, step {step:.2f}" for depth, (spread, step) in means.items()
    )
    said = (
        f"The space near a goal over that far from it (1 is even), means over the goals of one seed per depth: {listed}"
    )
    return Finding(said, more=f"{axes}. Means over goals: {listed}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    f"Scatter plots of the two first principal components of the critic's embeddings in {ENV}, shallow and deep: along one "
    "episode, coloured by time, and in every free cell, coloured by distance to the goal, neighbours joined by lines. Beside "
    "them by depth: spread of the embeddings near a goal over that far from it, and the same for the length of one cell's "
    "step; 1 is even, dotted",
    finding,
    (_draw,),
    (12, 7.2),
    reads=("depth",),
)
