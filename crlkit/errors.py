"""The one error that is the user's to mend: its text is a single line with the value, the rule and a good value."""

import difflib
from collections.abc import Iterable
from typing import Any


class UserError(Exception):
    """Wrong input or a run that cannot go on; the command line prints the text and exits with code 2."""


def nearest_name(name: Any, known: Iterable[str]) -> str:
    return difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.0)[0]


def check_choice(what: str, name: Any, known: Iterable[str]) -> None:
    """Raises UserError, with the nearest name, unless `name` is one of those `known`."""
    if name not in known:
        raise UserError(f"{what} {name!r}: must be one of {', '.join(known)}; nearest: {nearest_name(name, known)}")


def first_line(error: Exception) -> str:
    """What an error says, or else its type."""
    return (str(error).splitlines() or [type(error).__name__])[0]
