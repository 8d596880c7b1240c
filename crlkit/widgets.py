"""Sliders over figures. Nothing trains here: every move calls a plain function that returns a Figure.

The picture is an `Image` widget and the callback an `observe`, so that an error in a callback is an error of the cell;
inside an `Output` widget it would be swallowed.
"""

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets
import matplotlib as mpl
from matplotlib.figure import Figure

from crlkit.figures import explorer, style


def png(figure: Figure) -> bytes:
    """The figure as a PNG file, at screen resolution."""
    file = io.BytesIO()
    with mpl.rc_context(style.STYLE):
        figure.savefig(file, format="png", dpi=90)
    return file.getvalue()


def explore(draw: Callable[..., Figure], at: dict[str, Any] | None = None, **options: list) -> ipywidgets.VBox:
    """One slider for each of `options` (name -> list of (label, value)), below the picture `draw(**values)` makes.

    Draws once at once, with the values `at` (name -> value), else the last of each; then again whenever a slider is let
    go.
    """
    at = at or {}
    sliders = {name: _slider(name.replace("_", " "), choices, at.get(name)) for name, choices in options.items()}
    image = ipywidgets.Image(format="png", layout={"max_width": "100%", "min_height": "250px"})

    def redraw(_=None):
        image.value = png(draw(**{name: slider.value for name, slider in sliders.items()}))

    redraw()
    for slider in sliders.values():
        slider.observe(redraw, names="value")
    return ipywidgets.VBox([*sliders.values(), image])


def depth_explorer(data: str | Path = "data") -> ipywidgets.VBox:
    """Choose an environment and one or two depths: curve, critic map, paths, embeddings and film of each, from what
    `data` holds. Every picture is drawn when the widget is made, so that a move only shows it.

    Raises UserError if no depth is recorded.
    """
    recorded = explorer.recorded_depths(data)
    pictures = {
        (env, depth): (png(explorer.draw(depths, depth)), explorer.film(depths[depth]))
        for env, depths in recorded.items()
        for depth in depths
    }
    by_depths = sorted(recorded, key=lambda name: len(recorded[name]))  # that with most depths is shown first
    env = _slider("environment", [(name, name) for name in by_depths])
    first = [(str(depth), depth) for depth in sorted(recorded[env.value])]
    start = next((depth for _, depth in first if depth == 64), None)  # the telling one
    rows = [_slider("depth", first, start), _slider("beside it", first[::-1])]
    widths = {"png": "84%", "gif": "15%"}
    images = [[ipywidgets.Image(format=kind, layout={"width": widths[kind]}) for kind in widths] for _ in rows]

    def show(row: int, _=None):
        for image, content in zip(images[row], pictures[env.value, rows[row].value]):
            image.value = content

    def choose(_=None):
        """Offers the depths of the environment, keeping those chosen where it has them."""
        depths = sorted(recorded[env.value])
        for row, slider in enumerate(rows):
            kept = slider.value if slider.value in depths else depths[-1]
            slider.options = [(str(depth), depth) for depth in depths]
            slider.value = kept
            show(row)

    env.observe(choose, names="value")
    for row, slider in enumerate(rows):
        slider.observe(partial(show, row), names="value")
    choose()
    lines = [ipywidgets.HBox(pair, layout={"align_items": "center"}) for pair in images]
    return ipywidgets.VBox([env, rows[0], lines[0], rows[1], lines[1]])


def _slider(name: str, choices: list[tuple[str, Any]], at: Any = None) -> ipywidgets.SelectionSlider:
    return ipywidgets.SelectionSlider(
        options=choices,
        value=choices[-1][1] if at is None else at,
        description=name,
        continuous_update=False,
        style={"description_width": "8em"},
        layout={"width": "30em"},
    )
