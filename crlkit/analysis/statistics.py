"""Scores over seeds: what a run's score is, and how sure one can be of it."""

import math
from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats


def last_tenth(evaluations: int) -> int:
    """Evaluations that a final score averages over, at least one (the paper: the last five epochs of 100 to 400)."""
    return max(1, int(evaluations) // 10)


def final_scores(metrics: pd.DataFrame, measure: str) -> pd.Series:
    """One score per seed: the mean of the last tenth of its evaluations. `metrics`: rows of one run."""
    ordered = metrics.sort_values("updates")
    return ordered.groupby("seed")[measure].apply(lambda values: values.tail(last_tenth(len(values))).mean())


def interquartile_mean(values, axis=None) -> np.ndarray:
    """The mean of the middle half (Agarwal et al. 2021); `axis` as in NumPy."""
    return stats.trim_mean(values, 0.25, axis=axis)


def interval(values, confidence: float = 0.95, resamples: int = 5000, seed: int = 0) -> tuple[float, float]:
    """A percentile bootstrap interval of the interquartile mean over seeds; NaN for fewer than two seeds.

    With the five or six seeds of a laptop it is too narrow more often than its name says: look at the seeds too.
    """
    values = np.asarray(values, float)
    if len(values) < 2:
        return float("nan"), float("nan")
    how = {"confidence_level": confidence, "n_resamples": resamples, "method": "percentile"}
    drawn = stats.bootstrap((values,), interquartile_mean, rng=np.random.default_rng(seed), **how).confidence_interval
    return float(drawn.low), float(drawn.high)


class Score(NamedTuple):
    """A final score over seeds. seeds: the score of each. iqm: their interquartile mean; low, high: 95 % interval."""

    seeds: np.ndarray
    iqm: float
    low: float
    high: float

    @property
    def error(self) -> np.ndarray:
        """Error bars `[2, 1]`, down and up; a bootstrap of few seeds can miss the middle by a hair."""
        return np.maximum(0, [[self.iqm - self.low], [self.high - self.iqm]])

    def __str__(self) -> str:
        return f"{self.iqm:.2f} ({self.low:.2f} to {self.high:.2f})" if len(self.seeds) > 1 else f"{self.iqm:.2f}"


def score_of(values) -> Score:
    """The score over seeds whose own scores are `values`."""
    values = np.asarray(values, float)
    return Score(values, float(interquartile_mean(values)), *interval(values))


class Estimate(NamedTuple):
    """value: from the data. low, high: the ends of its interval, NaN where a task has fewer than two seeds."""

    value: float
    low: float
    high: float


def probability_of_improvement(x, y, confidence: float = 0.95, resamples: int = 5000, seed: int = 0) -> Estimate:
    """P(X > Y), ties counted half, averaged over tasks (Agarwal et al. 2021, section 4; 0.5 is no difference).

    x, y: of each task its seeds' scores, `{task: [seeds]}` or `[[seeds], ...]`; the seeds of x and y are not paired and
    may differ in number. In each task it is the Mann-Whitney U statistic over the number of pairs, so only the order of
    scores counts. Every resample draws the seeds of x and of y of each task anew; where one wins every pair the
    interval is a point. Raises ValueError where the tasks differ or one has no scores.
    """
    x, y = (arm if isinstance(arm, Mapping) else dict(enumerate(arm)) for arm in (x, y))
    if set(x) != set(y):
        raise ValueError(f"tasks {sorted(x)} and {sorted(y)}: both need the same tasks")
    rng, values, drawn, seeds = np.random.default_rng(seed), [], [], []
    for task in x:
        a, b = (np.asarray(arm[task], float).ravel() for arm in (x, y))
        if not (len(a) and len(b)):
            raise ValueError(f"task {task!r} has no scores: every task needs one per seed, at least 1")
        won = (a[:, None] > b) + 0.5 * (a[:, None] == b)
        values.append(won.mean())
        rows, columns = (rng.integers(len(scores), size=(resamples, len(scores))) for scores in (a, b))
        drawn.append(won[rows[:, :, None], columns[:, None, :]].mean(axis=(1, 2)))
        seeds += [len(a), len(b)]
    if min(seeds) < 2:
        return Estimate(float(np.mean(values)), float("nan"), float("nan"))
    low, high = np.quantile(np.mean(drawn, axis=0), [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(float(np.mean(values)), float(low), float(high))


def permutation_p(x: Mapping, y: Mapping) -> float:
    """Two-sided p of P(X > Y) being 0.5: how often it is as far from 0.5 if the seeds of each task are dealt to the two
    arms at random. x, y: `{task: [seeds]}` of the same tasks. Of one task exact and, without ties, that of Mann and
    Whitney (1947); of several from 20,000 deals, counting the one that happened."""
    rng, tables = np.random.default_rng(0), []
    for task in x:
        a, b = (np.asarray(arm[task], float) for arm in (x, y))
        won = np.sign(np.subtract.outer(np.concatenate([a, b]), np.concatenate([a, b])))
        if len(x) == 1 and math.comb(len(won), len(a)) <= 20_000:
            deals = np.zeros((math.comb(len(won), len(a)), len(won)))
            for row, chosen in zip(deals, combinations(range(len(won)), len(a))):  # the first is what happened
                row[list(chosen)] = 1
        else:
            order = np.argsort(rng.random((20_000, len(won))), axis=1)
            deals = (order < len(a)).astype(float)
            deals[0] = np.arange(len(won)) < len(a)
        tables.append(np.einsum("di,ij,dj->d", deals, won, 1 - deals) / (len(a) * len(b)))
    apart = np.abs(np.mean(tables, axis=0))
    return float((apart >= apart[0] - 1e-12).mean())


def at_best_rates(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of every task and depth at the rate with the best mean over its seeds. The choice is made on these very
    seeds, so only depths that were given every rate of their task are kept: it flatters all of them alike."""
    keys = ["task", "depth"]
    rates = table.groupby("task").learning_rate.transform("nunique")
    whole = table[(table.groupby(keys).learning_rate.transform("nunique") == rates) & (rates > 1)]
    mean = whole.groupby([*keys, "learning_rate"]).score.mean()
    best = mean.groupby(keys).idxmax() if len(mean) else []
    return whole[whole.set_index([*keys, "learning_rate"]).index.isin(list(best))].reset_index(drop=True)
