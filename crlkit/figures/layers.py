"""What a panel is made of: the paper's values, final scores and learning curves measured here, over one horizontal
axis.

A layer reads its rows, draws them, and says them in words for who cannot see them. Ours in strong colours with 95 %
intervals and a dot per seed, the paper's as grey crosses on dashes.
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
from crlkit.figures import scores, style
from crlkit.figures.scores import LOSS, SHARE, at_equal, depth_look, here, list_words, seeds

LABELS = {
    "depth": "depth (layers)",
    "batch_size": "batch size (state-action pairs of an update)",
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
    "critic_depth": "critic",
    "actor_depth": "actor",
    "collector_depth": "collector",
}
UNITS = {"share": SHARE, "success": "success", "heldout_loss": "nats of held-out loss"}
DOUBLINGS = {"depth", "batch_size", "width", "actor_depth", "critic_depth", "collector_depth"}
EPOCH = paper_steps(1) - paper_steps(0)  # of the paper, in environment steps of a seed
PALETTE = (
    {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    {"color": "#D55E00", "marker": "s", "linestyle": "--"},
    {"color": "#009E73", "marker": "^", "linestyle": ":"},
    {"color": "#CC79A7", "marker": "D", "linestyle": "-."},
    {"color": "#E69F00", "marker": "v", "linestyle": (0, (5, 1))},
    {"color": "#56B4E9", "marker": "P", "linestyle": (0, (3, 1, 1, 1))},
)


class Measured(NamedTuple):
    """rows: what a layer is drawn from; empty where nothing fits. lines: by label the scores over x. measure: of
    what."""

    rows: pd.DataFrame
    lines: dict[str, dict[float, Score]]
    measure: str = "share"

    def told(self, pick: str = "") -> dict[str, dict[float, Score]]:
        """Of each line its scores, or but the `best`, the `last` or both `ends`."""
        top = min if self.measure.endswith("loss") else max
        picked = {
            "best": lambda line: [top(line, key=lambda x: line[x].iqm)],
            "last": lambda line: [max(line)],
            "ends": lambda line: sorted({min(line), max(line)}),
        }.get(pick, list)
        return {label: {x: line[x] for x in picked(line)} for label, line in self.lines.items()}


@dataclass(frozen=True)
class Paper:
    """Values of a table of the paper over `x`, with their errors where published; a grey line for each level of
    `series`.

    where: a query over the table. label: of a line, with columns of its first row in braces. unit: what values are
    divided by, to be those of `measure`.
    """

    table: str
    x: str = "depth"
    series: tuple[str, ...] = ()
    where: str = ""
    label: str = "paper: {environment}"
    looks: tuple[dict, ...] = ()
    unit: float = scores.PAPER_EPISODE
    measure: str = "share"

    @property
    def shown(self) -> tuple:
        return self.table, self.where

    def read(self, data: Path) -> Measured:
        table = evidence.paper(data, self.table)
        table = table.query(self.where, engine="python") if self.where else table
        table = table.fillna({name: "" for name in self.series})
        lines = {
            self.label.format(**line.iloc[0]).strip(", "): line for _, line in _levels(table, self.series, sort=False)
        }
        values = {label: scores.published(line, self.x, self.unit) for label, line in lines.items()}
        return Measured(table, values, self.measure)

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> set:
        for number, (label, line) in enumerate(found.lines.items()):
            look = {"color": f"{0.68 - 0.13 * number:.2f}", "linestyle": style.LINES[number + 1]}
            look = self.looks[number] if self.looks else look if len(found.lines) > 1 else {}
            scores.draw_scores(axes, line, label, **scores.PAPER | look)
        return {x for line in found.lines.values() for x in line}

    def facts(self, table: pd.DataFrame) -> dict[str, str]:
        """For a title: what the first row says, and `runs` from the fewest to the most."""
        runs = table.runs.dropna().astype(int) if "runs" in table else []
        return {**table.iloc[0], "runs": f"{min(runs)} to {max(runs)}" if len(runs) else ""}

    def words(self, found: Measured, pick: str = "") -> str:
        """Every value or those that `pick` names; of more than anybody listens to, where each line begins and ends."""
        many = pick in ("", "every") and sum(map(len, found.lines.values())) > 20
        lines = found.told("ends" if many else pick)
        listed = _listed(
            {label.removeprefix("paper: "): line for label, line in lines.items()}, self.x, " to " if many else ", "
        )
        return f"Paper{', best' * (pick == 'best')}, {listed}"


@dataclass(frozen=True)
class Scores:
    """Final scores measured here over `x`, an option: interquartile mean, 95 % interval, a dot per seed.

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
    def shown(self) -> tuple:
        """What tells it from other layers: the same scores from another side are told once."""
        return self.suites, frozenset((self.x, *self.series)), self.measure, self.env

    def read(self, data: Path) -> Measured:
        vary = [self.x, *self.series] + ["depth"] * (self.x == "actor_depth")
        for measure in self.measure:
            rows = here(data, self.suites, *vary, env=self.env, measure=measure, sizes=self.sizes)
            if len(rows):
                break
        lines = {}
        for level, line in _levels(rows, self.series):
            values = {_number(at): score for (at,), score in scores.by(line, self.x, measure=measure).items()}
            lines.setdefault(self._name(level, line, values), {}).update(values)
        order = list(self.looks)
        lines = dict(sorted(lines.items(), key=lambda line: order.index(line[0]) if line[0] in order else 99))
        return Measured(rows, lines, measure)

    def _name(self, level: tuple, rows: pd.DataFrame, values: dict) -> str:
        if self.series:
            return self.label(*level) if callable(self.label) else (self.label or "depth {:g}").format(*level)
        return f"{self.label or rows.env.iloc[0]}, {seeds(values.values())} each,\n{at_equal(rows)}"

    def look(self, label: str, number: int) -> dict:
        depth = label.rpartition("depth ")[2]  # a colour of its own for every depth, whatever it is the depth of
        usual = depth_look(int(depth)) if depth.isdigit() else PALETTE[number % len(PALETTE)]
        return usual | self.looks.get(label, {})

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> set:
        ticks = sorted({x for line in found.lines.values() for x in line})
        steps = [after / before for before, after in zip(ticks, ticks[1:])]
        apart = min(1.08, min(steps, default=1) ** (0.3 / max(1, len(found.lines))))  # series stand beside each other
        for number, (label, line) in enumerate(found.lines.items()):
            shift = apart ** (number - (len(found.lines) - 1) / 2)
            scores.draw_scores(axes, line, f"here: {label}", shift, **self.look(label, place + number))
        return set(ticks)

    def _seeds(self, found: Measured) -> str:
        return f"{seeds(score for line in found.lines.values() for score in line.values())} each"

    def title(self, found: Measured, columns: int) -> str:
        if found.rows.empty:
            return "here"
        alone = ", the critic alone on fixed walks" if found.measure == "heldout_loss" else ""
        said = f"here: {found.rows.env.iloc[0]}{alone}, {self._seeds(found)}"
        return f"{textwrap.fill(said, columns)}\n{scores.equal(found.rows, columns)}"

    def words(self, found: Measured, pick: str = "") -> str:
        """Every score and all that was held equal; for a takeaway those that `pick` names, and shorter."""
        if found.rows.empty:
            return ""
        what = f", {self.label}" if self.label and not self.series else ""
        held = f" {at_equal(found.rows)}" if pick else f", {self._seeds(found)}, {scores.equal(found.rows, 400)}"
        start = f"Here, {found.rows.env.iloc[0]}{what}{held}, {UNITS[found.measure]}{', best' * (pick == 'best')}"
        lines = found.told(pick)
        if len(lines) == 1:
            lines = {"": next(iter(lines.values()))}  # a single line needs no name
        return f"{start}: {_listed(lines, self.x)}"


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

    def read(self, data: Path) -> Measured:
        which = {"clock": self.x == "seed_seconds", "query": self.query}
        rows = here(data, self.suites, "depth", *self.vary, env=self.env, measure=self.measure, **which)
        rows = rows.query(self.where) if self.where and len(rows) else rows
        if self.x == "epoch" and len(rows):
            rows = rows.assign(epoch=(rows.env_steps - paper_steps(0)) / EPOCH)
        return Measured(rows, {}, self.measure)

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> set:
        """The measure at every evaluation, a line per depth."""
        for depth, line in found.rows.groupby("depth") if len(found.rows) else ():
            learning_curve(axes, line, self.x, self.measure, depth_look(depth) | {"label": self.label.format(depth)})
        return set(found.rows.get(self.x, ()))

    def title(self, found: Measured, columns: int) -> str:
        timed = self.x == "seed_seconds" and len(found.rows)
        return f"{seeds(found.rows)}{scores.machines(found.rows)}" if timed else ""

    @property
    def shown(self) -> tuple:
        return self.suites, self.x, self.where, self.measure

    def words(self, found: Measured, pick: str = "") -> str:
        """For a takeaway where each line ends, and where all are when the shortest ends."""
        if found.rows.empty or not pick:
            return ""  # the final scores beside them say where they end
        rows = found.rows.assign(at=found.rows[self.x].round().astype(int))
        ends = rows.groupby("depth")["at"].max()
        told = {at: rows[rows["at"] == at].groupby("depth")[self.measure].apply(interquartile_mean) for at in set(ends)}
        listed = [f"depth {depth} {told[at][depth]:.3f} at {self.x} {at}" for depth, at in ends.items()]
        alike = ", ".join(f"depth {depth} {value:.3f}" for depth, value in told[min(ends)].items())
        start = f"Here, {rows.env.iloc[0]}, {seeds(rows)}, {UNITS[self.measure]}: {', '.join(listed)}"
        return f"{start}; at {self.x} {min(ends)}, which all reached, {alike}"


def named(column: str) -> str:
    """What stands at an axis of an option or a measure."""
    return LABELS.get(column, column.replace("_", " "))


def learning_curve(axes: Axes, rows: pd.DataFrame, x: str, measure: str, look: dict) -> None:
    """Interquartile mean over seeds and 95 % interval of every evaluation; dots the seeds, if fewer than ten."""
    points = rows.groupby("updates")
    low, high = np.transpose([interval(values, resamples=1000) for _, values in points[measure]])
    axes.plot(points[x].mean(), points[measure].apply(interquartile_mean), lw=1.4, ms=3, **look)
    axes.fill_between(points[x].mean(), low, high, color=look["color"], alpha=0.12, lw=0)
    if rows.seed.nunique() < 10:  # more only blur
        axes.plot(rows[x], rows[measure], ls="", marker=look["marker"], ms=1.8, alpha=0.3, color=look["color"])


def seed_curves(axes: Axes, rows: pd.DataFrame, x: str, y: str) -> None:
    """Thick the mean of a depth at every evaluation, thin the seeds."""
    for depth, line in rows.groupby("depth"):
        look = style.depth_style(depth)
        for _, seed in line.sort_values("updates").groupby(["run", "seed"]):
            axes.plot(seed[x], seed[y], color=look["color"], ls=look["linestyle"], lw=0.6, alpha=0.5)
        mean = line.groupby("updates").agg(x=(x, "mean"), y=(y, "mean"))
        axes.plot(mean.x, mean.y, lw=1.8, markevery=max(1, len(mean) // 8), ms=4, **look)


def scale_axis(axes: Axes, x: str, ticks: Iterable[float]) -> None:
    """A horizontal axis for values of `x`."""
    if x in DOUBLINGS:
        scores.doubling_axis(axes, ticks, axes.get_xlabel())
    elif x == "seed_seconds":
        axes.set_xscale("log")
        scores.log_axis(axes.xaxis)
    elif x == "env_steps":
        axes.xaxis.set_major_formatter(lambda steps, _: f"{steps / 1000:.0f}k")


def _number(level) -> float:
    return int(level) if float(level).is_integer() else float(level)


def _levels(table: pd.DataFrame, series: tuple[str, ...], sort: bool = True) -> list[tuple[tuple, pd.DataFrame]]:
    """The rows of each level of some columns, the whole table where there are none; nothing of an empty table."""
    if table.empty:
        return []
    return list(table.groupby(list(series), dropna=False, sort=sort)) if series else [((), table)]


def _listed(lines: dict[str, dict[float, Score]], x: str, between: str = ", ") -> str:
    """ "label: depth 4 0.33 (0.28 to 0.39), depth 8 ...; label: ..."."""
    told = []
    for label, line in lines.items():
        values = list_words({f"{at:g}": score for at, score in line.items()}, SHORT.get(x, x), between)
        told.append(f"{label}: {values}" if label else values)
    return "; ".join(told).replace("\n", " ")
