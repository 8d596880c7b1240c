"""Exercises and their checks: stubs fail, solutions pass, typical mistakes are told apart; the copies for a class."""

import json
import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

import crlkit
from crlkit import UserError
from crlkit.course.checks import Check, checks_of
from crlkit.suites import FIRST_SEED

KIT = Path(__file__).parents[1] / "notebooks"
classroom = SimpleNamespace(**runpy.run_path(str(KIT / "classroom.py")))
NOTEBOOKS = sorted(KIT.glob("*.ipynb"))
MODULES = {path.stem: checks_of(path.stem) for path in sorted((KIT / "checks").glob("*.py"))}
CHECKS = {  # 04 has other answers for names of 01 to 03
    f"{number}-{check.name}" if number == "04" else check.name: check
    for number, module in MODULES.items()
    for check in vars(module).values()
    if isinstance(check, Check)
}


def text(cell) -> str:
    return "".join(cell["source"])


def tagged(cell, tag: str) -> bool:
    return tag in cell["metadata"].get("tags", [])


def cells_of(path: Path) -> list:
    return json.loads(path.read_text())["cells"]


def exercises() -> list:
    """(notebook, exercise cell, check cell) of every exercise with code."""
    found = []
    for path in NOTEBOOKS:
        cells = cells_of(path)
        for cell, following in zip(cells, [*cells[1:], None]):
            if tagged(cell, "exercise"):
                found.append(
                    pytest.param(path, cell, following, id=f"{path.stem}-{text(cell).split('(')[0].split()[-1]}")
                )
    return found


@pytest.fixture(scope="module")
def names():
    """The names of each notebook's import cell, made once."""
    made = {}

    def of(path):
        if path not in made:
            first = next(cell for cell in cells_of(path) if cell["cell_type"] == "code")
            source = "\n".join(line for line in text(first).splitlines() if not line.startswith("%"))
            made[path] = {}
            exec(source, made[path])
        return dict(made[path])

    return of


def verdict(names: dict, code: str, check: dict, capsys) -> str:
    capsys.readouterr()
    exec(code, names)
    exec(text(check), names)
    return capsys.readouterr().out


@pytest.mark.parametrize("path, cell, check", exercises())
def test_an_exercise_stands_alone_and_its_stub_is_not_the_answer(names, path, cell, check, capsys):
    assert check is not None and tagged(check, "check")
    said = verdict(names(path), text(cell), check, capsys)
    assert ": not yet: " in said and ": correct" not in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("path, cell, check", exercises())
def test_the_solution_of_an_exercise_passes(names, path, cell, check, capsys):
    said = verdict(names(path), classroom.solution(cell), check, capsys)
    assert ": correct" in said and "not yet" not in said


@pytest.mark.parametrize("path, cell, check", exercises())
def test_a_check_shows_nothing_but_its_line(path, cell, check):
    assert text(check).rstrip().endswith(";")  # else Jupyter prints True or False below it


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_check_follows_an_exercise(path):
    cells = cells_of(path)
    for before, cell in zip([None, *cells], cells):
        if tagged(cell, "check"):
            assert tagged(before, "exercise")


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_tells_its_mistakes_apart(check, capsys):
    assert check(check.right) is True
    assert capsys.readouterr().out == f"{check.name}: correct\n"
    assert len(check.mistakes) >= 2
    for words, mistake in check.mistakes.items():
        with np.errstate(all="ignore"):
            assert check(mistake) is False
        said = capsys.readouterr().out
        assert words in said, f"{words!r} was taken for: {said}"
        assert said.startswith(f"{check.name}: not yet: ") and "got" in said and "right" in said


def infonce(logits, axis=1, mean=np.mean):
    return -mean(np.diag(logits) - logsumexp(logits, axis=axis))


def block(x, layers):
    y = x
    for W, b, scale, shift in layers:
        y = y @ W + b
        y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-6) * scale + shift
        y = y / (1 + np.exp(-y))
    return x + y


# Wrong answers as readers write them, and a word of the reason they should be told.
PLANTED = [
    ("my_time_at_goal", lambda d, t: len(d) - np.argmax(d < t) if (d < t).any() else 0, "first arrived"),
    ("my_time_at_goal", lambda d, t: (d < t).mean(), "share of the episode"),
    ("my_success", lambda d, t: (d < t).mean(), "share of all steps"),
    ("my_success", lambda d, t: sum((row < t).any() for row in d), "their number"),
    ("my_infonce", lambda f: infonce(f, axis=0), "over columns"),
    ("my_infonce", lambda f: infonce(f, mean=np.sum), "their sum"),
    ("my_infonce", lambda f: -infonce(f), "minus sign"),
    ("my_infonce", lambda f: -np.mean(np.log(np.diag(np.exp(f) / np.exp(f).sum(1, keepdims=True)))), "overflows"),
    ("my_infonce", lambda f: -np.log(np.diag(softmax(f, axis=1))), "got shape"),
    ("my_best_logits", lambda p: np.log(p / p.sum(1, keepdims=True)), "without dividing by p(g)"),
    ("my_best_logits", lambda p: p / np.outer(p.sum(1), p.sum(0)), "the ratio itself"),
    ("my_l2", lambda a, b: -((a[:, None] - b[None]) ** 2).sum(-1), "a root is missing"),
    ("my_l2", lambda a, b: np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1)), "minus the distance"),
    ("my_offset", lambda u, R, y: np.floor(np.log(1 - u * (1 - y**R)) / np.log(y)), "starts at 0"),
    ("my_offset", lambda u, R, y: np.minimum(1 + np.floor(np.log(1 - u) / np.log(y)), R), "piles up"),
    ("my_future_steps", lambda e: np.arange(len(e))[::-1], "end of the memory"),
    (
        "my_future_steps",
        lambda e: np.array([(e[t:] == e[t]).sum() for t in range(len(e))]),
        "counts the step itself",
    ),
    ("my_discounted_future", lambda P, y: P @ np.linalg.inv(np.eye(len(P)) - y * P), "factor 1 - discount"),
    ("my_discounted_future", lambda P, y: (1 - y) * np.linalg.inv(np.eye(len(P)) - y * P), "the present"),
    ("my_block", lambda x, w: block(x, w) - x, "identity is missing"),
    ("my_block", lambda x, w: block(x, [(W, b, 1, 0) for W, b, *_ in w]), "the scale and the shift"),
    ("my_parameter_count", lambda i, o, d, w: i * w + d * w * w + w * o, "biases and the layer norm"),
    ("my_parameter_count", lambda i, o, d, w: i * w + w + d * (w * w + w) + w * o + o, "scale and shift"),
]


@pytest.mark.parametrize("name, answer, words", PLANTED)
def test_a_planted_wrong_answer_gets_its_reason(name, answer, words, capsys):
    with np.errstate(all="ignore"):
        assert CHECKS[name](answer) is False
    assert words in capsys.readouterr().out


def test_an_answer_that_cannot_be_trained_is_told_so(capsys):
    for name, answer in {"infonce": infonce, "block": block}.items():
        assert getattr(MODULES["04"], name)(answer) is False
        assert "write jnp for np" in capsys.readouterr().out


def test_a_check_never_raises(capsys):
    check = Check("my_double", lambda x: 2 * x, [(np.arange(3.0),)], {"squared": lambda x: x**2})

    def breaks(x):
        raise ValueError("no\nsecond line")

    def empty(x):
        raise NotImplementedError

    def spoils(x):
        x *= 2
        return x

    for answer, words in {
        breaks: "stopped with ValueError: no",
        empty: "in the place of the dots",
        (lambda x: None): "no answer yet",
        (lambda x: ...): "no answer yet",
        (lambda x: "six"): "yours is a str",
        (lambda x: [[1], [2, 3]]): "yours is a list",
        (lambda x: x[:2]): "got shape [2], right [3]",
        (lambda x: x / 0 * np.nan): "got nan",
        (lambda x: x + 1): "got 1 at [0], right 0",
        (lambda: 1): "stopped with TypeError",
        None: "no answer yet",
        7.0: "got shape [] (one number), right [3]",
    }.items():
        with np.errstate(all="ignore"):
            assert check(answer) is False
        assert words in capsys.readouterr().out
    assert check(spoils) is True and check(np.arange(0, 6, 2.0)) is True


def test_checks_are_found_wherever_one_works_and_those_beside_the_notebook_first(monkeypatch, tmp_path):
    for place in (KIT.parent, KIT, KIT.parent / "data" / "paper", tmp_path):
        monkeypatch.chdir(place)
        assert Path(checks_of("03").__file__).resolve() == KIT / "checks" / "03.py"
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "03.py").write_text("stack = 1")
    (tmp_path / "below").mkdir()
    for place in (tmp_path, tmp_path / "below"):
        monkeypatch.chdir(place)
        assert checks_of("03").stack == 1
    with pytest.raises(UserError, match="checks '99': no file checks/99.py here or above; nearest"):
        checks_of("99")


def arms(**options):
    base = crlkit.Config(preset="smoke", env="point_u_maze", depth=4, seeds=6, seed=FIRST_SEED, **options)
    return [base, replace(base, energy="cosine")]


@pytest.mark.parametrize(
    "answer,said",
    [
        (lambda: arms(), "correct"),
        (lambda: None, "no answer yet"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: tuple(arms()), "a list of crlkit.Config"),
        (lambda: arms()[:1], "two arms at least"),
        (lambda: arms()[:1] * 2, "two that are the same"),
        (lambda: [arms()[0], replace(arms()[1], discount=0.5)], "differ in discount, energy"),
        (lambda: [arms()[0], replace(arms()[0], seed=500)], "same seeds"),
        (lambda: [arms()[0], replace(arms()[0], depth=8)], "keeps actor_depth and critic_depth"),
        (lambda: [replace(config, seeds=3) for config in arms()], "six seeds or more"),
        (lambda: [replace(config, seed=0) for config in arms()], f"from {FIRST_SEED} up"),
        (lambda: [crlkit.Config(preset="smoke", depth=d, seeds=6, seed=FIRST_SEED) for d in (4, 8)], "correct"),
    ],
)
def test_a_plan_is_judged(answer, said, capsys):
    assert MODULES["09"].plan(answer) is (said == "correct")
    assert said in capsys.readouterr().out


@pytest.fixture
def notebook():
    def cell(kind, source, **metadata):
        extra = {"outputs": [{"output_type": "stream"}], "execution_count": 3} if kind == "code" else {}
        return {"cell_type": kind, "source": source.splitlines(keepends=True), "metadata": metadata, **extra}

    return {
        "cells": [
            cell("code", 'open("../data/paper/x.csv")'),
            cell("code", "def f(x):\n    ...", tags=["exercise"], crlkit={"solution": "def f(x):\n    return 2 * x"}),
            cell("code", "check(f);", tags=["check"]),
            cell(
                "markdown",
                "1. Why?\n   <details><summary>Answer</summary>\n   because\n   </details>\n\n[docs](../docs/a.md)",
            ),
        ],
        "metadata": {"widgets": {"state": 1}, "kernelspec": {"name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_copies_for_students_hold_no_solution_and_those_for_teachers_do(notebook, tmp_path):
    (tmp_path / "notebooks" / "checks").mkdir(parents=True)
    (tmp_path / "notebooks" / "checks" / "01.py").write_text("x = 1\n")
    (tmp_path / "notebooks" / "01_x.ipynb").write_text(json.dumps(notebook))
    written = classroom.write(tmp_path / "notebooks", tmp_path / "classroom")
    kept = {path.parent.name: path.read_text() for path in written}
    assert set(kept) == {"student", "teacher"}
    assert all((tmp_path / "classroom" / kind / "checks" / "01.py").read_text() == "x = 1\n" for kind in kept)
    assert "2 * x" not in kept["student"] and "because" not in kept["student"] and "1. Why?" in kept["student"]
    cells = json.loads(kept["teacher"])["cells"]
    assert text(cells[1]) == "# Solution\ndef f(x):\n    return 2 * x" and "because" in text(cells[3])
    for copied in kept.values():
        assert "../../data" in copied and "](../../docs" in copied and '"state": 1' not in copied
        assert all(c["outputs"] == [] and c["execution_count"] is None for c in json.loads(copied)["cells"][:3])


def test_a_copy_begins_where_the_teaching_page_says(tmp_path):
    """Data, films and examples two folders above the copies: notebook 10 needs all that a class is handed."""
    classroom.write(KIT, tmp_path / "classroom")
    for folder in ("data", "figures", "examples"):
        (tmp_path / folder).symlink_to(KIT.parent / folder)
    first = next(cell for cell in cells_of(tmp_path / "classroom" / "student" / "10_bodies.ipynb") if "outputs" in cell)
    code = "\n".join(line for line in text(first).splitlines() if not line.startswith("%"))
    code += "\nprint(data, sys.modules['arm_controller'].__file__, check.__file__)"
    where = {"cwd": tmp_path / "classroom" / "student", "env": os.environ | {"PYTHONPATH": str(KIT.parent)}}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, **where)
    assert done.returncode == 0, done.stderr
    data, controller, checks = done.stdout.split()[-3:]
    assert data == "../../data" and controller.endswith("../../examples/arm_controller.py")
    assert Path(checks).is_relative_to(where["cwd"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_copies_of_this_notebook_are_whole(path):
    notebook = json.loads(path.read_text())
    solutions = [solution for cell in notebook["cells"] if (solution := classroom.solution(cell))]
    student, teacher = (classroom.copied(notebook, kind)["cells"] for kind in classroom.KINDS)
    in_student = json.dumps(student)
    for solution in solutions:
        assert json.dumps(solution)[1:-1] not in in_student
        own_lines = [line for line in solution.splitlines() if line.strip().startswith("return") and len(line) > 20]
        assert all(json.dumps(line)[1:-1] not in in_student for line in own_lines)
    taught = [cell for cell in teacher if text(cell).startswith(classroom.MARK)]
    assert [text(cell) for cell in taught] == [f"{classroom.MARK}\n{solution}" for solution in solutions]
    assert "<summary>Answer" not in in_student
