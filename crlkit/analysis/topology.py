"""Does the critic follow the maze's walls or the straight line? (paper, figure 9)

An energy is compared, by rank, with two distances from every free cell to the goal: along the shortest path and as
the crow flies. Ranks, since the energy's scale is free.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.q_maps import at_rest
from crlkit.envs.mazes import Cell, Maze


class Topology(NamedTuple):
    """Spearman's rank correlations of minus the energy: rho_path with the shortest-path distance to the goal, rho_line
    with the straight-line distance. score: rho_path - rho_line. ceiling: the score of the path distance itself, minus
    this that of the straight line; near 0 the goal cannot tell the two kinds of critic apart."""

    rho_path: float
    rho_line: float
    score: float
    ceiling: float


def _spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation (ties share their mean rank); NaN where `a` is constant or one is not a number."""
    return float(stats.spearmanr(a, b).statistic) if np.ptp(a) else float("nan")


def topology_score(values_by_cell, maze: Maze, goal: Cell) -> Topology:
    """How an energy orders the free cells, for one goal; values_by_cell: energies `[free]` in the order of
    `maze.free_cells`, the goal's own cell included, higher is nearer."""
    values, cells = np.asarray(values_by_cell, float), np.array(maze.free_cells)
    path = maze.distances_from(goal)[tuple(cells.T)]
    line = np.linalg.norm(cells - np.array(goal), axis=1)
    rho_path, rho_line = _spearman(-values, path), _spearman(-values, line)
    return Topology(rho_path, rho_line, rho_path - rho_line, 1 - _spearman(path, line))


def topology(agent: TrainedAgent, goals: list[Cell] | None = None) -> pd.DataFrame:
    """`topology_score` of f(s, pi(s, g), g) with the body at rest in the middle of each free cell, one row a goal, by
    default the goals it was trained on.

    Columns: `row`, `column` of the goal's cell, `path_from_start` in cells, and those of `Topology`. The rows of one
    agent share its weights: over seeds, average each seed's rows first and treat the means as the sample.
    """
    maze, rows = agent.env.maze, []
    for goal in maze.goals if goals is None else goals:
        score = topology_score(agent.energy(*at_rest(agent, maze.free_cells, goal))[:, 0], maze, goal)
        where = {"row": goal[0], "column": goal[1], "path_from_start": maze.distance(maze.start, goal)}
        rows.append(where | score._asdict())
    return pd.DataFrame(rows)
