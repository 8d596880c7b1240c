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
from crlkit.course import pages, pictures
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
    pages.recorded("batch_size", DATA)
    (_, options), (words, _) = shown
    assert len(options["metadata"]["image/png"]["alt"]) > 40 and "the numbers</summary>" in words.data
    with pytest.raises(UserError, match="nearest: batch_size"):
        pages.recorded("batch_sizes", DATA)


def test_the_ledger_is_a_table_of_claims_what_was_measured_and_verdicts(shown):
    pages.ledger(DATA, "depth_helps", "cmd1")
    rows = shown[0][0].data.splitlines()[2:4]
    for name, row in zip(("depth_helps", "cmd1"), rows):
        verdict = CLAIMS[name].judge(DATA)
        assert row.startswith(f"| {CLAIMS[name].sentence} | ") and row.endswith(f" | **{verdict.outcome}** |")
        assert verdict.here.partition(";")[0] in row


def test_the_contents_are_titles_in_order_with_links(tmp_path):
    for name, first in {"01_b": "code", "00_a": "markdown"}.items():
        cells = [
            {"cell_type": first, "source": ["# of " + name + "\n", "text"]},
            {"cell_type": "markdown", "source": ["# Title " + name]},
        ]
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({"cells": cells}))
    assert lesson("00").contents(tmp_path) == "* 00 [of 00_a](00_a.ipynb)\n* 01 [Title 01_b](01_b.ipynb)"


def test_single_pictures_show_every_seed_and_say_so():
    figure, words = pictures.boards_by_depth(DATA, 0.001, 0.0003)
    axes = figure.axes[0]
    seeds = sum(len(line.get_xdata()) for line in axes.lines if line.get_marker() == ".")
    kept = [pictures.final(DATA, suite, "solved_5", "seed >= 100") for suite in ("boards", "boards_rates")]
    assert seeds == sum(len(scores) for rate in kept for scores in rate.values())
    assert "rate 0.001: 4 layers 0.03 (6 seeds)" in words and "rate 0.0003: 4 layers 0.05" in words
    assert [tick.get_text() for tick in axes.get_xticklabels()][:3] == ["4", "8", "16"]
    figure, words = pictures.maze_by_depth(DATA)
    bars = [line for line in figure.axes[0].lines if line.get_alpha() == 0.3]
    assert len(bars) == sum(len(x) >= 5 for x in pictures.final(DATA, "cured_depth", "success", "depth > 0").values())
    assert "64 layers 0.68" in words
