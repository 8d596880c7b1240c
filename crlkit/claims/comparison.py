"""Two arms of an experiment against each other: who wins, how surely, and that in words."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from crlkit.analysis.statistics import interquartile_mean, permutation_p, probability_of_improvement

CHANCE = 0.05  # that two arms which do not differ come out as different, over all parts of a claim together


class Comparison(NamedTuple):
    """P that a seed of one arm beats one of the other, ties half, mean over tasks, with its interval. better, worse: as
    `pages.toml` has it. middle: mean over tasks of each arm's interquartile mean. seeds: of the smallest arm. chance: the
    two-sided p. paired: seed by seed, without an interval. enough: seeds enough to tell the arms apart."""

    value: float
    low: float
    high: float
    better: bool
    worse: bool
    middle: tuple[float, float]
    seeds: int
    chance: float
    paired: bool = False
    enough: bool = True

    @property
    def held(self) -> bool | None:
        """Whether the first arm beats the other; None where the rows allow both."""
        return True if self.better else False if self.worse else None

    @property
    def p(self) -> str:
        if self.paired:
            return f"ahead in {self.value * self.seeds:g} of {self.seeds} seeds, p {self.chance:.2g}"
        if self.value in (0, 1):  # no resample can differ: the bootstrap has nothing to say
            return f"P {self.value:.2f}, all pairs, p {self.chance:.2g}"
        interval = "" if np.isnan(self.low) else f" ({self.low:.2f} to {self.high:.2f})"
        return f"P {self.value:.2f}{interval}, p {self.chance:.2g}" + ", too few seeds" * (not self.enough)

    def __str__(self) -> str:
        a, b = self.middle
        unit = " nats" if min(a, b) < 0 else ""
        return f"{abs(a):.2f} vs {abs(b):.2f}{unit}, {self.p}"


def compare(ours: pd.DataFrame, theirs: pd.DataFrame, share: int = 1, paired: bool = False) -> Comparison | None:
    """Two arms, matched by `task`; None where they have none in common. `share`: how many comparisons share one CHANCE.
    `paired`: compared seed by seed."""
    tasks = sorted(set(ours.task) & set(theirs.task))
    if not tasks:
        return None
    if paired:
        return compare_seeds(*(arm.set_index(["task", "seed"]).score for arm in (ours, theirs)), share)
    arms = ({task: arm.score[arm.task == task].to_numpy() for task in tasks} for arm in (ours, theirs))
    return compare_tasks(*arms, share)


def compare_seeds(ours: pd.Series, theirs: pd.Series, share: int = 1) -> Comparison:
    """Scores of the same tasks and seeds (the index) under two conditions: P is the share of seeds that are ahead, ties
    half, and chance the two-sided sign-flip test of their mean difference, exact below 15 seeds."""
    apart = (ours - theirs).dropna()
    middle = tuple(float(interquartile_mean(arm[apart.index])) for arm in (ours, theirs))
    value, deals = float(0.5 + 0.5 * np.sign(apart).mean()), np.inf if len(apart) < 15 else 20_000
    look = {"permutation_type": "samples", "n_resamples": deals, "rng": np.random.default_rng(0)}  # the same each time
    p = float(stats.permutation_test((apart.to_numpy(),), np.mean, **look).pvalue)
    sure = p <= CHANCE / share
    return Comparison(
        value, math.nan, math.nan, sure and value > 0.5, sure and value < 0.5, middle, len(apart), p, paired=True
    )


def compare_tasks(ours: Mapping, theirs: Mapping, share: int = 1) -> Comparison:
    """`compare` of the scores themselves, `{task: [seeds]}`."""
    estimate, p = probability_of_improvement(ours, theirs, confidence=1 - CHANCE / share), permutation_p(ours, theirs)
    sure = p <= CHANCE / share
    middle = tuple(float(np.mean([interquartile_mean(seeds) for seeds in arm.values()])) for arm in (ours, theirs))
    seeds = min(len(arm[task]) for arm in (ours, theirs) for task in ours)
    better, worse = sure and estimate.low > 0.5, sure and estimate.high < 0.5
    deals = math.prod(math.comb(len(ours[task]) + len(theirs[task]), len(ours[task])) for task in ours)
    return Comparison(*estimate, better, worse, middle, seeds, p, enough=2 / deals <= CHANCE / share)


def in_full(comparisons: Mapping[str, Comparison]) -> str:
    return "; ".join(f"{name}: {one}" for name, one in comparisons.items())


def in_brief(comparisons: Mapping[str, Comparison]) -> str:
    """One comparison in full, several sorted by how they came out."""
    if len(comparisons) == 1:
        return in_full(comparisons)
    kinds: dict[str, list[str]] = {"higher": [], "lower": [], "undecided": [], "too few seeds": []}
    for name, one in comparisons.items():
        kind = "higher" if one.better else "lower" if one.worse else "undecided" if one.enough else "too few seeds"
        kinds[kind].append(f"{name} P {one.value:.2f}")
    return "; ".join(f"{kind} in {len(names)} ({', '.join(names)})" for kind, names in kinds.items() if names)
