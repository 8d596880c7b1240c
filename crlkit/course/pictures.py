"""Single pictures of recorded rows, a dot per seed, under the caller's settings of matplotlib: a lecture's are larger."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.analysis.statistics import final_scores, interquartile_mean, interval
from crlkit.figures import style
from crlkit.figures.scores import doubling_axis
from crlkit.suites import FIRST_SEED

RATES = {0.001: ("boards", "#0072B2", "o"), 0.0003: ("boards_rates", "#009E73", "s")}  # suite, colour, marker
MARKS = "Large marks: interquartile means; bars: 95 % intervals."


def final(data: str | Path, suite: str, measure: str, query: str) -> dict[int, np.ndarray]:
    """By depth the final scores of the seeds."""
    rows = evidence.rows(data, suite).query(query)
    return {int(depth): final_scores(own, measure).to_numpy() for depth, own in rows.groupby("depth")}


def boards_by_depth(data: str | Path, *rates: float, size=(7.0, 3.2)) -> tuple[Figure, str]:
    """Boards of Lights Out five presses away that critics of equal parameters solve, by depth, a line per learning
    rate; and that in words."""
    figure, said = style.new_figure(*size), []
    axes = figure.subplots()
    for rate in rates:
        suite, colour, marker = RATES[rate]
        solved = final(data, suite, "solved_5", f"seed >= {FIRST_SEED}")
        said.append(f"rate {rate:g}: {draw_final(axes, solved, colour, marker, f'learning rate {rate:g}')}")
    axes.set(ylabel="share of boards solved", title="boards 5 presses away; a dot is a seed")
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0.97))
    return figure, f"{'; '.join(said)}. {MARKS}"


def maze_by_depth(data: str | Path, size=(7.0, 3.2)) -> tuple[Figure, str]:
    """Far goals of the big maze that agents touch, by depth; and that in words."""
    figure = style.new_figure(*size)
    axes = figure.subplots()
    said = draw_final(axes, final(data, "cured_depth", "success", "env == 'point_big_maze'"), style.REACHED, "o")
    axes.set(ylabel="share of far goals touched", title="the big maze; a dot is a seed")
    return figure, f"Far goals touched: {said}. {MARKS}"


def draw_final(axes: Axes, scores: dict, colour: str, marker: str, label: str | None = None) -> str:
    """The seeds of each depth as dots, their interquartile means joined, and a 95 % interval where seeds are enough;
    returns the means in words."""
    middle = {depth: float(interquartile_mean(seeds)) for depth, seeds in scores.items()}
    axes.plot(list(middle), list(middle.values()), marker=marker, color=colour, label=label)
    for depth, seeds in scores.items():
        axes.plot([depth] * len(seeds), seeds, ".", color=colour, alpha=0.5)
        if len(seeds) >= 5:  # else a bootstrap interval says too little
            axes.plot([depth] * 2, interval(seeds), color=colour, alpha=0.3, lw=5)
    doubling_axis(axes, {depth for line in axes.lines for depth in line.get_xdata()})
    axes.set_ylim(-0.03, 1.03)
    return ", ".join(f"{depth} layers {middle[depth]:.2f} ({len(seeds)} seeds)" for depth, seeds in scores.items())
