"""What a cell of the course puts on the page: a picture with its words, a recorded figure, entries of the ledger."""

import base64
import io
from pathlib import Path

import matplotlib as mpl
from IPython.display import Markdown, display
from matplotlib.figure import Figure
from PIL import Image

from crlkit import figures
from crlkit.claims import CLAIMS
from crlkit.figures import style
from crlkit.figures.words import count

COLOURS = 128  # of a picture on the page: a third of the bytes, and no eye sees it


def png(figure: Figure, dpi: int, colours: int) -> bytes:
    """The figure as a small PNG file of a fixed number of colours."""
    file, small = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(style.STYLE):
        figure.savefig(file, format="png", dpi=dpi)
    with Image.open(file) as image:
        image.convert("RGB").quantize(colours, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue()


def show(figure: Figure, words: str, alt: str | None = None, dpi: int = 100, colours: int = COLOURS) -> None:
    """Displays a figure with one sentence below it, and the same sentence (or `alt`) inside it for a screen reader."""
    picture = base64.b64encode(png(figure, dpi, colours)).decode()
    display({"image/png": picture}, raw=True, metadata={"image/png": {"alt": alt or words}})
    display(Markdown(f"**In words:** {words}"))


def recorded(name: str, data: str | Path, dpi: int = 100, colours: int = COLOURS) -> None:
    """Displays a figure of `crlkit figures` and its takeaway, made anew from `data`. Raises UserError for an unknown
    name."""
    figure = figures.module(name)
    takeaway, alt = figure.words(Path(data))
    show(figure.draw(Path(data)), takeaway, alt, dpi, colours)


def ledger(data: str | Path, *names: str) -> None:
    """Displays entries of the ledger: what was claimed and published, what `data` says, how measured, the verdict."""
    lines = []
    for name in names:
        claim, verdict = CLAIMS[name], CLAIMS[name].judge(Path(data))
        seeds = f", at least {count(verdict.seeds, 'seed')} an arm" if verdict.seeds else ""
        size = f" ({verdict.size}{seeds})" if verdict.size else ""
        here = f"{verdict.here}{size}" if verdict.here else "nothing measured yet"
        lines.append(
            f"* **{verdict.outcome}**: {claim.sentence} *({claim.source})*\n"
            f"  * published: {claim.published(Path(data))}\n  * here: {here}\n"
            f"  * measured: {claim.statistic}\n  * rule of the verdict: {claim.rule}"
        )
    display(Markdown("\n".join(lines)))
