"""Figure 11: trained on near pairs only, scored on far goals

Training pairs of start and goal are at most 3 cells apart in the U maze; evaluation asks for goals 4, 5 and 6 cells away.
To reach one, parts of episodes that never were one have to be put together.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import envs, evidence
from crlkit.figures import recorded, style
from crlkit.figures.scores import (
    HERE,
    PAPER_EPISODE,
    SHARE,
    by_depth,
    doubling_axis,
    draw_paper,
    draw_scores,
    here,
    list_words,
)
from crlkit.figures.words import Words, held_equal, not_measured, seeds

SUITES = ("stitching",)
PAPER = ("fig11_stitching",)
LAYOUT = "point_u_maze_eval"  # drawn where nothing is recorded


@style.styled
def draw(data: Path) -> Figure:
    rows, paper = here(data, SUITES, "depth"), evidence.paper(data, "fig11_stitching")
    figure = style.new_figure(12, 4.6)
    left, *right = figure.subplots(1, 3, width_ratios=(1.3, 1, 1))
    _scores(left, rows, paper)
    runs = recorded.runs(data, "stitching", rows.env.iloc[0]) if len(rows) else {}
    shown = recorded.shallow_and_deep(runs) if runs else recorded.PAIR
    for axes, depth in zip(right, shown):
        _episodes(axes, depth, rows, evidence.arrays(data, runs[depth]) if runs else None)
    said = "trained: start and goal at most 3 cells apart; scored: goals 4, 5 and 6 cells from the start"
    if len(rows):
        said += f"\n{rows.env.iloc[0]}, {seeds(rows)} a depth, equal: {held_equal(rows)} (per update)"
        said += "\nRight, the recorded episodes: blue and solid where the goal (star) was reached, orange and dotted where not"
    figure.suptitle(said, fontsize=9.5)
    return figure


def _scores(axes: Axes, rows: pd.DataFrame, paper: pd.DataFrame) -> None:
    draw_paper(
        axes, paper, "depth", f"paper: {paper.train_environment.iloc[0]},\nmean and standard error, read off a figure"
    )
    scores = by_depth(rows)
    if scores:
        draw_scores(axes, scores, f"here: {rows.env.iloc[0]},\ninterquartile mean, 95 %, dots the seeds", color=HERE)
        axes.set_title(f"scored in {rows.eval_env.iloc[0]}")
    else:
        not_measured(axes, x=0.7, y=0.12)
    doubling_axis(axes, {*paper.depth, *scores})
    axes.set_ylabel(SHARE)
    axes.set_ylim(0, 1.4 * axes.get_ylim()[1])
    axes.legend(loc="upper left", fontsize=8)


def _episodes(axes: Axes, depth: int, rows: pd.DataFrame, arrays: dict[str, np.ndarray] | None) -> None:
    """Where the first seed of a depth went, with how many of its recorded episodes reached each distance."""
    maze = envs.make(rows.eval_env.iloc[0] if arrays else LAYOUT).maze
    axes.set_title(f"depth {depth}, one seed")
    if arrays is None:
        style.draw_maze(axes, maze)
        style.mark(axes, maze.start, "S")
        not_measured(axes)
        return
    paths = recorded.walked(arrays)
    style.draw_paths(axes, maze, paths)
    axes.set_xlabel("\n".join(f"{cells} cells away: {text}" for cells, text in reached(paths, maze).items()))


def reached(paths, maze) -> dict[int, str]:
    """By distance along the corridors, in cells from the start: "1 of 4 reached"."""
    far = np.array([maze.distance(maze.start, tuple(goal)) for goal in np.rint(paths.goals).astype(int)], int)
    return {
        int(cells): f"{paths.success[far == cells].sum()} of {(far == cells).sum()} reached" for cells in np.unique(far)
    }


def words(data: Path) -> Words:
    rows, paper = here(data, SUITES, "depth"), evidence.paper(data, "fig11_stitching").sort_values("depth")
    theirs = ", ".join(f"depth {d} {v / PAPER_EPISODE:.2f}" for d, v in zip(paper.depth, paper.value))
    drawn = (
        "Final share of the episode at far goals by depth, for agents trained on start-goal pairs at most 3 cells apart; and "
        f"beside it, the ways of a shallow and a deep agent. Paper, {paper.train_environment.iloc[0]}: {theirs}."
    )
    if rows.empty:
        return Words(f"Not yet measured here. Paper: {theirs}.", f"Not yet measured here. {drawn}")
    scores = by_depth(rows)
    first, last = min(scores), max(scores)
    goals = by_depth(rows, "success")
    same = all(np.array_equal(score.seeds, goals[first].seeds) for score in goals.values())
    alike = (
        "; each seed reaches as many goals at every depth, so this task tells the depths nothing apart" if same else ""
    )
    return Words(
        f"Far goals after near training, per update: depth {first} {scores[first]}, depth {last} {scores[last]} of the "
        f"episode at the goal here{alike}. Paper: {theirs}.",
        f"{drawn} Here, {rows.env.iloc[0]}, {seeds(rows)} a depth, equal {held_equal(rows)}: {list_words(scores)}.",
    )
