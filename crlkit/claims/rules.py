"""The kinds of rules: each turns what a data folder holds into a verdict.

A rule is a function of the folder and of the names of the suites that test its claim; the ledger fixes what else it
takes. Its docstring, with these parameters filled in, is the rule in words, as the ledger prints it.
"""

from collections.abc import Callable, Sequence
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
    used = pd.concat(joined(arms.pairs[name] for name in comparisons))
    return Verdict(outcome, here, min(one.seeds for one in comparisons.values()), size(used))


def in_last(comparisons: Comparisons) -> str:
    """The last comparison in full, of the others those that are won by name."""
    *others, last = comparisons
    also = [name.removeprefix("depth ") for name in others if comparisons[name].better]
    return f"{last}: {comparisons[last]}" + f"; also at {', '.join(also)}" * bool(also)


# ---------------------------------------------------------------- two arms, or many

IN_ALL = "the first arm beats the second in all; partly: in some; not reproduced: in none, and the reverse in one"
AT_THE_DEEPEST = "it wins at the deepest; partly: only at another; not reproduced: at none, and it loses at one"


def beats(
    data: Path,
    *suites: str,
    arms: ArmsOf,  # where they name a `last` pair, that one decides
    tell: Callable[[Comparisons], str] = in_full,  # in words
    parts: str = "Each comparison is a part",
    held: str = IN_ALL,
) -> Verdict:
    """{parts}. Reproduced: {held}"""
    found = arms(data, *suites)
    comparisons = compared(found)
    if not comparisons:
        return NOT_RUN if found.pairs else Verdict("not run", found.note)
    won = {name: one.held for name, one in comparisons.items()}
    if found.last:
        outcome = "reproduced" if won.get(found.last) else by_parts([*won.values(), None])
    else:
        outcome = by_parts(won.values(), found.needed)
    return verdict(outcome, tell(comparisons) + found.note, comparisons, found)


def pooled(data: Path, *suites: str, arms: ArmsOf, least: int = 1, several: bool = False) -> Verdict:
    """All pairs pooled over environments with 5 % to themselves, then those of each environment, which share another
    5 %. Reproduced: the pooled comparison, of at least {least}, wins and no environment is lost; partly: it wins
    otherwise, or is open and one environment is won; not reproduced: it is lost"""
    found = arms(data, *suites)
    if not found.pairs:
        return Verdict("not run", found.note.removeprefix("; "))
    both = joined(found.pairs.values())
    one, each, tasks = compare(*both), compared(found), both[0].task.nunique()
    lost, won = (any(getattr(part, kind) for part in each.values()) for kind in ("worse", "better"))
    if one.better and not lost and len(each) >= least:
        outcome = "reproduced"
    else:
        outcome = "partly" if one.better or won and not one.worse else by_parts([one.held])
    if several:  # an environment has more than one pair
        here = f"pooled over {tasks} pairs {one.p}; {in_full(each)}"
    else:
        here = (f"pooled over {tasks}: {one}; " if tasks > 1 else "") + in_brief(each)
    return verdict(outcome, here + found.note, each, found)


def pays_more(data: Path, *suites: str, arms: ArmsOf, first: tuple[str, ...]) -> Verdict:
    """Reproduced: depth beats 4 in what is named first, with an interval of P above P of the others; partly: it beats 4
    there, and P alone is higher; not reproduced: 4 beats depth there, or depth beats 4 in the others with an interval
    above P of the first"""
    kinds, note, *_ = arms(data, *suites)  # a pair per kind; those whose names begin with `first` are named first
    names = [[name for name in kinds if name.startswith(first) == which] for which in (True, False)]
    if not all(names):
        return NOT_RUN
    one, other = (compare(*joined(kinds[name] for name in side), share=2) for side in names)
    reverse = one.worse or other.better and other.low > one.value
    outcome = "not reproduced" if reverse else "undecided"
    if one.better and one.value > other.value:
        outcome = "reproduced" if one.low > other.value else "partly"
    each = ", ".join(f"{name} {compare(*pair).value:.2f}" for name, pair in kinds.items())
    here, used = f"{one.p} against {other.p} (P of {each}){note}", pd.concat(joined(kinds.values()))
    return Verdict(outcome, here, min(one.seeds, other.seeds), size(used))


# ---------------------------------------------------------------- factors and steps


def ratios(ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray], resamples: int = 5000) -> np.ndarray:
    """Ratio of the interquartile means, mean over tasks (one array each), first of the data, then of resamples of the
    seeds."""
    rng = np.random.default_rng(0)

    def means(x: np.ndarray) -> np.ndarray:
        drawn = x[rng.integers(len(x), size=(resamples, len(x)))]
        return np.concatenate([[interquartile_mean(x)], interquartile_mean(drawn, axis=1)])

    arms = [np.mean([means(np.asarray(x)) for x in arm], axis=0) for arm in (ours, theirs)]
    return np.maximum(arms[0], 1e-6) / np.maximum(arms[1], 1e-6)


def in_bands(data: Path, *suites: str, bands: dict[int, tuple[float, float]]) -> Verdict:
    """A depth is a part: its factor lies in its band; it speaks against the claim if its interval lies outside.
    Reproduced: all three; partly: some; not reproduced: none"""
    table = agents(scores(data, *suites))
    table = table[table.depth.isin([SHALLOW, *bands])]
    tasks = [task for _, task in table.groupby("task") if SHALLOW in set(task.depth)]
    words, held, used = [], [], []
    for depth, (low, high) in bands.items():
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
    missing = [str(depth) for depth in bands if depth not in set(used.depth)]
    here = ", ".join(words) + (f"; {', '.join(missing)} not run" if missing else "")
    return Verdict(by_parts(held, len(bands)), here, fewest(used), size(used))


def fewest(table: pd.DataFrame) -> int:
    """Seeds of the smallest arm."""
    return int(table.groupby(["task", "depth"]).size().min())


def jump(
    data: Path,
    *suites: str,
    table: Callable[..., pd.DataFrame],  # its `name` says what a task is called, by default its environment
    places: tuple[int, int] = (1, 1024),
    floor: float | None = None,  # the least score that counts, by default a single step of an episode at the goal
) -> Verdict:
    """A line of five depths or more is a part: p below 0.05, shared by all parts, against both trends; not so, it
    speaks against the claim if the best step and two of its standard errors stay below a doubling. Where the strongest
    step is down, the depths from it on are left out if five remain. The step begins and ends within {places[0]} to
    {places[1]} (partly: it lies elsewhere). Reproduced: in half of the parts or more; partly: in some; not reproduced:
    in none, and no room for a step in one of them"""
    every = table(data, *suites)
    several = [task for _, task in every.groupby("task") if task.depth.nunique() >= 5]
    held, words, used, elsewhere = [], [], [], False
    for task in several:
        least = floor or least_score(task)
        try:
            task, falls = before_the_fall(task, least)
            tests = [jump_test(task, trend, least) for trend in TRENDS]
        except ValueError:  # too few runs
            continue
        place, p = threshold(task, least), max(test.p_value for test in tests)
        jumps, inside = p < CHANCE / len(several), places[0] <= place.before and place.depth <= places[1]
        room = max(test.step + 2 * abs(test.step / (test.statistic or np.inf)) for test in tests) >= 1
        elsewhere |= jumps and not inside
        held.append(inside or None if jumps else None if room else False)
        name = task.get("name", task.env.map(short)).iloc[0]
        fall = f" (but {falls} and deeper, where the score falls)" if falls else ""
        where = f"from {place.before} to {place.depth} (95 % of resamples: at {place.low} to {place.high})"
        words.append(f"{name}{fall}: largest rise {where}, p {p:.2g}")
        used.append(task)
    if not used:
        most = every.groupby("task").depth.nunique().max() if len(every) else 0
        return Verdict("not run", f"needs five depths at equal settings, has {most}") if most else NOT_RUN
    used = pd.concat(used)
    outcome = "reproduced" if 2 * held.count(True) >= len(held) else "partly" if elsewhere else by_parts(held)
    return Verdict(outcome, "; ".join(words), fewest(used), size(used))


# ---------------------------------------------------------------- the paper's own numbers


def recount(
    data: Path,
    table: Callable[[Path], pd.DataFrame],  # of a data folder; not run while there is none
    holds: Callable[[pd.DataFrame], pd.Series],  # of the table one truth value per place
    every: str = "all of them",
    needed: int | None = None,
    also: str | Callable[[pd.DataFrame], str] = "",  # what else is told
    note: str = "",
) -> Verdict:
    """Consistent: {every}; partly: at least half; not: fewer{note}"""
    try:
        published = table(data)
    except FileNotFoundError:
        return NOT_RUN
    held = holds(published)
    count, places = int(held.sum()), len(held)
    enough = count >= (places if needed is None else needed)
    outcome = RECOUNTS[0] if enough else RECOUNTS[1] if 2 * count >= places else RECOUNTS[2]
    told = also(published) if callable(also) else also
    return Verdict(outcome, f"{count} of {places}{told}", 0, PUBLISHED)
