"""Critical depth: where the score jumps, and what residual connections have to do with it

The paper's figure 5, and the same two questions asked here: at which depth the log score rises most, with how sure its
place is, and how deep a network gets without the identity around its blocks.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.analysis.thresholds import TRENDS, JumpTest, Threshold, before_the_fall, jump_test, least_score, threshold
from crlkit.figures import style
from crlkit.figures.scores import (
    HERE,
    LOSS,
    OTHER,
    PAPER_EPISODE,
    SHARE,
    at_equal,
    by_depth,
    doubling_axis,
    draw_paper,
    draw_scores,
    equal,
    here,
    list_words,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import Score, Words

SUITES = ("depth", "ablations")
PAPER = ("fig5_depth_and_residual",)
ENV = "point_big_maze"
RESIDUAL = {True: ("with residual connections", HERE, "o", "-"), False: ("without", OTHER, "s", "--")}


class Jump(NamedTuple):
    """rise: where the log score rises most. tests: whether one step up is more than a straight and than a bent trend
    account for, where there are five depths to ask; as in the ledger without those from `falls` on, where the score falls."""

    rise: Threshold
    tests: list[JumpTest]
    falls: int | None = None

    @property
    def words(self) -> str:
        said = f"largest rise of the log score: from depth {self.rise.before} to {self.rise.depth}"
        said += f" (95 % interval of the place: {self.rise.low} to {self.rise.high})"
        trends = {"linear": "a straight", "quadratic": "a bent"}
        asked = [f"{trends[test.trend]} trend p = {test.p_value:.2g}" for test in self.tests]
        fallen = f" (without depth {self.falls} and deeper, where the score falls)" if self.falls else ""
        return said + (f"; a step on top of {', of '.join(asked)}{fallen}" if asked else "")


def jump(scores: dict[int, Score], floor: float | None = None) -> Jump | None:
    """Nothing where there are fewer than two depths or all scores are 0; `floor` as in `jump_test`."""
    table = pd.DataFrame(
        [(d, value) for d, score in scores.items() for value in score.seeds], columns=["depth", "score"]
    )
    if len(scores) < 2 or not (table.score > 0).any():
        return None
    if len(scores) < 5 or len(table) < len(scores) + 2:
        return Jump(threshold(table, floor), [])
    part, falls = before_the_fall(table, floor)
    return Jump(threshold(part, floor), [jump_test(part, trend, floor) for trend in TRENDS], falls)


def of_suite(data: Path) -> pd.DataFrame:
    """The depth suite in its first maze."""
    return here(data, ("depth",), "depth", env=ENV)


def residual_rows(data: Path) -> tuple[str, dict[bool, pd.DataFrame]]:
    """The measure of the ablation, the score or, where only critics were trained, the held-out loss; and its runs that
    differ in depth and residual connections alone, apart by the latter."""
    for measure in ("share", "heldout_loss"):
        rows = here(data, ("ablations",), "depth", "residual", measure=measure)
        if len(rows) and rows.residual.nunique() > 1:
            return measure, {bool(on): part for on, part in rows.groupby("residual")}
    return "share", {}


@style.styled
def draw(data: Path) -> Figure:
    """Two panels of the paper, two of this kit."""
    figure = style.new_figure(12, 6.6)
    grid = figure.subplots(2, 2, width_ratios=(1, 1.25))
    table = evidence.paper(data, "fig5_depth_and_residual")
    bars = table[table.panel == "shallow_depths"]
    axes = grid[0, 0]
    drawn = axes.bar(bars.depth, bars.value / PAPER_EPISODE, color="0.75", edgecolor="0.4", hatch="//", width=0.7)
    axes.bar_label(drawn, [f"{value / PAPER_EPISODE:.3f}" for value in bars.value], fontsize=8)
    axes.set_xticks(bars.depth)
    axes.set(xlabel="depth (layers)", ylabel=SHARE, title="paper: humanoid, one layer at a time (equal steps)")
    axes = grid[1, 0]
    for on, look in ((True, {}), (False, {"linestyle": ":", "color": "0.65"})):
        own = table[(table.panel == "residual_ablation") & (table.residual == on)]
        draw_paper(axes, own, "depth", f"paper: humanoid, {RESIDUAL[on][0]}", **look)
    doubling_axis(axes, own.depth)
    axes.set(ylabel=SHARE, title="paper: residual connections (equal steps)")
    axes.legend(fontsize=8)
    draw_jump(grid[0, 1], of_suite(data))
    for axes in grid.flat[:3]:
        axes.set_ylim(0, axes.get_ylim()[1])
    draw_residual(grid[1, 1], *residual_rows(data))
    return figure


def draw_jump(axes: Axes, rows: pd.DataFrame) -> None:
    """Score by depth; the darker the band between two depths, the more resamples have the largest rise there."""
    axes.set(xlabel="depth (layers)", ylabel=SHARE)
    if rows.empty:
        axes.set_title(f"here: {ENV}")
        return unmeasured(axes)
    scores = by_depth(rows)
    draw_scores(axes, scores)
    doubling_axis(axes, scores)
    found = jump(scores, least_score(rows))
    axes.set_title(f"here: {ENV}, {seeds_in_words(scores.values())}\n{equal(rows, 72)}", fontsize=8.5)
    if not found:
        return
    axes.set_ylim(0, 1.6 * axes.get_ylim()[1])
    depths = np.array(list(scores), float)
    for before, depth in zip(depths, depths[1:]):
        share = found.rise.votes.get(int(depth), 0.0)
        axes.axvspan(before, depth, color="#E69F00", alpha=0.45 * share, lw=0, zorder=0)
        if share >= 0.005:
            middle = np.sqrt(before * depth)
            axes.text(middle, 0.02, f"{share:.0%}", transform=axes.get_xaxis_transform(), ha="center", fontsize=8)
    axes.text(
        0.01,
        0.98,
        found.words.replace(" (95 %", "\n(95 %").replace("); ", ")\n").replace(" (without", "\n(without")
        + "\nshaded: share of resamples with the largest rise there",
        transform=axes.transAxes,
        va="top",
        fontsize=8,
    )


def draw_residual(axes: Axes, measure: str, parts: dict[bool, pd.DataFrame]) -> None:
    title = "here: residual connections"
    if not parts:
        axes.set(title=title, xlabel="depth (layers)", ylabel=SHARE)
        return unmeasured(axes)
    rows = pd.concat(parts.values())
    scores = {on: by_depth(part, measure) for on, part in parts.items()}
    for shift, on in ((0.97, True), (1.03, False)):
        label, colour, marker, line = RESIDUAL[on]
        draw_scores(axes, scores[on], label, shift, color=colour, marker=marker, linestyle=line)
    doubling_axis(axes, rows.depth)
    each = seeds_in_words(score for of_one in scores.values() for score in of_one.values())
    critic = "" if measure == "share" else ", critic alone"
    axes.set_title(f"{title}, {rows.env.iloc[0]}{critic}, {each}\n{equal(rows, 72)}", fontsize=8.5)
    axes.set_ylabel(SHARE if measure == "share" else LOSS)
    if measure == "share":
        axes.set_ylim(0, axes.get_ylim()[1])
    axes.legend(fontsize=8)


def words(data: Path) -> Words:
    table = evidence.paper(data, "fig5_depth_and_residual").query("panel == 'residual_ablation'")
    deepest = table[table.depth == table.depth.max()].set_index("residual").value / PAPER_EPISODE
    theirs = (
        f"Paper, humanoid at depth {table.depth.max()}: {deepest[True]:.3f} of the episode at the goal with residual "
        f"connections, {deepest[False]:.5f} without"
    )
    drawn = (
        "Bars of the paper's scores at depths 3 to 6; its scores by depth with and without residual connections; ours"
    )
    rows, (measure, parts) = of_suite(data), residual_rows(data)
    missing = [name for name, none in (("score by depth", rows.empty), ("residual connections", not parts)) if none]
    said = []
    if len(rows):
        scores = by_depth(rows)
        found = jump(scores, least_score(rows))
        said.append(f"{ENV} {at_equal(rows)}: {found.words if found else 'no score above 0'}")
        drawn += f" by depth with the place of the largest rise, {equal(rows, 400)}: {list_words(scores)}"
    if parts:
        ends = {on: by_depth(part, measure) for on, part in parts.items()}
        unit = "" if measure == "share" else " nats of held-out loss"
        if common := set(ends[True]) & set(ends[False]):
            deep = max(common)
            said.append(
                f"depth {deep} has {ends[True][deep]}{unit} with and {ends[False][deep]} without residual connections"
            )
        names = {True: "with residual connections", False: "without residual connections"}
        drawn += "; ours " + "; ".join(f"{names[on]}{unit and ','}{unit}: {list_words(of)}" for on, of in ends.items())
    start = f"Not yet measured here: {', '.join(missing)}. " if missing else ""
    here_said = f"Here, {'; '.join(said)}. " if said else ""
    return Words(f"{here_said}{theirs}. {start}".strip(), f"{start}{drawn}. {theirs}. {here_said}".strip())
