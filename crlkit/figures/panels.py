"""A figure is data: a title, rows of panels, a finding. This file draws and tells any of them; `catalogue.py` lists
them.

A panel holds layers over one horizontal axis: the paper's values, final scores and learning curves measured here. A
layer reads its rows from a data folder, draws them and tells them in words; a panel without rows says so. What is no
such panel is a plain function of the axes and the data folder.
"""

import textwrap
from collections.abc import Callable, Sized
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.figure import SubFigure

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
    "seconds": "seconds of training",
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


Layer = Paper | Scores | Curves


@dataclass(frozen=True)
class Panel:
    """Layers over one horizontal axis, what the paper published before what was measured here.

    title: in place of what the last layer says of itself; with words of the paper's table in braces. room: how far the
    vertical axis goes above the data, for the legend, of which `columns` (0: none) stand side by side.
    """

    layers: tuple[Layer, ...]
    title: str = ""
    room: float = 1.3
    columns: int = 1

    def draw(self, axes: Axes, data: Path) -> None:
        read = [(layer, layer.read(data)) for layer in self.layers]
        papers, ours = ([pair for pair in read if isinstance(pair[0], Paper) == which] for which in (True, False))
        x, measure = self.layers[0].x, (ours or papers)[0][1].measure
        axes.set(xlabel=named(x), ylabel=named(measure))
        axes.set_title(_title(self.title, axes, *read[0]), fontsize=8.5)
        published = [layer.draw(axes, found) for layer, found in papers]
        measured = [layer.draw(axes, found, place) for place, (layer, found) in enumerate(ours)]
        ticks = set().union(*published, *measured)
        if not ticks:
            return scores.unmeasured(axes)
        if ours and not any(measured):
            scores.not_measured(axes, x=0.7, y=0.12 if self.columns else 0.93)
        if x == "seed_seconds":
            axes.set_xscale("log")
            scores.log_axis(axes.xaxis)
        elif x == "env_steps":
            axes.xaxis.set_major_formatter(lambda steps, _: f"{steps / 1000:.0f}k")
        elif x not in ("updates", "epoch"):
            scores.doubling_axis(axes, ticks, named(x))
        axes.autoscale(axis="y")  # a panel that shares the axis may have set its limits
        bottom, top = axes.get_ylim()
        bottom = bottom if measure.endswith(("loss", "entropy")) else 0
        axes.set_ylim(bottom, bottom + self.room * (top - bottom))
        if bottom == 0 and top <= 1.1:  # a share; the room above is the legend's
            axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= 1])
        if self.columns and axes.get_legend_handles_labels()[0]:
            place = "upper left" if self.room > 1.2 else "best"
            axes.legend(fontsize=8, loc=place, ncols=self.columns, columnspacing=1)


@dataclass(frozen=True)
class Forest:
    """Scores across, a row for each line of the layers, a mark per depth. pair: depth 4 and that nearest to 64 alone,
    under the label and what this says of data folder, label and pair."""

    layers: tuple[Paper | Scores, ...]
    title: str = ""
    pair: Callable[[Path, str, dict[float, Score]], str] | None = None

    def draw(self, axes: Axes, data: Path) -> None:
        read = [(layer, layer.read(data)) for layer in self.layers]
        lines = {label: line for _, found in read for label, line in found.lines.items()}
        if self.pair:
            pairs = {label: pair for label, line in lines.items() if (pair := scores.pair(line))}
            lines = {f"{label}: {self.pair(data, label, pair)}": pair for label, pair in pairs.items()}
        axes.set(xlabel=named(read[0][1].measure))
        axes.set_title(_title(self.title, axes, *read[0]), fontsize=8.5)
        if not any(len(found.rows) for layer, found in read if isinstance(layer, Scores)):
            scores.not_measured(axes) if lines else scores.unmeasured(axes)
        if lines:
            least = axes.figure.get_figheight() if len(axes.figure.axes) > 1 else 0
            axes.figure.set_figheight(max(least, 1.7 + (0.3 if self.pair else 0.5) * max(4, len(lines))))
            forest(axes, lines)
            axes.set_xlim(left=-0.03 * axes.get_xlim()[1])
            axes.legend(fontsize=7, loc="best")


def _title(title: str, axes: Axes, layer: Layer, found: Measured) -> str:
    """What is given, with words of the paper's table, or what a layer of ours says in as many letters as fit."""
    if isinstance(layer, Paper):
        runs = found.rows.runs.dropna().astype(int) if "runs" in found.rows else ()
        return title.format_map({**found.rows.iloc[0], "runs": f"{min(runs)} to {max(runs)}" if len(runs) else ""})
    columns = int(17 * axes.get_position().width * axes.figure.bbox.width / axes.figure.dpi)
    return title or (layer.title(found, columns) if len(found.rows) else "here")


@dataclass(frozen=True)
class Row:
    """Panels side by side. title: over them, or a function of the data folder. legend: the first panel's, below all.
    ylabel: of all panels, in place of their own."""

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


class Finding(NamedTuple):
    """here: what was measured, empty where nothing was. paper: what was published. missing: what is not yet measured
    here. more: what the panels do not say themselves, for the alternative text."""

    here: str = ""
    paper: str = ""
    missing: str = ""
    more: str = ""


class Words(NamedTuple):
    """takeaway: one line for a reader. alt: what is drawn, for those who do not see it."""

    takeaway: str
    alt: str


@dataclass(frozen=True)
class Figure:
    """drawn: what the picture shows, whatever was measured. finding: what it tells. heights: of the rows. reads: what
    the functions among the panels read besides, as `sources` names it. needs: what of a data folder a picture without
    panels is made of; where that is empty, the picture and the words say that `missing` is not yet measured."""

    title: str
    drawn: str
    finding: Callable[[Path], Finding]
    rows: tuple[Row | Callable[[Drawing | SubFigure, Path], None], ...]
    size: tuple[float, float] = (12, 4.6)
    heights: tuple[float, ...] | None = None
    reads: tuple[str, ...] = ()
    needs: Callable[[Path], Sized] = lambda data: "nothing"
    missing: str = ""

    @property
    def layers(self) -> list[Layer]:
        panels = [panel for row in self.rows if isinstance(row, Row) for panel in row.panels]
        return [layer for panel in panels for layer in getattr(panel, "layers", ())]

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
        places = [drawing] if len(self.rows) == 1 else drawing.subfigures(len(self.rows), 1, height_ratios=self.heights)
        for row, place in zip(self.rows, places):
            getattr(row, "draw", row)(place, data)
        if any(isinstance(layer, Scores) for layer in self.layers):
            place.supxlabel("here: interquartile mean over seeds, 95 % interval, dots the seeds", fontsize=8)
        return drawing

    def words(self, data: Path) -> Words:
        found = self.finding(data) if len(self.needs(data)) else Finding(missing=self.missing)
        told = list(dict.fromkeys(said for layer in self.layers if (said := _words(layer, data))))
        missing = f"Not yet measured here: {found.missing}" if found.missing else ""
        theirs = "" if any(words.startswith("Paper") for words in told) else found.paper
        ours = "" if any(words.startswith("Here") for words in told) else found.here
        first = (found.here, found.paper, missing) if found.here else (missing, found.paper)
        return Words(f"{_and(*first)}.", f"{_and(missing, self.drawn, theirs, *told, ours, found.more)}.")


def _words(layer: Layer, data: Path, pick: str = "") -> str:
    found = layer.read(data)
    return layer.words(found, pick) if len(found.rows) else ""


def held(text: str, *layers: Layer) -> Callable[[Path], str]:
    """A title of a row: `text`, of how many seeds, and what a comparison holds equal."""

    def title(data: Path) -> str:
        read = [found for layer in layers if len((found := layer.read(data)).rows)]
        if not read:
            return text
        rows = pd.concat([found.rows for found in read])
        each = [score for found in read for line in found.lines.values() for score in line.values()] or rows
        where = f"{rows.env.iloc[0]}, " if len(layers) == 1 else ""
        return f"{text}\n{where}{scores.seeds(each)} each, equal: {scores.held_equal(rows)} (per update)"

    return title


def tell(pick: str, missing: str, *layers: Layer, note: Callable[[Path], str] = lambda data: "") -> Callable:
    """What layers say themselves, for a takeaway: of each line `every` score, or but the `best`, the `last`, both
    `ends`. missing: what is not yet measured where none of ours has rows. note: what the scores do not say."""

    def finding(data: Path) -> Finding:
        said = [words for layer in layers if (words := _words(layer, data, pick))]
        ours, theirs = ([words for words in said if words.startswith(who)] for who in ("Here", "Paper"))
        more = note(data) if ours else ""
        return Finding(_and(*ours, more), _and(*theirs), "" if ours else missing, more)

    return finding


def _and(*texts: str) -> str:
    return ". ".join(filter(None, texts))


def forest(axes: Axes, lines: dict[str, dict[float, Score]], looks: dict[str, dict] | None = None) -> None:
    """Scores by depth `{name: {depth: score}}`, a row per name, the first on top; those of the paper grey. looks: of a
    name, where depth is not what they differ in."""
    depths = sorted({depth for line in lines.values() for depth in line})
    labelled: set[str] = set()
    for place, (name, line) in enumerate(lines.items()):
        for depth, score in line.items():
            look, label = (looks or {}).get(name) or scores.depth_look(int(depth)), f"depth {depth:g}"
            if isinstance(score, scores.Printed):
                look, label = look | {"color": "0.5", "mfc": "white"}, f"paper: {label}, mean and standard error"
            y = place + 0.22 * (depths.index(depth) - (len(depths) - 1) / 2)
            look, shown = look | {"linestyle": "-"}, None if label in labelled else label
            labelled.add(label)
            axes.errorbar(score.iqm, y, xerr=score.error, capsize=3, ms=5, lw=1.5, label=shown, zorder=4, **look)
            axes.plot(score.seeds, [y] * len(score.seeds), ".", color=look["color"], ms=3.5, alpha=0.45)
    axes.set_yticks(range(len(lines)), list(lines))
    axes.set_ylim(len(lines) - 0.4, -0.6)
