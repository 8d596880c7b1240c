"""What the answers of notebook 05 are compared with: an interval, who is ahead."""

import numpy as np

from crlkit.analysis import statistics
from crlkit.analysis.statistics import interquartile_mean
from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def resampled(scores, middle, level: float = 0.95):
    drawn = middle(np.random.default_rng(1).choice(scores, size=(5000, len(scores))), axis=1)
    return np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])


def skewed(seed: int):
    return np.round(20 + 25 * np.random.default_rng(seed).exponential(size=24), 1)


interval = Check(
    "my_interval",
    statistics.interval,
    [(skewed(0),), (skewed(3),)],
    {
        "low first expected, yours is the other way round": lambda x: statistics.interval(x)[::-1],
        "interquartile means expected, yours are plain means": lambda x: resampled(x, np.mean),
        "interquartile means expected, yours are medians": lambda x: resampled(x, np.median),
        "the middle 95 % expected, yours is the middle 90 %": lambda x: resampled(x, interquartile_mean, 0.9),
        "the middle 95 % expected, yours is the middle 99 %": lambda x: resampled(x, interquartile_mean, 0.99),
        "an interval of the middle expected, yours is where single scores lie":
            lambda x: np.quantile(x, [0.025, 0.975]),
        "drawing with replacement expected, yours draws every score once": lambda x: [interquartile_mean(x)] * 2,
    },
    tolerance=0.012,
)


def right_improvement(x, y) -> float:
    return statistics.probability_of_improvement([x], [y]).value


many, few = np.array([0.2, 0.4, 0.4, 0.7, 0.1, 0.4]), np.array([0.4, 0.1, 0.3, 0.4, 0.2, 0.0])
improvement = Check(
    "my_improvement",
    right_improvement,
    [(many, few), (many[:4], few), (np.ones(5), np.ones(3))],
    {
        "ties count half, yours counts them as nothing": lambda x, y: np.mean(np.subtract.outer(x, y) > 0),
        "ties count half, yours counts them as wins": lambda x, y: np.mean(np.subtract.outer(x, y) >= 0),
        "x ahead of y expected, yours is y ahead of x": lambda x, y: right_improvement(y, x),
        "every x with every y expected, yours compares them in pairs":
            lambda x, y: np.mean((x > y) + 0.5 * (x == y)) if len(x) == len(y) else np.nan,
        "the share of pairs expected, yours is a difference of means": lambda x, y: x.mean() - y.mean(),
    },
)
