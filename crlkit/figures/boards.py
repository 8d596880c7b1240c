"""Boards that only deep critics solve: Lights Out at equal parameters, by presses needed, depth, updates and seconds

The critic alone, with the inner product as energy, on fixed random walks; its greedy policy plays. A board five presses away
from the goal needs parities that a critic of four layers does not learn in the same time. Not in the paper.
"""

from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from crlkit.analysis.plateaus import known_parities
from crlkit.analysis.statistics import Score, score_of
from crlkit.evidence import one_processor
from crlkit.figures.layers import seed_curves
from crlkit.figures.panels import Figure, Finding, Row
from crlkit.figures.scores import at_equal, depth_look, doubling_axis, draw_scores, list_words, measured, unmeasured
from crlkit.figures.words import seeds

FAR = "solved_5"
SHARE = "share of boards solved"


def read(data: Path, **which: bool) -> pd.DataFrame:
    """Rows with a column `known`: how many of the nine parities a critic knows."""
    rows = measured(data, ("boards",), FAR, **which)
    return rows.assign(known=known_parities) if len(rows) else rows


def _by_depth(rows: pd.DataFrame, measure: str) -> dict[int, Score]:
    """Of every depth the last row of each seed."""
    last = rows.sort_values("updates").groupby(["depth", "seed"]).last().reset_index()
    return {int(depth): score_of(scores) for depth, scores in last.groupby("depth")[measure]}


def _at_equal_seconds(data: Path) -> tuple[pd.DataFrame, float]:
    """The rows within the seconds of the cheapest depth's slowest seed, and these seconds."""
    rows = read(data, clock=True)
    if rows.empty:
        return rows, 0.0
    rows = one_processor(rows)
    seconds = float(rows.groupby(["depth", "seed"]).seed_seconds.max().groupby("depth").max().min())
    return rows[rows.seed_seconds <= seconds], seconds


def _by_presses(axes: Axes, data: Path) -> None:
    rows = read(data)
    if rows.empty:
        return unmeasured(axes)
    presses = sorted(int(name.removeprefix("solved_")) for name in rows if name.startswith("solved_"))
    solved = {n: _by_depth(rows, f"solved_{n}") for n in presses}
    for depth in sorted(set(rows.depth)):
        draw_scores(axes, {n: solved[n][depth] for n in presses}, f"depth {depth}", **depth_look(depth))
    axes.set_xticks(presses)
    axes.set(xlabel="presses needed", ylabel=SHARE, ylim=(-0.03, 1.03), title="solved by presses needed")


def _over_depth(axes: Axes, data: Path, timed: bool) -> None:
    rows, seconds = _at_equal_seconds(data) if timed else (read(data), 0.0)
    if rows.empty:
        return unmeasured(axes)
    looks = (("solved_3", "#56B4E9", 0.96), ("solved_4", "#0072B2", 1.0), (FAR, "#D55E00", 1.04))
    for measure, colour, shift in looks:
        draw_scores(axes, _by_depth(rows, measure), f"{measure[-1]} presses", shift, color=colour)
    doubling_axis(axes, rows.depth)
    held = f"within {seconds:.0f} processor seconds" if timed else at_equal(rows)
    axes.set(ylim=(-0.03, 1.03), ylabel=SHARE, title=f"by depth, {held}")
    axes.legend(title="boards away by", loc="upper left", fontsize=7.5)


def _over_time(axes: Axes, data: Path, x: str, y: str) -> None:
    rows = read(data) if x == "updates" else _at_equal_seconds(data)[0]
    if rows.empty:
        return unmeasured(axes)
    seed_curves(axes, rows, x, y)
    axes.set(
        xlabel="gradient updates" if x == "updates" else "processor seconds per seed",
        ylabel="boards 5 presses away solved (share)" if y == FAR else "parities known, of nine",
        title="thick the mean, thin a seed",
    )


def _title(data: Path) -> str:
    rows = read(data)
    if rows.empty:
        return ""
    widths = ", ".join(f"{depth}: {width}" for depth, width in rows.groupby("depth").width.first().items())
    held = f"width by depth {widths}; {at_equal(rows).removeprefix('at ')}; {seeds(rows)} per depth, 95 % intervals"
    return f"Lights Out 3x3: deep critics solve boards that shallow ones of equal size do not\n{held}"


def finding(data: Path) -> Finding:
    rows = read(data)
    if rows.empty:
        return Finding(
            missing="boards of Lights Out that critics of each depth solve; the paper has no such experiment"
        )
    timed, seconds = _at_equal_seconds(data)
    clock = f"; within {seconds:.0f} processor seconds: {list_words(_by_depth(timed, FAR))}" if len(timed) else ""
    far = f"{list_words(_by_depth(rows, FAR))}{clock}"
    known = list_words(_by_depth(rows, "known"))
    return Finding(
        f"Boards five presses away solved at equal parameters, {at_equal(rows)}: {far}",
        more=f"{seeds(rows)} per depth. Five presses: {far}. Parities known at the end: {known}",
    )


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Six panels on critics of Lights Out: share of boards solved by presses needed, a line per depth; by depth at 3, 4 and 5 "
    "presses, at the end and at equal seconds; boards five presses away by updates, parities known by updates, and boards five "
    "presses away by seconds",
    finding,
    (
        Row((_by_presses, partial(_over_depth, timed=False), partial(_over_depth, timed=True)), _title),
        Row(tuple(partial(_over_time, x=x, y=y) for x, y in (("updates", FAR), ("updates", "known"), ("seed_seconds", FAR))),
            legend=True),
    ),
    (11.5, 7.6),
    reads=("boards",),
)  # fmt: skip
