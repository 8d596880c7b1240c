"""What a reader finds in the notebooks as they are kept: whole, in order, without errors or traces of a machine.

That they run is the business of `pytest --nbmake notebooks`. nbmake does not look inside Output widgets, where an error
of a slider's callback ends up; these tests do.
"""

import ast
import json
import re
from importlib import metadata
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import environment

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
MACHINE = re.compile(r"(?<![\w.~])/(?:work|tmp|root|home|Users|private|mnt|var)/|[A-Z]:\\\\")
WIDGET_STATE, WIDGET_VIEW = (f"application/vnd.jupyter.widget-{part}+json" for part in ("state", "view"))
MAX_DRAWING = 15
MAX_LINES = 35
MAX_EXERCISES = 3
MAX_BYTES = 1_000_000
ON_A_PICTURE = {*dir(Axes), *dir(Figure)} - {*dir(str), *dir(list), *dir(dict)}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return json.loads(path.read_text())


def text(cell) -> str:
    return "".join(cell["source"])


def code_cells(notebook) -> list:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and text(cell).strip()]


def outputs(notebook) -> list:
    return [output for cell in code_cells(notebook) for output in cell["outputs"]]


def widgets(notebook) -> dict:
    return notebook["metadata"].get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_the_kernel_is_one_that_everybody_has(notebook):
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_outputs_are_those_of_one_run_from_a_fresh_kernel(notebook):
    counts = [cell["execution_count"] for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_no_output_is_an_error(notebook):
    assert [output for output in outputs(notebook) if output["output_type"] == "error"] == []
    inside = [output for model in widgets(notebook).values() for output in model["state"].get("outputs", [])]
    assert [output for output in inside if output["output_type"] == "error"] == []


def test_the_state_of_every_widget_on_show_is_kept(notebook):
    shown = [
        output["data"][WIDGET_VIEW]["model_id"] for output in outputs(notebook) if WIDGET_VIEW in output.get("data", {})
    ]
    assert set(shown) <= set(widgets(notebook))


def test_one_title_and_headings_in_order(notebook):
    prose = "\n".join(text(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    prose = re.sub(r"```.*?```", "", prose, flags=re.DOTALL)
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose, flags=re.MULTILINE)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below - above <= 1 for above, below in zip(levels, levels[1:], strict=False))


def draws(node) -> bool:
    """Whether a piece of code is a call that draws: of a method that axes or figures have, of something of `plt` or of
    `style`, of something named draw..."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id.startswith("draw")
    attribute, of = getattr(node.func, "attr", ""), getattr(node.func, "value", None)
    return attribute in ON_A_PICTURE or attribute.startswith("draw") or getattr(of, "id", None) in ("plt", "style")


def drawing_lines(source: str) -> int:
    """How many lines of a cell draw: those of every simple statement, and of every head of a loop, with a call that
    draws in it. Lines that compute, define or say something do not count: a cell may hold as much as its idea needs."""
    lines = set()
    for node in ast.walk(ast.parse(re.sub("^%", "#", source, flags=re.MULTILINE))):
        looked_at = node.iter if isinstance(node, ast.For) else node
        simple = isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return)
        if (simple or looked_at is not node) and any(map(draws, ast.walk(looked_at))):
            lines.update(range(node.lineno, looked_at.end_lineno + 1))
    return len(lines)


def test_lines_that_draw_are_counted_and_no_others():
    cell = """%matplotlib inline
figure = style.new_figure(3, 2)
for axes, name in zip(figure.subplots(1, 2), names):
    values = compute(name)
    axes.plot(
        values,
    )
    names = {"a": 1}.get(name)
show(figure, "words")
"""
    assert drawing_lines(cell) == 5
    assert drawing_lines("def draw_it(axes):\n    x = 1\n    axes.set(title='x')\n    return draw_them(axes)") == 2


def test_no_cell_is_all_drawing_and_files_are_short(path, notebook):
    drawing = {text(cell)[:60]: drawing_lines(text(cell)) for cell in code_cells(notebook)}
    assert {cell: lines for cell, lines in drawing.items() if lines > MAX_DRAWING} == {}
    assert path.stat().st_size < MAX_BYTES


def test_a_notebook_has_a_hook_a_sentence_to_take_home_and_cells_one_can_read(path, notebook):
    prose = "\n".join(text(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert prose.count("**Take home.**") == 1 and "How to read it" not in prose
    first = text(notebook["cells"][0])
    assert any(hook in first for hook in ("**The bet.**", "../figures/", "scandal"))
    long = {text(cell)[:60]: len(text(cell).splitlines()) for cell in code_cells(notebook)}
    assert {cell: lines for cell, lines in long.items() if lines > MAX_LINES} == {}
    exercises = [cell for cell in code_cells(notebook) if "exercise" in cell["metadata"].get("tags", [])]
    assert len(exercises) <= MAX_EXERCISES


def test_code_that_only_draws_is_folded(notebook):
    for cell in code_cells(notebook):
        folded = "hide-input" in cell["metadata"].get("tags", [])
        assert folded == cell["metadata"].get("jupyter", {}).get("source_hidden", False)
        if drawing_lines(text(cell)) > 10 and "definitions" not in cell["metadata"].get("tags", []):
            assert folded, text(cell)[:60]


def test_nothing_names_a_folder_of_the_machine_that_made_it(notebook):
    for output in outputs(notebook):
        output.get("data", {}).pop("image/png", None)  # base64 holds any letters
    for model in widgets(notebook).values():
        model.pop("buffers", None)
    whole = json.dumps(notebook, ensure_ascii=False)
    found = [whole[max(0, match.start() - 40) : match.end() + 20] for match in MACHINE.finditer(whole)]
    assert found == []


def test_every_picture_is_followed_by_words(notebook):
    cells = notebook["cells"]
    for cell, following in zip(cells, [*cells[1:], {"cell_type": "none"}], strict=True):
        kinds = ["image/png" in output.get("data", {}) for output in cell.get("outputs", [])]
        if any(kinds):
            words_in_cell = len(kinds) - 1 - kinds[::-1].index(True) < len(kinds) - 1
            assert words_in_cell or following["cell_type"] == "markdown", text(cell)[:80]


def test_the_check_of_the_installation_finds_this_one_in_order(monkeypatch):
    monkeypatch.delenv("CRLKIT_PRESET", raising=False)
    findings = environment.check()
    table = environment.table(findings)
    essential = table[table.what.isin(["Python", "jax", "flax"])]
    assert list(essential.verdict) == ["ok"] * 3


def test_the_check_of_the_installation_names_a_way_out_of_every_problem(monkeypatch):
    real = metadata.version

    def version(package):
        if package == "ipywidgets":
            raise metadata.PackageNotFoundError(package)
        return "0.0.1" if package == "jax" else real(package)

    monkeypatch.setattr(metadata, "version", version)
    monkeypatch.setenv("CRLKIT_PRESET", "smoke")
    findings = environment.check()
    problems = {finding.what for finding in findings if finding.remedy}
    assert {"jax", "ipywidgets", "CRLKIT_PRESET"} <= problems
    advice = environment.advice(findings)
    assert advice.count("PROBLEM") == len(problems) == len(advice.splitlines())
    assert "make setup" in advice and "needs" in advice and "missing" in advice
