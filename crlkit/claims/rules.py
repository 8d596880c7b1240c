"""The kinds of rules: each turns what a data folder holds into a verdict, and says in `words` how.

A rule is called with the folder and the names of the suites that test its claim; so may be a plain function, as in
`judges`, whose docstring says how.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crlkit.analysis.statistics import interquartile_mean
from crlkit.analysis.thresholds import TRENDS, before_the_fall, jump_test, least_score, threshold
from crlkit.claims.comparison import CHANCE, Comparison, compare, in_brief, in_full
from crlkit.claims.measured import SHALLOW, Arms, agents, joined
from crlkit.claims.verdicts import NOT_RUN, PUBLISHED, RECOUNTS, Verdict, by_parts, counted, short, size
from crlkit.evidence import scores

Comparisons = dict[str, Comparison]
ArmsOf = Callable[..., Arms]  # of a data folder and the names of suites


def compared(arms: Arms) -> Comparisons:
    """Every pair that has a task in common."""
    several = max(1, len(arms.pairs) - 1) if arms.alone else arms.share or len(arms.pairs)
    shares = {name: 1 if arms.alone and name == arms.last else several for name in arms.pairs}
    every = {name: compare(*pair, shares[name], arms.paired) for name, pair in arms.pairs.items()}
    return {name: one for name, one in every.items() if one}


def verdict(outcome: str, here: str, comparisons: Comparisons, arms: Arms) -> Verdict:
    used = pd.concat(joined({name: arms.pairs[name] for name in comparisons}))
    return Verdict(outcome, here, min(one.seeds for one in comparisons.values()), size(used))


def in_last(comparisons: Comparisons) -> str:
    """The last comparison in full, of the others those that are won by name."""
    *others, last = comparisons
    also = [name.removeprefix("depth ") for name in others if comparisons[name].better]
    return f"{last}: {comparisons[last]}" + f"; also at {', '.join(also)}" * bool(also)


@dataclass(frozen=True)
class Beats:
    """Every pair is a part: the first arm beats the second; where the arms name a `last` pair, that one decides. tell:
    how several comparisons are told. of: what is compared, where it is not the share of the episode at the goal.
    parts: what a comparison is, in words."""

    arms: ArmsOf
    tell: Callable[[Comparisons], str] = in_full
    of: str = ""
    parts: str = "Each comparison is a part"
    last: bool = False

    @property
    def words(self) -> str:
        if self.last:
            return f"{self.parts}. Reproduced: it wins at the deepest; partly: only at another; not reproduced: at none, and it loses at one"
        return (
            f"{self.parts}. Reproduced: the first arm beats the second in all; partly: in some; not reproduced: in none, "
            "and the reverse in one"
        )

    def __call__(self, data: Path, *suites: str) -> Verdict:
        arms = self.arms(data, *suites)
        comparisons = compared(arms)
        if not comparisons:
            return NOT_RUN if arms.pairs else Verdict("not run", arms.note)
        held = {name: one.held for name, one in comparisons.items()}
        if self.last:
            outcome = "reproduced" if held.get(arms.last) else by_parts([*held.values(), None])
        else:
            outcome = by_parts(held.values(), arms.needed)
        return verdict(outcome, self.of + self.tell(comparisons) + arms.note, comparisons, arms)


@dataclass(frozen=True)
class Pooled:
    """All pairs in one stratified comparison, then each of them; `least` of them for the claim to be reproduced.
    several: an environment may have more than one pair."""

    arms: ArmsOf
    least: int = 1
    several: bool = False

    @property
    def words(self) -> str:
        over = " over at least three" if self.least == 3 else ""
        zero = "" if self.several else "; pairs that are zero against zero are left out"
        return (
            "All pairs pooled over environments with 5 % to themselves, then those of each environment, which share "
            f"another 5 %{zero}. Reproduced: the pooled comparison wins{over} and no environment is lost; partly: it wins "
            "otherwise, or is open and one environment is won; not reproduced: it is lost"
        )

    def __call__(self, data: Path, *suites: str) -> Verdict:
        arms = self.arms(data, *suites)
        if not arms.pairs:
            return Verdict("not run", arms.note.removeprefix("; "))
        both = joined(arms.pairs)
        pooled, each, tasks = compare(*both), compared(arms), both[0].task.nunique()
        lost, won = (any(getattr(one, kind) for one in each.values()) for kind in ("worse", "better"))
        if pooled.better and not lost and len(each) >= self.least:
            outcome = "reproduced"
        else:
            outcome = "partly" if pooled.better or won and not pooled.worse else by_parts([pooled.held])
        if self.several:
            here = f"pooled over {tasks} pairs {pooled.p}; {in_full(each)}"
        else:
            here = (f"pooled over {tasks}: {pooled}; " if tasks > 1 else "") + in_brief(each)
        return verdict(outcome, here + arms.note, each, arms)


def ratios(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray], resamples: int = 5000) -> np.ndarray:
    """Ratio of the interquartile means, mean over tasks (one array each), first of the data, then of resamples of the
    seeds."""
    rng = np.random.default_rng(0)

    def means(x: np.ndarray) -> np.ndarray:
        drawn = x[rng.integers(len(x), size=(resamples, len(x)))]
        return np.concatenate([[interquartile_mean(x)], interquartile_mean(drawn, axis=1)])

    arms = [np.mean([means(np.asarray(x)) for x in arm], axis=0) for arm in (ours, theirs)]
    return np.maximum(arms[0], 1e-6) / np.maximum(arms[1], 1e-6)


@dataclass(frozen=True)
class Bands:
    """Factors over depth 4 of the score's interquartile mean, mean over mazes, by depth: whether they, or the ends of
    their interval, lie in their band."""

    bands: dict[int, tuple[float, float]]
    words = "A depth is a part: its factor lies in its band. Reproduced: all three; partly: some; not reproduced: none"

    def __call__(self, data: Path, *suites: str) -> Verdict:
        table = agents(scores(data, *suites))
        table = table[table.depth.isin([SHALLOW, *self.bands])]
        tasks = [task for _, task in table.groupby("task") if SHALLOW in set(task.depth)]
        words, held, used = [], [], []
        for depth, (low, high) in self.bands.items():
            having = [task for task in tasks if depth in set(task.depth)]
            if not having:
                continue
            arms = [[task.score[task.depth == d].to_numpy() for task in having] for d in (depth, SHALLOW)]
            factor, *resampled = ratios(*arms)
            least, most = np.quantile(resampled, [0.025, 0.975])
            held.append(True if low <= factor <= high else False if most < low or least > high else None)
            never = not any(map(interquartile_mean, arms[0]))  # then the ratio is of the clipping alone
            factor = "zero" if never else f"{factor:.1f}x ({least:.1f} to {most:.1f})"
            words.append(f"{depth}: {factor} in {counted(len(having), 'maze')}")
            used += [task[task.depth.isin([SHALLOW, depth])] for task in having]
        if not used:
            return NOT_RUN
        used = pd.concat(used)
        missing = [str(depth) for depth in self.bands if depth not in set(used.depth)]
        here = ", ".join(words) + (f"; {', '.join(missing)} not run" if missing else "")
        return Verdict(by_parts(held, len(self.bands)), here, fewest(used), size(used))


def fewest(table: pd.DataFrame) -> int:
    """Seeds of the smallest arm."""
    return int(table.groupby(["task", "depth"]).size().min())


@dataclass(frozen=True)
class Jump:
    """A step up beyond both trends, in every task of five depths. table: of a data folder and suites. places: between
    which both ends of the step lie (elsewhere: partly). floor: the least score that counts, by default a single step of
    an episode at the goal. `name` in the table says what a task is called, by default its environment."""

    table: Callable[..., pd.DataFrame]
    places: tuple[int, int] = (0, 10**9)
    floor: float | None = None

    @property
    def words(self) -> str:
        first, last = self.places
        inside = f"; and the step begins and ends within {first} to {last} (partly: it lies elsewhere)" if first else ""
        return (
            "A line of five depths or more is a part: p below 0.05, shared by all parts, against both trends; not so, it "
            "speaks against the claim if the best step and two of its standard errors stay below a doubling. Where the "
            f"strongest step is down, the depths from it on are left out if five remain{inside}. Reproduced: in half of the "
            "parts or more; partly: in some; not reproduced: in none, and no room for a step in one of them"
        )

    def __call__(self, data: Path, *suites: str) -> Verdict:
        table = self.table(data, *suites)
        several = [task for _, task in table.groupby("task") if task.depth.nunique() >= 5]
        held, words, used, elsewhere = [], [], [], False
        for task in several:
            least = self.floor or least_score(task)
            try:
                task, falls = before_the_fall(task, least)
                tests = [jump_test(task, trend, least) for trend in TRENDS]
            except ValueError:  # too few runs
                continue
            place, p = threshold(task, least), max(test.p_value for test in tests)
            jumps, inside = p < CHANCE / len(several), self.places[0] <= place.before and place.depth <= self.places[1]
            room = max(test.step + 2 * abs(test.step / (test.statistic or np.inf)) for test in tests) >= 1
            elsewhere |= jumps and not inside
            held.append(inside or None if jumps else None if room else False)
            name = task.get("name", task.env.map(short)).iloc[0]
            fall = f" (but {falls} and deeper, where the score falls)" if falls else ""
            rise = f"largest rise from {place.before} to {place.depth} (95 % of resamples: at {place.low} to {place.high}), p {p:.2g}"
            words.append(f"{name}{fall}: {rise}")
            used.append(task)
        if not used:
            most = table.groupby("task").depth.nunique().max() if len(table) else 0
            return Verdict("not run", f"needs five depths at equal settings, has {most}") if most else NOT_RUN
        used = pd.concat(used)
        outcome = "reproduced" if 2 * held.count(True) >= len(held) else "partly" if elsewhere else by_parts(held)
        return Verdict(outcome, "; ".join(words), fewest(used), size(used))


# ---------------------------------------------------------------- the paper's own numbers


@dataclass(frozen=True)
class Share:
    """In how many places of the paper's own tables a claim holds. holds: of a data folder, one truth value per
    place."""

    holds: Callable[[Path], pd.Series]
    every: str = "all of them"
    needed: int | None = None
    more: str | Callable[[Path], str] = ""
    note: str = ""

    @property
    def words(self) -> str:
        return f"Consistent: {self.every}; partly: at least half; not: fewer{self.note}"

    def __call__(self, data: Path) -> Verdict:
        holds = self.holds(data)
        if holds is None:
            return NOT_RUN
        count, places = int(holds.sum()), len(holds)
        enough = count >= (places if self.needed is None else self.needed)
        outcome = RECOUNTS[0] if enough else RECOUNTS[1] if 2 * count >= places else RECOUNTS[2]
        more = self.more(data) if callable(self.more) else self.more
        return Verdict(outcome, f"{count} of {places}{more}", 0, PUBLISHED)
