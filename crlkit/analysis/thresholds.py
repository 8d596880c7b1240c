"""Does the score jump at some depth, and is that more than a trend? (paper, section 4: "critical depth")

Scores and depths are compared in doublings (log2). A table has one row per run: `depth`, `seed`, `score`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from crlkit.analysis.statistics import last_tenth


def least_score(rows: pd.DataFrame) -> float | None:
    """The least score above 0 that can be measured, one step at the goal in the last tenth of the evaluations (share of
    the episode); None where the rows do not say."""
    if not {"episode_length", "eval_episodes", "evaluations"} <= set(rows) or rows.eval_episodes.isna().any():
        return None
    first = rows.iloc[0]
    return float(1 / (first.episode_length * first.eval_episodes * last_tenth(first.evaluations)))


def log_scores(table: pd.DataFrame, floor: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """log2 depth `[runs]` and log2 max(score, floor) `[runs]`; the floor, since 0 has no logarithm, is by default half of
    the smallest positive score. Where shallow agents score 0, the size of a jump is a matter of the floor, its place is
    not. Raises ValueError for scores that are negative or no numbers, and where none is above 0 and no floor given."""
    score = table["score"].to_numpy(float)
    if not (score >= 0).all():
        raise ValueError(f"score {score[~(score >= 0)][0]}: every score must be 0 or more; leave the run out")
    if floor is None and not score.any():
        raise ValueError("all scores are 0: give a floor, the smallest score that could have been measured")
    floor = float(score[score > 0].min() / 2) if floor is None else floor
    return np.log2(table["depth"].to_numpy(float)), np.log2(np.maximum(score, floor))


class Threshold(NamedTuple):
    """depth: just after the largest jump; before: its shallower neighbour. jump: doublings of the score per doubling of
    depth. low, high: the interval of `depth`. votes: the share of resamples that jump just before each depth."""

    depth: int
    before: int
    jump: float
    low: int
    high: int
    votes: dict[int, float]


def threshold(
    table: pd.DataFrame, floor: float | None = None, confidence: float = 0.95, resamples: int = 5000, seed: int = 0
) -> Threshold:
    """The depth at which the log score rises most, and how sure its place is.

    The rise between neighbouring depths is that of their mean log2 scores over that of their log2 depths; the first
    wins a tie. Every resample draws the runs of each depth anew (percentile bootstrap); with one run a depth the
    interval says nothing. Whether the largest rise is a jump is what `jump_test` asks.
    Raises ValueError for fewer than two depths, and as `log_scores`.
    """
    (x, y), rng = log_scores(table, floor), np.random.default_rng(seed)
    depths = np.unique(x)
    if len(depths) < 2:
        raise ValueError(f"{len(depths)} depths: needs at least 2")
    groups = [y[x == depth] for depth in depths]
    means = np.array([group.mean() for group in groups])
    drawn = np.stack([g[rng.integers(len(g), size=(resamples, len(g)))].mean(axis=1) for g in groups], axis=1)
    rises = np.diff(means) / np.diff(depths)
    places = (np.diff(drawn, axis=1) / np.diff(depths)).argmax(axis=1) + 1
    real = np.round(2**depths).astype(int).tolist()
    low, high = np.quantile(places, [(1 - confidence) / 2, (1 + confidence) / 2], method="inverted_cdf").astype(int)
    votes = dict(zip(real[1:], (np.bincount(places, minlength=len(real))[1:] / resamples).tolist()))
    best = int(rises.argmax())
    return Threshold(real[best + 1], real[best], float(rises[best]), real[low], real[high], votes)


class JumpTest(NamedTuple):
    """depth: the first after the best step. step: its height, doublings of the score, the trend taken off. statistic:
    the step's t. p_value: share of resamples under the trend alone with one as large."""

    depth: int
    step: float
    statistic: float
    p_value: float


TRENDS = {"linear": 1, "quadratic": 2}


def jump_test(
    table: pd.DataFrame, trend: str = "linear", floor: float | None = None, resamples: int = 2000, seed: int = 0
) -> JumpTest:
    """Is there one upward step, constant from some depth on, on top of a smooth trend?

    Null hypothesis: the mean log2 score is a polynomial in log2 depth, of degree 1 (`linear`: a power law) or 2
    (`quadratic`: also a curve that levels off); runs are independent, their noise symmetric, of a size that may differ
    between depths. Statistic: t of the step that fits best, up or down, over all places (as Andrews 1993 for unknown
    break points), large only if that step goes up. Its distribution under the null is made by the wild bootstrap (Wu
    1986; Davidson & Flachaire 2008): residuals with random signs, and the place searched anew in every resample.

    The linear trend is rejected for a bend too, so test the quadratic one beside it. With five depths that leaves one
    degree of freedom, and a step up looks almost like a step down one depth before: read its place from `threshold`.
    Raises ValueError for too few depths or runs, and as `log_scores`.
    """
    x, y = log_scores(table, floor)
    depths, parameters = np.unique(x), TRENDS[trend] + 1
    if len(depths) < parameters + 2 or len(y) < len(depths) + 2:
        needs = f"a {trend} trend needs at least {parameters + 2} depths and two runs more than depths"
        raise ValueError(f"{len(depths)} depths and {len(y)} runs: {needs}")
    basis, _ = np.linalg.qr(np.vander((x - x.mean()) / np.ptp(x), parameters))
    steps = np.stack([x >= depth for depth in depths[1:]], axis=1).astype(float)
    steps -= basis @ (basis.T @ steps)  # what of each step the trend cannot do
    lengths = np.linalg.norm(steps, axis=0)
    steps /= lengths
    smallest = max(1e-12 * ((y - y.mean()) ** 2).sum(), 1e-24)  # below this a remainder is rounding

    def t_values(values):
        """t of each place's step `[..., places]` for log scores `[..., runs]`."""
        residual = values - (values @ basis) @ basis.T
        along = residual @ steps
        left = (residual**2).sum(axis=-1, keepdims=True) - along**2
        return along / np.sqrt(np.maximum(left, smallest) / (len(y) - parameters - 1))

    residual = y - basis @ (basis.T @ y)
    residual = residual if (residual**2).sum() > smallest else np.zeros_like(y)
    of_every_place = t_values(residual)
    best = int(np.abs(of_every_place).argmax())
    observed, leverage = of_every_place[best], (basis**2).sum(axis=1)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(resamples, len(y)))
    drawn = t_values(signs * residual / np.sqrt(1 - leverage))  # the trend added to them would change no t
    drawn = np.take_along_axis(drawn, np.abs(drawn).argmax(axis=1)[:, None], axis=1)
    step, p = residual @ steps[:, best] / lengths[best], (1 + (drawn >= observed).sum()) / (1 + resamples)
    return JumpTest(int(round(2 ** depths[best + 1])), float(step), float(observed), float(p))


def before_the_fall(table: pd.DataFrame, floor: float | None = None) -> tuple[pd.DataFrame, int | None]:
    """`table` without the depths from the strongest step on where it goes down, again until it goes up or fewer than
    five depths would be left, and the first depth left out or None: a fall at the deepest networks would otherwise
    decide `jump_test`. Raises as `jump_test`."""
    tests = [jump_test(table, trend, floor, resamples=1) for trend in TRENDS]
    falls = min((test.depth for test in tests if test.step < 0), default=None)
    if falls is None or table.depth[table.depth < falls].nunique() < 5:
        return table, None
    part, deeper = before_the_fall(table[table.depth < falls], floor)
    return part, deeper or falls
