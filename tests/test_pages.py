"""What the course's cells put on the page: pictures with words, recorded figures, the ledger."""

import base64
import io
import json
from pathlib import Path

import pytest
from lessons import lesson
from PIL import Image

from crlkit import UserError
from crlkit.claims import CLAIMS
from crlkit.course import pages
from crlkit.figures import style

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def shown(monkeypatch):
    """Everything displayed: (what, keywords)."""
    seen = []
    monkeypatch.setattr(pages, "display", lambda what, **options: seen.append((what, options)))
    return seen


def test_a_picture_has_its_words_below_and_inside_and_a_palette(shown):
    figure = style.new_figure(3, 2)
    figure.subplots().imshow([[0, 1, 2], [3, 4, 5]], cmap="viridis")
    pages.show(figure, "six squares")
    (picture, options), (words, _) = shown
    with Image.open(io.BytesIO(base64.b64decode(picture["image/png"]))) as image:
        assert image.size == (300, 200) and image.mode == "P"
    assert options["metadata"]["image/png"]["alt"] == "six squares" and "six squares" in words.data


def test_a_recorded_figure_says_its_takeaway_and_its_alt(shown):
    pages.recorded("batch_size", DATA, dpi=40)
    (_, options), (words, _) = shown
    assert len(options["metadata"]["image/png"]["alt"]) > 40 and "the numbers</summary>" in words.data
    with pytest.raises(UserError, match="nearest: batch_size"):
        pages.recorded("batch_sizes", DATA)


def test_the_ledger_names_verdict_claim_and_rule(shown):
    pages.ledger(DATA, "depth_helps", "cmd1")
    text = shown[0][0].data
    for name in ("depth_helps", "cmd1"):
        assert CLAIMS[name].sentence in text and CLAIMS[name].rule in text
    assert CLAIMS["depth_helps"].judge(DATA).outcome in text


def test_the_contents_are_titles_in_order_with_links(tmp_path):
    for name, first in {"01_b": "code", "00_a": "markdown"}.items():
        cells = [
            {"cell_type": first, "source": ["# of " + name + "\n", "text"]},
            {"cell_type": "markdown", "source": ["# Title " + name]},
        ]
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    assert lesson("00").contents(tmp_path) == "* 00 [of 00_a](00_a.ipynb)\n* 01 [Title 01_b](01_b.ipynb)"
