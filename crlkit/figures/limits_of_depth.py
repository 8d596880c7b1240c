"""The limits of depth: up to 1024 layers

The paper's figure 12; this kit's agents per update and per processor second, and its critics alone, on fixed walks.
"""

import math
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.config import DEPTHS
from crlkit.figures import style
from crlkit.figures.scores import (
    HERE,
    LOSS,
    OTHER,
    PAPER_EPISODE,
    SHARE,
    at_equal,
    by_depth,
    depth_look,
    doubling_axis,
    draw_paper,
    draw_scores,
    end_labels,
    equal,
    here,
    list_words,
    log_axis,
    machines,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import NOT_MEASURED, Words, seeds

SUITES = ("depth", "limits")
PAPER = ("fig12_final_scores", "fig12_learning_curves")
ENV, ANT = "point_big_maze", "ant_big_maze"


def final_values(data: Path) -> pd.DataFrame:
    """The paper's means of the last five epochs."""
    table = evidence.paper(data, "fig12_final_scores")
    return table[table.measure == "mean_last_5_epochs"]


def unfinished(data: Path) -> dict[int, str]:
    """Depths without a finished run: how the run ended that was recorded, and when, or that none was."""
    rows = evidence.rows(data, "depth", query=f"env == {ENV!r}")
    if rows.empty:
        return {}
    done, found = set(rows.depth[rows.status == "finished"]), {}
    for depth in (depth for depth in DEPTHS if depth not in done):
        own = rows[rows.depth == depth]
        ended = ", ".join(sorted(own.status.unique())) or NOT_MEASURED
        found[depth] = ended + (f" after {own.updates.max():,.0f} updates" if own.updates.max() > 0 else "")
    return found


@style.styled
def draw(data: Path) -> Figure:
    """The paper's curves and final scores above, ours below."""
    figure = style.new_figure(12, 7.8)
    grid = figure.subplots(2, 3)
    curves, final = evidence.paper(data, "fig12_learning_curves"), final_values(data)
    draw_curves(grid[0, 0], curves)
    for (env, own), look in zip(final.groupby("environment", sort=False), ({}, {"linestyle": ":", "color": "0.65"})):
        runs = ", ".join(f"{number:.0f}" for number in own.sort_values("depth").runs)
        draw_paper(grid[0, 1], own, "depth", f"paper: {env}, {own.epochs.iloc[0]} epochs\n({runs} runs)", **look)
    doubling_axis(grid[0, 1], final.depth, "depth (layers); 1024 has an actor of 512")
    grid[0, 1].set_ylabel(SHARE)
    grid[0, 1].set_title("paper: final score, mean and standard error,\nequal steps within a maze (runs inferred)")
    grid[0, 1].legend(fontsize=8, loc="upper left")
    draw_here(
        grid[1, :2],
        here(data, ("depth",), "depth", env=ENV),
        here(data, ("depth",), "depth", env=ENV, clock=True),
        unfinished(data),
    )
    draw_ant(grid[1, :2], here(data, ("depth",), "depth", env=ANT))
    draw_critics(grid[:, 2], critics(data), critics(data, clock=True))
    return figure


def draw_curves(axes: Axes, curves: pd.DataFrame) -> None:
    """The paper's learning curves, named at their ends."""
    ends = []
    for (depth, own), grey in zip(curves.groupby("depth"), ("0.65", "0.55", "0.42", "0.25")):
        draw_paper(axes, own, "epoch", color=grey)
        last = own.sort_values("epoch").iloc[-1]
        actor = f" (actor {last.actor_depth})" if last.actor_depth != depth else ""
        ends.append((f"depth {depth}{actor}", last.epoch, last.value / PAPER_EPISODE, grey))
    axes.set(xlabel="epoch (about a million environment steps)", ylabel=SHARE, ylim=(0, None))
    axes.set_xlim(right=axes.get_xlim()[1] * 1.3)
    axes.set_xticks(sorted(curves.epoch.unique()))
    axes.set_title(f"paper: {curves.environment.iloc[0]}, seed means over 5 epochs")
    end_labels(axes, ends)


def draw_here(panels: list[Axes], rows: pd.DataFrame, timed: pd.DataFrame, without: dict[int, str]) -> None:
    per_update, per_second = panels
    per_update.set(xlabel="depth (layers)", ylabel=SHARE, title=f"here: {ENV}")
    per_second.set(xlabel="processor seconds of a seed, whole run", ylabel=SHARE, title=f"here: {ENV}, per compute")
    if rows.empty:
        for axes in panels:
            unmeasured(axes)
        return
    scores = by_depth(rows)
    draw_scores(per_update, scores)
    doubling_axis(per_update, {*scores, *without})
    per_update.set_ylim(0, 1.1 * per_update.get_ylim()[1])
    for depth, how in without.items():
        per_update.text(
            depth, 0.03, how, rotation=90, transform=per_update.get_xaxis_transform(), ha="center",
            fontsize=8, style="italic", color="0.3",
        )  # fmt: skip
    each = seeds_in_words(scores.values())
    per_update.set_title(f"here: {ENV}, per update, {each}\n{equal(rows, 58)}", fontsize=8.5)
    if timed.empty:
        return unmeasured(per_second)
    seconds = timed.groupby("depth").seed_seconds.max()
    for depth, score in by_depth(timed).items():
        look = depth_look(depth) | {"linestyle": ""}
        draw_scores(per_second, {seconds[depth]: score}, f"here: depth {depth}", **look)
    per_second.set_xscale("log")
    log_axis(per_second.xaxis)
    per_second.margins(x=0.1)
    per_second.set_ylim(per_update.get_ylim())
    per_second.set_title(
        f"here: {ENV}, per compute, {seeds(timed)}{machines(timed)}\ninterquartile mean, 95 % interval, dots the seeds",
        fontsize=8.5,
    )
    per_second.legend(fontsize=8, ncols=2)


def draw_ant(panels: list[Axes], rows: pd.DataFrame) -> None:
    """A body's scores beside the point's, where there are any."""
    if rows.empty:
        return
    per_update, per_second = panels
    scores, seconds = by_depth(rows), rows.groupby("depth").seed_seconds.max()
    look = dict(color=OTHER, marker="s", linestyle="--")
    label = f"here: {ANT}, {seeds_in_words(scores.values())},\n{at_equal(rows).removeprefix('at ')}"
    depths = per_update.get_xlim()  # those that are not measured as well
    draw_scores(per_update, scores, label, 1.04, **look)
    per_update.set_xlim(depths)
    per_update.legend(fontsize=8, loc="upper left")
    per_update.set_ylim(bottom=-0.02, top=1.25 * per_update.get_ylim()[1])
    made = f",\non {rows.device.iloc[0]}" if "device" in rows else ""
    timed = {seconds[depth]: score for depth, score in scores.items() if seconds[depth] > 0}
    draw_scores(per_second, timed, f"here: {ANT}{made}", **look) if timed else None
    per_second.set_ylim(per_update.get_ylim())
    per_second.legend(fontsize=8, ncols=2, loc="upper left")


def critics(data: Path, **which: bool) -> pd.DataFrame:
    """The rows of critics that were trained alone, at each learning rate; of all sizes, as only a few seeds saw depth 1024."""
    return here(data, ("limits",), "depth", "learning_rate", env=ENV, measure="heldout_loss", **{"sizes": True} | which)


def draw_critics(panels: list[Axes], rows: pd.DataFrame, timed: pd.DataFrame) -> None:
    per_update, per_second = panels
    per_update.set(xlabel="depth (layers)", ylabel=LOSS, title="here: the critic alone, on fixed walks")
    per_second.set(xlabel="processor seconds of a seed, whole run", ylabel=LOSS, title="the same critics per compute")
    if rows.empty:
        for axes in panels:
            unmeasured(axes)
        return
    looks = ((HERE, "o", "-"), (OTHER, "s", "--"), ("#009E73", "^", ":"))
    for number, (rate, own) in enumerate(rows.groupby("learning_rate")):
        colour, marker, line = looks[number % len(looks)]
        look = dict(color=colour, marker=marker, linestyle=line)
        draw_scores(
            per_update, by_depth(own, "heldout_loss"), f"here: learning rate {rate:g}", 1 + 0.04 * number, **look
        )
        own = timed[timed.learning_rate == rate] if len(timed) else timed
        if own.empty:
            continue
        scores, seconds = by_depth(own, "heldout_loss"), own.groupby("depth").seed_seconds.max()
        draw_scores(per_second, {seconds[depth]: score for depth, score in scores.items()}, f"rate {rate:g}", **look)
        for depth in scores:
            per_second.annotate(
                str(depth), (seconds[depth], scores[depth].iqm), (4, 4), textcoords="offset points", size=7
            )
    chance = math.log(rows.batch_size.iloc[0])
    for axes in panels:
        axes.axhline(chance, color="0.4", ls=":", lw=1)
        axes.text(0.99, chance, "chance", ha="right", va="bottom", fontsize=7.5, transform=axes.get_yaxis_transform())
        axes.margins(y=0.12)
    per_update.legend(fontsize=8, loc="center left")
    doubling_axis(per_update, rows.depth)
    per_second.set_xscale("log")
    log_axis(per_second.xaxis)
    each = seeds_in_words(s for _, own in rows.groupby("learning_rate") for s in by_depth(own, "heldout_loss").values())
    per_update.set_title(f"here: {ENV}, the critic alone\n{each}\n{equal(rows, 58)}", fontsize=7.8)
    if timed.empty:
        return unmeasured(per_second)
    per_second.set_title(
        f"here: critics per compute, {seeds(timed)}{machines(timed)}\nnumbers are depths",
        fontsize=8.5,
    )


def critics_in_words(rows: pd.DataFrame) -> str:
    said = [
        f"at rate {rate:g} {list_words(by_depth(own, 'heldout_loss'))}" for rate, own in rows.groupby("learning_rate")
    ]
    return f"critics alone {at_equal(rows)}, held-out loss in nats: {'; '.join(said)}"


def words(data: Path) -> Words:
    said = []
    for env, own in final_values(data).groupby("environment", sort=False):
        values = ", ".join(f"{row.value / PAPER_EPISODE:.3f} at {row.depth}" for row in own.itertuples())
        said.append(f"{env} {values}")
    theirs = f"Paper, share of the episode at the goal by depth: {'; '.join(said)}"
    drawn = "The paper's learning curves and final scores to depth 1024; ours by depth and by processor seconds"
    rows, without = here(data, ("depth",), "depth", env=ENV), unfinished(data)
    if rows.empty:
        return Words(f"Not yet measured here. {theirs}.", f"Not yet measured here: {ENV}. {drawn}. {theirs}.")
    alone = critics(data)
    scores = by_depth(rows)
    best = max(scores, key=lambda depth: scores[depth].iqm)
    ours = f"Here, {ENV} {at_equal(rows)}: depth {best} is best, {scores[best]}; the deepest measured, "
    ours += f"{max(scores)}, scores {scores[max(scores)]}"
    if without:
        ours += "; without a finished run: " + ", ".join(f"depth {depth} ({how})" for depth, how in without.items())
    if len(ant := here(data, ("depth",), "depth", env=ANT)):
        ours += f". Here, {ANT} {at_equal(ant)}: {list_words(by_depth(ant))}"
    if len(alone):
        ours += f". Here, {critics_in_words(alone)}"
    return Words(f"{ours}. {theirs}.", f"{drawn}. {theirs}. Here, {equal(rows, 400)}: {list_words(scores)}. {ours}.")
