"""The look of every figure: depth on an ordered colour map and line style, mazes drawn as maps, takeaways in words."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from crlkit.errors import UserError

LINES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)), (0, (1, 1)), (0, (7, 3)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = "osD^vPX<>"
WALL = "#444444"
REACHED, MISSED = "#0072B2", "#D55E00"  # Okabe and Ito's blue and vermillion
STYLE = {
    "figure.dpi": 110,
    "savefig.dpi": 160,
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}

styled = mpl.rc_context(STYLE)  # decorates every function that draws: axes take their look when they are made


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, inches, that belongs to no window (so notebooks and tests never leak one)."""
    return Figure(figsize=(width, height), layout="constrained")


# Of depth 4, 8, ... 1024: neighbours that the eye tells apart, from dark to bright so that print without colour orders
# them.
HUES = ("#14213D", "#1D4ED8", "#B5179E", "#E63946", "#2A9D8F", "#8AB017", "#EE9B4A", "#E3B505", "#C9D42B")
DEPTHS = mpl.colors.LinearSegmentedColormap.from_list("depths", HUES)


def depth_style(depth: int) -> dict:
    """Colour, line style and marker of a depth."""
    place = float(np.clip(np.log2(depth / 4) / 8, 0, 1))
    rank = int(round(place * 8))
    return {"color": DEPTHS(place), "linestyle": LINES[rank], "marker": MARKERS[rank], "label": f"depth {depth}"}


def draw_maze(axes: Axes, maze) -> None:
    """The map with row 0 on top, as it is written; axes are in cells."""
    rows, columns = maze.walls.shape
    axes.imshow(
        np.where(maze.walls, 1.0, np.nan),
        cmap=mpl.colors.ListedColormap([WALL]),
        extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
    )
    axes.set(xticks=[], yticks=[], xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), aspect="equal")
    for spine in axes.spines.values():
        spine.set_visible(False)


def mark(axes: Axes, cell, text: str) -> None:
    """A letter in a cell: S for the start, G for the goal."""
    circle = {"boxstyle": "circle,pad=0.15", "fc": "white", "ec": "black", "lw": 0.8}
    axes.text(*cell[::-1], text, ha="center", va="center", weight="bold", size=9, color="black", bbox=circle)


def draw_critic_map(axes: Axes, maze, critic_map, limits: tuple[float, float] | None = None):
    """A critic map as colours (bright: near in the critic's eyes); returns the image for a colour bar."""
    low, high = limits or (np.nanmin(critic_map.values), np.nanmax(critic_map.values))
    draw_maze(axes, maze)
    extent = (*axes.get_xlim(), *axes.get_ylim())
    image = axes.imshow(critic_map.values, cmap="cividis", vmin=low, vmax=high, extent=extent)
    mark(axes, critic_map.goal, "G")
    return image


def draw_paths(axes: Axes, maze, paths) -> None:
    """Episodes from the start: solid where the goal was reached, dotted where not; a star at every goal."""
    draw_maze(axes, maze)
    for k in range(paths.cells.shape[1]):
        good = bool(paths.success[k])
        colour = REACHED if good else MISSED
        row, column = paths.cells[:, k].T
        axes.plot(column, row, color=colour, lw=1.1 if good else 0.9, ls="-" if good else ":", alpha=0.8)
        axes.plot(paths.goals[k, 1], paths.goals[k, 0], marker="*", ms=8, mfc=colour, mec="white", mew=0.5)
    mark(axes, maze.start, "S")


# What matplotlib writes into a file by itself: the hour, its own version. Without them equal pictures are equal files.
UNSAID = {"png": {"Software": None}, "pdf": dict.fromkeys(("CreationDate", "Creator", "Producer"))}
PDF_NAMES = {"Title": "Title", "Takeaway": "Subject", "Digest": "Keywords"}  # a PDF knows no others


def save(figure: Figure, path: str | Path, metadata: dict[str, str] | None = None) -> Path:
    """Writes a figure, making its folder; `metadata`, as texts in it. Raises UserError where that is impossible."""
    path, said = Path(path), metadata or {}
    if path.suffix == ".pdf":
        said = {PDF_NAMES[name]: text for name, text in said.items() if name in PDF_NAMES}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with mpl.rc_context(STYLE):
            figure.savefig(path, metadata={**UNSAID.get(path.suffix[1:], {}), **said})
        if path.suffix == ".png":  # a palette takes a third of the room
            with Image.open(path) as image:
                texts = PngInfo()
                for name, text in image.text.items():
                    texts.add_itxt(name, text)
                small = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
            small.save(path, optimize=True, pnginfo=texts, dpi=(STYLE["savefig.dpi"],) * 2)
    except OSError as error:
        raise UserError(f"figure {str(path)!r}: {error.strerror}; nearest: a folder you can write to") from error
    return path
