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
from crlkit.figures import scores, style
from crlkit.figures.layers import Curves, Paper, Scores, named, scale_axis

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
        read = [(layer, layer.read(data)) for layer in self.layers]
        papers, ours = ([pair for pair in read if isinstance(pair[0], Paper) == which] for which in (True, False))
        x, measure, title = self.layers[0].x, (ours or papers)[0][1].measure, self.title
        if papers:
            title = title.format_map(papers[0][0].facts(papers[0][1].rows))
        if ours:
            title = title or ours[0][0].title(ours[0][1], _columns(axes))
        axes.set(xlabel=self.xlabel or named(x), ylabel=named(measure))
        axes.set_title(title, fontsize=8.5)
        published = [layer.draw(axes, found) for layer, found in papers]
        measured = [layer.draw(axes, found, place) for place, (layer, found) in enumerate(ours)]
        ticks = set().union(*published, *measured)
        if not ticks:
            return scores.unmeasured(axes)
        if ours and not any(measured):
            scores.not_measured(axes, x=0.7, y=0.12 if self.columns else 0.93)
        scale_axis(axes, x, ticks)
        axes.autoscale(axis="y")  # a panel that shares the axis may have set its limits
        bottom, top = axes.get_ylim()
        bottom = bottom if measure.endswith(("loss", "entropy")) else 0
        axes.set_ylim(bottom, bottom + self.room * (top - bottom))
        if bottom == 0 and top <= 1.1:  # a share; the room above is the legend's
            axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= 1])
        if self.extra:
            self.extra(axes, data)
        if self.columns and axes.get_legend_handles_labels()[0]:
            place = "upper left" if self.room > 1.2 else "best"
            axes.legend(fontsize=8, loc=place, ncols=self.columns, columnspacing=1)


@dataclass(frozen=True)
class Heat:
    """Scores as colours with their numbers: the layer's x across, its series upwards."""

    layers: "tuple[Paper | Scores]"
    title: str

    def draw(self, axes: Axes, data: Path) -> None:
        """Shallow critics at the bottom, as the paper draws them."""
        (layer,) = self.layers
        lines, labels = layer.read(data).lines, {"xlabel": named(layer.x), "ylabel": named(layer.series[0])}
        axes.set(**labels, title=self.title)
        if not lines:
            return scores.unmeasured(axes)
        cells = pd.DataFrame(lines).T.rename(lambda label: int(label.rpartition(" ")[2]))  # critic's depth 16: 16
        cells = cells.sort_index(ascending=False).sort_index(axis=1)
        values = cells.map(lambda score: score.iqm, na_action="ignore")
        text = cells.map(lambda score: str(score).replace(" (", "\n").strip(")"), na_action="ignore").fillna("")
        colours = "Greys" if isinstance(layer, Paper) else "Blues"
        light = mpl.colors.ListedColormap(mpl.colormaps[colours](np.linspace(0, 0.6, 64)))  # for black numbers
        look = {"linewidths": 0.5, "annot_kws": {"size": 8, "color": "black"}, "cbar_kws": {"label": scores.SHARE}}
        sns.heatmap(values.astype(float), annot=text, fmt="", ax=axes, cmap=light, vmin=0, **look)
        axes.set_facecolor("0.93")  # of cells that were not measured
        axes.set(**labels)
        axes.tick_params(length=0, rotation=0)


@dataclass(frozen=True)
class Forest:
    """Scores across, a line of the page for each line of the layers, a mark per depth."""

    layers: tuple[Paper | Scores, ...]
    title: str = ""

    def draw(self, axes: Axes, data: Path) -> None:
        read = [layer.read(data) for layer in self.layers]
        lines = {label: line for found in read for label, line in found.lines.items()}
        axes.set(xlabel=named(read[-1].measure))
        axes.set_title(self.title or self.layers[-1].title(read[-1], _columns(axes)), fontsize=8.5)
        if not lines:
            return scores.unmeasured(axes)
        least = axes.figure.get_figheight() if len(axes.figure.axes) > 1 else 0
        axes.figure.set_figheight(max(least, 1.7 + 0.5 * max(4, len(lines))))
        forest(axes, lines)
        axes.set_xlim(left=-0.03 * axes.get_xlim()[1])
        axes.legend(fontsize=8, loc="best")


@dataclass(frozen=True)
class Row:
    """Panels side by side. title: over them, or a function of the data folder. legend: the first panel's, below all.
    ylabel: of all panels, in place of their own."""

    panels: "tuple[Panel | Heat | Forest | Draw, ...]"
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


def where_measured(read: Callable, draw: Callable, **labels) -> Draw:
    """What no kind of panel draws: `draw(axes, rows)` of the rows that `read(data)` finds, if it finds any."""

    def panel(axes: Axes, data: Path) -> None:
        axes.set(**labels)
        rows = read(data)
        draw(axes, rows) if len(rows) else scores.unmeasured(axes)

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
        layers = {layer.shown: layer for layer in reversed(self.layers)}  # the first that shows something tells it
        told = [words for layer in reversed(layers.values()) if (words := layer.words(layer.read(data)))]
        missing = f"Not yet measured here: {found.missing}" if found.missing else ""
        theirs = "" if any(words.startswith("Paper") for words in told) else found.paper
        ours = "" if any(words.startswith("Here") for words in told) else found.here
        first = (found.here, found.paper, missing) if found.here else (missing, found.paper)
        return Words(_sentences(first), _sentences((missing, self.drawn, theirs, *told, ours, found.more)))


def _sentences(texts: Iterable[str]) -> str:
    return " ".join(f"{text}." for text in texts if text)


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
        said: dict[bool, list[str]] = {True: [], False: []}
        for layer in layers:
            if words := layer.words(layer.read(data), pick):
                said[isinstance(layer, Paper)].append(words)
        ours, more = said[False], note(data)
        here = ". ".join([*ours, more] if more else ours)
        return Finding(here if ours else "", ". ".join(said[True]), "" if ours else missing, more if ours else "")

    return finding


def forest(axes: Axes, lines: dict[str, dict[float, Score]], looks: dict[str, dict] | None = None) -> None:
    """Scores by depth `{name: {depth: score}}`, a row per name, the first on top; those of the paper grey. looks: of a
    name, where depth is not what they differ in."""
    depths = sorted({depth for line in lines.values() for depth in line})
    labelled: set[str] = set()
    for place, (name, line) in enumerate(lines.items()):
        for depth, score in line.items():
            look, label = (
                (looks or {}).get(name, scores.depth_look(int(depth))) | {"linestyle": "-"},
                f"depth {depth:g}",
            )
            if isinstance(score, scores.Printed):
                look, label = look | {"color": "0.5", "mfc": "white"}, f"paper: {label}, mean and standard error"
            y = place + 0.22 * (depths.index(depth) - (len(depths) - 1) / 2)
            shown = None if label in labelled else label
            labelled.add(label)
            axes.errorbar(score.iqm, y, xerr=score.error, capsize=3, ms=5, lw=1.5, label=shown, zorder=4, **look)
            axes.plot(score.seeds, [y] * len(score.seeds), ".", color=look["color"], ms=3.5, alpha=0.45)
    axes.set_yticks(range(len(lines)), list(lines))
    axes.set_ylim(len(lines) - 0.4, -0.6)
