"""What a panel is made of: the paper's values, final scores and learning curves measured here.

A layer reads its rows from a data folder, draws them into axes of several layers, and tells them in words.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.analysis.statistics import Score, interquartile_mean, interval
from crlkit.envs.catalogue import paper_steps
from crlkit.figures import scores, style
from crlkit.figures.scores import LOSS, SHARE, at_equal, depth_look, here, seeds

LABELS = {
    "depth": "depth (layers)",
    "batch_size": "batch size (state-action pairs of an update)",
    "updates": "gradient updates",
    "env_steps": "environment steps of a seed",
    "seed_seconds": "processor seconds of a seed",
    "epoch": "epoch of the paper",
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
UNITS = {"share": SHARE, "success": "success", "heldout_loss": "nats of held-out loss"}
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
    """rows: what a layer is drawn from. lines: by label the scores over x. measure: of what."""

    rows: pd.DataFrame
    lines: dict[str, dict[float, Score]]
    measure: str = "share"

    def told(self, x: str, pick: str = "", between: str = ", ") -> str:
        """ "label: depth 4 0.33 (0.28 to 0.39), depth 8 ...; label: ...": of each line every score, or but the `best`,
        the `last` or both `ends`. A single line of ours needs no label."""
        top = min if self.measure.endswith("loss") else max
        picked = {
            "best": lambda line: [top(line, key=lambda at: line[at].iqm)],
            "last": lambda line: [max(line)],
            "ends": lambda line: sorted({min(line), max(line)}),
        }.get(pick, list)
        name, told = x.removesuffix("_depth").removesuffix("_size"), []
        for label, line in self.lines.items():
            values = between.join(f"{name} {at:g} {line[at]}" for at in picked(line))
            alone = len(self.lines) == 1 and not isinstance(next(iter(line.values())), scores.Printed)
            told.append(values if alone else f"{label.removeprefix('paper: ')}: {values}")
        return "; ".join(told).replace("\n", " ")


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

    def read(self, data: Path) -> Measured:
        table = evidence.paper(data, self.table)
        table = table.query(self.where, engine="python") if self.where else table
        lines = {}
        for _, line in _levels(table.fillna(dict.fromkeys(self.series, "")), self.series, sort=False):
            label = self.label.format(**line.iloc[0]).strip(", ")
            lines[label] = scores.published(line, self.x, self.unit)
        return Measured(table, lines, self.measure)

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> set:
        for number, (label, line) in enumerate(found.lines.items()):
            look = {"color": f"{0.68 - 0.13 * number:.2f}", "linestyle": style.LINES[number + 1]}
            look = self.looks[number] if self.looks else look if len(found.lines) > 1 else {}
            scores.draw_scores(axes, line, label, **scores.PAPER | look)
        return {x for line in found.lines.values() for x in line}

    def words(self, found: Measured, pick: str = "") -> str:
        """Every value or those that `pick` names; of more than anybody listens to, where each line begins and ends."""
        many = pick in ("", "every") and sum(map(len, found.lines.values())) > 20
        told = found.told(self.x, "ends", " to ") if many else found.told(self.x, pick)
        return f"Paper{', best' * (pick == 'best')}, {told}"


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

    def read(self, data: Path) -> Measured:
        vary = [self.x, *self.series] + ["depth"] * (self.x == "actor_depth")
        for measure in self.measure:
            rows = here(data, self.suites, *vary, env=self.env, measure=measure, sizes=self.sizes)
            if len(rows):
                break
        lines = {}
        for level, line in _levels(rows, self.series):
            values = {at: score for (at,), score in scores.by(line, self.x, measure=measure).items()}
            named_by = self.label if callable(self.label) else (self.label or "depth {:g}").format
            label = f"{self.label or rows.env.iloc[0]}, {seeds(values.values())} each,\n{at_equal(rows)}"
            label = named_by(*level) if self.series else label
            lines.setdefault(label, {}).update(values)
        order = list(self.looks)
        lines = dict(sorted(lines.items(), key=lambda line: order.index(line[0]) if line[0] in order else 99))
        return Measured(rows, lines, measure)

    def look(self, label: str, number: int) -> dict:
        depth = label.rpartition("depth ")[2]  # a colour of its own for every depth, whatever it is the depth of
        usual = depth_look(int(depth)) if depth.isdigit() else PALETTE[number % len(PALETTE)]
        return usual | self.looks.get(label, {})

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> set:
        """Of critics alone the loss of one that knows nothing too: all goals of a batch are equally likely."""
        ticks = sorted({x for line in found.lines.values() for x in line})
        steps = np.divide(ticks[1:], ticks[:-1])
        apart = min([1.08, *(steps ** (0.3 / max(1, len(found.lines))))])  # lines stand beside each other
        for number, (label, line) in enumerate(found.lines.items()):
            shift = apart ** (number - (len(found.lines) - 1) / 2)
            scores.draw_scores(axes, line, f"here: {label}", shift, **self.look(label, place + number))
        for size in sorted(found.rows.batch_size.unique()) if found.measure == "heldout_loss" else ():
            axes.axhline(np.log(size), color="0.4", ls=(0, (1, 3)), lw=1.2, label=f"chance: ln {size:.0f}")
        return set(ticks)

    def title(self, found: Measured, columns: int) -> str:
        alone = ", the critic alone on fixed walks" if found.measure == "heldout_loss" else ""
        said = f"here: {found.rows.env.iloc[0]}{alone}, {_each(found)}"
        return f"{textwrap.fill(said, columns)}\n{scores.equal(found.rows, columns)}"

    def words(self, found: Measured, pick: str = "") -> str:
        """Every score and all that was held equal; for a takeaway those that `pick` names, and shorter."""
        what = f", {self.label}" if self.label and not self.series else ""
        held = f" {at_equal(found.rows)}" if pick else f", {_each(found)}, {scores.equal(found.rows, 400)}"
        start = f"Here, {found.rows.env.iloc[0]}{what}{held}, {UNITS[found.measure]}{', best' * (pick == 'best')}"
        sizes = found.rows.batch_size.unique() if found.measure == "heldout_loss" else ()
        return f"{start}: {found.told(self.x, pick)}" + "".join(f". Chance is {np.log(size):.2f}" for size in sizes)


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
        rows = rows.query(self.where) if self.where else rows
        rows = rows.assign(epoch=(rows.env_steps - paper_steps(0)) / EPOCH) if self.x == "epoch" and len(rows) else rows
        return Measured(rows, {}, self.measure)

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> set:
        """The measure at every evaluation, a line per depth."""
        for depth, line in found.rows.groupby("depth"):
            learning_curve(axes, line, self.x, self.measure, depth_look(depth) | {"label": self.label.format(depth)})
        return set(found.rows.get(self.x, ()))

    def title(self, found: Measured, columns: int) -> str:
        return f"{seeds(found.rows)}{scores.machines(found.rows)}" if self.x == "seed_seconds" else ""

    def words(self, found: Measured, pick: str = "") -> str:
        """For a takeaway where each line ends, and where all are when the shortest ends."""
        if not pick:
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


def _each(found: Measured) -> str:
    return f"{seeds(score for line in found.lines.values() for score in line.values())} each"


def _levels(table: pd.DataFrame, series: tuple[str, ...], sort: bool = True) -> list[tuple[tuple, pd.DataFrame]]:
    """The rows of each level of some columns, the whole table where there are none; nothing of an empty table."""
    whole = [((), table)] if len(table) else []
    return list(table.groupby(list(series), dropna=False, sort=sort)) if series else whole
