"""What can be said of a claim: the outcomes, two arms of an experiment against each other, and both in words."""

import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from crlkit.analysis.statistics import interquartile_mean, permutation_p, probability_of_improvement
from crlkit.config import BEFORE

OUTCOMES = ("reproduced", "partly", "not reproduced", "undecided", "not run")
OWN = "consistent with its own numbers"  # what a recount of the paper's tables can show, and no more
RECOUNTS = (OWN, f"partly {OWN}", f"not {OWN}")
WORDS = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))  # of the pages
CHANCE = 0.05  # that two arms which do not differ come out as different, over all parts of a claim together
PUBLISHED, ARITHMETIC, BENCHED = "published data", "arithmetic", "crlkit bench"


class Verdict(NamedTuple):
    """outcome: one of OUTCOMES or, of published data, RECOUNTS. here: what was measured, in words. seeds: of the arm
    that has fewest, 0 where nothing was run. size: of the evidence, such as "4 point mazes, laptop", "published
    data"."""

    outcome: str
    here: str = ""
    seeds: int = 0
    size: str = ""


NOT_RUN = Verdict("not run")


def by_parts(held: Iterable[bool | None], needed: int = 1) -> str:
    """reproduced if every part holds and there are at least `needed`, partly if some hold; if none does, not reproduced
    where the rows speak against one (False), else undecided (None: they allow both)."""
    held = list(held)
    if all(held) and len(held) >= needed:
        return "reproduced"
    if any(held):
        return "partly"
    return "not reproduced" if False in held else "undecided"


def short(env: str) -> str:
    """point_big_maze -> big; ant_big_maze -> ant big; lights_out_3x3 -> lights out 3x3."""
    return env.partition("_maze")[0].removeprefix("point_").replace("_", " ")


def size(table: pd.DataFrame) -> str:
    """What the rows are evidence of: "4 point mazes, laptop", "1 point maze, critic alone, laptop"."""
    words = []
    for body, rows in table.groupby(table.env.str.partition("_")[0], sort=False):
        number = rows.env.nunique()
        words.append("lights out" if body == "lights" else f"{number} {body} maze{'s' * (number > 1)}")
    if "data" in table and (table.data == "walks").all():
        words.append("critic alone")
    for name, plain in BEFORE.items():
        if name in table and (table[name] != plain).any():
            words.append(f"{name.replace('_', ' ')} {' and '.join(sorted(table[name].unique()))}")
    return ", ".join([*words, *table["size"].unique()])


class Comparison(NamedTuple):
    """P that a seed of one arm beats one of the other, ties half, mean over tasks, with its interval. middle: mean over
    tasks of each arm's interquartile mean. seeds: of the smallest arm. chance: the two-sided p, and limit what it may be.
    paired: seed by seed, without an interval. enough: seeds enough to tell the arms apart."""

    value: float
    low: float
    high: float
    middle: tuple[float, float]
    seeds: int
    chance: float
    limit: float = CHANCE
    paired: bool = False
    enough: bool = True

    @property
    def better(self) -> bool:
        """Whether the first arm beats the other, as `pages.toml` has it."""
        return self.chance <= self.limit and (self.value if self.paired else self.low) > 0.5

    @property
    def worse(self) -> bool:
        return self.chance <= self.limit and (self.value if self.paired else self.high) < 0.5

    @property
    def held(self) -> bool | None:
        """None where the rows allow both."""
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
    deals = np.inf if len(apart) < 15 else 20_000
    look = {"permutation_type": "samples", "n_resamples": deals, "rng": np.random.default_rng(0)}  # the same each time
    p = float(stats.permutation_test((apart.to_numpy(),), np.mean, **look).pvalue)
    ahead = float(0.5 + 0.5 * np.sign(apart).mean())
    return Comparison(ahead, math.nan, math.nan, middle, len(apart), p, CHANCE / share, paired=True)


def compare_tasks(ours: Mapping, theirs: Mapping, share: int = 1) -> Comparison:
    """`compare` of the scores themselves, `{task: [seeds]}`."""
    limit = CHANCE / share
    estimate, p = probability_of_improvement(ours, theirs, confidence=1 - limit), permutation_p(ours, theirs)
    middle = tuple(float(np.mean([interquartile_mean(seeds) for seeds in arm.values()])) for arm in (ours, theirs))
    seeds = min(len(arm[task]) for arm in (ours, theirs) for task in ours)
    deals = math.prod(math.comb(len(ours[task]) + len(theirs[task]), len(ours[task])) for task in ours)
    return Comparison(*estimate, middle, seeds, p, limit, enough=2 / deals <= limit)


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
