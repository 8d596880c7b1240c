"""Prints what .ci/lowest installs: the lowest version of every direct dependency that pyproject.toml allows."""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest(project: Path = PROJECT) -> list[str]:
    """One pinned requirement for every line of the dependencies and of the notebooks' extra."""
    declared = tomllib.loads(project.read_text())["project"]
    lines = declared["dependencies"] + declared["optional-dependencies"]["notebooks"]
    for line in lines:
        if not re.fullmatch(r"[\w-]+>=[\d.]+", line):
            sys.exit(
                f"pyproject.toml: {line!r}: must be a name and a lowest version; nearest: {line.split('>')[0]}>=1.0"
            )
    return [line.replace(">=", "==") for line in lines]


def tools(project: Path = PROJECT) -> list[str]:
    """What only tests the kit; of these the newest versions will do."""
    return tomllib.loads(project.read_text())["project"]["optional-dependencies"]["dev"]


if __name__ == "__main__":
    print(*lowest(), *tools(), sep="\n")
