"""Every finding that a notebook states is made from today's rows, and these support it."""

import json

import pytest
from findings import FINDINGS, PLACE, ROOT

STATED = [
    (path.stem, found["name"], " ".join(found["text"].split()))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    for cell in json.loads(path.read_text())["cells"]
    if cell["cell_type"] == "markdown"
    for found in PLACE.finditer("".join(cell["source"]))
]


@pytest.mark.parametrize("notebook, name, text", STATED, ids=[f"{notebook[:2]}-{name}" for notebook, name, _ in STATED])
def test_what_a_notebook_found_is_what_the_rows_say(notebook, name, text):
    sentence, supported = FINDINGS[name]()
    assert text == sentence, "python tests/findings.py writes the sentences of today's rows"
    assert supported, "the rows no longer support this: rewrite its section"


def test_every_finding_is_stated_and_no_other():
    assert {name for _, name, _ in STATED} == set(FINDINGS)
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        text = "\n".join(
            "".join(c["source"]) for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "markdown"
        )
        assert text.count("**Found.**") == len(PLACE.findall(text)), path.stem
