"""Figure 3: what the policies do, in film strips, one row a depth

The recorded episodes of one seed per depth: the same start and the same goals for all.
"""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from crlkit import envs, evidence
from crlkit.analysis.q_maps import Paths
from crlkit.figures import recorded, style
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.words import held_equal, not_measured

ENV = "point_big_maze"
MOMENTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)  # of an episode: most of the way is made at its beginning
MOST_DEPTHS = 6


def episodes(data: Path) -> dict[int, Paths]:
    """The recorded episodes of at most six depths, shallow first."""
    runs = recorded.runs(data, "depth", ENV)
    shown = recorded.some(runs, MOST_DEPTHS) if runs else []
    return {depth: recorded.walked(evidence.arrays(data, runs[depth])) for depth in shown}


def _draw(figure: Drawing, data: Path) -> None:
    found, maze = episodes(data), envs.make(ENV).maze
    figure.set_figheight(1.0 + 2.0 * max(len(found), 1))
    grid = figure.subplots(max(len(found), 1), len(MOMENTS), squeeze=False)
    for index, (row, (depth, paths)) in enumerate(zip(grid, found.items())):
        steps = [round(share * (len(paths.cells) - 1)) for share in MOMENTS]
        for axes, step in zip(row, steps):
            _frame(axes, maze, paths, step)
            axes.set_title(f"step {step}" if index == 0 else "")
        row[0].set_ylabel(f"depth {depth}", size=12, weight="bold")
        row[-1].set_xlabel(f"{paths.success.sum()} of {len(paths.success)} episodes arrived", size=9)
    if not found:
        for axes in grid.flat:
            style.draw_maze(axes, maze)
            style.mark(axes, maze.start, "S")
        not_measured(grid[0, 0])
    said = f"{ENV}, one seed per depth, the same starts and goals for all (moving pictures: crlkit render)"
    if found:
        rows = evidence.rows(data, "depth").query("env == @ENV and depth in @found")
        said += (
            f"\nequal: {held_equal(rows)}. Blue, solid: reached its goal (star) by the end; orange, dotted: did not."
        )
    figure.suptitle(said, fontsize=9.5)


def _frame(axes: Axes, maze, paths: Paths, step: int) -> None:
    """All episodes until `step`: ways, and a dot where each body is; an ended episode keeps its last place."""
    style.draw_paths(axes, maze, paths._replace(cells=paths.cells[: step + 1]))
    for k, way in enumerate(np.moveaxis(paths.cells[: step + 1], 1, 0)):
        row, column = way[~np.isnan(way[:, 0])][-1]
        colour = style.REACHED if paths.success[k] else style.MISSED
        axes.plot(column, row, "o" if paths.success[k] else "s", ms=5, mfc=colour, mec="white", mew=0.6, zorder=5)
    rows, columns = maze.walls.shape
    axes.set(xlim=(0.3, columns - 1.3), ylim=(rows - 1.3, 0.3))  # half of the outer wall says as much as all of it


def finding(data: Path) -> Finding:
    shown = episodes(data)
    if not shown:
        return Finding(missing="which ways agents of each depth take")
    reached = ", ".join(f"depth {depth} {p.success.sum()} of {len(p.success)}" for depth, p in shown.items())
    few = "Too few to rank depths by; the final scores of all seeds do that"
    said = f"Episodes of one seed per depth that reached their goal: {reached}"
    return Finding(f"{said}. {few}", more=f"One row a depth. {said}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    f"Film strips of {ENV} from above: start S, goals as stars, the way of every recorded episode so far and a mark where each body "
    f"is, at {len(MOMENTS)} moments from left to right",
    finding,
    (_draw,),
    (12, 8),
    reads=("depth",),
)
