"""Notebook 02: how far ahead hindsight looks, and where the discounted future of a random walk lies, exactly."""

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from crlkit.figures import style


def walk_table(maze) -> np.ndarray:
    """P `[free, free]`: the next cell of a walker that tries up, down, left or right alike and stays where a wall is."""
    steps = maze.distances == 1
    table = steps / 4.0
    return table + np.diag(1 - table.sum(axis=1))


def discounted_future(table: np.ndarray, discount: float) -> np.ndarray:
    """p(g | s) = (1 - discount) sum over k >= 1 of discount^(k-1) P^k, `[states, states]`, each row sums to 1.

    The geometric series of matrices, (1 - discount) P (1 - discount P)^-1: where a walk that goes on with probability
    `discount` after every step ends (the discounted state occupancy of Eysenbach et al. 2022, from the next step on).
    """
    table = np.asarray(table)
    return (1 - discount) * table @ np.linalg.inv(np.eye(len(table)) - discount * table)


def offset_probabilities(remaining: int, discount: float) -> np.ndarray:
    """The probability of k = 1..R steps ahead `[R]`: discount^k, scaled to sum 1 (paper, section 3)."""
    weights = float(discount) ** np.arange(1, remaining + 1)
    return weights / weights.sum()


def offset_table(length: int, discount: float) -> np.ndarray:
    """The long way: for every pair of steps of an episode the probability that the second is the goal of the first,
    `[length, length]`. The last row is 0: the last step has no future. (The paper's code builds this table.)"""
    ahead = np.arange(length)[None] - np.arange(length)[:, None]
    weights = np.where(ahead > 0, float(discount) ** np.maximum(ahead, 0), 0.0)
    return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-300)


@style.styled
def draw_offsets(discount: float, remaining: int) -> Figure:
    """Left: the probability of each offset. Right: the staircase that turns a number u of [0, 1) into an offset."""
    share = offset_probabilities(remaining, discount)
    k = np.arange(1, remaining + 1)
    figure = style.new_figure(8.4, 3)
    left, right = figure.subplots(1, 2)
    left.bar(k, share, width=0.9, color=style.REACHED)
    left.axvline(k @ share, color=style.MISSED, ls="--", lw=1.4, label=f"mean: {k @ share:.1f} steps")
    left.set(xlabel="k, steps ahead", ylabel="probability", title=f"discount γ = {discount:g}, R = {remaining}")
    left.legend(loc="upper right")
    edges = np.concatenate([[0.0], np.cumsum(share)])
    right.step(edges, np.concatenate([[1], k]), where="pre", color=style.REACHED)
    u = 0.6
    chosen = int(np.searchsorted(np.cumsum(share), u, side="right") + 1)
    right.plot([u, u, 0], [0, chosen, chosen], color=style.MISSED, ls="--", lw=1.4)
    right.set(xlabel="u, drawn uniformly from 0 to 1", ylabel="k, steps ahead", title=f"u = {u} gives k = {chosen}")
    right.set(xlim=(0, 1), ylim=(0, remaining + 1))
    return figure


@style.styled
def draw_future(maze, cell, discounts: tuple[float, ...]) -> Figure:
    """For each discount where a random walker from `cell` has its discounted future: a map, colours by logarithm."""
    table, start = walk_table(maze), maze.free_cells.index(cell)
    figure = style.new_figure(3.3 * len(discounts), 2.9)
    for axes, discount in zip(figure.subplots(1, len(discounts), squeeze=False)[0], discounts):
        share = discounted_future(table, discount)[start]
        picture = np.full(maze.walls.shape, np.nan)
        picture[tuple(np.array(maze.free_cells).T)] = share
        style.draw_maze(axes, maze)
        rows, columns = picture.shape
        box = (-0.5, columns - 0.5, rows - 0.5, -0.5)
        image = axes.imshow(picture, norm=LogNorm(1e-6, 1), cmap="cividis", extent=box)
        style.mark(axes, cell, "s")
        axes.set_title(f"γ = {discount:g}: {share[maze.distances[start] > 3].sum():.0%} beyond 3 cells")
    figure.colorbar(image, ax=figure.axes, shrink=0.85, label="p(g | s)", extend="min")
    return figure


def energy_by_way(energies: np.ndarray, maze) -> pd.DataFrame:
    """What a critic says by how far things are: mean energy of all pairs of cells at each way, `way` and `energy`.

    energies `[free, free]`, rows states and columns goals; each is standardised first (mean 0, spread 1 over all pairs),
    because the scale of an energy is free.
    """
    z = (energies - energies.mean()) / max(float(energies.std()), 1e-12)
    table = pd.DataFrame({"way": maze.distances.ravel().astype(int), "energy": z.ravel()})
    return table.groupby("way", as_index=False).energy.mean()


def agreement(energies: np.ndarray, maze, farthest: float = np.inf) -> float:
    """Rank correlation of the energy with nearness by the way, over all pairs of different cells at most `farthest`
    cells of way apart; energies `[free, free]`."""
    asked = (maze.distances > 0) & (maze.distances <= farthest)
    return float(spearmanr(energies[asked], -maze.distances[asked]).statistic)
