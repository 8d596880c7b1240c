"""Sliders over figures. Nothing trains here: every move calls a plain function that returns a Figure.

The picture is an `Image` widget and the callback an `observe`, so that an error in a callback is an error of the cell;
inside an `Output` widget it would be swallowed.
"""

import io
from collections.abc import Callable
from typing import Any

import ipywidgets
import matplotlib as mpl
from matplotlib.figure import Figure

from crlkit.analysis.moments import Moment
from crlkit.figures import style, training


def png(figure: Figure) -> bytes:
    """The figure as a PNG file, at screen resolution."""
    file = io.BytesIO()
    with mpl.rc_context(style.STYLE):
        figure.savefig(file, format="png", dpi=90)
    return file.getvalue()


def explore(draw: Callable[..., Figure], **options: list[tuple[str, Any]]) -> ipywidgets.VBox:
    """One slider for each of `options` (name -> list of (label, value)), below the picture `draw(**values)` makes.

    Draws once at once, with the last value of each; then again whenever a slider is let go.
    """
    sliders = {
        name: ipywidgets.SelectionSlider(
            options=choices,
            value=choices[-1][1],
            description=name.replace("_", " "),
            continuous_update=False,
            style={"description_width": "8em"},
            layout={"width": "30em"},
        )
        for name, choices in options.items()
    }
    image = ipywidgets.Image(format="png", layout={"max_width": "100%", "min_height": "250px"})

    def redraw(_=None):
        image.value = png(draw(**{name: slider.value for name, slider in sliders.items()}))

    redraw()
    for slider in sliders.values():
        slider.observe(redraw, names="value")
    return ipywidgets.VBox([*sliders.values(), image])


def training_explorer(moments: dict[int, list[Moment]]) -> ipywidgets.VBox:
    """Sliders over depth and over training time, for moments recorded at the same updates at every depth."""
    shortest = min(moments.values(), key=len)
    return explore(
        lambda depth, training_time: training.draw(moments, depth, training_time),
        depth=[(str(depth), depth) for depth in sorted(moments)],
        training_time=[(f"{m.updates:,} updates", index) for index, m in enumerate(shortest)],
    )
