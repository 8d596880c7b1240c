"""Notebook 09: what short walks hold in pieces, and whether a critic that saw only pieces orders what it never saw."""

from functools import lru_cache

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from crlkit import envs
from crlkit.course import practice
from crlkit.envs import GoalEnv
from crlkit.envs.mazes import Maze
from crlkit.figures import style
from crlkit.replay import Buffer


def order(maze: Maze) -> np.ndarray:
    """The numbers of the free cells, nearest to the start first: how the pictures count them."""
    return np.argsort(maze.distances[maze.free_cells.index(maze.start)], kind="stable")


def numbers(env: GoalEnv, positions) -> np.ndarray:
    """The number of the free cell in which each position `[..., 2]` lies, in the order of `free_cells`."""
    place = np.full(env.maze.walls.shape, -1)
    place[tuple(np.array(env.maze.free_cells).T)] = np.arange(len(env.maze.free_cells))
    return place[tuple(np.moveaxis(env.maze.cell(np.asarray(positions)), -1, 0))]


def seen_pairs(visited: np.ndarray, cells: int) -> np.ndarray:
    """Whether some walk was in the first cell and then, at once or later, in the second, `[cells, cells]`; `visited`
    `[steps, walks]` holds numbers of cells."""
    seen = np.eye(cells, dtype=bool)
    for step in range(len(visited)):
        seen[np.broadcast_to(visited[step], visited[step:].shape), visited[step:]] = True
    return seen


def chained(seen: np.ndarray) -> np.ndarray:
    """Whether a chain of seen pairs leads from the first cell to the second."""
    reach = seen | np.eye(len(seen), dtype=bool)
    while ((further := (reach.astype(int) @ reach.astype(int)) > 0) != reach).any():
        reach = further
    return reach


def seen_in(env: str, data: Buffer) -> np.ndarray:
    """`seen_pairs` of the walks in a buffer."""
    world = envs.make(env)
    return seen_pairs(numbers(world, np.asarray(data.state)[..., world.goal_slice]), len(world.maze.free_cells))


@lru_cache(maxsize=32)
def seen_by_walks(env: str, walks: int, length: int, seed: int = 0) -> np.ndarray:
    """`seen_pairs` of random walks from all over the maze, those of `practice.walks`."""
    return seen_in(env, practice.walks(env, walks, length, seed))


@style.styled
def draw_known(env: str, walks: int, length: int) -> Figure:
    """Left the pairs of cells seen in one walk, right those joined by chains of seen pairs."""
    maze, seen = envs.make(env).maze, seen_by_walks(env, walks, length)
    count = order(maze)
    figure = style.new_figure(8.6, 3.4)
    for axes, known, name in zip(
        figure.subplots(1, 2), (seen, chained(seen)), ("seen in one walk", "by chains of seen pairs")
    ):
        axes.imshow(known[np.ix_(count, count)], cmap="cividis", vmin=0, vmax=1)
        axes.set(xlabel="to cell (nearest to the start first)", ylabel="from cell")
        axes.set_title(f"{name}: {known.mean():.0%} of pairs")
    figure.suptitle(f"{walks} walks of {length} steps", fontsize=9.5)
    return figure


def orders(energies: np.ndarray, maze: Maze, pairs: np.ndarray) -> tuple[float, float]:
    """Rank correlation of energies `[cells, cells]` with nearness by the way and by the straight line, over `pairs`."""
    cells = np.array(maze.free_cells)
    line = np.linalg.norm(cells[:, None] - cells[None], axis=-1)
    return tuple(float(spearmanr(energies[pairs], -table[pairs]).statistic) for table in (maze.distances, line))


def graded(energies: dict[str, np.ndarray], maze: Maze, seen: np.ndarray) -> pd.DataFrame:
    """`orders` of several critics on the pairs that were seen and on those that were not: `critic, pairs, way, line`."""
    apart = ~np.eye(len(seen), dtype=bool)
    kinds = {"seen": seen & apart, "never seen": ~seen}
    return pd.DataFrame(
        [
            (name, kind, *orders(table, maze, pairs))
            for name, table in energies.items()
            for kind, pairs in kinds.items()
        ],
        columns=["critic", "pairs", "way", "line"],
    )


def draw_pairs(axes: Axes, energies: np.ndarray, maze: Maze, seen: np.ndarray) -> None:
    """Every pair of cells as a dot: how far apart by the way, and what the critic says."""
    for kind, pairs, look in (
        ("seen in one walk", seen, {"color": "#7aa6c2", "marker": "o"}),
        ("never seen", ~seen, {"color": "#D55E00", "marker": "x"}),
    ):
        axes.scatter(
            maze.distances[pairs] + (0.12 if kind == "never seen" else -0.12), energies[pairs], s=9, label=kind, **look
        )
    axes.set(xlabel="way between the cells", ylabel="energy")
