"""A figure is data: a title, rows of panels, what it tells. This file draws and tells what `catalogue.py` lists.

A panel holds layers over one horizontal axis, lines read from a data folder: the paper's values, and what was measured
here; without rows it says so. What is no such panel is a plain function of the axes and the data folder.
"""

from collections import namedtuple
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.figure import SubFigure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import EngFormatter

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
    "run_seconds": "processor seconds of a seed",
    "seconds": "seconds of training",
    "parameters": "critic's parameters (both encoders)",
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
CLOCKS = ("updates", "env_steps", "epoch", "seed_seconds")  # what a learning curve runs over
EPOCH = paper_steps(1) - paper_steps(0)  # of the paper, in environment steps of a seed
HALO = [withStroke(linewidth=2.5, foreground="white")]
MOST_TOLD = 4  # lines of a layer that a sentence tells
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")  # Okabe and Ito's
PALETTE = [dict(zip(("color", "marker", "linestyle"), look)) for look in zip(COLOURS, "os^DvP", style.LINES)]


class Measured(NamedTuple):
    """rows: what a layer is drawn from. lines: by label the scores over x. measure: of what."""

    rows: pd.DataFrame
    lines: dict[str, dict[float, Score]]
    measure: str = "share"

    @property
    def each(self) -> str:
        return f"{seeds(score for line in self.lines.values() for score in line.values())} each"


@dataclass(frozen=True)
class Paper:
    """Values of a table of the paper over `x`, with their errors where published; a grey line a level of `series`.

    where: a query over the table. label: of a line, with columns of its first row in braces. unit: what values are
    divided by, to be those of `measure`. prepare: what makes `value`, `x` and `series` of the table, where it has none.
    """

    table: str
    x: str = "depth"
    series: tuple[str, ...] = ()
    where: str = ""
    label: str = "paper: {environment}"
    unit: float = scores.PAPER_EPISODE
    measure: str = "share"
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = lambda table: table
    look: dict = field(default_factory=dict)

    def read(self, data: Path) -> Measured:
        table = evidence.paper(data, self.table)
        table = self.prepare(table.query(self.where, engine="python") if self.where else table)
        table = table.fillna(dict.fromkeys(self.series, ""))
        lines = {}
        for _, line in table.groupby(list(self.series) or (lambda row: 0), dropna=False, sort=False):
            label = self.label.format(**line.iloc[0]).strip(", ")
            lines[label] = scores.published(line, self.x, self.unit)
        return Measured(table, lines, self.measure)

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> None:
        for number, (label, line) in enumerate(found.lines.items(), start=place):
            look = {"color": f"{max(0.1, 0.6 - 0.15 * number)}", "linestyle": style.LINES[number + 1]}
            scores.draw_scores(axes, line, label, **scores.PAPER | look | self.look)

    def title(self, found: Measured, given: str) -> str:
        return given.format_map(found.rows.iloc[0])


@dataclass(frozen=True)
class Scores:
    """What was measured here in one environment (by default that with most runs): final scores over `x`, an option, as
    interquartile mean, 95 % interval and a dot per seed; or learning curves over `x`, a clock.

    A line for each level of `series`, options that `label` turns into words; rows differ in `x` and `series` alone (or
    in `vary`). measure: the first of these that was measured. query: which runs. sizes: seeds of all sizes together,
    not of the largest. prepare: what makes `x` and `series` where they are no options.
    """

    suites: tuple[str, ...]
    x: str = "depth"
    series: tuple[str, ...] = ()
    measure: tuple[str, ...] = ("share",)
    env: str | None = None
    label: Callable[..., str] | str = ""
    sizes: bool = False
    vary: tuple[str, ...] = ()
    query: str = "status == 'finished'"
    prepare: Callable[[pd.DataFrame], pd.DataFrame] = lambda rows: rows

    def read(self, data: Path) -> Measured:
        vary = self.vary or (*self.series, *[self.x] * (self.x not in CLOCKS), *["depth"] * (self.x == "actor_depth"))
        clock = any("seconds" in name for name in (self.x, *self.measure))
        for measure in self.measure:
            which = {"measure": measure, "clock": clock, "sizes": self.sizes, "query": self.query}
            if len(rows := here(data, self.suites, *vary, env=self.env, **which)):
                rows = self.prepare(rows.sort_values("depth", kind="stable"))
                break
        else:
            return Measured(rows, {}, measure)
        lines = {}
        for level, line in rows.groupby(list(self.series) or (lambda row: 0), dropna=False, sort=False):
            if self.x in CLOCKS:
                values = learning_curve(line, self.x, measure)
            else:
                values = {at: score for (at,), score in scores.by(line, self.x, measure=measure).items()}
            named_by = self.label if callable(self.label) else (self.label or "depth {:g}").format
            label = f"{self.label or rows.env.iloc[0]}, {seeds(values.values())} each,\n{at_equal(rows)}"
            lines.setdefault(named_by(*level) if self.series else label, {}).update(values)
        return Measured(rows, lines, measure)

    def draw(self, axes: Axes, found: Measured, place: int = 0) -> None:
        """Of critics alone the loss of one that knows nothing too: all goals of a batch are equally likely."""
        for number, (label, line) in enumerate(found.lines.items(), start=place):
            look = PALETTE[number % len(PALETTE)]
            look = depth_look(int(label.rpartition("depth ")[2])) if self.series == ("depth",) else look
            if self.x in CLOCKS:
                draw_curve(axes, line, look | {"label": label})
            else:
                apart = 1.03 ** (number - (len(found.lines) - 1) / 2)  # lines beside each other
                scores.draw_scores(axes, line, f"here: {label}", 1.0 if self.vary else apart, **look)
        for size in sorted(found.rows.batch_size.unique()) if found.measure == "heldout_loss" else ():
            axes.axhline(np.log(size), color="0.4", ls=(0, (1, 3)), lw=1.2, label=f"chance: ln {size:.0f}")

    def title(self, found: Measured, given: str) -> str:
        if given or found.rows.empty:
            return given or "here"
        timed = "seconds" in f"{self.x} {found.measure}" and "device" in found.rows
        machine = "".join(f", {device}" for device in found.rows.device.dropna().unique()) if timed else ""
        if self.x in CLOCKS:
            return f"{seeds(found.rows)}{machine}"
        alone = ", the critic alone" if found.measure == "heldout_loss" else ""
        equal = fill(f"equal: {scores.held_equal(found.rows)}", 60)  # fits over a panel
        return f"here: {found.rows.env.iloc[0]}{alone}, {found.each}{machine}\n{equal}"


def named(column: str) -> str:
    """What stands at an axis of an option or a measure."""
    return LABELS.get(column, column.replace("_", " "))


def learning_curve(rows: pd.DataFrame, x: str, measure: str) -> dict[float, Score]:
    """`measure` over seeds at every evaluation, by their mean `x`."""
    every = ((float(own[x].mean()), own[measure].to_numpy(float)) for _, own in rows.groupby("updates"))
    return {at: Score(own, float(interquartile_mean(own)), *interval(own, resamples=1000)) for at, own in every}


def draw_curve(axes: Axes, line: dict[float, Score], look: dict) -> None:
    """Interquartile mean over seeds and 95 % interval of every evaluation; dots the seeds, if fewer than ten."""
    x, every = list(line), list(line.values())
    axes.plot(x, [score.iqm for score in every], lw=1.4, ms=3, **look)
    low, high = [score.low for score in every], [score.high for score in every]
    axes.fill_between(x, low, high, color=look["color"], alpha=0.12, lw=0)
    for at, score in line.items():
        if len(score.seeds) < 10:  # more only blur
            axes.plot([at] * len(score.seeds), score.seeds, look["marker"], ms=1.8, alpha=0.3, color=look["color"])


Layer = Paper | Scores


@dataclass(frozen=True)
class Panel:
    """Layers over one horizontal axis, the paper's first. title: in place of what the first layer says of itself, with
    columns of the paper's table in braces. legend: of the lines, above them. log: a logarithmic vertical axis."""

    layers: tuple[Layer, ...]
    title: str = ""
    legend: bool = True
    log: bool = False

    def draw(self, axes: Axes, data: Path) -> None:
        read = [(layer, layer.read(data)) for layer in self.layers]
        ours = [found for layer, found in read if isinstance(layer, Scores)]
        x, measure = self.layers[0].x, (ours or [read[0][1]])[0].measure
        axes.set(xlabel=named(x), ylabel=named(measure))
        axes.set_title(read[0][0].title(read[0][1], self.title), fontsize=8.5)
        for k, (layer, found) in enumerate(read):
            layer.draw(axes, found, sum(len(other.lines) for one, other in read[:k] if type(one) is type(layer)))
            _mark(axes, x, found)
        if not (ticks := {at for _, found in read for line in found.lines.values() for at in line}):
            return scores.unmeasured(axes)
        if ours and not any(found.lines for found in ours):
            scores.not_measured(axes, x=0.7, y=0.12 if self.legend else 0.93)
        if x in ("seed_seconds", "run_seconds", "parameters"):
            axes.set_xscale("log")
            scores.log_axis(axes.xaxis)
        elif x in CLOCKS:
            axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        else:
            scores.doubling_axis(axes, ticks, named(x))
        axes.autoscale(axis="y")  # a panel that shares the axis may have set its limits
        if self.log:
            axes.set_yscale("log")
            scores.log_axis(axes.yaxis)
        bottom, top = axes.get_ylim()
        bottom = bottom if self.log or measure.endswith(("loss", "entropy")) else 0
        labels = axes.get_legend_handles_labels()[1] if self.legend else []
        room = 0.06 + 0.08 * sum(1 + label.count("\n") for label in labels)  # above the data
        axes.set_ylim(bottom, top * (top / bottom) ** room if self.log else top + room * (top - bottom))
        if bottom == 0 and top <= 1.1:  # a share
            axes.yaxis.set_major_formatter(lambda y, _: f"{y:.3g}" if y <= 1 else "")
        if labels:
            axes.legend(fontsize=8, loc="upper left")


def _mark(axes: Axes, x: str, found: Measured) -> None:
    """At every score what the column `mark` of its rows says, if there is one."""
    marks = dict(zip(found.rows[x], found.rows.mark)) if "mark" in found.rows else {}
    look = {"ha": "center", "fontsize": 8, "zorder": 6, "textcoords": "offset points", "path_effects": HALO}
    for line in found.lines.values() if marks else ():
        for at, score in line.items():
            axes.annotate(marks[at], (at, score.iqm), (0, 6), **look)


@dataclass(frozen=True)
class Forest:
    """Scores across, a row for each line of the layers, a mark per depth."""

    layers: tuple[Paper | Scores, ...]
    title: str = ""

    def draw(self, axes: Axes, data: Path) -> None:
        read = [(layer, layer.read(data)) for layer in self.layers]
        lines = {label: line for _, found in read for label, line in found.lines.items()}
        axes.set(xlabel=named(read[0][1].measure))
        axes.set_title(read[0][0].title(read[0][1], self.title), fontsize=8.5)
        if not any(len(found.rows) for layer, found in read if isinstance(layer, Scores)):
            scores.not_measured(axes) if lines else scores.unmeasured(axes)
        if lines:
            forest(axes, lines)
            axes.set_xlim(left=-0.03 * axes.get_xlim()[1])
            axes.legend(fontsize=7, loc="best")


@dataclass(frozen=True)
class Row:
    """Panels side by side. title: over them. legend: the first panel's, below all. ylabel: in place of the panels'."""

    panels: tuple[Panel | Forest | Callable[[Axes, Path], None], ...]
    title: str | Callable[[Path], str] = ""
    ratios: tuple[float, ...] | None = None
    sharey: bool = False
    legend: bool = False
    ylabel: str = ""

    def draw(self, place: Drawing | SubFigure, data: Path) -> None:
        grid = place.subplots(1, len(self.panels), squeeze=False, width_ratios=self.ratios, sharey=self.sharey)[0]
        for panel, axes in zip(self.panels, grid):
            getattr(panel, "draw", panel)(axes, data)
        for axes in grid if self.ylabel else grid[1:] if self.sharey else ():
            axes.set_ylabel("")
        if self.ylabel:
            place.supylabel(self.ylabel, fontsize=9)
        if title := self.title(data) if callable(self.title) else self.title:
            place.suptitle(title, fontsize=9.5)
        if self.legend and (handles := grid[0].get_legend_handles_labels())[0]:
            place.legend(*handles, loc="outside lower center", ncols=9, fontsize=8)


Words = namedtuple("Words", "takeaway alt")  # for a reader; the same with what is drawn, for those who do not see it


@dataclass(frozen=True)
class Figure:
    """drawn: what the picture shows, whatever was measured. told: what was measured here and what the paper published.
    missing: what is not yet measured where nothing is. reads: what functions among the panels read, as `sources` names
    it. needs: what of a data folder they draw; where that is empty, the picture says that it is not yet measured."""

    title: str
    drawn: str
    missing: str
    told: Callable[[Path], tuple[str, str]]
    rows: tuple[Row, ...]
    size: tuple[float, float] = (12, 4.6)
    reads: tuple[str, ...] = ()
    needs: Callable[[Path], Sized] = lambda data: "nothing"

    @property
    def layers(self) -> list[Layer]:
        return [layer for row in self.rows for panel in row.panels for layer in getattr(panel, "layers", ())]

    @property
    def sources(self) -> list[str]:
        """Suites by name and tables of the paper as `paper/<table>`."""
        read = [(f"paper/{layer.table}",) if isinstance(layer, Paper) else layer.suites for layer in self.layers]
        return list(dict.fromkeys(sum(read, self.reads)))

    @style.styled
    def draw(self, data: Path) -> Drawing:
        drawing = style.new_figure(*self.size)
        if not len(self.needs(data)):
            scores.unmeasured(drawing.subplots())
            return drawing
        places = [drawing] if len(self.rows) == 1 else drawing.subfigures(len(self.rows), 1)
        for row, place in zip(self.rows, places):
            row.draw(place, data)
        if any(isinstance(layer, Scores) for layer in self.layers):
            place.supxlabel("here: interquartile mean over seeds, 95 % interval, dots the seeds", fontsize=8)
        return drawing

    def words(self, data: Path) -> Words:
        ours, theirs = self.told(data) if len(self.needs(data)) else ("", "")
        missing = "" if ours else f"Not yet measured here: {self.missing}"
        every = (missing, ours, theirs), (missing, self.drawn, ours, theirs)
        return Words(*(". ".join(filter(None, said)) + "." for said in every))


def held(text: str, *layers: Layer) -> Callable[[Path], str]:
    """A title of a row: `text`, of how many seeds, and what a comparison holds equal."""

    def title(data: Path) -> str:
        read = [layer.read(data) for layer in layers]
        lines = [line for found in read for line in found.lines.values()]
        if not lines:
            return text
        rows = pd.concat([found.rows for found in read])
        where = f"{rows.env.iloc[0]}, " if len(layers) == 1 else ""
        each = seeds(score for line in lines for score in line.values())
        return f"{text}\n{where}{each} each, equal: {scores.held_equal(rows)} (per update)"

    return title


def tell(*layers: Layer) -> Callable[[Path], tuple[str, str]]:
    """A sentence of what was measured here and one of the paper's: where the lines of each begin, are best and end."""

    def told(data: Path) -> tuple[str, str]:
        ours, theirs = [], {}
        for layer in layers:
            found = layer.read(data)
            if isinstance(layer, Paper):
                theirs |= found.lines
            elif found.lines:
                alike = f"{found.rows.env.iloc[0]} {at_equal(found.rows)}, {found.each}, " if layer.series else ""
                ours.append(f"{named(found.measure)}, {alike}{_ends(found.lines, layer.x, found.measure)}")
        return "Here, " * bool(ours) + "; ".join(ours), f"Paper: {_ends(theirs, layer.x)}" if theirs else ""

    return told


def _ends(lines: dict[str, dict[float, Score]], x: str, measure: str = "share") -> str:
    """ "label: depth 4 0.33 (0.28 to 0.39), depth 64 0.43 (0.35 to 0.48)"; of many lines the lowest and the highest."""
    name, best, told = x.removesuffix("_depth").removesuffix("_size"), min if measure.endswith("loss") else max, []
    if len(lines) > MOST_TOLD:
        low, *_, high = sorted(lines, key=lambda label: lines[label][max(lines[label])].iqm)
        lines = {f"of {len(lines)} the lowest at the end, {low}": lines[low], f"the highest, {high}": lines[high]}
    for label, line in lines.items():
        places = sorted({min(line), best(line, key=lambda at: line[at].iqm), max(line)})
        told.append(f"{label}: " + ", ".join(f"{name} {at:.10g} {line[at]}" for at in places))
    return "; ".join(told).replace("\n", " ").replace("paper: ", "").replace("here: ", "")


def forest(axes: Axes, lines: dict[str, dict[float, Score]], looks: dict[str, dict] | None = None) -> None:
    """Scores by depth `{name: {depth: score}}`, a row per name, the first on top; those of the paper grey. looks: of a
    name, where depth is not what they differ in."""
    depths = sorted({depth for line in lines.values() for depth in line})
    for place, (name, line) in enumerate(lines.items()):
        for depth, score in line.items():
            look, label = (looks or {}).get(name) or depth_look(int(depth)), f"depth {depth:g}"
            if isinstance(score, scores.Printed):
                look, label = look | {"color": "0.5", "mfc": "white"}, f"paper: {label}, mean and standard error"
            y = place + 0.22 * (depths.index(depth) - (len(depths) - 1) / 2)
            look |= {"linestyle": "-", "label": None if label in axes.get_legend_handles_labels()[1] else label}
            axes.errorbar(score.iqm, y, xerr=score.error, capsize=3, ms=5, lw=1.5, zorder=4, **look)
            axes.plot(score.seeds, [y] * len(score.seeds), ".", color=look["color"], ms=3.5, alpha=0.45)
    axes.set_yticks(range(len(lines)), list(lines))
    axes.set_ylim(len(lines) - 0.4, -0.6)
