"""A figure is data: a title, rows of panels, a finding. This file draws and tells any of them; `catalogue.py` lists
them.

A panel holds layers (`layers.py`) over one horizontal axis; a panel without rows says so. What is no such panel is a
plain function of the axes and the data folder.
"""

from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.figure import SubFigure

from crlkit.analysis.statistics import Score
from crlkit.figures import scores, style
from crlkit.figures.layers import Curves, Measured, Paper, Scores, named

Draw = Callable[[Axes, Path], None]
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
    with their ratio."""

    layers: tuple[Paper | Scores, ...]
    title: str = ""
    pair: bool = False

    def draw(self, axes: Axes, data: Path) -> None:
        read = [(layer, layer.read(data)) for layer in self.layers]
        lines = {label: line for _, found in read for label, line in found.lines.items()}
        if self.pair:
            pairs = {label: pair for label, line in lines.items() if (pair := scores.pair(line))}
            lines = {f"{label}: {scores.times(pair)}": pair for label, pair in pairs.items()}
        axes.set(xlabel=named(read[0][1].measure))
        axes.set_title(_title(self.title, axes, *read[0]), fontsize=8.5)
        if not any(len(found.rows) for layer, found in read if isinstance(layer, Scores)):
            scores.not_measured(axes) if lines else scores.unmeasured(axes)
        if lines:
            least = axes.figure.get_figheight() if len(axes.figure.axes) > 1 else 0
            axes.figure.set_figheight(max(least, 1.7 + (0.3 if self.pair else 0.5) * max(4, len(lines))))
            forest(axes, lines)
            axes.set_xlim(left=-0.03 * axes.get_xlim()[1])
            axes.legend(fontsize=8, loc="best")


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

    panels: tuple[Panel | Forest | Draw, ...]
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
        return Words(_sentences(first), _sentences((missing, self.drawn, theirs, *told, ours, found.more)))


def _sentences(texts: Iterable[str]) -> str:
    return " ".join(f"{text}." for text in texts if text)


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
