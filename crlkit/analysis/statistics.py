"""Scores over seeds: what a run's score is, and how sure one can be of it."""

import numpy as np
import pandas as pd
from scipy import stats

LAST = 5  # evaluations that a final score averages over: the paper's last five epochs


def final_scores(metrics: pd.DataFrame, measure: str, last: int = LAST) -> pd.Series:
    """One score a seed: the mean of its `last` evaluations (paper, section 4.1). `metrics`: rows of one run."""
    ordered = metrics.sort_values("updates")
    return ordered.groupby("seed")[measure].apply(lambda values: values.tail(last).mean())


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
    rng = np.random.default_rng(seed)
    drawn = stats.bootstrap(
        (values,), interquartile_mean, confidence_level=confidence, n_resamples=resamples, method="percentile", rng=rng
    )
    return float(drawn.confidence_interval.low), float(drawn.confidence_interval.high)
