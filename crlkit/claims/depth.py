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
    pairs = arms(policies(scores(data, *SUITES)))
    found = {name: compare(*pair, parts=len(pairs)) for name, pair in pairs.items()}
    if not found:
        return NOT_RUN
    outcome = by_parts((one.held for one in found.values()), needed=3)
    return verdict(outcome, found, pd.concat(part for pair in pairs.values() for part in pair))


def _searched(data: Path) -> Verdict:
    table = scores(data, "learning_rate", vary=("depth", "learning_rate"))
    every = policies(table) if len(table) else table
    pairs = arms(at_searched_rates(every) if len(every) else every)
    found = {f"{name}, each at its rate": compare(*pair, parts=len(pairs)) for name, pair in pairs.items()}
    if not found:
        return NOT_RUN
    outcome = by_parts(one.held for one in found.values())
    judged = verdict(outcome, found, pd.concat(part for pair in pairs.values() for part in pair))
    best = {}  # of those very seeds: what the leave-one-out choice of a rate costs
    for depth in sorted({int(part.depth.iloc[0]) for pair in pairs.values() for part in pair}):
        of_rates = every[every.depth == depth].groupby(["task", "learning_rate"]).score.apply(interquartile_mean)
        best[depth] = of_rates.groupby("task").max().mean()
    best = ", ".join(f"{depth} {score:.2f}" for depth, score in best.items())
    return judged._replace(here=f"{judged.here}; the best single rate of each depth, seen afterwards: {best}")


def _per_second(data: Path) -> Verdict:
    pairs, found = arms(policies(scores(data, *SUITES, clock=True))), {}
    timed = {name: pair for name, pair in pairs.items() if one_clock(*pair)}
    if pairs and not timed:
        return NOT_ONE_CLOCK
    for name, (deep, shallow) in timed.items():
        seconds = shallow.seconds.mean()
        arms_then = (after_seconds(data, SUITES, arm, seconds) for arm in (deep, shallow))
        found[f"{name} at {seconds:.0f} s"] = compare(*arms_then, len(timed))
    if not found:
        return NOT_RUN
    outcome = by_parts((one.held for one in found.values()), needed=3)
    return verdict(outcome, found, pd.concat(part for pair in timed.values() for part in pair))


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
    pairs = arms(policies(scores(data, *SUITES)))
    ways = {name: make_maze(deep.env.iloc[0].partition("_")[2]).distances.max() for name, (deep, _) in pairs.items()}
    if len(set(ways.values())) < 2:
        return NOT_RUN
    simple = [name for name, way in ways.items() if way == min(ways.values())]
    arms_of = {"simple": simple, "complex": [name for name in pairs if name not in simple]}
    found = {}
    for kind, names in arms_of.items():
        sides = [pd.concat(pairs[name][side] for name in names) for side in (0, 1)]
        found[kind] = compare(*sides, parts=2)
    of_simple, of_complex = found["simple"], found["complex"]
    apart = of_complex.better and of_complex.low > of_simple.value
    outcome = "reproduced" if apart else "partly" if of_complex.better else by_parts([of_complex.held])
    shortest = ", ".join(short(pairs[name][0].env.iloc[0]) for name in simple)
    here = f"simplest ({shortest}) {of_simple.p}; the others {of_complex.p}"
    used = pd.concat(part for pair in pairs.values() for part in pair)
    return Verdict(outcome, here, min(of_simple.seeds, of_complex.seeds), size(used))


def _published_helps(data: Path) -> str:
    table = table1(data)
    return f"64 above 4 in {(table[DEEP] > table[SHALLOW]).sum()} of {len(table)} (Table 1)"


def _published_when(data: Path) -> str:
    ratio = evidence.paper(data, "table1_ratios").groupby("environment").value.first()  # as printed
    names = [("U4", "ant_u4_maze"), ("Big", "ant_big_maze"), ("Hardest", "ant_hardest_maze")]
    return "64 over 4: " + ", ".join(f"{n} {ratio[e]:g}x" for n, e in names) + " (Table 1)"


EACH = "A maze is a part: depth 64 (or the deepest below it) beats depth 4. "
ALL = "Reproduced: in every maze, of at least three; partly: in some; not reproduced: in none, and the reverse in one"
CLAIMS = [
    Claim(
        name="depth_helps",
        sentence="Deeper networks reach goals better, in every environment, per update",
        source="paper, Fig. 1 and Table 1",
        published=_published_helps,
        suites=SUITES,
        statistic="share of the episode at the goal, P by maze",
        rule=EACH + ALL,
        judge=_helps,
    ),
    Claim(
        name="depth_helps_searched",
        sentence="Depth helps as well, per update, where every depth chooses among the same learning rates",
        source="question to paper, Fig. 1, which has one rate for all",
        published=stated("one learning rate, 3e-4, for every depth"),
        suites=("learning_rate",),
        statistic="share of the episode at the goal, each seed at the rate that the other seeds of its depth choose, P by maze",
        rule=EACH + "Reproduced: in every maze; partly: in some; not reproduced: in none, and the reverse in one",
        judge=_searched,
    ),
    Claim(
        name="depth_per_second",
        sentence="Depth 64 beats depth 4 at equal compute, too",
        source="question to paper, Fig. 1, which compares per step",
        published=_published_per_second,
        suites=SUITES,
        statistic="share at the goal at the processor second at which depth 4 ends, P by maze",
        rule=EACH + ALL,
        judge=_per_second,
    ),
    Claim(
        name="when_to_use",
        sentence="Depth pays in complex navigation and is overkill in simple tasks",
        source="tutorial text, 'when to use'",
        published=_published_when,
        suites=SUITES,
        statistic="P of the deepest up to 64 against depth 4, in the maze with the shortest longest way and in the others",
        rule="Reproduced: depth beats 4 in the other mazes, and the interval lies above the simplest maze's P; "
        "partly: the first alone; not reproduced: 4 beats depth there",
        judge=_when,
    ),
]
