"""What a cell of the course puts on the page: a picture with its words, a recorded figure, a table of the ledger."""

import base64
import io
from pathlib import Path

import matplotlib as mpl
from IPython.display import Markdown, display
from matplotlib.figure import Figure
from PIL import Image

from crlkit import figures
from crlkit.claims import CLAIMS
from crlkit.claims.report import outcome
from crlkit.figures import style


def show(figure: Figure, words: str, alt: str | None = None, look: dict | None = None) -> None:
    """Displays a figure drawn under settings `look`, by default the kit's, with a caption below it, and the same words
    (or `alt`) inside it for a screen reader."""
    file, small = io.BytesIO(), io.BytesIO()
    with mpl.rc_context(look or style.STYLE):
        figure.savefig(file, format="png", dpi=100)
    image = Image.open(file).convert("RGB").quantize(256, dither=Image.Dither.NONE)  # a third of the bytes
    image.save(small, format="png", optimize=True)
    picture = base64.b64encode(small.getvalue()).decode()
    display({"image/png": picture}, raw=True, metadata={"image/png": {"alt": alt or words}})
    display(Markdown(words if words.startswith("<") else f"*{words}*"))


def recorded(name: str, data: str | Path) -> None:
    """Displays a figure of `crlkit figures`, made anew, its numbers folded below it. UserError for an unknown name."""
    figure = figures.module(name)
    takeaway, alt = figure.words(Path(data))
    folded = f"<details><summary>{figure.title}: the numbers</summary>\n\n{takeaway}\n\n</details>"
    show(figure.draw(Path(data)), folded, alt)


def ledger(data: str | Path, *names: str) -> None:
    """Displays entries of the ledger as a table: claim, the first of what was measured here, verdict."""
    lines = "| claim | here | verdict |\n|---|---|---|\n"
    for claim in [CLAIMS[name] for name in names]:
        verdict = claim.judge(Path(data))
        here = verdict.here.partition(";")[0] or "-"
        lines += f"| {claim.sentence} | {here} | **{outcome(claim, verdict)}** |\n"
    display(Markdown(f"{lines}\nThe rule of every verdict, and all that was measured: `docs/claims.md`."))
