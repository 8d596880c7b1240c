"""Depth against everything it could be paid with: environment steps, updates, seconds; and final scores by depth.

The paper's figure 1 and its data, beside this kit's point big maze.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from crlkit.analysis.statistics import final_scores, interquartile_mean, interval
from crlkit.figures import style

ENV, PAPER_ENV = "point_big_maze", "ant_big_maze"
TOP = 0.8  # of the vertical axis; no score here or in the paper comes near it
AXES = {
    "env_steps": "environment steps of a seed",
    "updates": "gradient updates",
    "cpu_seconds": "processor seconds of a seed",
}


@style.styled
def draw(data: Path) -> Figure:
    """Three learning curves and the final scores, from `data/depth-laptop/metrics.csv`; without it the paper alone."""
    figure = style.new_figure(12, 3.4)
    panels = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.15))
    rows = read(data)
    for axes, (column, label) in zip(panels, AXES.items()):
        axes.set(xlabel=label, ylim=(-0.02, TOP))
        if rows is None:
            axes.text(0.5, 0.5, "not yet measured here", ha="center", va="center", transform=axes.transAxes)
            continue
        learning_curves(axes, rows, column)
    panels[0].xaxis.set_major_formatter(lambda steps, _: f"{steps / 1000:.0f}k")
    panels[0].set_ylabel("share of the episode at the goal")
    by_depth(panels[3], rows, pd.read_csv(data / "paper" / "fig1_final_scores.csv"))
    if rows is not None:
        panels[1].set_title(f"{ENV}: mean over {rows.seed.nunique()} seeds, dots the seeds")
        panels[0].legend(fontsize=7)
    return figure


def read(data: Path) -> pd.DataFrame | None:
    """The finished runs of the maze, with the share of an episode spent at the goal."""
    file = data / "depth-laptop" / "metrics.csv"
    if not file.exists():
        return None
    rows = pd.read_csv(file).query("env == @ENV and status == 'finished'")
    seeds = rows.groupby("depth").seed.transform("nunique")
    return rows.assign(share=rows.time_at_goal / rows.episode_length, cpu_seconds=rows.cpu_seconds / seeds)


def learning_curves(axes: Axes, rows: pd.DataFrame, column: str) -> None:
    for depth, of_depth in rows.groupby("depth"):
        look = style.depth_style(depth)
        mean = of_depth.groupby("updates").agg(x=(column, "mean"), y=("share", "mean"))
        axes.plot(mean.x, mean.y, lw=1.4, ms=3, **look)
        axes.plot(
            of_depth[column], of_depth.share, ls="", marker=look["marker"], ms=1.8, alpha=0.35, color=look["color"]
        )
    if column == "cpu_seconds":
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.xaxis.set_major_formatter(lambda seconds, _: f"{seconds:g}")
        axes.minorticks_off()


def by_depth(axes: Axes, rows: pd.DataFrame | None, paper: pd.DataFrame) -> None:
    """Final scores: ours as interquartile mean, 95 % interval and seeds; behind them the paper's ant, grey."""
    theirs = paper[(paper.environment == PAPER_ENV)].sort_values("depth")
    axes.errorbar(
        theirs.depth,
        theirs.value / 1000,
        theirs.error / 1000,
        color="0.6",
        marker="x",
        ls="--",
        capsize=2,
        label=f"paper: {PAPER_ENV}, mean and SE",
    )
    if rows is not None:
        depths = sorted(rows.depth.unique())
        scores = [final_scores(rows[rows.depth == depth], "share").to_numpy() for depth in depths]
        middle = np.array([interquartile_mean(values) for values in scores])
        low, high = np.array([interval(values) for values in scores]).T
        axes.errorbar(
            depths,
            middle,
            (middle - low, high - middle),
            color="#0072B2",
            marker="o",
            capsize=3,
            label=f"here: {ENV}, IQM and 95 %",
        )
        for depth, values in zip(depths, scores):
            axes.plot([depth] * len(values), values, ".", color="#0072B2", ms=3, alpha=0.5)
        axes.set_title(f"final score (last 5 evaluations, {len(scores[0])} seeds)")
    axes.set_xscale("log", base=2)
    ticks = sorted({*theirs.depth, *(rows.depth if rows is not None else ())})
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set(xlabel="depth", ylim=(-0.02, TOP))
    axes.legend(fontsize=7, loc="upper left")
