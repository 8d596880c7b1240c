"""Claims about depth alone: that it helps, where, by how much, for how long, at what price."""

from pathlib import Path

import numpy as np
import pandas as pd

from crlkit import evidence
from crlkit.analysis.statistics import at_searched_rates, interquartile_mean
from crlkit.claims.ledger import NOT_ONE_CLOCK, NOT_RUN, Claim, Verdict, by_parts, stated
from crlkit.claims.measured import Comparison, after_seconds, compare, one_clock, scores, short, size
from crlkit.envs.mazes import make_maze

SHALLOW, DEEP = 4, 64  # the paper's Table 1
SELECTED = "point_big_maze"  # chosen because depths differed in it (docs/point_mazes.md)
SUITES = ("depth", "environments", "cured_depth")


def policies(table: pd.DataFrame) -> pd.DataFrame:
    """Runs whose actor was scored."""
    return table[table.data != "walks"] if "data" in table else table


def arms(table: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """Of every task that has depth 4, by its environment: the runs of the deepest up to 64, and of depth 4."""
    found = {}
    for _, part in table.groupby("task") if len(table) else ():
        deepest = part.depth[part.depth <= DEEP].max()
        if SHALLOW in set(part.depth) and deepest > SHALLOW:
            name = f"{short(part.env.iloc[0])} {deepest:.0f} over 4"
            found[name] = part[part.depth == deepest], part[part.depth == SHALLOW]
    return found


Pairs = dict[str, tuple[pd.DataFrame, pd.DataFrame]]


def telling(pairs: Pairs) -> tuple[Pairs, str]:
    """The pairs in which some seed scores, and in words those in which none does: no arm could have differed there."""
    zero = [name for name, pair in pairs.items() if not any(arm.score.any() for arm in pair)]
    left = f"; left out, zero against zero: {', '.join(zero)}" if zero else ""
    return {name: pair for name, pair in pairs.items() if name not in zero}, left


def joined(pairs: Pairs) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both arms of all pairs, still apart by `task`."""
    return tuple(pd.concat(pair[side] for pair in pairs.values()) for side in (0, 1))


def outcome_of(pooled: Comparison, each: dict[str, Comparison], needed: int = 1) -> str:
    """reproduced if the pooled comparison wins, over at least `needed` environments, and none of them is lost; partly if
    it wins otherwise, or is open and one environment is won; not reproduced if it is lost."""
    lost, won = (any(getattr(one, kind) for one in each.values()) for kind in ("worse", "better"))
    if pooled.better and not lost and len(each) >= needed:
        return "reproduced"
    return by_parts([pooled.held]) if pooled.worse or not (pooled.better or won) else "partly"


def pooled_first(pairs: Pairs, left: str, needed: int = 1) -> Verdict:
    """All pairs in one stratified comparison, then each of them."""
    if not pairs:
        return NOT_RUN._replace(here=left.removeprefix("; "))
    one = compare(*joined(pairs))
    each = {name: compare(*pair, parts=len(pairs)) for name, pair in pairs.items()}
    here = f"pooled over {len(each)}: {one}; {in_words(each)}" if len(each) > 1 else in_words(each)
    seeds = min(one.seeds for one in each.values())
    return Verdict(outcome_of(one, each, needed), here + left, seeds, size(pd.concat(joined(pairs))))


def in_words(found: dict[str, Comparison]) -> str:
    """One comparison in full, several sorted by how they came out."""
    if len(found) == 1:
        return "; ".join(f"{name}: {one}" for name, one in found.items())
    kinds = {"higher": [], "lower": [], "undecided": []}
    for name, one in found.items():
        kind = "higher" if one.better else "lower" if one.worse else "undecided"
        kinds[kind].append(f"{name} P {one.value:.2f}")
    return "; ".join(f"{kind} in {len(names)} ({', '.join(names)})" for kind, names in kinds.items() if names)


def verdict(outcome: str, found: dict[str, Comparison], table: pd.DataFrame) -> Verdict:
    return Verdict(outcome, in_words(found), min(one.seeds for one in found.values()), size(table))


def _helps(data: Path) -> Verdict:
    return pooled_first(*telling(arms(policies(scores(data, *SUITES)))), needed=3)


def _searched(data: Path) -> Verdict:
    table = scores(data, "learning_rate", vary=("depth", "learning_rate"))
    every = policies(table) if len(table) else table
    pairs, left = telling(arms(at_searched_rates(every) if len(every) else every))
    if not pairs:
        return NOT_RUN
    judged = pooled_first({f"{name}, each at its rate": pair for name, pair in pairs.items()}, left)
    best = {}  # of those very seeds: what the leave-one-out choice of a rate costs
    for depth in sorted({int(part.depth.iloc[0]) for pair in pairs.values() for part in pair}):
        of_rates = every[every.depth == depth].groupby(["task", "learning_rate"]).score.apply(interquartile_mean)
        best[depth] = of_rates.groupby("task").max().mean()
    best = ", ".join(f"{depth} {score:.2f}" for depth, score in best.items())
    return judged._replace(here=f"{judged.here}; the best single rate of each depth, seen afterwards: {best}")


def _per_second(data: Path) -> Verdict:
    pairs, left = telling(arms(policies(scores(data, *SUITES, clock=True))))
    timed = {name: pair for name, pair in pairs.items() if one_clock(*pair)}
    if pairs and not timed:
        return NOT_ONE_CLOCK
    then = {}
    for name, pair in timed.items():
        seconds = pair[1].seconds.mean()
        then[f"{name} at {seconds:.0f} s"] = tuple(after_seconds(data, SUITES, arm, seconds) for arm in pair)
    return pooled_first(then, left, needed=3)


def table1(data: Path) -> pd.DataFrame:
    """Printed Table 1, one row an environment, columns 4 and 64."""
    table = evidence.paper(data, "table1_time_at_goal")
    return table[table.source.str.contains("Table 1")].pivot(index="environment", columns="depth", values="value")


def _published_per_second(data: Path) -> str:
    curves, hours = evidence.paper(data, "fig1_learning_curves"), evidence.paper(data, "table3_wall_clock")
    hours, ahead, of = hours[hours.measure == "wall_clock"], 0, curves.environment.nunique()
    for environment, curve in curves.groupby("environment"):
        own = hours[hours.environment == environment].set_index("depth")
        deep, shallow = (curve[curve.depth == depth].sort_values("epoch") for depth in (DEEP, SHALLOW))
        epoch = own.epochs[SHALLOW] * own.value[SHALLOW] / own.value[DEEP]
        ahead += np.interp(epoch, deep.epoch, deep.value) > shallow.value.iloc[-1]
    return f"64 ahead at the hour 4 ends in {ahead} of {of} (Fig. 1 with Table 3)"


def _when(data: Path) -> Verdict:
    pairs, left = telling(arms(policies(scores(data, *SUITES))))
    pairs = {name: pair for name, pair in pairs.items() if pair[0].env.iloc[0] != SELECTED}
    ways = {name: make_maze(deep.env.iloc[0].partition("_")[2]).distances.max() for name, (deep, _) in pairs.items()}
    if len(set(ways.values())) < 2:
        return NOT_RUN
    simple = [name for name, way in ways.items() if way == min(ways.values())]
    arms_of = {"simple": simple, "complex": [name for name in pairs if name not in simple]}
    found = {kind: compare(*joined({name: pairs[name] for name in names}), 2) for kind, names in arms_of.items()}
    of_simple, of_complex = found["simple"], found["complex"]
    if of_complex.better and of_complex.value > of_simple.value:
        outcome = "reproduced" if of_complex.low > of_simple.value else "partly"
    else:
        reverse = of_complex.worse or of_simple.better and of_simple.low > of_complex.value
        outcome = "not reproduced" if reverse else "undecided"
    mazes = [", ".join(short(pairs[name][0].env.iloc[0]) for name in names) for names in arms_of.values()]
    here = f"simplest ({mazes[0]}) {of_simple.p}; the others ({mazes[1]}) {of_complex.p}{left}"
    return Verdict(outcome, here, min(of_simple.seeds, of_complex.seeds), size(pd.concat(joined(pairs))))


def _published_helps(data: Path) -> str:
    table = table1(data)
    return f"64 above 4 in {(table[DEEP] > table[SHALLOW]).sum()} of {len(table)} (Table 1)"


def _published_when(data: Path) -> str:
    ratio = evidence.paper(data, "table1_ratios").groupby("environment").value.first()  # as printed
    names = [("U4", "ant_u4_maze"), ("Big", "ant_big_maze"), ("Hardest", "ant_hardest_maze")]
    return "64 over 4: " + ", ".join(f"{n} {ratio[e]:g}x" for n, e in names) + " (Table 1)"


POOLED = (
    "Depth 64 (or the deepest below it) against depth 4, pooled over environments with 5 % to itself, then in each of them, "
    "which share another 5 %; pairs that are zero against zero are left out. Reproduced: the pooled comparison wins{over} and "
    "no environment is lost; partly: it wins otherwise, or is open and one environment is won; not reproduced: it is lost"
)
CLAIMS = [
    Claim(
        name="depth_helps",
        sentence="Deeper networks reach goals better, per update",
        source="paper, Fig. 1 and Table 1",
        published=_published_helps,
        suites=SUITES,
        statistic="share of the episode at the goal, P stratified over environments, then P in each",
        rule=POOLED.format(over=" over at least three"),
        judge=_helps,
    ),
    Claim(
        name="depth_helps_searched",
        sentence="Depth helps as well, per update, where every depth chooses among the same learning rates",
        source="question to paper, Fig. 1, which has one rate for all",
        published=stated("one learning rate, 3e-4, for every depth"),
        suites=("learning_rate",),
        statistic="share of the episode at the goal, each seed at the rate that the other seeds of its depth choose, P",
        rule=POOLED.format(over=""),
        judge=_searched,
    ),
    Claim(
        name="depth_per_second",
        sentence="Depth 64 beats depth 4 at equal compute, too",
        source="question to paper, Fig. 1, which compares per step",
        published=_published_per_second,
        suites=SUITES,
        statistic="share at the goal at the processor second at which depth 4 ends, P stratified over environments, then P in each",
        rule=POOLED.format(over=" over at least three"),
        judge=_per_second,
    ),
    Claim(
        name="when_to_use",
        sentence="Depth pays in complex navigation and is overkill in simple tasks",
        source="tutorial text, 'when to use'",
        published=_published_when,
        suites=SUITES,
        statistic="P of the deepest up to 64 against depth 4, in the maze with the shortest longest path and in the others, without "
        "the big maze, which was chosen because depths differed in it",
        rule="Reproduced: depth beats 4 in the other mazes, and the interval lies above the simplest maze's P; partly: it beats 4 "
        "there, and P alone is higher; not reproduced: 4 beats depth there, or depth beats 4 in the simplest maze with an interval "
        "above the others' P",
        judge=_when,
    ),
]
