"""One recorded depth at a glance: learning curve, critic map, paths and embeddings.

Made for the slider: everything is read from `data/` once, and a picture takes a fraction of a second.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from crlkit import envs, evidence
from crlkit.analysis.representations import principal_components
from crlkit.errors import UserError
from crlkit.figures import recorded, style


class Shown(NamedTuple):
    """What is shown of one depth in one maze; what is kept is that of the first seed.

    curve: share of the episode at the goal, rows by updates, a column per seed.
    """

    maze: envs.mazes.Maze
    curve: pd.DataFrame
    kept: recorded.Kept


def recorded_depths(data: str | Path) -> dict[str, dict[int, Shown]]:
    """Everything recorded of suite `depth`, by environment and depth. Raises UserError if there is nothing."""
    rows, shown = evidence.rows(data, "depth"), {}
    for env in rows.env.unique() if len(rows) else ():
        for depth, kept in recorded.all_kept(Path(data), "depth", env).items():
            curve = rows[rows.run == kept.run].pivot(index="updates", columns="seed", values="share")
            shown.setdefault(env, {})[depth] = Shown(envs.make(env).maze, curve, kept)
    if not shown:
        nearest = "crlkit sweep depth, crlkit record depth"
        raise UserError(f"data {str(data)!r}: no recorded depth to explore; nearest: {nearest}")
    return shown


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
    values, paths = [other.kept.critic_map.values for other in depths.values()], shown.kept.paths
    image = style.draw_critic_map(left, shown.maze, shown.kept.critic_map, (np.nanmin(values), np.nanmax(values)))
    left.set_title("critic: energy of every place for G")
    figure.colorbar(image, ax=left, shrink=0.75, pad=0.02, label="energy f(s, a, g)")
    style.draw_paths(middle, shown.maze, paths)
    middle.set_title(f"actor: {int(paths.success.sum())} of {len(paths.success)} episodes arrived")
    steps = shown.kept.arrays["embeddings"].astype(float)  # along the first path, not a number after its end
    cloud = principal_components(steps[np.isfinite(steps).all(axis=1)], 2)
    x, y = cloud.coordinates.T
    right.plot(x, y, color="0.7", lw=0.8, zorder=1)
    points = right.scatter(x, y, c=np.arange(len(x)), cmap="viridis", s=16, zorder=2)
    right.set(xlabel=f"component 1 ({cloud.explained[0]:.0%})", ylabel=f"component 2 ({cloud.explained[1]:.0%})")
    right.set_title(f"φ(s, a), first episode: {'arrived' if paths.success[0] else 'did not arrive'}")
    figure.colorbar(points, ax=right, shrink=0.75, pad=0.02, label="step")
    return figure
