"""Checks of notebooks 08 and 09: what two networks gain together, a fair choice of settings, chains of pairs."""

import numpy as np

from crlkit.course.checks import Check, Mistake
from crlkit.course.pieces import chained
from crlkit.course.spending import chosen_by_the_others

# Notebook 08


def interaction(grid) -> float:
    """What deepening both gains beyond the sum of the single gains; rows and columns from shallow to deep."""
    neither, actor, critic, both = _corners(grid)
    return float(both - actor - critic + neither)


def _corners(grid) -> tuple[float, float, float, float]:
    return grid[0, 0], grid[0, -1], grid[-1, 0], grid[-1, -1]


def _grid(seed: int, size: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.1, 0.9, size=(size, size)).round(2)


check_interaction = Check(
    "my_interaction",
    interaction,
    [(_grid(0, 3),), (_grid(1, 5),), (_grid(2, 2),)],
    [
        Mistake(
            "each of the three gains is over the shallow corner, so that it stays once; yours leaves it out",
            lambda g: _corners(g)[3] - _corners(g)[1] - _corners(g)[2],
        ),
        Mistake("gains of one alone to be taken off, yours is the gain of both", lambda g: _corners(g)[3] - g[0, 0]),
        Mistake("both minus the single gains expected, yours has the sign the other way", lambda g: -interaction(g)),
        Mistake(
            "the deepest pair expected, yours takes the second row and column",
            lambda g: interaction(g[:2, :2]),
        ),
        Mistake(
            "sum of the two single gains expected, yours takes off their mean",
            lambda g: _corners(g)[3] - g[0, 0] - (_corners(g)[1] + _corners(g)[2] - 2 * g[0, 0]) / 2,
        ),
    ],
)


def _noisy(seed: int, rates: int, seeds: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.4, 0.15, size=(rates, seeds)).round(2)


check_fair_scores = Check(
    "my_fair_scores",
    chosen_by_the_others,
    [(_noisy(0, 3, 4),), (_noisy(4, 4, 3),), (_noisy(3, 2, 5),)],
    [
        Mistake("the rate that the others choose expected, yours takes each seed's own best", lambda s: s.max(axis=0)),
        Mistake(
            "each seed to be left out of its own choice, yours lets all choose one rate together",
            lambda s: s[s.mean(axis=1).argmax()],
        ),
        Mistake(
            "the score of the seed itself expected, yours is the mean of the others that chose",
            lambda s: ((s.sum(axis=1, keepdims=True) - s) / (s.shape[1] - 1)).max(axis=0),
        ),
        Mistake("the highest mean expected, yours chooses the lowest", lambda s: -chosen_by_the_others(-s)),
    ],
)

# Notebook 09


def _links(seed: int, cells: int) -> np.ndarray:
    return np.eye(cells, dtype=bool) | (np.random.default_rng(seed).random((cells, cells)) < 1.1 / cells)


def _one_more(seen) -> np.ndarray:
    return (seen.astype(int) @ seen.astype(int)) > 0


check_chained = Check(
    "my_chained",
    lambda seen: chained(seen).astype(float),
    [(_links(0, 9),), (_links(5, 12),), (np.eye(6, k=1, dtype=bool) | np.eye(6, dtype=bool),)],
    [
        Mistake("chains of any length expected, yours joins two pairs and stops", lambda s: _one_more(s)),
        Mistake("chains expected, yours are the seen pairs alone", lambda s: s),
        Mistake("pairs have a direction, yours may be walked backwards too", lambda s: chained(s | s.T)),
        Mistake("from row to column expected, yours is the other way round", lambda s: chained(s).T),
        Mistake(
            "true or false for every pair expected, yours counts the chains",
            lambda s: np.linalg.matrix_power(s.astype(float), len(s)),
        ),
    ],
)
