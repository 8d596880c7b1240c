"""The kinds of rules: each turns what a data folder holds into a verdict, and says in `words` how.

A rule is called with the folder and the names of the suites that test its claim; so may be a plain function, as in
`judges`.
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
    share = arms.share or len(arms.pairs)
    every = {name: compare(*pair, share) for name, pair in arms.pairs.items()}
    return {name: one for name, one in every.items() if one}


def verdict(outcome: str, here: str, comparisons: Comparisons, table: pd.DataFrame) -> Verdict:
    return Verdict(outcome, here, min(one.seeds for one in comparisons.values()), size(table))


@dataclass(frozen=True)
class Beats:
    """Every pair is a part: the first arm beats the second. brief: several are sorted by outcome, not told in full. of:
    what is compared, where it is not the share of the episode at the goal."""

    arms: ArmsOf
    brief: bool = False
    of: str = ""
    words = (
        "Each of the two is a part. Reproduced: both parts; partly: one; not reproduced: neither, and the reverse of "
        "one"
    )

    def __call__(self, data: Path, *suites: str) -> Verdict:
        arms = self.arms(data, *suites)
        comparisons = compared(arms)
        if not comparisons:
            return NOT_RUN if arms.pairs else Verdict("not run", arms.note)
        outcome = by_parts((one.held for one in comparisons.values()), arms.needed)
        here = self.of + (in_brief if self.brief else in_full)(comparisons) + arms.note
        return verdict(outcome, here, comparisons, pd.concat(joined({name: arms.pairs[name] for name in comparisons})))


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
        return (
            "Depth 64 (or the deepest below it) against depth 4, pooled over environments with 5 % to itself, then in "
            "each of them, which share another 5 %; pairs that are zero against zero are left out. Reproduced: the "
            f"pooled comparison wins{over} and no environment is lost; partly: it wins otherwise, or is open and one "
            "environment is won; not reproduced: it is lost"
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
        return verdict(outcome, here + arms.note, each, pd.concat(both))


@dataclass(frozen=True)
class Rungs:
    """Agents of every depth above `base` against those of `base`; the deepest decides, or the last that is
    `expected`."""

    base: int
    expected: tuple[int, ...] = ()
    note: Callable[..., str] = lambda data, *suites: ""

    def __call__(self, data: Path, *suites: str) -> Verdict:
        table = agents(scores(data, *suites))
        table = table[table.depth >= self.base]
        depths, base = sorted(set(table.depth) - {self.base}), table[table.depth == self.base]
        comparisons = compared(Arms({f"{d:.0f} over {self.base}": (table[table.depth == d], base) for d in depths}))
        if not comparisons:
            return NOT_RUN
        last = f"{self.expected[-1]} over {self.base}" if self.expected else list(comparisons)[-1]
        held = {name: one.held for name, one in comparisons.items()}
        outcome = "reproduced" if held.get(last) else by_parts([*held.values(), None])
        missing = ", ".join(str(depth) for depth in self.expected if depth not in depths)
        here = (in_brief if self.expected else in_full)(comparisons) + f"; {missing} not run" * bool(missing)
        used = table[table.task.isin(table.task[table.depth > self.base])]
        return verdict(outcome, here + self.note(data, *suites), comparisons, used)


@dataclass(frozen=True)
class Ladder:
    """One value of an option against another at every depth above 4, the deepest with 5 % to itself. gains: at the
    deepest it must also gain more than at depth 4."""

    option: str
    good: str
    bad: str
    gains: bool = False

    @property
    def words(self) -> str:
        more = ". It must also gain more at the deepest than at depth 4, or the verdict is partly" * self.gains
        return (
            "Depths above 4 are compared, on policies or, where critics alone were trained, on held-out loss. "
            "Reproduced: it wins at the deepest, which has 5 % of chance to itself; partly: only at a shallower one "
            "(these share another 5 %); not reproduced: at none, and it loses at one. Critics alone of one seed share "
            "their walks and held-out batches and are compared seed by seed: by how many are ahead, and by a "
            f"sign-flip test of the mean difference{more}"
        )

    def __call__(self, data: Path, *suites: str) -> Verdict:
        table = scores(data, *suites, vary=(self.option,))
        if self.option not in table:
            return NOT_RUN
        # Critics alone of one seed learn from the same walks and are scored on the same batches.
        paired = "data" in table and bool((table.data == "walks").all())
        value = table[self.option].astype(str)
        table = table.assign(value=value)[value.isin([self.good, self.bad])]
        comparisons = self._by_depth(table, paired)
        if not comparisons:
            return NOT_RUN
        *shallower, last = comparisons
        held = [one.held for one in comparisons.values()]
        outcome = "reproduced" if held[-1] else by_parts(held)
        below = [name.removeprefix("depth ") for name in shallower if comparisons[name].better]
        here = f"{last}: {comparisons[last]}" + f"; also at {', '.join(below)}" * bool(below)
        judged = verdict(outcome, here, comparisons, table[table.depth > SHALLOW])
        return self._against_shallow(judged, table) if self.gains and outcome == "reproduced" else judged

    def _by_depth(self, table: pd.DataFrame, paired: bool) -> Comparisons:
        pairs = {}
        for depth, rows in table[table.depth > SHALLOW].groupby("depth"):
            ours, theirs = (rows[rows.value == value] for value in (self.good, self.bad))
            if set(ours.task) & set(theirs.task):
                pairs[f"depth {depth:.0f}"] = ours, theirs
        shares = [max(1, len(pairs) - 1)] * (len(pairs) - 1) + [1]
        return {name: compare(*pair, share, paired) for share, (name, pair) in zip(shares, pairs.items())}

    def _against_shallow(self, judged: Verdict, table: pd.DataFrame) -> Verdict:
        both = table.groupby("task").value.transform("nunique") == 2  # tasks differ in depth, too
        means = table[both].groupby(["depth", "value"]).score.mean().unstack()
        gain = means[self.good] - means[self.bad]
        if gain.index.min() > SHALLOW:
            return judged
        here = f"{judged.here}; gained by it {gain.iloc[-1]:.2f}, at depth 4 {gain.iloc[0]:.2f}"
        return judged._replace(here=here, outcome="reproduced" if gain.iloc[-1] > gain.iloc[0] else "partly")


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
    words = (
        "A depth is a part: its factor lies in its band. Reproduced: all three depths; partly: some; not reproduced: "
        "none of those run"
    )

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
            rise = f"largest rise from {place.before} to {place.depth} (to {place.low}-{place.high}), p {p:.2g}"
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
