"""What the answers of notebook 11 are compared with: the price of a layer, seconds to a score."""

import numpy as np

from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_price(depths, milliseconds):
    """The straight line through milliseconds by depth, by least squares: (fixed, per layer)."""
    slope, fixed = np.polyfit(depths, milliseconds, 1)
    return np.array([fixed, slope])


price = Check(
    "my_price",
    right_price,
    [
        (np.array([4.0, 8.0, 16.0, 64.0]), np.array([3.1, 4.2, 5.9, 17.0])),
        (np.array([4.0, 32.0, 128.0]), np.array([9.0, 12.5, 31.0])),
    ],
    {
        "fixed first, then per layer; yours is the other way round": lambda d, m: right_price(d, m)[::-1],
        "per layer expected, yours is per block of four layers": lambda d, m: right_price(d / 4, m),
        "a fixed part expected, yours is a line through 0": lambda d, m: [0, (d @ m) / (d @ d)],
        "all depths in the fit expected, yours takes the first and the last":
            lambda d, m: right_price(d[[0, -1]], m[[0, -1]]),
    },
)


def right_seconds_to_reach(seconds, shares, target: float, never: float = -1) -> float:
    """When a run first has a score of `target`: straight lines between evaluations, from 0 at the start."""
    seconds, shares = np.array([0, *seconds], float), np.array([0, *shares], float)
    if shares.max() < target:
        return never
    above = int(np.argmax(shares >= target))
    return crossing(seconds, shares, above, target) if above else 0.0


def crossing(seconds, shares, above: int, target: float) -> float:
    """Where the line from the evaluation before `above` to that one has the score `target`."""
    share = (target - shares[above - 1]) / (shares[above] - shares[above - 1])
    return float(seconds[above - 1] + share * (seconds[above] - seconds[above - 1]))


def last_crossing(seconds, shares, target: float) -> float:
    seconds, shares = np.array([0, *seconds], float), np.array([0, *shares], float)
    return crossing(seconds, shares, int(np.flatnonzero(shares < target)[-1]) + 1, target)


run = np.array([3.0, 6.0, 9.5, 12.0]), np.array([0.10, 0.34, 0.28, 0.61])  # seconds, shares
seconds_to_reach = Check(
    "my_seconds_to_reach",
    right_seconds_to_reach,
    [(*run, 0.3), (*run, 0.05), (*run, 0.9), (*run, 0.5)],
    {
        "the first time expected, yours is the last": last_crossing,
        "straight lines expected, yours is the first evaluation above":
            lambda t, x, b: t[np.argmax(x >= b)] if (x >= b).any() else -1,
        "-1 expected where a run never gets there, yours is its last second":
            lambda t, x, b: right_seconds_to_reach(t, x, b, never=t[-1]),
        "-1 expected where a run never gets there, yours is 0":
            lambda t, x, b: right_seconds_to_reach(t, x, b, never=0),
    },
)
