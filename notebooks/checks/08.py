"""What the answers of notebook 08 are compared with: equal parameters, what both gain together, a fair choice."""

import numpy as np

from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_matched_width(depth: int, budget: int, count) -> int:
    """The widest network of a depth with at most `budget` parameters; count(width, depth) counts them."""
    width = 1
    while count(width + 1, depth) <= budget:
        width += 1
    return width


def layers_only(width: int, depth: int) -> int:
    return depth * width * width


matched_width = Check(
    "my_matched_width",
    right_matched_width,
    [(depth, 4 * 256**2, layers_only) for depth in (8, 16, 64)],
    {
        "at most the budget expected, yours is one too wide": lambda d, b, c: right_matched_width(d, b, c) + 1,
        "parameters go with the square of the width, yours divides it by the depth": lambda d, b, c: 4 * 256 // d,
        "equal parameters expected, yours is the width of depth 4": lambda d, b, c: 256,
    },
    tolerance=1e-6,
)


def corners(grid):
    """Neither deep, actor alone, critic alone, both; rows critics and columns actors, from shallow to deep."""
    return grid[0, 0], grid[0, -1], grid[-1, 0], grid[-1, -1]


def right_interaction(grid) -> float:
    """What deepening both gains beyond the sum of the single gains."""
    neither, actor, critic, both = corners(grid)
    return float(both - actor - critic + neither)


def mean_taken_off(grid) -> float:
    neither, actor, critic, both = corners(grid)
    return both - neither - (actor + critic - 2 * neither) / 2


def grid(seed: int, size: int):
    return (np.random.default_rng(seed).uniform(0.1, 0.9, size=(size, size)).round(2),)


interaction = Check(
    "my_interaction",
    right_interaction,
    [grid(0, 3), grid(1, 5), grid(2, 2)],
    {
        "each of the three gains is over the shallow corner, so that it stays once; yours leaves it out":
            lambda g: right_interaction(g) - g[0, 0],
        "gains of one alone to be taken off, yours is the gain of both": lambda g: g[-1, -1] - g[0, 0],
        "both minus the single gains expected, yours has the sign the other way": lambda g: -right_interaction(g),
        "the deepest pair expected, yours takes the second row and column": lambda g: right_interaction(g[:2, :2]),
        "sum of the two single gains expected, yours takes off their mean": mean_taken_off,
    },
)


def means_of_the_others(scores):
    return (scores.sum(axis=1, keepdims=True) - scores) / (scores.shape[1] - 1)


def right_fair_scores(scores):
    """`[rates, seeds]` -> `[seeds]`: the score of each seed at the rate that is best on the mean of the other seeds."""
    return scores[means_of_the_others(scores).argmax(axis=0), np.arange(scores.shape[1])]


def noisy(seed: int, rates: int, seeds: int):
    return (np.random.default_rng(seed).normal(0.4, 0.15, size=(rates, seeds)).round(2),)


fair_scores = Check(
    "my_fair_scores",
    right_fair_scores,
    [noisy(0, 3, 4), noisy(4, 4, 3), noisy(3, 2, 5)],
    {
        "the rate that the others choose expected, yours takes each seed's own best": lambda s: s.max(axis=0),
        "each seed to be left out of its own choice, yours lets all choose one rate together":
            lambda s: s[s.mean(axis=1).argmax()],
        "the score of the seed itself expected, yours is the mean of the others that chose":
            lambda s: means_of_the_others(s).max(axis=0),
        "the highest mean expected, yours chooses the lowest": lambda s: -right_fair_scores(-s),
    },
)
