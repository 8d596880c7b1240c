"""Every figure that `crlkit figures` writes, by name: a function of the data folder."""

import difflib
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from crlkit.errors import UserError
from crlkit.figures import depth_curves, style

FIGURES: dict[str, Callable[[Path], Figure]] = {"depth_curves": depth_curves.draw}


def write(names: tuple[str, ...] = (), data: str | Path = "data", out: str | Path = "figures") -> list[Path]:
    """Draws the named figures (all by default) as PNG and PDF. Raises UserError for an unknown name."""
    for name in names:
        if name not in FIGURES:
            close = difflib.get_close_matches(name, FIGURES, n=1, cutoff=0.0)[0]
            raise UserError(f"figure {name!r}: must be one of {', '.join(FIGURES)}; nearest: {close}")
    written = []
    for name in names or FIGURES:
        figure = FIGURES[name](Path(data))
        written += [style.save(figure, Path(out) / f"{name}.{kind}") for kind in ("png", "pdf")]
    return written
