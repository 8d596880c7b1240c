"""Single pictures of recorded rows, a dot per seed: boards and the maze by depth.

They are drawn with the settings of matplotlib that hold where they are called, so a lecture can have them larger.
"""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from crlkit import evidence
from crlkit.analysis.statistics import final_scores, interquartile_mean, interval
from crlkit.figures import style
from crlkit.suites import FIRST_SEED

RATES = {0.001: ("boards", "#0072B2", "o"), 0.0003: ("boards_rates", "#009E73", "s")}  # suite, colour, marker
MARKS = "Large marks: interquartile means; bars: 95 % intervals."
ENOUGH = 5  # seeds of which a bootstrap interval is drawn

Final = dict[int, np.ndarray]


def final(data: str | Path, suite: str, measure: str, query: str) -> Final:
    """By depth the final scores of the seeds."""
    rows = evidence.rows(data, suite).query(query)
    return {int(depth): final_scores(own, measure).to_numpy() for depth, own in rows.groupby("depth")}


def boards_by_depth(data: str | Path, *rates: float, presses: int = 5, size=(7.0, 3.2)) -> tuple[Figure, str]:
    """Boards of Lights Out so many presses away that critics of equal parameters solve, by depth, a line per learning
    rate; and that in words."""
    figure, said = style.new_figure(*size), []
    axes = figure.subplots()
    for rate in rates:
        suite, colour, marker = RATES[rate]
        solved = final(data, suite, f"solved_{presses}", f"seed >= {FIRST_SEED}")
        draw_final(axes, solved, colour, marker, f"learning rate {rate:g}")
        said.append(f"rate {rate:g}: {in_words(solved)}")
    axes.set(ylabel="share of boards solved", title=f"boards {presses} presses away; a dot is a seed")
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0.97))
    return figure, "; ".join(said) + f". {MARKS}"


def maze_by_depth(data: str | Path, size=(7.0, 3.2)) -> tuple[Figure, str]:
    """Far goals of the big maze that agents touch, by depth; and that in words."""
    figure = style.new_figure(*size)
    axes = figure.subplots()
    touched = final(data, "cured_depth", "success", "env == 'point_big_maze'")
    draw_final(axes, touched, style.REACHED, "o")
    axes.set(ylabel="share of far goals touched", title="the big maze; a dot is a seed")
    return figure, f"Far goals touched: {in_words(touched)}. {MARKS}"


def draw_final(axes: Axes, scores: Final, colour: str, marker: str, label: str | None = None) -> None:
    """The seeds of each depth as dots, their interquartile means joined, and a 95 % interval where seeds are enough."""
    middle = {depth: float(interquartile_mean(seeds)) for depth, seeds in scores.items()}
    axes.plot(list(middle), list(middle.values()), marker=marker, color=colour, label=label)
    for depth, seeds in scores.items():
        axes.plot([depth] * len(seeds), seeds, ".", color=colour, alpha=0.5)
        if len(seeds) >= ENOUGH:
            axes.plot([depth] * 2, interval(seeds), color=colour, alpha=0.3, lw=5)
    axes.set_xscale("log", base=2)
    drawn = sorted({int(depth) for line in axes.lines for depth in line.get_xdata()})
    axes.set_xticks(drawn, list(map(str, drawn)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set(xlabel="depth (layers)", ylim=(-0.03, 1.03))


def in_words(scores: Final) -> str:
    middles = {depth: float(interquartile_mean(seeds)) for depth, seeds in scores.items()}
    return ", ".join(f"{depth} layers {middles[depth]:.2f} ({len(x)} seeds)" for depth, x in scores.items())
