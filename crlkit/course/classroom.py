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
KINDS = ("student", "teacher")


def solution(cell: dict) -> str | None:
    """The solution that an exercise keeps in its metadata; None for any other cell."""
    return cell["metadata"].get("crlkit", {}).get("solution")


def copied(notebook: dict, kind: str) -> dict:
    """A copy of a notebook, outputs cleared. A student's has neither solutions nor folded answers (hints stay); a
    teacher's has every solution, under a line that says so, in the place of the exercise.

    A copy lies one folder deeper than the notebook, so paths that begin with ../ are lengthened.
    """
    notebook = copy.deepcopy(notebook)
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        text, answer = "".join(cell["source"]), solution(cell)
        if kind == "teacher" and answer is not None:
            text = f"{MARK}\n{answer}"
        if kind == "student" and cell["cell_type"] == "markdown":
            text = ANSWER.sub("", text)
        cell["source"] = UPWARDS.sub("../../", text).splitlines(keepends=True)
        for private in ("crlkit", "execution"):
            cell["metadata"].pop(private, None)
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return notebook


def write(notebooks: Path = Path("notebooks"), out: Path = Path("classroom")) -> list[Path]:
    """Writes both copies of every notebook and of `checks/`; overwrites files of the same name, touches no others."""
    written, compiled = [], shutil.ignore_patterns("__pycache__")
    for kind in KINDS:
        shutil.copytree(notebooks / "checks", out / kind / "checks", ignore=compiled, dirs_exist_ok=True)
    for file in sorted(notebooks.glob("*.ipynb")):
        notebook = json.loads(file.read_text(encoding="utf-8"))
        for kind in KINDS:
            path = out / kind / file.name
            path.write_text(json.dumps(copied(notebook, kind), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            written.append(path)
    print(f"{len(written) // 2} notebooks in {out / 'student'} and {out / 'teacher'}")
    return written


if __name__ == "__main__":
    tyro.cli(write, description=__doc__)
