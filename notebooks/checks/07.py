"""What the answers of notebook 07 are compared with: the topology score, chains of pairs."""

import numpy as np
from scipy.stats import spearmanr

from crlkit.course.checks import Check
from crlkit.envs.mazes import make_maze

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_topology(energy, path, line) -> float:
    """Rank correlation of minus the energy with the path distance, less that with the line distance."""
    return float(spearmanr(-energy, path).statistic - spearmanr(-energy, line).statistic)


def cells(seed: int):
    maze = make_maze("u4_maze")
    places, goal = np.array(maze.free_cells), maze.free_cells[-1]
    path, line = maze.distances[-1], np.linalg.norm(places - goal, axis=1)
    noise = np.random.default_rng(seed).normal(size=len(places))
    return -(0.5 * path**1.5 + line + 3 * noise), path, line


topology = Check(
    "my_topology",
    right_topology,
    [cells(0), cells(1)],
    {
        "minus the energy, and path minus line, expected; yours has one of the signs the other way round":
            lambda e, p, q: -right_topology(e, p, q),
        "ranks expected, yours is the correlation of the values":
            lambda e, p, q: np.corrcoef(-e, p)[0, 1] - np.corrcoef(-e, q)[0, 1],
        "minus that with the line expected, yours is the path's alone": lambda e, p, q: spearmanr(-e, p).statistic,
        "two correlations expected, yours is one of path and line": lambda e, p, q: 1 - spearmanr(p, q).statistic,
    },
)


def one_more(seen):
    """Whether two pairs of `seen` `[cells, cells]` make a chain from the first cell to the second."""
    return (seen.astype(int) @ seen.astype(int)) > 0


def right_chained(seen):
    for _ in range(len(seen)):
        seen = seen | one_more(seen)
    return seen.astype(float)


def links(seed: int, cells: int):
    return (np.eye(cells, dtype=bool) | (np.random.default_rng(seed).random((cells, cells)) < 1.1 / cells),)


chained = Check(
    "my_chained",
    right_chained,
    [links(0, 9), links(5, 12), (np.eye(6, k=1, dtype=bool) | np.eye(6, dtype=bool),)],
    {
        "chains of any length expected, yours joins two pairs and stops": one_more,
        "chains expected, yours are the seen pairs alone": lambda seen: seen,
        "pairs have a direction, yours may be walked backwards too": lambda seen: right_chained(seen | seen.T),
        "from row to column expected, yours is the other way round": lambda seen: right_chained(seen).T,
        "true or false for every pair expected, yours counts the chains":
            lambda seen: np.linalg.matrix_power(seen.astype(float), len(seen)),
    },
)
