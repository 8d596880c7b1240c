"""What the answers of notebook 07 are compared with: the topology score, what two axes explain."""

import numpy as np
from scipy.stats import spearmanr

from crlkit.analysis.representations import principal_components
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


def singular(x, centred: bool = True):
    return np.linalg.svd(x - centred * x.mean(axis=0), compute_uv=False)


def points(seed: int):
    return (np.random.default_rng(seed).normal(size=(30, 6)) * [4, 2, 1, 1, 0.5, 0.2] + 2,)


explained = Check(
    "my_explained",
    lambda x: principal_components(x, 2).explained.sum(),
    [points(0), points(1)],
    {
        "the mean taken off first expected, yours is not centred":
            lambda x: (singular(x, False)[:2] ** 2).sum() / (singular(x, False) ** 2).sum(),
        "squares of the singular values expected (variance), yours takes them as they are":
            lambda x: singular(x)[:2].sum() / singular(x).sum(),
        "two axes expected, yours is the first alone": lambda x: principal_components(x, 1).explained.sum(),
        "a share expected, yours is in percent": lambda x: 100 * principal_components(x, 2).explained.sum(),
        "the largest axes expected, yours are two columns of x":
            lambda x: x.var(axis=0)[:2].sum() / x.var(axis=0).sum(),
    },
)
