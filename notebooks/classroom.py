"""Copies of the notebooks for a class: `make classroom` writes `classroom/student` and `classroom/teacher`."""

import copy
import json
import re
import shutil
from pathlib import Path

MARK = "# Solution"
ANSWER = re.compile(r"[ \t]*<details>\s*<summary>\s*Answer.*?</details>[ \t]*\n?", re.DOTALL)
UPWARDS = re.compile(r"""(?<=["'(])\.\./""")
KINDS, PRIVATE = ("student", "teacher"), ("crlkit", "execution")


def solution(cell: dict) -> str | None:
    """The solution that an exercise keeps in its metadata; None for any other cell."""
    return cell["metadata"].get("crlkit", {}).get("solution")


def copied(notebook: dict, kind: str) -> dict:
    """A copy of a notebook, outputs cleared, for one folder deeper. A student's has neither solutions nor folded
    answers (hints stay); a teacher's has every solution, under a line that says so, in the place of the exercise."""
    notebook = copy.deepcopy(notebook)
    notebook["metadata"].pop("widgets", None)
    for cell in notebook["cells"]:
        text, answer = "".join(cell["source"]), solution(cell)
        if kind == "teacher" and answer is not None:
            text = f"{MARK}\n{answer}"
        if kind == "student" and cell["cell_type"] == "markdown":
            text = ANSWER.sub("", text)
        cell["source"] = UPWARDS.sub("../../", text).splitlines(keepends=True)
        cell["metadata"] = {name: kept for name, kept in cell["metadata"].items() if name not in PRIVATE}
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
    write()
