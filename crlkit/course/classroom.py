"""Copies of the notebooks for a class: `classroom/student` without outputs and solutions, `classroom/teacher` with the
solutions in the place of the exercises. Run as `python -m crlkit.course.classroom` (`make classroom`).
"""

import copy
import json
import re
import shutil
from pathlib import Path

import tyro

MARK = "# Solution"
ANSWER = re.compile(r"[ \t]*<details>\s*<summary>\s*Answer.*?</details>[ \t]*\n?", re.DOTALL)
UPWARDS = re.compile(r"""(?<=["'(])\.\./""")
COMPILED = shutil.ignore_patterns("__pycache__")


def solution(cell: dict) -> str | None:
    """The solution that an exercise keeps in its metadata; None for any other cell."""
    return cell["metadata"].get("crlkit", {}).get("solution")


def student(cell: dict) -> dict:
    """The cell without its solution and without folded answers; hints stay."""
    cell["metadata"].pop("crlkit", None)
    if cell["cell_type"] == "markdown":
        _write(cell, ANSWER.sub("", _text(cell)))
    return cell


def teacher(cell: dict) -> dict:
    """The cell with its solution, under a line that says so, in the place of the exercise."""
    answer = solution(cell)
    cell["metadata"].pop("crlkit", None)
    if answer is not None:
        _write(cell, f"{MARK}\n{answer}")
    return cell


KINDS = {"student": student, "teacher": teacher}


def copied(notebook: dict, kind: str) -> dict:
    """A copy of a notebook, `kind` student or teacher, outputs cleared.

    A copy lies one folder deeper than the notebook, so paths that begin with ../ are lengthened.
    """
    notebook = copy.deepcopy(notebook)
    notebook["metadata"].pop("widgets", None)
    notebook["cells"] = [KINDS[kind](cell) for cell in notebook["cells"]]
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
        _write(cell, UPWARDS.sub("../../", _text(cell)))
    return notebook


def write(notebooks: Path, out: Path) -> list[Path]:
    """Writes both copies of every notebook and of `checks/`; overwrites files of the same name, touches no others."""
    written = []
    for kind in KINDS:
        shutil.copytree(notebooks / "checks", out / kind / "checks", ignore=COMPILED, dirs_exist_ok=True)
    for file in sorted(notebooks.glob("*.ipynb")):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        for kind in KINDS:
            path = out / kind / file.name
            path.write_text(json.dumps(copied(notebook, kind), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            written.append(path)
    return written


def _text(cell: dict) -> str:
    return "".join(cell["source"])


def _write(cell: dict, text: str) -> None:
    cell["source"] = text.splitlines(keepends=True)


def main(notebooks: Path = Path("notebooks"), out: Path = Path("classroom")) -> None:
    print(f"{len(write(notebooks, out)) // 2} notebooks in {out / 'student'} and {out / 'teacher'}")


if __name__ == "__main__":
    tyro.cli(main, description=__doc__)
