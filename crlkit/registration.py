"""What people add to the kit from their own files and notebook cells, and where they did it: a run notes what it needs
of that, and says in one line what is missing when it is opened without it.

The variable CRLKIT_IMPORT names files (several apart by `:`) that every `import crlkit` runs first, so that the command
line and the workers of a cluster know what they register.
"""

import os
import runpy
import sys
from pathlib import Path
from typing import Any

from crlkit.errors import UserError

IMPORT = "CRLKIT_IMPORT"
CELL = "a notebook cell"
REGISTERED: dict[str, str] = {}  # "maze spiral" -> the absolute path of the file that registered it, or CELL


def import_files() -> None:
    """Runs the files that CRLKIT_IMPORT names. Raises UserError for one that is not there."""
    for file in filter(None, os.environ.get(IMPORT, "").split(os.pathsep)):
        if not Path(file).is_file():
            raise UserError(f"{IMPORT} {file!r}: no such file in {Path.cwd()}; nearest: unset it, or an absolute path")
        runpy.run_path(file)


def check_free(kind: str, name: str, of_the_kit: bool, nearest: str) -> None:
    """Raises UserError, with the name `nearest`, where `name` is the kit's own or another file's; the file that
    registered it may do so again, as a notebook cell does that runs twice."""
    before = REGISTERED.get(f"{kind} {name}")
    if before is None and of_the_kit:
        raise UserError(f"{kind} {name!r}: the kit has one of that name; nearest: {nearest}")
    if before not in (None, _caller()):
        raise UserError(f"{kind} {name!r}: {shown(before)} has registered that name; nearest: {nearest}")


def note(kind: str, name: str) -> str:
    """Notes that whoever called the kit registered `name`; returns the key of REGISTERED."""
    REGISTERED[key := f"{kind} {name}"] = _caller()
    return key


class Registry(dict):
    """What an option of the config, `kind`, may be, by name: the kit's from the start, `register` adds those of people.
    What each must be is said where the registry stands (`crlkit.agents`, `crlkit.networks`, `crlkit.losses`)."""

    def __init__(self, kind: str, ours: dict[str, Any]):
        super().__init__(ours)
        self.kind, self.ours = kind, frozenset(ours)

    def register(self, name: str, thing: Any) -> None:
        """Adds one. Raises UserError for a name that is taken, or that is none."""
        if not isinstance(name, str) or not name.isidentifier():
            nearest = "".join(c if c.isalnum() else "_" for c in str(name)).strip("_") or f"my_{self.kind}"
            raise UserError(f"{self.kind} {name!r}: must be letters, digits and _; nearest: {nearest}")
        check_free(self.kind, name, name in self.ours, nearest=f"my_{name}")
        note(self.kind, name)
        self[name] = thing


def require(needed: dict[str, str]) -> None:
    """Raises UserError unless all that `needed` (key of REGISTERED -> where it was made) holds is registered here."""
    for key in [key for key in needed if key not in REGISTERED]:
        kind, _, name = key.partition(" ")
        place = " ".join(str(needed[key]).split())  # it comes from a file, and the message is one line
        nearest = "run that cell first" if place == CELL else f"{IMPORT}={place}, or import it first"
        raise UserError(f"{kind} {name!r}: registered in {place}, which has not run here; nearest: {nearest}")


def places(*keys: str) -> dict[str, str]:
    """Those of `keys` that people registered, and where: what a run writes down, for `require` of who reopens it."""
    return {key: shown(REGISTERED[key]) for key in keys if key in REGISTERED}


def shown(place: str) -> str:
    """A place as runs write it down: from the present folder, or the file's name alone, which tells nobody's folders."""
    inside = place != CELL and Path(place).is_relative_to(Path.cwd())
    return os.path.relpath(place) if inside else os.path.basename(place)


def _caller() -> str:
    """The file of whoever called the kit."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").partition(".")[0] == "crlkit":
        frame = frame.f_back
    file = os.path.abspath(frame.f_code.co_filename)
    return file if os.path.isfile(file) else CELL
