"""Figure 8: exploration or expressivity: what a network learns from the data of a shallow and of a deep collector

The collector alone fills the buffer; the learner, of the same or of another depth, learns from the same batches and is
scored. The paper: Humanoid, Ant Big Maze and Arm Push Easy, curves only.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit.analysis.statistics import interquartile_mean, interval
from crlkit.figures import style
from crlkit.figures.scores import SHARE, by, depth_look, draw_scores, environments, measured
from crlkit.figures.words import Score, Words, held_equal, not_measured, seeds

SUITES = ("collector_learner",)
PAPER: tuple[str, ...] = ()
PAPER_PAIR = (4, 32)  # the paper's depths of collector and learner


def read(data: Path) -> pd.DataFrame:
    """The rows of the environment with most runs; `depth` is the learner's."""
    rows = measured(data, SUITES)
    if rows.empty:
        return rows
    rows = rows.dropna(subset="collector_depth").astype({"collector_depth": int})
    return rows[rows.env == environments(rows)[0]]


@style.styled
def draw(data: Path) -> Figure:
    rows = read(data)
    collectors = sorted(set(rows.collector_depth)) if len(rows) else PAPER_PAIR
    figure = style.new_figure(12, 4.2)
    *curves, last = figure.subplots(1, len(collectors) + 1, sharey=True)
    for axes, collector in zip(curves, collectors):
        axes.set(xlabel="gradient updates", title=f"collector of depth {collector}")
        _learning_curves(axes, rows[rows.collector_depth == collector]) if len(rows) else not_measured(axes)
    curves[0].set_ylabel(SHARE)
    _final(last, by(rows, "collector_depth", "depth"))
    if rows.empty:
        last.set(xticks=[], yticks=[])  # of all panels: they share their axis
    said = "the collector alone fills the buffer, and learners of both depths see the same data; "
    said += "paper: curves only, no numbers were published"
    if len(rows):
        said += f"\n{rows.env.iloc[0]}, {seeds(rows)} each, equal: {held_equal(rows)} (per update)\ninterquartile mean, 95 % interval; dots the seeds, in curves only if fewer than ten"
    figure.suptitle(said, fontsize=9.5)
    return figure


def _learning_curves(axes: Axes, rows: pd.DataFrame) -> None:
    for depth, own in rows.groupby("depth"):
        look = style.depth_style(depth) | {"label": f"learner of depth {depth}"}
        points = own.groupby("updates").share
        low, high = np.transpose([interval(values, resamples=1000) for _, values in points])
        axes.fill_between(list(points.groups), low, high, color=look["color"], alpha=0.15, lw=0)
        points.apply(interquartile_mean).plot(ax=axes, ms=4, **look)
        if own.seed.nunique() < 10:  # more only blur
            axes.plot(own.updates, own.share, ls="", marker=look["marker"], ms=2, alpha=0.4, color=look["color"])
    axes.set_xlabel("gradient updates")
    axes.legend(loc="upper left")


def _final(axes: Axes, scores: dict[tuple, Score]) -> None:
    axes.set(title="final scores", xlabel="depth of the collector")
    if not scores:
        not_measured(axes)
        return
    collectors = sorted({collector for collector, _ in scores})
    learners = sorted({learner for _, learner in scores})
    for shift, learner in zip(np.linspace(-0.1, 0.1, len(learners)), learners):
        own = {k + shift: scores[c, learner] for k, c in enumerate(collectors) if (c, learner) in scores}
        draw_scores(axes, own, f"learner of depth {learner}", **depth_look(learner))
    axes.set_xticks(range(len(collectors)), collectors)
    axes.set_xlim(-0.5, len(collectors) - 0.5)
    axes.legend(loc="upper left")


def words(data: Path) -> Words:
    rows = read(data)
    drawn = (
        "Learning curves of learners of each depth from the data of a collector, a panel for a shallow and one for a deep "
        "collector, and their final scores. The paper published curves only, no numbers."
    )
    if rows.empty:
        return Words(
            "Not yet measured here: whether a deep agent's data or its network matters.",
            f"Not yet measured here. {drawn}",
        )
    scores = by(rows, "collector_depth", "depth")
    listed = "; ".join(f"collector {c}, learner {learner}: {score}" for (c, learner), score in scores.items())
    return Words(
        f"Final share of the episode at the goal, per update: {listed}.",
        f"{drawn} {rows.env.iloc[0]}, {seeds(rows)} each, equal {held_equal(rows)}: {listed}.",
    )
