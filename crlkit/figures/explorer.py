"""One recorded depth at a glance: learning curve, critic map, paths, embeddings, and a film of the paths.

Made for the slider: everything is read from `data/` once, and a picture takes a fraction of a second.
"""

import io
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from crlkit import envs, evidence
from crlkit.analysis.q_maps import CriticMap, Paths
from crlkit.analysis.representations import principal_components
from crlkit.errors import UserError
from crlkit.figures import recorded, style

SUITE = "depth"
CELL = 22  # pixels of a cell in a film
FRAME = 90  # milliseconds
FRAMES = 80  # at most
REACHED, MISSED = (0, 114, 178), (213, 94, 0)  # Okabe and Ito's blue and vermillion


class Shown(NamedTuple):
    """What is shown of one depth in one maze; map, paths and embeddings are those of the first seed.

    curve: share of the episode at the goal, rows by updates, a column per seed. steps: the embeddings phi(s, a) along the
    first path `[moments, E]`, without the moments after the episode.
    """

    maze: envs.mazes.Maze
    curve: pd.DataFrame
    critic_map: CriticMap
    paths: Paths
    steps: np.ndarray


def recorded_depths(data: str | Path) -> dict[str, dict[int, Shown]]:
    """Everything recorded of suite `depth`, by environment and depth. Raises UserError if there is nothing."""
    rows, found = evidence.rows(data, SUITE), {}
    for env in rows.env.unique() if len(rows) else ():
        for depth, kept in recorded.all_kept(Path(data), SUITE, env).items():
            curve = rows[rows.run == kept.run].pivot(index="updates", columns="seed", values="share")
            steps = kept.arrays["embeddings"].astype(float)
            steps = steps[np.isfinite(steps).all(axis=1)]
            found.setdefault(env, {})[depth] = Shown(envs.make(env).maze, curve, kept.critic_map, kept.paths, steps)
    if not found:
        raise UserError(
            f"data {str(data)!r}: no recorded depth to explore; nearest: crlkit sweep depth, crlkit record depth"
        )
    return found


@style.styled
def draw(depths: dict[int, Shown], depth: int) -> Figure:
    """The four panels of one depth; the curves of the others stay in the background and colours keep one scale."""
    shown = depths[depth]
    figure = Figure(figsize=(12.4, 3.0), layout="none")  # a layout engine would take most of the time of a move
    curve, left, middle, right = (figure.add_axes((k / 4 + 0.05, 0.17, 1 / 4 - 0.068, 0.71)) for k in range(4))
    for other, series in sorted(depths.items()):
        own = other == depth
        look = style.depth_style(other) | {"lw": 2 if own else 0.9, "alpha": 1 if own else 0.35, "ms": 3}
        curve.plot(series.curve.index, series.curve.mean(axis=1), **look)
    seeds = shown.curve.shape[1]
    curve.plot(shown.curve.index, shown.curve, ".", color=style.depth_style(depth)["color"], ms=4, alpha=0.5)
    curve.set(xlabel="gradient updates", ylabel="share of the episode at the goal", ylim=(-0.03, 0.85))
    curve.set_title(f"depth {depth}: mean, dots the {seeds} seeds")
    curve.legend(fontsize=6.5, loc="upper left", ncols=2)
    values = [other.critic_map.values for other in depths.values()]
    image = style.draw_critic_map(left, shown.maze, shown.critic_map, (np.nanmin(values), np.nanmax(values)))
    left.set_title("critic: energy of every place for G")
    figure.colorbar(image, ax=left, shrink=0.75, pad=0.02, label="energy f(s, a, g)")
    style.draw_paths(middle, shown.maze, shown.paths)
    middle.set_title(f"actor: {int(shown.paths.success.sum())} of {len(shown.paths.success)} episodes arrived")
    cloud = principal_components(shown.steps, 2)
    x, y = cloud.coordinates.T
    right.plot(x, y, color="0.7", lw=0.8, zorder=1)
    points = right.scatter(x, y, c=np.arange(len(x)), cmap="viridis", s=16, zorder=2)
    right.set(xlabel=f"component 1 ({cloud.explained[0]:.0%})", ylabel=f"component 2 ({cloud.explained[1]:.0%})")
    right.set_title(f"φ(s, a), first episode: {'arrived' if shown.paths.success[0] else 'did not arrive'}")
    figure.colorbar(points, ax=right, shrink=0.75, pad=0.02, label="step")
    return figure


def film(shown: Shown) -> bytes:
    """The recorded paths as a looping GIF: the agents run from S towards the stars, blue once they have arrived."""
    maze, cells = shown.maze, shown.paths.cells
    ends = np.array([path[np.isfinite(path).all(axis=1)][-1] for path in cells.swapaxes(0, 1)])
    away = np.nonzero((np.abs(cells - ends) > 0.05).any(axis=(1, 2)))[0]
    last = min(len(cells) - 1, (away[-1] if len(away) else 0) + 4)  # a moment to look at where they end
    ground = Image.new("RGB", tuple(CELL * n for n in maze.walls.shape[::-1]), "white")
    pen = ImageDraw.Draw(ground)
    for row, column in np.argwhere(maze.walls):
        pen.rectangle((column * CELL, row * CELL, (column + 1) * CELL, (row + 1) * CELL), fill=style.WALL)
    colours = [REACHED if good else MISSED for good in shown.paths.success]
    for (row, column), colour in zip((shown.paths.goals + 0.5) * CELL, colours):
        pen.regular_polygon((column, row, 4), 4, fill=colour)
    frames = []
    for t in np.linspace(0, last, min(last + 1, FRAMES)).round().astype(int):
        frame = ground.copy()
        pen = ImageDraw.Draw(frame)
        for k, colour in enumerate(colours):
            trail = (cells[: t + 1, k][:, ::-1] + 0.5) * CELL
            trail = [tuple(point) for point in trail[np.isfinite(trail).all(axis=1)]]
            if len(trail) > 1:
                pen.line(trail, fill=colour, width=1)
            x, y = trail[-1]
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=colour, outline="white")
        frames.append(frame.quantize(16))
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=FRAME, loop=0)
    return file.getvalue()
