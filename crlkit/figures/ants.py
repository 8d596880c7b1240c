"""The first epochs of an ant in the hardest maze, beside the paper's

Published size: width 256, batch 512, 512 environments, one update for every 40 steps. All depths had the same time on one
card, so that the deeper ones come less far; every evaluation that was made is drawn.
"""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.envs.presets import paper_steps
from crlkit.figures import style
from crlkit.figures.scores import PAPER_EPISODE, SHARE, measured, unmeasured
from crlkit.figures.words import Words, held_equal, seeds

SUITES = ("depth",)
PAPER = ("fig1_learning_curves",)
ENV = "ant_hardest_maze"
EPOCH = paper_steps(1) - paper_steps(0)  # steps of a seed
PANELS = {
    "share": SHARE,
    "contrastive_loss": "InfoNCE loss (nats), mean of an epoch",
    "entropy": "entropy of the policy (nats), mean of an epoch",
}


def read(data: Path) -> pd.DataFrame:
    """Every evaluation, those of runs that the end of the card's time interrupted among them; `epoch` counts the paper's."""
    rows = measured(data, SUITES, query=f"env == {ENV!r} and status in ('finished', 'interrupted')")
    return rows.assign(epoch=(rows.env_steps - paper_steps(0)) / EPOCH) if len(rows) else rows


def published(data: Path, epochs: float) -> pd.DataFrame:
    """The paper's values of the same maze, up to an epoch."""
    table = evidence.paper(data, "fig1_learning_curves")
    return table[(table.environment == ENV) & (table.epoch <= epochs)]


@style.styled
def draw(data: Path) -> Figure:
    rows = read(data)
    figure = style.new_figure(12, 4.6)
    panels = dict(zip(PANELS, figure.subplots(1, 3, width_ratios=(1.5, 1, 1))))
    for name, axes in panels.items():
        axes.set(xlabel="epoch of the paper", ylabel=PANELS[name])
        curves(axes, rows, name) if len(rows) else unmeasured(axes)
    theirs = published(data, 10)
    for depth, own in theirs.groupby("depth"):
        look = style.depth_style(depth) | {"linestyle": "", "mfc": "white", "ms": 8, "mew": 1.6, "label": None}
        if rows.empty or depth in set(rows.depth):
            panels["share"].plot(own.epoch, own.value / PAPER_EPISODE, **look)
    panels["share"].plot(
        [],
        [],
        "o",
        color="0.4",
        mfc="white",
        ms=8,
        mew=1.6,
        label="hollow: paper, mean over seeds\nand, but at 1, over 5 epochs",
    )
    panels["share"].legend(fontsize=8, loc="upper left")
    if len(rows):
        figure.suptitle(
            f"{ENV}, {seeds(rows)} a depth, thick the mean, thin a seed, a point an evaluation; equal: {held_equal(rows)}\n"
            f"an epoch is {EPOCH:,} environment steps and {epoch_updates(rows):,} updates; {cut(rows)}, when the card's time was up",
            fontsize=9.5,
        )
    return figure


def curves(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    for depth, own in rows.groupby("depth"):
        look = style.depth_style(depth)
        for _, one in own.groupby("seed"):
            axes.plot(one.epoch, one[name], color=look["color"], ls=look["linestyle"], lw=0.7, alpha=0.55)
        mean = own.groupby("epoch")[name].mean()
        axes.plot(mean.index, mean, lw=1.9, ms=4.5, **look | {"label": f"here: depth {depth}"})


def epoch_updates(rows: pd.DataFrame) -> int:
    return round((rows.updates / rows.epoch).mean())


def cut(rows: pd.DataFrame) -> str:
    """ "depth 4 to epoch 10, depth 8 to 4, ..." """
    last = rows.groupby("depth").epoch.max().round().astype(int)
    return ", ".join(f"depth {depth} to epoch {epoch}" for depth, epoch in last.items())


def words(data: Path) -> Words:
    rows = read(data)
    drawn = "Share of the episode at the goal, contrastive loss and entropy by epoch, one line a depth"
    theirs = published(data, 10).groupby("depth")
    listed = {
        depth: ", ".join(f"{v / PAPER_EPISODE:.3f} at epoch {e}" for e, v in zip(t.epoch, t.value))
        for depth, t in theirs
    }
    said = "; ".join(
        f"depth {depth} {values}" for depth, values in listed.items() if rows.empty or depth in set(rows.depth)
    )
    if rows.empty:
        return Words(f"Not yet measured here. Paper: {said}.", f"Not yet measured here. {drawn}. Paper: {said}.")
    ours = []
    for depth, own in rows.groupby("depth"):
        mean = own.groupby(own.epoch.round().astype(int)).share.agg(["mean", "min", "max"])
        last = mean.iloc[-1]
        ours.append(
            f"depth {depth} {last['mean']:.3f} ({last['min']:.3f} to {last['max']:.3f}) at epoch {mean.index[-1]}"
        )
    common = int(rows.groupby("depth").epoch.max().round().min())
    same = rows[rows.epoch.round() == common].groupby("depth").share.mean()
    alike = ", ".join(f"{depth} {share:.3f}" for depth, share in same.items())
    found = (
        f"Here, {ENV}, {seeds(rows)}, mean and range: {'; '.join(ours)}. At epoch {common}, which all reached: {alike}"
    )
    return Words(f"{found}. Paper: {said}.", f"{drawn}. {found}, equal {held_equal(rows)}. Paper: {said}.")
