"""What the answers of notebook 06 are compared with: the largest rise, the fewest presses of Lights Out."""

from itertools import product

import numpy as np
import pandas as pd

from crlkit.analysis import thresholds
from crlkit.course.checks import Check
from crlkit.envs.lights_out import LightsOut

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_rise(depths, scores) -> int:
    table = pd.DataFrame({"depth": np.repeat(depths, np.shape(scores)[1]), "score": np.ravel(scores)})
    return thresholds.threshold(table, resamples=2).depth


def largest_rise(depths, scores, after: int = 1, logged: bool = True, per_doubling: bool = True) -> float:
    values = np.log2(scores).mean(axis=1) if logged else np.mean(scores, axis=1)
    rises = np.diff(values) / (np.diff(np.log2(depths)) if per_doubling else 1)
    return depths[int(rises.argmax()) + after]


depths = np.array([4, 8, 16, 64])
rise = Check(
    "my_rise",
    right_rise,
    [
        (depths, np.array([[0.02, 0.03], [0.10, 0.12], [0.20, 0.22], [0.55, 0.6]])),
        (depths, np.array([[0.10, 0.12], [0.13, 0.14], [0.30, 0.32], [0.90, 0.95]])),
        (depths, np.array([[0.010, 0.012], [0.012, 0.015], [0.09, 0.1], [0.95, 1.0]])),
        (depths, np.array([[0.05, 0.06], [0.5, 0.55], [0.8, 0.85], [0.6, 0.65]])),
        (depths, np.array([[0.1, 0.1], [0.2, 0.2], [0.5, 0.5], [0.85, 0.85]])),
    ],
    {
        "the depth after the rise expected, yours is the one before": lambda d, s: largest_rise(d, s, after=0),
        "a rise per doubling of depth expected, yours is per recorded depth":
            lambda d, s: largest_rise(d, s, per_doubling=False),
        "logarithms of the scores expected, yours takes the scores themselves":
            lambda d, s: largest_rise(d, s, logged=False),
        "logarithms and doublings expected, yours takes the scores per recorded depth":
            lambda d, s: largest_rise(d, s, logged=False, per_doubling=False),
        "the largest rise expected, yours is the best depth": lambda d, s: d[np.mean(s, axis=1).argmax()],
    },
)


def sets_of_presses(toggles):
    return np.array(list(product((0, 1), repeat=len(toggles))))


def right_presses_needed(toggles, difference) -> int:
    """The fewest presses whose toggles sum to `difference` modulo 2, by trying every set of presses."""
    presses = sets_of_presses(toggles)
    return int(presses[(presses @ toggles % 2 == difference).all(axis=1)].sum(axis=1).min())


def without_parity(toggles, difference) -> float:
    presses = sets_of_presses(toggles)
    return presses[(presses @ toggles == difference).all(axis=1)].sum(axis=1).min(initial=99)


toggles, small = LightsOut("lights_out_3x3").toggles, LightsOut("lights_out_2x2").toggles
presses_needed = Check(
    "my_presses_needed",
    right_presses_needed,
    [
        (small, np.array([1, 0, 0, 0])),
        (small, np.array([1, 1, 1, 0])),
        (small, np.zeros(4, int)),
        (toggles, np.ones(9, int)),
        (toggles, np.array([1, 1, 0, 1, 0, 0, 0, 0, 0])),
    ],
    {
        "presses expected, yours counts the cells that differ": lambda toggles, difference: np.sum(difference),
        "sums modulo 2 expected, yours adds without": without_parity,
        "the fewest presses expected, yours is how many sets of presses do it":
            lambda toggles, difference: (sets_of_presses(toggles) @ toggles % 2 == difference).all(axis=1).sum(),
    },
)
