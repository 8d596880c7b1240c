"""Score by depth, against everything that depth could be paid with

The paper's figure 1. Top: this kit's learning curves against environment steps, updates and processor seconds, and
final scores. Below: the paper's ten environments, with every maze measured here in the panel of the same layout.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from crlkit import evidence
from crlkit.analysis.statistics import interquartile_mean, interval
from crlkit.figures import style
from crlkit.figures.scores import (
    HERE,
    PAPER_EPISODE,
    SHARE,
    by_depth,
    doubling_axis,
    draw_paper,
    draw_scores,
    environments,
    here,
    list_words,
    machines,
    measured,
)
from crlkit.figures.words import Words, held_equal, not_measured, seeds

SUITES = ("depth", "environments")
PAPER = ("fig1_final_scores",)
ENV, PAPER_ENV = "point_big_maze", "ant_big_maze"
AXES = {
    "env_steps": "environment steps of a seed",
    "updates": "gradient updates",
    "seed_seconds": "processor seconds of a seed",
}
MEASURED = (HERE, "#009E73")  # in a small panel: the first maze of that layout, and the second


@style.styled
def draw(data: Path) -> Figure:
    """Four panels of this kit over ten of the paper's."""
    rows, paper = here(data, SUITES, "depth", env=ENV), evidence.paper(data, "fig1_final_scores")
    timed = here(data, SUITES, "depth", env=ENV, clock=True)
    figure = style.new_figure(12, 8.6)
    top, below = figure.subfigures(2, 1, height_ratios=(1, 1.45))
    panels = top.subplots(1, 4, width_ratios=(1, 1, 1, 1.2), sharey=True)
    for axes, (column, label) in zip(panels, AXES.items()):
        axes.set_xlabel(label)
        own = timed if column == "seed_seconds" else rows
        if len(own):
            learning_curves(axes, own, column)
        else:
            not_measured(axes)
            axes.set_xticks([])
    if len(timed):
        panels[2].set_title(f"{seeds(timed)}{machines(timed)}", fontsize=8.5)
    panels[0].xaxis.set_major_formatter(lambda steps, _: f"{steps / 1000:.0f}k")
    panels[0].set_ylabel(SHARE)
    final_scores(panels[3], by_depth(rows), paper[paper.environment == PAPER_ENV])
    if len(rows):
        top.suptitle(
            f"{ENV}, the paper's network, {seeds(rows)} per depth: interquartile mean, 95 % interval; dots the seeds, in curves if fewer than ten\n"
            f"equal: {held_equal(rows)} (so per update, not per second); a maze chosen because depths differed in it",
            fontsize=9.5,
        )
        top.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=9, fontsize=8)
    environments_by_depth(below, data, paper)
    return figure


def learning_curves(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    for depth, of_depth in rows.groupby("depth"):
        look = style.depth_style(depth)
        points = of_depth.groupby("updates")
        x, y = points[column].mean(), points.share.apply(interquartile_mean)
        low, high = np.transpose([interval(values, resamples=1000) for _, values in points.share])
        axes.plot(x, y, lw=1.4, ms=3, **look)
        axes.fill_between(x, low, high, color=look["color"], alpha=0.1, lw=0)
        if of_depth.seed.nunique() < 10:  # more only blur
            axes.plot(
                of_depth[column], of_depth.share, ls="", marker=look["marker"], ms=1.8, alpha=0.3, color=look["color"]
            )
    if column == "seed_seconds":
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.xaxis.set_major_formatter(lambda seconds, _: f"{seconds:g}")
        axes.xaxis.set_minor_formatter(NullFormatter())


def final_scores(axes: Axes, scores: dict, paper: pd.DataFrame) -> None:
    draw_paper(axes, paper, "depth", f"paper: {PAPER_ENV}, mean and standard error")
    if scores:
        draw_scores(axes, scores, f"here: {ENV}")
    doubling_axis(axes, {*paper.depth, *scores})
    axes.set_title("final score: last tenth of training")
    axes.set_ylim(0, 1.2 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="upper left")


def environments_by_depth(below: Figure, data: Path, paper: pd.DataFrame) -> None:
    """The paper's environments as small multiples, ours in the panel of the same layout."""
    rows, published = measured(data, SUITES), set(paper.environment)
    for axes, (env, theirs) in zip(below.subplots(2, 5).flat, paper.groupby("environment", sort=False)):
        draw_paper(axes, theirs, "depth", "paper")
        body, _, layout = env.partition("_")
        ours = body == "ant" or (body == "humanoid" and f"ant_{layout}" not in published)  # one panel a layout
        same = [name for name in environments(rows) if ours and name.partition("_")[2] == layout]
        depths = set(theirs.depth)
        for name, colour in zip(same, MEASURED):
            own = here(data, SUITES, "depth", env=name)
            scores = by_depth(own)
            draw_scores(
                axes, scores, f"here: {name.partition('_')[0]}, {own.env_steps.max() / 1e6:.1f} M steps", color=colour
            )
            depths |= set(scores)
        missing = body == "ant" and not same
        if missing:
            not_measured(axes, y=0.72)
        doubling_axis(axes, depths)
        axes.set_ylim(0, (1.65 if missing else 1.25 + 0.15 * len(same)) * axes.get_ylim()[1])
        axes.set_title(f"{env}, {theirs.epochs.iloc[0]} epochs", fontsize=8.5)
        axes.legend(fontsize=8, loc="upper left")
    below.supylabel(SHARE, fontsize=9)
    below.suptitle(
        "The paper's ten environments, final score by depth: mean and standard error of 5 to 45 runs, equal epochs of about a "
        "million steps\n(scales differ; for ant_u5_maze at 64 the paper's Table 1 prints 0.061), ours in mazes of the same layout".replace(
            "5 to 45", f"{paper.runs.min()} to {paper.runs.max()}"
        ),
        fontsize=9.5,
    )


def words(data: Path) -> Words:
    rows, paper = here(data, SUITES, "depth", env=ENV), evidence.paper(data, "fig1_final_scores")
    table = paper.pivot(index="environment", columns="depth", values="value")
    shallow, deep = table.columns.min(), table.columns.max()
    risen, best = int((table[deep] > table[shallow]).sum()), int((table.idxmax(axis=1) == deep).sum())
    theirs = (
        f"Paper: depth {deep} beats depth {shallow} in {risen} of {len(table)} environments and is the best depth in "
        f"{best}."
    )
    said = "Learning curves against environment steps, updates and processor seconds, one line a depth; final score by "
    said += f"depth; below, the paper's {len(table)} environments as small panels of final score by depth. "
    own = paper[paper.environment == PAPER_ENV]
    said += f"Paper, {PAPER_ENV}: " + ", ".join(
        f"depth {d} {v / PAPER_EPISODE:.2f}" for d, v in zip(own.depth, own.value)
    )
    if rows.empty:
        return Words(f"Not yet measured here. {theirs}", f"Not yet measured here: {ENV}. {said}.")
    scores = by_depth(rows)
    best = max(scores, key=lambda depth: scores[depth].iqm)
    timed = here(data, SUITES, "depth", env=ENV, clock=True)
    time = timed.groupby("depth").seed_seconds.max() if len(timed) else {}
    price = (
        f"; it costs {time[best] / time[min(scores)]:.1f} times the processor time"
        if {best, min(scores)} <= set(getattr(time, "index", ()))
        else ""
    )
    takeaway = (
        f"Per update, {ENV} is best at depth {best}: {scores[best]} of the episode at the goal, depth "
        f"{min(scores)} {scores[min(scores)]}{price}. {theirs}"
    )
    return Words(
        takeaway, f"{said}. Here, {ENV}, {seeds(rows)} a depth, equal {held_equal(rows)}: {list_words(scores)}."
    )
