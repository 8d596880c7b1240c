"""A figure is data: a title, rows of panels, a finding. This file draws and tells any of them; `catalogue.py` lists
them.

A panel holds layers (`layers.py`) over one horizontal axis; a panel without rows says so. What is no such panel is a
plain function of the axes and the data folder.
"""

from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.figure import SubFigure

from crlkit.analysis.statistics import Score
from crlkit.figures import style
from crlkit.figures.layers import SHORT, Curves, Paper, Scores, named, scale_axis
from crlkit.figures.scores import PAPER, PAPER_EPISODE, SHARE, at_equal, depth_look, list_words, unmeasured
from crlkit.figures.words import Words, held_equal, not_measured, seeds

Draw = Callable[[Axes, Path], None]
Layer = Paper | Scores | Curves


@dataclass(frozen=True)
class Panel:
    """Layers over one horizontal axis, what the paper published before what was measured here.

    title: in place of what the last layer says of itself; with words of the paper's table in braces. room: how far the
    vertical axis goes above the data, for the legend, of which `columns` (0: none) stand side by side. extra: draws
    over the layers, before the legend.
    """

    layers: tuple[Layer, ...]
    title: str = ""
    xlabel: str = ""
    room: float = 1.3
    columns: int = 1
    extra: Draw | None = None

    def draw(self, axes: Axes, data: Path) -> None:
        papers = [(layer, layer.read(data)) for layer in self.layers if isinstance(layer, Paper)]
        ours = [(layer, layer.read(data)) for layer in self.layers if not isinstance(layer, Paper)]
        x, measure = self.layers[0].x, "share"
        title = self.title.format_map(papers[0][0].facts(papers[0][1])) if papers else self.title
        if ours:
            layer, found = ours[0]
            measure = (found if isinstance(layer, Scores) else layer).measure
            title = title or layer.title(found, _columns(axes))
        axes.set(xlabel=self.xlabel or named(x), ylabel=named(measure))
        axes.set_title(title, fontsize=8.5)
        published = [layer.draw(axes, lines) for layer, lines in papers]
        measured = [layer.draw(axes, found, place) for place, (layer, found) in enumerate(ours)]
        ticks = set().union(*published, *measured)
        if not ticks:
            return unmeasured(axes)
        if ours and not any(measured):
            not_measured(axes, x=0.7, y=0.12)
        scale_axis(axes, x, ticks)
        axes.autoscale(axis="y")  # a panel that shares the axis may have set its limits
        bottom, top = axes.get_ylim()
        bottom = 0 if measure in ("share", "success", "saturation") else bottom
        axes.set_ylim(bottom, bottom + self.room * (top - bottom))
        if self.extra:
            self.extra(axes, data)
        if self.columns and axes.get_legend_handles_labels()[0]:
            axes.legend(
                fontsize=8, loc="upper left" if self.room > 1.2 else "best", ncols=self.columns, columnspacing=1
            )


@dataclass(frozen=True)
class Heat:
    """Scores as colours with their numbers: the layer's x across, its series upwards."""

    layer: Paper | Scores
    title: str
    colours: str = "Blues"

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (self.layer,)

    def draw(self, axes: Axes, data: Path) -> None:
        """Shallow critics at the bottom, as the paper draws them."""
        axes.set(xlabel=named(self.layer.x), ylabel=named(self.layer.series[0]), title=self.title)
        if isinstance(self.layer, Paper):
            lines = self.layer.read(data)
            values = {y: line.set_index(self.layer.x).value / PAPER_EPISODE for y, line in lines.items()}
            text = {y: line.map("{:.2f}".format) for y, line in values.items()}
        else:
            lines = self.layer.read(data).lines
            values = {y: {x: score.iqm for x, score in line.items()} for y, line in lines.items()}
            text = {y: {x: str(s).replace(" (", "\n").strip(")") for x, s in line.items()} for y, line in lines.items()}
        if not values:
            return unmeasured(axes)
        cells, text = (
            pd.DataFrame(table).T.rename(lambda label: int(label.rpartition(" ")[2]))  # critic's depth 16: 16
            .sort_index(ascending=False).sort_index(axis=1) for table in (values, text)
        )  # fmt: skip
        light = mpl.colors.ListedColormap(mpl.colormaps[self.colours](np.linspace(0, 0.6, 64)))  # for black numbers
        look = {"linewidths": 0.5, "annot_kws": {"size": 8, "color": "black"}, "cbar_kws": {"label": SHARE}}
        sns.heatmap(cells.astype(float), annot=text, fmt="", ax=axes, cmap=light, vmin=0, **look)
        for row, column in np.argwhere(cells.isna().to_numpy()):
            place = (column + 0.5, row + 0.5)
            axes.text(*place, "not yet\nmeasured here", ha="center", va="center", fontsize=7.5, style="italic")
        axes.set_facecolor("0.93")
        axes.set(xlabel=named(self.layer.x), ylabel=named(self.layer.series[0]))
        axes.tick_params(length=0, rotation=0)


@dataclass(frozen=True)
class Forest:
    """Scores across, a line of the page for each line of the layer, a mark a depth."""

    layer: Scores
    title: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        return (self.layer,)

    def draw(self, axes: Axes, data: Path) -> None:
        found = self.layer.read(data)
        axes.set(xlabel=named(found.measure))
        axes.set_title(self.title or self.layer.title(found, _columns(axes)), fontsize=8.5)
        if not found.lines:
            return unmeasured(axes)
        axes.figure.set_figheight(
            max(axes.figure.get_figheight() if len(axes.figure.axes) > 1 else 0, 1.7 + 0.5 * max(4, len(found.lines)))
        )
        forest(axes, found.lines)
        axes.set_xlim(left=0)
        axes.legend(fontsize=8, loc="best")


@dataclass(frozen=True)
class Row:
    """Panels side by side. title: over them, or a function of the data folder. legend: the first panel's, below all."""

    panels: "tuple[Panel | Heat | Forest | Draw, ...]"
    title: str | Callable[[Path], str] = ""
    ratios: tuple[float, ...] | None = None
    sharey: bool = False
    legend: bool = False

    def draw(self, place: Drawing | SubFigure, data: Path) -> None:
        grid = place.subplots(1, len(self.panels), squeeze=False, width_ratios=self.ratios, sharey=self.sharey)[0]
        for panel, axes in zip(self.panels, grid):
            getattr(panel, "draw", panel)(axes, data)
        for axes in grid[1:] if self.sharey else ():
            axes.set_ylabel("")
        if title := self.title(data) if callable(self.title) else self.title:
            place.suptitle(title, fontsize=9.5)
        if self.legend and (handles := grid[0].get_legend_handles_labels())[0]:
            place.legend(*handles, loc="outside lower center", ncols=9, fontsize=8)


def where_measured(read: Callable, draw: Callable, **labels) -> Draw:
    """What no kind of panel draws: `draw(axes, rows)` of the rows that `read(data)` finds, if it finds any."""

    def panel(axes: Axes, data: Path) -> None:
        axes.set(**labels)
        rows = read(data)
        draw(axes, rows) if len(rows) else unmeasured(axes)

    return panel


def _columns(axes: Axes) -> int:
    """How many letters of a title fit over the axes."""
    return int(17 * axes.get_position().width * axes.figure.bbox.width / axes.figure.dpi)


class Finding(NamedTuple):
    """here: what was measured, empty where nothing was. paper: what was published. missing: what is not yet measured
    here. more: what the panels do not say themselves, for the alternative text."""

    here: str = ""
    paper: str = ""
    missing: str = ""
    more: str = ""


@dataclass(frozen=True)
class Figure:
    """drawn: what the picture shows, whatever was measured. finding: what it tells. heights: of the rows. reads: what
    the functions among the panels read besides, as `sources` names it. needs: what of a data folder a picture without
    panels is made of; where that is empty, the picture and the words say that `missing` is not yet measured."""

    title: str
    drawn: str
    finding: Callable[[Path], Finding]
    rows: "tuple[Row | Callable[[Drawing | SubFigure, Path], None], ...]"
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
        return list(dict.fromkeys([*self.reads, *(source for layer in self.layers for source in layer.sources)]))

    @style.styled
    def draw(self, data: Path) -> Drawing:
        drawing = style.new_figure(*self.size)
        if not len(self.needs(data)):
            unmeasured(drawing.subplots())
            return drawing
        places = [drawing] if len(self.rows) == 1 else drawing.subfigures(len(self.rows), 1, height_ratios=self.heights)
        for row, place in zip(self.rows, places):
            getattr(row, "draw", row)(place, data)
        if any(isinstance(layer, Scores) for layer in self.layers):
            place.supxlabel("here: interquartile mean over seeds, 95 % interval, dots the seeds", fontsize=8)
        return drawing

    def words(self, data: Path) -> Words:
        found = self.finding(data) if len(self.needs(data)) else Finding(missing=self.missing)
        layers = {layer.shown: layer for layer in reversed(self.layers)}  # the first that shows something tells it
        told = [words for layer in reversed(layers.values()) if (words := layer.words(layer.read(data)))]
        missing = f"Not yet measured here: {found.missing}" if found.missing else ""
        theirs = "" if any(words.startswith("Paper") for words in told) else found.paper
        ours = "" if any(words.startswith("Here") for words in told) else found.here
        first = (found.here, found.paper, missing) if found.here else (missing, found.paper)
        return Words(_sentences(first), _sentences((missing, self.drawn, theirs, *told, ours, found.more)))


def _sentences(texts: Iterable[str]) -> str:
    return " ".join(f"{text}." for text in texts if text)


def held(text: str, layer: Scores) -> Callable[[Path], str]:
    """A title of a row: `text` and what a comparison holds equal."""

    def title(data: Path) -> str:
        rows = layer.read(data).rows
        return (
            text
            if rows.empty
            else f"{text}\n{rows.env.iloc[0]}, {seeds(rows)} each, equal: {held_equal(rows)} (per update)"
        )

    return title


def best(x: str, layer: Scores, paper: Paper | None = None) -> Callable[[Path], Finding]:
    """Finds at which `x` each line has its best score: "Here, ... best are depth 4 at batch 256: 0.33 (0.28 to
    0.39)"."""

    def finding(data: Path) -> Finding:
        theirs, found = "", layer.read(data)
        if paper:
            tops = {label: line.loc[line.value.idxmax()] for label, line in paper.read(data).items()}
            listed = (f"{label} at {x} {top[paper.x]} ({top.value / PAPER_EPISODE:.2f})" for label, top in tops.items())
            theirs = f"Paper, {next(iter(tops.values())).environment}: best are {', '.join(listed)}"
        if found.rows.empty:
            return Finding("", theirs, f"scores by {x}")
        listed = "; ".join(
            (f"{label} " if layer.series else "") + f"at {x} {at:g}: {found.lines[label][at]}"
            for label, at in found.best.items()
        )
        return Finding(f"Here, {found.rows.env.iloc[0]} {at_equal(found.rows)}, best are {listed}", theirs)

    return finding


def listing(layer: Scores, missing: str) -> Callable[[Path], Finding]:
    """Every score, a line of the layer after the other."""

    def finding(data: Path) -> Finding:
        found = layer.read(data)
        if found.rows.empty:
            return Finding(missing=missing)
        name = SHORT.get(layer.x, layer.x)
        listed = "; ".join(f"{label}: {list_words(line, name)}" for label, line in found.lines.items()).replace(
            "\n", " "
        )
        lacking = [option for option in layer.series if found.rows[option].nunique() < 2]
        missing_too = f"another {' and another '.join(lacking)} than the paper's" if lacking else ""
        where = f"Here, {found.rows.env.iloc[0]} {at_equal(found.rows)}, {named(found.measure)}"
        return Finding(f"{where}: {listed}", missing=missing_too)

    return finding


def forest(axes: Axes, lines: dict[str, dict[float, Score]], theirs: Iterable[str] = ()) -> None:
    """Scores by depth `{name: {depth: score}}`, a row a name, the first on top; those of the paper (`theirs`) grey."""
    depths = sorted({depth for scores in lines.values() for depth in scores})
    named: set[str | None] = set()
    for place, (name, scores) in enumerate(lines.items()):
        for depth, score in scores.items():
            look, label = depth_look(int(depth)) | {"linestyle": "-"}, f"depth {depth:g}"
            if name in theirs:
                look, label = look | {"color": PAPER, "mfc": "white"}, f"paper: {label}, mean and standard error"
            y = place + 0.22 * (depths.index(depth) - (len(depths) - 1) / 2)
            label = None if label in named else label
            named.add(label)
            axes.errorbar(score.iqm, y, xerr=score.error, capsize=3, ms=5, lw=1.5, label=label, zorder=4, **look)
            axes.plot(score.seeds, [y] * len(score.seeds), ".", color=look["color"], ms=3.5, alpha=0.45)
    axes.set_yticks(range(len(lines)), list(lines))
    axes.set_ylim(len(lines) - 0.4, -0.6)
