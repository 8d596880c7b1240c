"""Sliders over figures. Nothing trains here: every move calls a plain function that returns a Figure."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import ipywidgets
import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from crlkit import envs, evidence
from crlkit.analysis.representations import principal_components
from crlkit.errors import UserError
from crlkit.figures import recorded, style


def explore(draw: Callable[..., Figure], at: dict[str, Any] | None = None, **options: list) -> ipywidgets.VBox:
    """One slider for each of `options` (name -> list of (label, value)), below the picture `draw(**values)` makes.

    Draws at once, with the values `at` (name -> value), else the last of each; again whenever a slider is let go.
    """
    looks = dict(style={"description_width": "8em"}, layout={"width": "30em"}, continuous_update=False)
    begin = {name: stops[-1][1] for name, stops in options.items()} | (at or {})
    sliders = {}
    for name, stops in options.items():
        words = name.replace("_", " ")
        sliders[name] = ipywidgets.SelectionSlider(options=stops, value=begin[name], description=words, **looks)
    image = ipywidgets.Image(layout={"max_width": "100%", "min_height": "250px"})

    def redraw(_=None):
        file, figure = io.BytesIO(), draw(**{name: slider.value for name, slider in sliders.items()})
        with mpl.rc_context(style.STYLE):
            figure.savefig(file, format="png", dpi=90)
        image.value = file.getvalue()

    redraw()
    for slider in sliders.values():
        slider.observe(redraw, names="value")
    return ipywidgets.VBox([*sliders.values(), image])


def depth_explorer(data: str | Path = "data") -> ipywidgets.VBox:
    """Two sliders over all recorded depths in all environments: curve, critic map, paths and embeddings of each, from
    what `data` holds. Raises UserError if no depth is recorded."""
    found = recorded_depths(data)
    fewest_first = sorted(found, key=lambda env: len(found[env]))
    stops = {f"{env}, {depth}": (found[env], depth) for env in fewest_first for depth in sorted(found[env])}
    labels, most = [(stop, stop) for stop in stops], fewest_first[-1]
    deep, shallow = (f"{most}, {depth}" for depth in (64 if 64 in found[most] else max(found[most]), min(found[most])))
    upper = explore(lambda depth: draw(*stops[depth]), at={"depth": deep}, depth=labels)
    lower = explore(lambda beside_it: draw(*stops[beside_it]), at={"beside_it": shallow}, beside_it=labels)
    return ipywidgets.VBox([*upper.children, *lower.children])


class Shown(NamedTuple):
    """What is shown of one depth in one maze."""

    maze: envs.mazes.Maze
    curve: pd.DataFrame  # share of the episode at the goal, rows by updates, a column per seed
    kept: recorded.Kept  # of the first seed


def recorded_depths(data: str | Path) -> dict[str, dict[int, Shown]]:
    """Everything recorded of suite `depth`, by environment and depth. Raises UserError if there is nothing."""
    rows, found = evidence.rows(data, "depth"), {}
    for env in rows.env.unique() if len(rows) else ():
        for depth, kept in recorded.all_kept(Path(data), "depth", env).items():
            curve = rows[rows.run == kept.run].pivot(index="updates", columns="seed", values="share")
            found.setdefault(env, {})[depth] = Shown(envs.make(env).maze, curve, kept)
    if not found:
        raise UserError(f"data {str(data)!r}: no recorded depth to explore; nearest: crlkit sweep depth")
    return found


@style.styled
def draw(depths: dict[int, Shown], depth: int) -> Figure:
    """The four panels of one depth; the curves of the others stay in the background and colours keep one scale."""
    shown, paths = depths[depth], depths[depth].kept.paths
    figure = Figure(figsize=(12.4, 3.0), layout="none")  # a layout engine would take most of the time of a move
    curve, left, middle, right = (figure.add_axes((k / 4 + 0.05, 0.17, 1 / 4 - 0.068, 0.71)) for k in range(4))
    for other, series in sorted(depths.items()):
        weight = {"lw": 2, "alpha": 1} if other == depth else {"lw": 0.9, "alpha": 0.35}
        curve.plot(series.curve.mean(axis=1), **style.depth_style(other) | weight | {"ms": 3})
    curve.plot(shown.curve, ".", color=style.depth_style(depth)["color"], ms=4, alpha=0.5)
    curve.set(xlabel="gradient updates", ylabel="share of the episode at the goal", ylim=(-0.03, 1.03))
    curve.set_title(f"depth {depth}: mean, dots the {shown.curve.shape[1]} seeds")
    curve.legend(fontsize=6.5, loc="upper left", ncols=2)
    values = [other.kept.critic_map.values for other in depths.values()]
    image = style.draw_critic_map(left, shown.maze, shown.kept.critic_map, (np.nanmin(values), np.nanmax(values)))
    left.set_title("critic: energy of every place for G")
    figure.colorbar(image, ax=left, shrink=0.75, pad=0.02, label="energy f(s, a, g)")
    style.draw_paths(middle, shown.maze, paths)
    middle.set_title(f"actor: {int(paths.success.sum())} of {len(paths.success)} episodes arrived")
    steps = shown.kept.arrays["embeddings"].astype(float)  # phi(s, a) [moments, E], NaN after the episode
    cloud = principal_components(steps[np.isfinite(steps).all(axis=1)])
    x, y = cloud.coordinates.T
    right.plot(x, y, color="0.7", lw=0.8, zorder=1)
    points = right.scatter(x, y, c=np.arange(len(x)), cmap="viridis", s=16, zorder=2)
    right.set(xlabel=f"component 1 ({cloud.explained[0]:.0%})", ylabel=f"component 2 ({cloud.explained[1]:.0%})")
    right.set_title(f"φ(s, a), first episode: {'arrived' if paths.success[0] else 'did not arrive'}")
    figure.colorbar(points, ax=right, shrink=0.75, pad=0.02, label="step")
    return figure
