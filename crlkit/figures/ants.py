"""The first epochs of an ant in the hardest maze, beside the paper's

Published size: width 256, batch 512, 512 environments, one update for every 40 steps. All depths had the same time on one
card, so that the deeper ones come less far; every evaluation that was made is drawn.
"""

from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.envs.presets import paper_steps
from crlkit.figures import style
from crlkit.figures.layers import seed_curves
from crlkit.figures.panels import Figure, Finding, Row
from crlkit.figures.scores import PAPER_EPISODE, SHARE, measured, unmeasured
from crlkit.figures.words import held_equal, seeds

ENV = "ant_hardest_maze"
EPOCH = paper_steps(1) - paper_steps(0)  # steps of a seed
MOST_EPOCHS = 10
MEASURES = {
    "share": SHARE,
    "contrastive_loss": "InfoNCE loss (nats), mean of an epoch",
    "entropy": "entropy of the policy (nats), mean of an epoch",
}


def read(data: Path) -> pd.DataFrame:
    """Every evaluation, those of runs that the end of the card's time interrupted among them; `epoch` counts the paper's."""
    rows = measured(data, ("depth",), query=f"env == {ENV!r} and status in ('finished', 'interrupted')")
    return rows.assign(epoch=(rows.env_steps - paper_steps(0)) / EPOCH) if len(rows) else rows


def published(data: Path, rows: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """The paper's values of the same maze and epochs, by depth: of those measured here, or of all if none was."""
    table = evidence.paper(data, "fig1_learning_curves")
    table = table[(table.environment == ENV) & (table.epoch <= MOST_EPOCHS)]
    return {depth: line for depth, line in table.groupby("depth") if rows.empty or depth in set(rows.depth)}


def _curves(axes: Axes, data: Path, measure: str) -> None:
    rows = read(data)
    axes.set(xlabel="epoch of the paper", ylabel=MEASURES[measure])
    if rows.empty:
        unmeasured(axes)
    seed_curves(axes, rows, "epoch", measure, "here: depth {}")
    if measure == "share":
        hollow = {"linestyle": "", "mfc": "white", "ms": 8, "mew": 1.6}
        for depth, line in published(data, rows).items():
            axes.plot(line.epoch, line.value / PAPER_EPISODE, **style.depth_style(depth) | hollow | {"label": None})
        said = "hollow: paper, mean over seeds\nand, but at 1, over 5 epochs"
        axes.plot([], [], "o", color="0.4", label=said, **hollow)
        axes.legend(fontsize=8, loc="upper left")


def _title(data: Path) -> str:
    rows = read(data)
    if rows.empty:
        return ""
    updates = round((rows.updates / rows.epoch).mean())
    last = rows.groupby("depth").epoch.max().round().astype(int)
    cut = ", ".join(f"depth {depth} to epoch {epoch}" for depth, epoch in last.items())
    return (
        f"{ENV}, {seeds(rows)} a depth, thick the mean, thin a seed, a point an evaluation; equal: {held_equal(rows)}\n"
        f"an epoch is {EPOCH:,} environment steps and {updates:,} updates; {cut}, when the card's time was up"
    )


def finding(data: Path) -> Finding:
    rows = read(data)
    theirs = "; ".join(
        f"depth {depth} " + ", ".join(f"{v / PAPER_EPISODE:.3f} at epoch {e}" for e, v in zip(line.epoch, line.value))
        for depth, line in published(data, rows).items()
    )
    if rows.empty:
        return Finding("", f"Paper: {theirs}", "an ant's first epochs")
    ours = []
    for depth, line in rows.groupby("depth"):
        at = line.groupby(line.epoch.round().astype(int)).share.agg(["mean", "min", "max"])
        mean, low, high = at.iloc[-1]
        ours.append(f"depth {depth} {mean:.3f} ({low:.3f} to {high:.3f}) at epoch {at.index[-1]}")
    common = int(rows.groupby("depth").epoch.max().round().min())
    same = rows[rows.epoch.round() == common].groupby("depth").share.mean()
    alike = ", ".join(f"{depth} {share:.3f}" for depth, share in same.items())
    said = (
        f"Here, {ENV}, {seeds(rows)}, mean and range: {'; '.join(ours)}. At epoch {common}, which all reached: {alike}"
    )
    return Finding(said, f"Paper: {theirs}", more=f"{said}, equal {held_equal(rows)}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Share of the episode at the goal, contrastive loss and entropy by epoch, one line a depth",
    finding,
    (Row(tuple(partial(_curves, measure=measure) for measure in MEASURES), _title, (1.5, 1, 1)),),
    reads=("depth", "paper/fig1_learning_curves"),
)
