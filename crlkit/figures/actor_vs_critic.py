"""Depth of the actor and depth of the critic, apart

The paper's figure 6 (three environments, grey) and the same grid here, with the seeds of every cell.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.figures import style
from crlkit.figures.scores import (
    PAPER_EPISODE,
    SHARE,
    at_equal,
    by,
    depth_look,
    equal,
    here,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import Score, Words

SUITES = ("actor_vs_critic",)
PAPER = ("fig6_actor_critic_depth",)


@style.styled
def draw(data: Path) -> Figure:
    """Above the paper's heat maps, below ours and the seeds of its cells."""
    table = evidence.paper(data, "fig6_actor_critic_depth")
    rows = here(data, SUITES, "depth", "actor_depth", "critic_depth")
    figure = style.new_figure(12, 7.4)
    top, below = figure.subfigures(2, 1)
    panels = top.subplots(1, 3)
    top.suptitle("paper: final score, equal steps (printed cell labels; number of runs not stated)", fontsize=9.5)
    for axes, (env, own) in zip(panels, table.groupby("environment", sort=False)):
        cells = own.pivot(index="critic_depth", columns="actor_depth", values="value") / PAPER_EPISODE
        heat_map(axes, cells, cells.map("{:.2f}".format), "Greys")
        axes.set_title(f"paper: {env}")
    grid, seeds = below.subplots(1, 2, width_ratios=(1, 1.6))
    if rows.empty:
        for axes in (grid, seeds):
            unmeasured(axes)
            axes.set(xlabel="actor's depth (layers)")
        grid.set(ylabel="critic's depth (layers)")
        seeds.set(ylabel=SHARE)
        below.suptitle("here", fontsize=9.5)
        return figure
    scores = by(rows, "critic_depth", "actor_depth")
    text = {key: f"{score.iqm:.2f}\n{score.low:.2f} to {score.high:.2f}" for key, score in scores.items()}
    heat_map(grid, square({key: score.iqm for key, score in scores.items()}), square(text), "Blues")
    grid.set_title("here: interquartile mean and 95 % interval")
    draw_seeds(seeds, scores)
    below.suptitle(
        f"here: {rows.env.iloc[0]}, {seeds_in_words(scores.values())}; {equal(rows, 200)} (per update)", fontsize=9.5
    )
    return figure


def square(cells: dict[tuple[int, int], object]) -> pd.DataFrame:
    """Critic depths down, actor depths across."""
    return pd.Series(cells).unstack()


def heat_map(axes: Axes, cells: pd.DataFrame, text: pd.DataFrame, colours: str) -> None:
    """Scores as colours with their numbers; shallow critics at the bottom, as the paper draws them."""
    light = mpl.colormaps[colours](np.linspace(0, 0.6, 64))  # light enough for black numbers
    sns.heatmap(
        cells[::-1].astype(float),
        annot=text[::-1],
        fmt="",
        cmap=mpl.colors.ListedColormap(light),
        vmin=0,
        ax=axes,
        annot_kws={"size": 8, "color": "black"},
        linewidths=0.5,
        cbar_kws={"label": SHARE},
    )
    for row, column in np.argwhere(cells[::-1].isna().to_numpy()):
        axes.text(
            column + 0.5, row + 0.5, "not yet\nmeasured here", ha="center", va="center", fontsize=7.5, style="italic"
        )
    axes.set_facecolor("0.93")
    axes.set(xlabel="actor's depth (layers)", ylabel="critic's depth (layers)")
    axes.tick_params(length=0, rotation=0)


def draw_seeds(axes: Axes, scores: dict[tuple[int, int], Score]) -> None:
    """A dot a seed, side by side the critics of one actor depth, with the interval beside them."""
    critics, actors = (sorted({key[k] for key in scores}) for k in (0, 1))
    for number, critic in enumerate(critics):
        look = depth_look(critic) | {"linestyle": ""}
        drawn = {actor: scores[critic, actor] for actor in actors if (critic, actor) in scores}
        x = np.array([actors.index(actor) for actor in drawn]) + 0.5 * ((number + 0.5) / len(critics) - 0.5)
        middle, low, high = (np.array([getattr(s, name) for s in drawn.values()]) for name in ("iqm", "low", "high"))
        around = np.maximum(0, (middle - low, high - middle))
        axes.errorbar(x, middle, around, ms=5, capsize=3, zorder=4, label=f"critic's depth {critic}", **look)
        for at, score in zip(x, drawn.values()):
            axes.plot([at] * len(score.seeds), score.seeds, ".", color=look["color"], ms=4, alpha=0.45)
    axes.set_xticks(range(len(actors)), [str(actor) for actor in actors])
    axes.set(
        xlabel="actor's depth (layers)", ylabel=SHARE, ylim=(0, None), title="here: the same cells with every seed"
    )
    axes.set_ylim(0, 1.25 * axes.get_ylim()[1])
    axes.legend(fontsize=8, ncols=len(critics), loc="upper left")


def gains(cells: pd.DataFrame) -> tuple[float, float]:
    """From the shallowest pair: what the deepest actor alone, and the deepest critic alone, add to the score."""
    first, last = cells.index.min(), cells.index.max()
    corner = cells.loc[first, cells.columns.min()]
    return cells.loc[first, cells.columns.max()] - corner, cells.loc[last, cells.columns.min()] - corner


def words(data: Path) -> Words:
    table = evidence.paper(data, "fig6_actor_critic_depth")
    said, listed = [], []
    for env, own in table.groupby("environment", sort=False):
        cells = own.pivot(index="critic_depth", columns="actor_depth", values="value") / PAPER_EPISODE
        actor, critic = gains(cells)
        said.append(f"{env} {actor:+.2f} and {critic:+.2f}")
        listed.append(f"{env} from {cells.min().min():.2f} to {cells.max().max():.2f}")
    deepest = table.actor_depth.max()
    theirs = f"Paper: actor alone deepened from 4 to {deepest} and critic alone: {', '.join(said)} of the episode"
    drawn = (
        "Heat maps of the final score, actor's depth across and critic's depth upwards. Paper's cells: "
        + ", ".join(listed)
    )
    rows = here(data, SUITES, "depth", "actor_depth", "critic_depth")
    if rows.empty:
        return Words(f"Not yet measured here. {theirs}.", f"Not yet measured here: ours. {drawn}.")
    scores = by(rows, "critic_depth", "actor_depth")
    cells = square({key: score.iqm for key, score in scores.items()})
    actor, critic = gains(cells)
    ours = (
        f"Here, {rows.env.iloc[0]} {at_equal(rows)}: actor alone deepened from {cells.columns.min()} to "
        f"{cells.columns.max()} {actor:+.2f}, critic alone {critic:+.2f} of the episode"
    )
    cells_said = ", ".join(f"critic {c} actor {a} {score}" for (c, a), score in scores.items())
    return Words(
        f"{ours}. {theirs}.", f"{drawn}. Here, {seeds_in_words(scores.values())}, {equal(rows, 400)}: {cells_said}."
    )
