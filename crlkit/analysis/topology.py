"""Does the critic follow the maze's walls or the straight line? (paper, figure 9)

An energy is compared, by rank, with two distances from every free cell to the goal: along the shortest path and as
the crow flies. Ranks, since the energy's scale is free.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from crlkit.agents.trained import TrainedAgent
from crlkit.envs.base import goal_at
from crlkit.envs.mazes import Cell, Maze

STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))


class Topology(NamedTuple):
    """Rank correlations, in [-1, 1].

    rho_path: Spearman's correlation of minus the energy with the shortest-path distance to the goal.
    rho_line: the same with the straight-line distance.
    score: rho_path - rho_line; positive where the energy orders the cells more by path than by line.
    ceiling: the score of an energy that is minus the path distance. Minus this is the score of the straight line.
    Near 0 the two distances order the cells alike, and the goal cannot tell the two kinds of critic apart.
    """

    rho_path: float
    rho_line: float
    score: float
    ceiling: float


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation (ties share their mean rank); NaN where one side is constant or not a number."""
    if np.isnan(a).any() or np.isnan(b).any() or np.ptp(stats.rankdata(a)) == 0 or np.ptp(stats.rankdata(b)) == 0:
        return float("nan")
    return float(stats.spearmanr(a, b).statistic)


def topology_score(values_by_cell, maze: Maze, goal: Cell) -> Topology:
    """How an energy orders the free cells, for one goal.

    values_by_cell: energies `[free]` in the order of `maze.free_cells`, the goal's own cell included; higher is nearer.
    Raises ValueError for another number of values.
    """
    values, cells = np.asarray(values_by_cell, float), np.array(maze.free_cells)
    if values.shape != (len(cells),):
        raise ValueError(f"values of shape {values.shape}: needs one a free cell, ({len(cells)},)")
    path = maze.distances_from(goal)[tuple(cells.T)]
    line = np.linalg.norm(cells - np.array(goal), axis=1)
    rho_path, rho_line = _spearman(-values, path), _spearman(-values, line)
    return Topology(rho_path, rho_line, rho_path - rho_line, 1 - _spearman(path, line))


def cell_energies(agent: TrainedAgent, goals: list[Cell]) -> np.ndarray:
    """f(s, pi(s, g), g) `[goals, free]` with the body at rest in the middle of each free cell (`env.states_at`)."""
    env, maze = agent.env, agent.env.maze
    targets = goal_at(env, maze.position(goals))
    states = np.stack([env.states_at(maze.position(maze.free_cells), target) for target in targets])
    actions = agent.act(states, np.broadcast_to(targets[:, None], (*states.shape[:2], targets.shape[-1])))
    return np.stack([agent.energy(s, own, target[None])[:, 0] for s, own, target in zip(states, actions, targets)])


def topology(agent: TrainedAgent, goals: list[Cell] | None = None) -> pd.DataFrame:
    """`topology_score` of an agent's critic, one row a goal, by default the goals it was trained on.

    Columns: `row`, `column` of the goal's cell, `path_from_start` in cells, and those of `Topology`. The rows of one
    agent share its weights: over seeds, average each seed's rows first and treat the means as the sample.
    """
    maze = agent.env.maze
    goals = maze.goals if goals is None else goals
    rows = [
        {"row": goal[0], "column": goal[1], "path_from_start": maze.distance(maze.start, goal)}
        | topology_score(values, maze, goal)._asdict()
        for goal, values in zip(goals, cell_energies(agent, goals))
    ]
    return pd.DataFrame(rows)


def _shifted(values: np.ndarray, step: tuple[int, int]) -> np.ndarray:
    """values[place + step] of every place, NaN beyond the border."""
    padded = np.pad(values, 1, constant_values=np.nan)
    rows, columns = values.shape
    return padded[1 + step[0] : 1 + step[0] + rows, 1 + step[1] : 1 + step[1] + columns]


class _Greedy(NamedTuple):
    """Of every place of a fine map, all `[rows * r, columns * r]`: wall: inside one. free: its value, -inf in walls.
    crosses: the greedy step goes into a wall. stays: no neighbour is better."""

    wall: np.ndarray
    free: np.ndarray
    crosses: np.ndarray
    stays: np.ndarray


def _greedy(values, maze: Maze) -> _Greedy:
    """The step that a walker who does not see walls takes from every place; see `wall_crossings`."""
    values = np.asarray(values, float)
    resolution = values.shape[0] // maze.walls.shape[0] if values.ndim == 2 else 0
    wall = maze.walls.repeat(max(resolution, 1), axis=0).repeat(max(resolution, 1), axis=1)
    if resolution < 2 or wall.shape != values.shape:
        rows, columns = maze.walls.shape
        raise ValueError(
            f"map of shape {values.shape}: needs (r * {rows}, r * {columns}) with r at least 2; "
            f"nearest: {(2 * rows, 2 * columns)}"
        )
    free = np.where(wall, np.nan, values)
    ahead = np.stack([_shifted(free, step) for step in STEPS])
    behind = np.stack([_shifted(free, (-i, -j)) for i, j in STEPS])
    into_wall = np.stack([_shifted(wall.astype(float), step) for step in STEPS]) == 1
    allowed = np.where(np.isnan(ahead), -np.inf, ahead).max(axis=0)
    expected = np.where(into_wall & ~np.isnan(behind), 2 * free - behind, -np.inf).max(axis=0)
    tolerance = 1e-9 * np.ptp(values[~wall])  # a tie to rounding is a tie
    crosses = ~wall & (expected > np.maximum(allowed, free) + tolerance)
    stays = ~wall & ~crosses & ~(allowed > free)
    return _Greedy(wall, np.where(wall, -np.inf, values), crosses, stays)


def wall_crossings(values, maze: Maze) -> float:
    """The share of greedy steps that would go through a wall, in [0, 1]; NaN where no place has a better neighbour.

    values: a map `[rows * r, columns * r]` as in `CriticMap`, r >= 2 places along one side of a cell; what stands
    inside walls is ignored. From every free place a walker that does not see walls takes one step to the best of its
    four neighbours (place above, below, left, right), if that is better than where it stands. A free neighbour is
    worth its value. A wall has none (no body was ever there), so a neighbour inside one is worth what the values on
    this side lead to expect: v(p) + (v(p) - v(p - step)), the line through the place and the free one behind it; it
    is no candidate where the place behind is a wall too. Ties go to the free place. The share is taken over all free
    places from which a step is taken, each counted once.

    Only places beside a wall can cross it, a share of all places that falls as 1 / r: compare maps of one resolution,
    or count whole walks (`greedy_walks`). Raises ValueError where the map does not fit the maze.
    """
    wall, _, crosses, stays = _greedy(values, maze)
    steps = (~wall & ~stays).sum()
    return float(crosses.sum() / steps) if steps else float("nan")


class Walks(NamedTuple):
    """How the greedy walks from all free places end, shares that sum to 1. reached: in the goal's cell. blocked: with a
    step into a wall. stuck: where no neighbour is better."""

    reached: float
    blocked: float
    stuck: float


def greedy_walks(values, maze: Maze, goal: Cell) -> Walks:
    """Where the steps of `wall_crossings` lead, one walk from every free place, until the goal's cell or a dead end.

    values as there. The shares do not depend on the resolution but for detail. A noisy map has more places to be stuck
    in the finer it is. Raises ValueError where the map does not fit the maze.
    """
    wall, free, crosses, stays = _greedy(values, maze)
    resolution = len(wall) // len(maze.walls)
    ends = np.full(wall.shape, "", dtype="U7")
    ends[stays], ends[crosses] = "stuck", "blocked"
    ends[tuple(slice(k * resolution, (k + 1) * resolution) for k in goal)] = "reached"
    places = np.argwhere(~wall)
    for i, j in places[np.argsort(-free[~wall], kind="stable")]:  # best first: where a step leads is known before
        if not ends[i, j]:
            ends[i, j] = ends[max(((i + di, j + dj) for di, dj in STEPS), key=free.__getitem__)]
    return Walks(*(float((ends[~wall] == end).mean()) for end in Walks._fields))
