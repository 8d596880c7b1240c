"""Claims about goals that shallow networks do not reach: boards of Lights Out, at equal parameters."""

from pathlib import Path

import pandas as pd

from crlkit import evidence
from crlkit.claims.depth import SHALLOW
from crlkit.claims.ledger import NOT_RUN, Claim, Verdict, by_parts, stated
from crlkit.claims.measured import by_the_clock, compare, scores, size
from crlkit.claims.width import matched

SUITE = "boards"
DEEP = 16  # the least depth that counts as deep
FAR = "solved_5"  # share of all pairs of boards five presses apart that the greedy policy solves
UNSOLVED, TIMES = (
    0.25,
    2,
)  # depth 4 stays below the first, a deep winner reaches it and has so many times as much as depth 4


def _critics(data: Path, **which: bool) -> pd.DataFrame:
    table = scores(data, SUITE, vary=("depth", "width"), measure=FAR, **which)
    return matched(table) if len(table) and SHALLOW in set(table.depth) else pd.DataFrame()


def _judged(table: pd.DataFrame, where: str) -> Verdict:
    """Every depth from 16 on against depth 4; they share one 5 %."""
    if table.empty:
        return NOT_RUN
    deep = sorted(int(depth) for depth in set(table.depth) if depth >= DEEP)
    arms = {depth: table[table.depth == depth] for depth in (SHALLOW, *deep)}
    found = {depth: one for depth in deep if (one := compare(arms[depth], arms[SHALLOW], len(deep)))}
    if not found:
        return NOT_RUN
    shallow = next(iter(found.values())).middle[1]
    best = max((one.middle[0] for one in found.values() if one.better), default=0.0)
    whole = shallow < UNSOLVED <= best and best >= TIMES * shallow
    held = [one.held for one in found.values()]
    outcome = "reproduced" if whole else "partly" if True in held else by_parts(held)
    words = ", ".join(f"{one.middle[0]:.2f} at {depth} ({one.p})" for depth, one in found.items())
    used = table[table.depth.isin([SHALLOW, *found])]
    here = f"boards 5 presses away solved{where}: {shallow:.2f} at depth 4; {words}"
    return Verdict(outcome, here, min(one.seeds for one in found.values()), size(used))


def _per_second(data: Path) -> Verdict:
    table = _critics(data, clock=True)
    if table.empty:
        return NOT_RUN
    table = evidence.one_processor(table)
    seconds = table.groupby("depth").seconds.max().min()
    return _judged(by_the_clock(data, (SUITE,), table, seconds, FAR), f" within {seconds:.0f} s")


RULE = (
    "Each depth from 16 on is compared with 4, and these comparisons share the 5 %. Reproduced: one beats it, depth 4 solves "
    "less than a quarter, and the winner at least a quarter and twice as much (interquartile means); partly: one beats it, but not so; not "
    "reproduced: none does, and 4 beats one"
)
CLAIMS = [
    Claim(
        name="new_goals",
        sentence="Deep agents reach goals that shallow ones of equal parameters and updates do not",
        source="paper, subtitle and Fig. 3",
        published=stated("pictures of new behaviours (Fig. 3), no numbers"),
        suites=(SUITE,),
        statistic="share of all boards of Lights Out 3x3 five presses away that the greedy policy of a critic solves, P of each "
        "depth from 16 on against depth 4, at equal parameters and updates",
        rule=RULE,
        judge=lambda data: _judged(_critics(data), ""),
    ),
    Claim(
        name="new_goals_per_second",
        sentence="Deep agents reach goals that shallow ones of equal parameters and seconds do not",
        source="question to paper, Fig. 3, which compares per step",
        published=stated("no such comparison"),
        suites=(SUITE,),
        statistic="the same at equal processor seconds: every seed at its last evaluation within the seconds that the cheapest "
        "depth's slowest seed had in all; runs of one processor",
        rule=RULE,
        judge=_per_second,
    ),
]
