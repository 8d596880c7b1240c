"""What a panel is made of: the paper's values, final scores and learning curves measured here, over one horizontal
axis.

A layer reads its rows, draws them, and says them in words for who cannot see them. Ours in strong colours with 95 %
intervals and a dot a seed, the paper's as grey crosses on dashes.
"""

import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.analysis.statistics import Score, interquartile_mean, interval
from crlkit.envs.presets import paper_steps
from crlkit.figures import style
from crlkit.figures.scores import (
    LOSS,
    PAPER_EPISODE,
    SHARE,
    at_equal,
    by,
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
)
from crlkit.figures.words import seeds

LABELS = {
    "depth": "depth (layers)",
    "batch_size": "batch size (state-action pairs of an update)",
    "learning_rate": "learning rate of actor and critic (Adam)",
    "updates": "gradient updates",
    "env_steps": "environment steps of a seed",
    "seed_seconds": "processor seconds of a seed",
    "epoch": "epoch of the paper (about a million environment steps)",
    "actor_depth": "actor's depth (layers)",
    "critic_depth": "critic's depth (layers)",
    "collector_depth": "depth of the collector",
    "share": SHARE,
    "heldout_loss": LOSS,
    "success": "success in the last tenth of training",
    "saturation": "mean |tanh| of the policy",
    "contrastive_loss": "InfoNCE loss (nats), mean of an epoch",
    "entropy": "entropy of the policy (nats), mean of an epoch",
}
SHORT = {
    "batch_size": "batch",
    "learning_rate": "rate",
    "critic_depth": "critic",
    "actor_depth": "actor",
    "collector_depth": "collector",
    "seed_seconds": "after",
}
LOGARITHMIC = {"learning_rate", "seed_seconds"}
DOUBLINGS = {"depth", "batch_size", "width", "actor_depth", "critic_depth", "collector_depth"}
EPOCH = paper_steps(1) - paper_steps(0)  # of the paper, in environment steps of a seed
GREYS = tuple({"color": grey} for grey in ("0.65", "0.55", "0.42", "0.25"))
PALETTE = (
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#009E73", "marker": "^", "linestyle": ":"},
    {"color": "#CC79A7", "marker": "D", "linestyle": "-."},
    {"color": "#E69F00", "marker": "v", "linestyle": (0, (5, 1))},
    {"color": "#56B4E9", "marker": "P", "linestyle": (0, (3, 1, 1, 1))},
)


@dataclass(frozen=True)
class Paper:
    """Values of a table of the paper over `x`, with their errors where published; a grey line for each level of
    `series`.

    where: a query over the table. label: of a line, with columns of its first row in braces. ends: lines are named
    where they end, not in a legend.
    """

    table: str
    x: str = "depth"
    series: tuple[str, ...] = ()
    where: str = ""
    label: str = "paper: {environment}"
    ends: bool = False
    looks: tuple[dict, ...] = GREYS

    @property
    def sources(self) -> list[str]:
        return [f"paper/{self.table}"]

    @property
    def shown(self) -> tuple:
        return self.table, self.where

    def read(self, data: Path) -> dict[str, pd.DataFrame]:
        """The rows of every line, by its label."""
        table = evidence.paper(data, self.table)
        table = table.query(self.where) if self.where else table
        lines = [line for _, line in table.groupby(list(self.series), sort=False)] if self.series else [table]
        return {self.label.format(**line.iloc[0]): line.sort_values(self.x) for line in lines}

    def draw(self, axes: Axes, lines: dict[str, pd.DataFrame], place: int = 0) -> set:
        ends = []
        for (label, line), look in zip(lines.items(), self.looks):
            draw_paper(axes, line, self.x, None if self.ends else label, **look)
            ends.append((label, line[self.x].iloc[-1], line.value.iloc[-1] / PAPER_EPISODE, look.get("color")))
        if self.ends:
            scale_axis(axes, self.x, {x for line in lines.values() for x in line[self.x]})
            axes.set_xlim(right=axes.get_xlim()[1] * (1.3 if self.x == "epoch" else 1.4))
            end_labels(axes, ends)
        return {x for line in lines.values() for x in line[self.x]}

    def facts(self, lines: dict[str, pd.DataFrame]) -> dict[str, str]:
        """For a title: what the first row says, and `runs` from the fewest to the most."""
        table = pd.concat(lines.values())
        runs = table.runs.dropna().astype(int) if "runs" in table else []
        return {**table.iloc[0], "runs": f"{min(runs)} to {max(runs)}" if len(runs) else ""}

    def words(self, lines: dict[str, pd.DataFrame]) -> str:
        """Every value; of more than anybody listens to, where each line begins and ends."""
        name, many, listed = SHORT.get(self.x, self.x), sum(map(len, lines.values())) > 20, []
        for label, line in lines.items():
            told = line.iloc[[0, -1]] if many else line
            values = (f"{name} {x:g} {value / PAPER_EPISODE:.3f}" for x, value in zip(told[self.x], told.value))
            listed.append(f"{label.removeprefix('paper: ')}: {(' to ' if many else ', ').join(values)}")
        return f"Paper, {'; '.join(listed)}".replace("\n", " ")


class Measured(NamedTuple):
    """rows: what a layer is drawn from; empty where nothing fits. lines: by label the scores over x. measure: of
    what."""

    rows: pd.DataFrame
    lines: dict[str, dict[float, Score]]
    measure: str

    @property
    def seeds(self) -> str:
        return seeds_in_words(score for scores in self.lines.values() for score in scores.values())

    @property
    def best(self) -> dict[str, float]:
        """Of every line the x of its best score."""
        return {label: max(scores, key=lambda x: scores[x].iqm) for label, scores in self.lines.items()}  # noqa: B023


@dataclass(frozen=True)
class Scores:
    """Final scores measured here over `x`, an option or `seed_seconds`: interquartile mean, 95 % interval, a dot a
    seed.

    A line for each level of `series`, options that `label` turns into words. Rows are those of one environment (by
    default that with most runs) that differ in `x` and `series` alone. measure: the first of these that was measured.
    looks: of the lines by label, in the order in which they are named. sizes: seeds of all sizes together, not of the
    largest.
    """

    suites: tuple[str, ...]
    x: str = "depth"
    series: tuple[str, ...] = ()
    measure: tuple[str, ...] = ("share",)
    env: str | None = None
    label: Callable[..., str] | str = ""
    looks: dict[str, dict] = field(default_factory=dict)
    sizes: bool = False

    @property
    def sources(self) -> list[str]:
        return list(self.suites)

    @property
    def shown(self) -> tuple:
        """What tells it from other layers: the same scores from another side are told once."""
        return self.suites, frozenset((self.x, *self.series)), self.measure, self.env

    def read(self, data: Path) -> Measured:
        clock = self.x == "seed_seconds"
        x = "depth" if clock else self.x
        vary = [x, *self.series] + ["depth"] * (x == "actor_depth")
        for measure in self.measure:
            rows = here(data, self.suites, *vary, env=self.env, measure=measure, clock=clock, sizes=self.sizes)
            if len(rows):
                break
        lines = {}
        for level, line in (
            [] if rows.empty else rows.groupby(list(self.series), dropna=False) if self.series else [((), rows)]
        ):
            scores = {_number(at): score for (at,), score in by(line, x, measure=measure).items()}
            if clock:
                seconds = line.groupby("depth").seed_seconds.max()
                scores = {float(seconds[depth]): score for depth, score in scores.items()}
            lines.setdefault(self._name(level, line, scores), {}).update(scores)
        order = list(self.looks)
        lines = dict(sorted(lines.items(), key=lambda line: order.index(line[0]) if line[0] in order else 99))
        return Measured(rows, lines, measure)

    def _name(self, level: tuple, rows: pd.DataFrame, scores: dict) -> str:
        if self.series:
            return self.label(*level) if callable(self.label) else (self.label or "depth {:g}").format(*level)
        made = machines(rows) if self.x == "seed_seconds" else ""
        return f"{self.label or rows.env.iloc[0]}, {seeds_in_words(scores.values())}{made},\n{at_equal(rows)}"

    def look(self, label: str, number: int) -> dict:
        depth = label.rpartition("depth ")[2]  # a colour of its own for every depth, whatever it is the depth of
        usual = depth_look(int(depth)) if depth.isdigit() else PALETTE[number % len(PALETTE)]
        return usual | self.looks.get(label, {})

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> set:
        lines = found.lines
        ticks = sorted({x for scores in lines.values() for x in scores})
        steps = [after / before for before, after in zip(ticks, ticks[1:])] if self.x != "seed_seconds" else []
        apart = min(1.08, min(steps, default=1) ** (0.3 / max(1, len(lines))))  # series stand beside each other
        for number, (label, scores) in enumerate(lines.items()):
            look = self.look(label, place + number)
            draw_scores(axes, scores, f"here: {label}", apart ** (number - (len(lines) - 1) / 2), **look)
        return set(ticks)

    def title(self, found: Measured, columns: int) -> str:
        if found.rows.empty:
            return "here"
        alone = ", the critic alone on fixed walks" if found.measure == "heldout_loss" else ""
        made = machines(found.rows) if self.x == "seed_seconds" else ""
        said = f"here: {found.rows.env.iloc[0]}{alone}, {found.seeds}{made}"
        return f"{textwrap.fill(said, columns)}\n{equal(found.rows, columns)}"

    def words(self, found: Measured) -> str:
        if found.rows.empty:
            return ""
        name, write = SHORT.get(self.x, self.x), "{:.0f} s" if self.x == "seed_seconds" else "{:g}"
        lines = {
            label: list_words({write.format(x): y for x, y in line.items()}, name)
            for label, line in found.lines.items()
        }
        listed = "; ".join(f"{label}: {line}" if len(lines) > 1 else line for label, line in lines.items())
        unit = ", nats of held-out loss" if found.measure == "heldout_loss" else ""
        what = f", {self.label}" if self.label and not self.series else ""
        start = f"Here, {found.rows.env.iloc[0]}{what}, {found.seeds}, {equal(found.rows, 400)}{unit}"
        return f"{start}: {listed}".replace("\n", " ")


@dataclass(frozen=True)
class Curves:
    """Learning curves measured here over `x` (`updates`, `env_steps`, `epoch` of the paper or `seed_seconds`), a line a
    depth.

    vary: options besides depth that may differ. where: a query over the rows. label: of a depth. query: which runs.
    """

    suites: tuple[str, ...]
    x: str = "updates"
    env: str | None = None
    vary: tuple[str, ...] = ()
    where: str = ""
    label: str = "depth {}"
    measure: str = "share"
    query: str = "status == 'finished'"

    @property
    def sources(self) -> list[str]:
        return list(self.suites)

    def read(self, data: Path) -> pd.DataFrame:
        which = {"clock": self.x == "seed_seconds", "query": self.query}
        rows = here(data, self.suites, "depth", *self.vary, env=self.env, measure=self.measure, **which)
        rows = rows.query(self.where) if self.where and len(rows) else rows
        return rows.assign(epoch=(rows.env_steps - paper_steps(0)) / EPOCH) if self.x == "epoch" and len(rows) else rows

    def draw(self, axes: Axes, rows: pd.DataFrame, place: int = 0) -> set:
        if len(rows):
            learning_curves(axes, rows, self.x, self.label, self.measure)
        return set(rows.get(self.x, ()))

    def title(self, rows: pd.DataFrame, columns: int) -> str:
        return f"{seeds(rows)}{machines(rows)}" if self.x == "seed_seconds" and len(rows) else ""

    @property
    def shown(self) -> tuple:
        return self.suites, self.x, self.where, self.measure

    def words(self, rows: pd.DataFrame) -> str:
        return ""  # the final scores beside them say where they end


def named(column: str) -> str:
    """What stands at an axis of an option or a measure."""
    return LABELS.get(column, column.replace("_", " "))


def learning_curves(axes: Axes, rows: pd.DataFrame, x: str, label: str = "depth {}", measure: str = "share") -> None:
    """The share of the episode at the goal (or another measure) at every evaluation, a line a depth."""
    for depth, line in rows.groupby("depth"):
        learning_curve(axes, line, x, measure, style.depth_style(depth) | {"label": label.format(depth)})
    if x == "seed_seconds":
        axes.set_xscale("log")
        log_axis(axes.xaxis)


def learning_curve(axes: Axes, rows: pd.DataFrame, x: str, measure: str, look: dict) -> None:
    """Interquartile mean over seeds and 95 % interval of every evaluation; dots the seeds, if fewer than ten."""
    points = rows.groupby("updates")
    low, high = np.transpose([interval(values, resamples=1000) for _, values in points[measure]])
    axes.plot(points[x].mean(), points[measure].apply(interquartile_mean), lw=1.4, ms=3, **look)
    axes.fill_between(points[x].mean(), low, high, color=look["color"], alpha=0.12, lw=0)
    if rows.seed.nunique() < 10:  # more only blur
        axes.plot(rows[x], rows[measure], ls="", marker=look["marker"], ms=1.8, alpha=0.3, color=look["color"])


def seed_curves(axes: Axes, rows: pd.DataFrame, x: str, y: str) -> None:
    """Thick the mean of a depth at every evaluation, thin a seed."""
    for depth, line in rows.groupby("depth"):
        look = style.depth_style(depth)
        for _, seed in line.sort_values("updates").groupby(["run", "seed"]):
            axes.plot(seed[x], seed[y], color=look["color"], ls=look["linestyle"], lw=0.6, alpha=0.5)
        mean = line.groupby("updates").agg(x=(x, "mean"), y=(y, "mean"))
        axes.plot(mean.x, mean.y, lw=1.8, markevery=max(1, len(mean) // 8), ms=4, **look)


def scale_axis(axes: Axes, x: str, ticks: Iterable[float]) -> None:
    """A horizontal axis for values of `x`."""
    if x in DOUBLINGS:
        doubling_axis(axes, ticks, axes.get_xlabel())
    elif x in LOGARITHMIC:
        axes.set_xscale("log")
        log_axis(axes.xaxis)
    elif x == "env_steps":
        axes.xaxis.set_major_formatter(lambda steps, _: f"{steps / 1000:.0f}k")


def _number(level) -> float:
    return int(level) if float(level).is_integer() else float(level)
