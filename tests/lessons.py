"""The functions that a notebook defines, as a module: what students read is what is tested."""

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@cache
def lesson(number: str) -> SimpleNamespace:
    """What the first code cell of a notebook imports, and what its cells tagged `definitions` define."""
    (path,) = NOTEBOOKS.glob(f"{number}_*.ipynb")
    code = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    names = {}
    for cell in [code[0], *(cell for cell in code if "definitions" in cell["metadata"].get("tags", []))]:
        source = "".join(line for line in cell["source"] if not line.startswith("%"))
        exec(compile(source, f"{path.name}, cell {cell['id']}", "exec"), names)
    return SimpleNamespace(**names)
