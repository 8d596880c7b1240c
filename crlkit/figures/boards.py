"""Boards that only deep critics solve: Lights Out at equal parameters, by presses needed, depth, updates and seconds

The critic alone, with the inner product as energy, on fixed random walks; its greedy policy plays. A board five presses away
from the goal needs parities that a critic of four layers does not learn in the same time. Not in the paper.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from crlkit.analysis.plateaus import known_parities
from crlkit.analysis.statistics import interquartile_mean, interval
from crlkit.figures import style
from crlkit.figures.scores import (
    at_equal,
    depth_look,
    doubling_axis,
    draw_scores,
    list_words,
    measured,
    one_processor,
    unmeasured,
)
from crlkit.figures.words import Score, Words, not_measured, seeds

SUITES = ("boards",)
PAPER: tuple[str, ...] = ()
FAR = "solved_5"


def read(data: Path, **which: bool) -> pd.DataFrame:
    """Rows with a column `known`: how many of the nine parities a critic knows."""
    rows = measured(data, SUITES, FAR, **which)
    return rows.assign(known=known_parities) if len(rows) else rows


def _score(values) -> Score:
    values = np.asarray(values, float)
    return Score(values, float(interquartile_mean(values)), *interval(values))


def _by_depth(rows: pd.DataFrame, measure: str) -> dict[int, Score]:
    """Of every depth the last row of each seed."""
    last = rows.sort_values("updates").groupby(["depth", "seed"]).last().reset_index()
    return {int(depth): _score(part[measure]) for depth, part in last.groupby("depth")}


def _at_equal_seconds(data: Path) -> tuple[pd.DataFrame, float]:
    """The rows within the seconds of the cheapest depth's slowest seed, and these seconds."""
    rows = read(data, clock=True)
    if rows.empty:
        return rows, 0.0
    rows = one_processor(rows)
    seconds = float(rows.groupby(["depth", "seed"]).seed_seconds.max().groupby("depth").max().min())
    return rows[rows.seed_seconds <= seconds], seconds


@style.styled
def draw(data: Path) -> Figure:
    rows = read(data)
    figure = style.new_figure(11.5, 7.6)
    grid = figure.subplots(2, 3)
    if rows.empty:
        for axes in grid.flat:
            unmeasured(axes)
        return figure
    presses, depth_panel, second_panel = grid[0]
    _by_presses(presses, rows)
    timed, seconds = _at_equal_seconds(data)
    for axes, chosen, title in (
        (depth_panel, rows, at_equal(rows)),
        (second_panel, timed, f"within {seconds:.0f} processor seconds"),
    ):
        if chosen.empty:
            not_measured(axes)
            continue
        for measure, colour, shift in (
            ("solved_3", "#56B4E9", 0.96),
            ("solved_4", "#0072B2", 1.0),
            (FAR, "#D55E00", 1.04),
        ):
            draw_scores(axes, _by_depth(chosen, measure), f"{measure[-1]} presses", shift, color=colour)
        doubling_axis(axes, chosen.depth)
        axes.set(ylim=(-0.03, 1.03), ylabel="share of boards solved", title=f"by depth, {title}")
        axes.legend(title="boards away by", loc="upper left", fontsize=7.5)
    for axes, measure, label in (
        (grid[1, 0], FAR, "boards 5 presses away solved (share)"),
        (grid[1, 1], "known", "parities known, of nine"),
    ):
        _curves(axes, rows, "updates", measure)
        axes.set(xlabel="gradient updates", ylabel=label, title="thick the mean, thin a seed")
    _curves(grid[1, 2], timed, "seed_seconds", FAR)
    grid[1, 2].set(
        xlabel="processor seconds per seed", ylabel="boards 5 presses away solved (share)", title="by seconds"
    )
    handles = [Line2D([], [], **style.depth_style(depth), ms=4) for depth in sorted(set(rows.depth))]
    grid[1, 0].legend(handles=handles, fontsize=7.5, loc="upper left")
    widths = ", ".join(f"{d}: {w}" for d, w in rows.groupby("depth").width.first().items())
    figure.suptitle(
        f"Lights Out 3x3: deep critics solve boards that shallow ones of equal size do not\n"
        f"width by depth {widths}; {at_equal(rows).removeprefix('at ')}; {seeds(rows)} per depth, 95 % intervals",
        fontsize=9.5,
    )
    return figure


def _by_presses(axes: Axes, rows: pd.DataFrame) -> None:
    distances = sorted(int(name.removeprefix("solved_")) for name in rows if name.startswith("solved_"))
    for depth in sorted(set(rows.depth)):
        scores = {d: _by_depth(rows[rows.depth == depth], f"solved_{d}")[depth] for d in distances}
        draw_scores(axes, scores, f"depth {depth}", **depth_look(depth))
    axes.set_xticks(distances)
    axes.set(
        xlabel="presses needed", ylabel="share of boards solved", ylim=(-0.03, 1.03), title="solved by presses needed"
    )


def _curves(axes: Axes, rows: pd.DataFrame, x: str, y: str) -> None:
    for depth, part in rows.groupby("depth") if len(rows) else ():
        look = depth_look(depth)
        for _, line in part.sort_values("updates").groupby("seed"):
            axes.plot(line[x], line[y], color=look["color"], ls=look["linestyle"], lw=0.6, alpha=0.5)
        mean = part.groupby("updates").agg(x=(x, "mean"), y=(y, "mean"))
        axes.plot(mean.x, mean.y, lw=1.8, markevery=max(1, len(mean) // 8), ms=4, **look)


def words(data: Path) -> Words:
    rows = read(data)
    if rows.empty:
        return Words(
            "Not yet measured here: boards of Lights Out that critics of each depth solve.",
            "Six empty panels: boards of Lights Out solved, not yet measured here. The paper has no such experiment.",
        )
    far = list_words(_by_depth(rows, FAR))
    timed, seconds = _at_equal_seconds(data)
    clock = f"; within {seconds:.0f} processor seconds: {list_words(_by_depth(timed, FAR))}" if len(timed) else ""
    known = list_words(_by_depth(rows, "known"))
    return Words(
        f"Boards five presses away solved at equal parameters, {at_equal(rows)}: {far}{clock}.",
        f"Six panels on critics of Lights Out, {seeds(rows)} per depth: share of boards solved by presses needed, a line per depth; "
        f"by depth at 3, 4 and 5 presses, at the end and at equal seconds; five presses by updates: {far}{clock}; parities "
        f"known by updates, at the end: {known}; and five presses by seconds.",
    )
