"""How the critic lays states out: where it spends its space, along which axes, and in how tight clusters.

Of embeddings phi(s, a) `[n, E]`, one row a state with the action that the policy takes there. The energy's scale is
free, so every measure is a ratio without a unit: agents of different depth can be compared, on the same states.
"""

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import pdist

from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.q_maps import at_rest
from crlkit.envs.mazes import Cell, Maze


def near_and_far(remaining) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the third of states nearest to the goal and of equally many farthest ones, five states or more.

    remaining: distance still to go `[n]`, in cells or steps; equal distances are ordered by chance, always the same.
    """
    count = round(len(remaining) / 3)
    order = np.lexsort((np.random.default_rng(0).random(len(remaining)), remaining))
    return order[:count], order[-count:]


def allocation(embeddings, remaining) -> float:
    """Spread (mean distance of all pairs) of the states near the goal over that of equally many far from it (the question
    of the paper's figure 10); above 1: the states near the goal have more of the space. remaining as in `near_and_far`.
    Where the states themselves lie moves it, too; `stretch` is free of this."""
    embeddings = np.asarray(embeddings, float)
    near, far = (float(pdist(embeddings[group]).mean()) for group in near_and_far(remaining))
    return near / far


def stretch(embeddings, maze: Maze, goal: Cell) -> float:
    """How long one cell's step is in the space near the goal over how long it is far from it.

    embeddings: `[free, E]` in the order of `maze.free_cells`. The mean distance of the embeddings of neighbouring free
    cells, among the third of such pairs nearest to the goal (by the path from the pair's middle) over that of equally
    many farthest. 1: the space is laid out evenly.
    """
    embeddings = np.asarray(embeddings, float)
    a, b = np.argwhere(np.triu(maze.distances == 1)).T
    remaining = maze.distances[maze.free_cells.index(goal)]
    lengths = np.linalg.norm(embeddings[a] - embeddings[b], axis=1)
    near, far = near_and_far((remaining[a] + remaining[b]) / 2)
    return float(lengths[near].mean() / lengths[far].mean())


def cell_embeddings(agent: TrainedAgent, goal: Cell) -> tuple[np.ndarray, np.ndarray]:
    """phi(s, pi(s, g)) `[free, E]` in the middle of each free cell, and the shortest-path distance to the goal
    `[free]`."""
    maze = agent.env.maze
    states, actions, _ = at_rest(agent, maze.free_cells, goal)
    return agent.embed(states, actions), maze.distances[maze.free_cells.index(goal)]


class Principal(NamedTuple):
    """coordinates: along the principal axes `[n, dimensions]`, the embedding's unit. explained: the share of the
    variance on each axis `[dimensions]`, falling; what they leave out, a picture does not show: say so beside it."""

    coordinates: np.ndarray
    explained: np.ndarray


def principal_components(embeddings, dimensions: int = 2) -> Principal:
    """PCA of the embeddings `[n, E]` of a path (paper, figure 10); the largest entry of each axis is positive."""
    embeddings = np.asarray(embeddings, float)
    centred = embeddings - embeddings.mean(axis=0)
    _, values, axes = np.linalg.svd(centred, full_matrices=False)
    largest = np.abs(axes).argmax(axis=1, keepdims=True)
    axes = (axes * np.where(np.take_along_axis(axes, largest, axis=1) < 0, -1, 1))[:dimensions]
    return Principal(centred @ axes.T, values[:dimensions] ** 2 / (values**2).sum())


def tightness(embeddings, remaining) -> float:
    """How tight a cluster the states near the goal form: 1 minus their radius over that of all states.

    A radius is the root mean square distance from the mean. 1: all of them in one point; 0: as spread as everything.
    remaining as in `near_and_far`.
    """
    embeddings = np.asarray(embeddings, float)

    def radius(x):
        return np.sqrt(((x - x.mean(axis=0)) ** 2).sum(axis=1).mean())

    return float(1 - radius(embeddings[near_and_far(remaining)[0]]) / radius(embeddings))
