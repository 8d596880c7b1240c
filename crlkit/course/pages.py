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


def png(figure: Figure, dpi: int) -> bytes:
    """The figure as a small PNG file: a palette takes a third of the bytes."""
    file, small = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(style.STYLE):
        figure.savefig(file, format="png", dpi=dpi)
    with Image.open(file) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue()


def show(figure: Figure, words: str, alt: str | None = None, dpi: int = 100) -> None:
    """Displays a figure with a caption below it, and the same words (or `alt`) inside it for a screen reader."""
    picture = base64.b64encode(png(figure, dpi)).decode()
    display({"image/png": picture}, raw=True, metadata={"image/png": {"alt": alt or words}})
    display(Markdown(words if words.startswith("<") else f"*{words}*"))


def recorded(name: str, data: str | Path, dpi: int = 100) -> None:
    """Displays a figure of `crlkit figures`, made anew from `data`, with its numbers folded below it. Raises UserError
    for an unknown name."""
    figure = figures.module(name)
    takeaway, alt = figure.words(Path(data))
    folded = f"<details><summary>{figure.title}: the numbers</summary>\n\n{takeaway}\n\n</details>"
    show(figure.draw(Path(data)), folded, alt, dpi)


def ledger(data: str | Path, *names: str) -> None:
    """Displays entries of the ledger: verdict and claim, and folded what was published and measured, by which rule."""
    lines = []
    for name in names:
        claim, verdict = CLAIMS[name], CLAIMS[name].judge(Path(data))
        seeds = f", at least {count(verdict.seeds, 'seed')} per arm" if verdict.seeds else ""
        size = f" ({verdict.size}{seeds})" if verdict.size else ""
        here = f"{verdict.here}{size}" if verdict.here else "nothing measured yet"
        lines.append(
            f"<details><summary><b>{verdict.outcome}</b>: {claim.sentence}</summary>\n\n"
            f"* source: {claim.source}; published: {claim.published(Path(data))}\n* here: {here}\n"
            f"* measured: {claim.statistic}\n* rule of the verdict: {claim.rule}\n\n</details>"
        )
    display(Markdown("\n\n".join(lines)))
