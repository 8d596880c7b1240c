"""The one error that is the user's to mend: its text is a single line with the value, the rule and a good value."""

import difflib
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any


class UserError(Exception):
    """Wrong input or a run that cannot go on; the command line prints the text and exits with code 2."""


@contextmanager
def writing(what: str, nearest: str = "a folder you can write to") -> Iterator[None]:
    """Whatever the system says against it becomes one line about `what`."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{what}: {error.strerror or error}; nearest: {nearest}") from error


def nearest_name(name: Any, known: Iterable[str]) -> str:
    return difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.0)[0]


def check_choice(what: str, name: Any, known: Iterable[str]) -> None:
    """Raises UserError, with the nearest name, unless `name` is one of those `known`."""
    if name not in list(known):  # which may be anything, a list too
        raise UserError(f"{what} {name!r}: must be one of {', '.join(known)}; nearest: {nearest_name(name, known)}")


def first_line(error: Exception) -> str:
    """What an error says, or else its type."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def check_number(
    name: str, value: Any, low: float | None, high: float = math.inf, example: Any = None, whole: bool = True
) -> Any:
    """`value` as a plain number. Raises UserError unless it is one from `low` to `high`; `example`, by default `low`, is a
    good value where the one given says nothing."""
    bound = f"at most {high}" if low is None else f"at least {low}" if high == math.inf else f"from {low} to {high}"
    real = isinstance(value, Real) and not isinstance(value, bool) and value == value
    if not real or (whole and not isinstance(value, Integral)):
        nearest = low if example is None else example
        if real and math.isfinite(value):
            nearest = min(max(round(value), 1 if low is None else low), high)
        raise UserError(f"{name} {value!r}: must be a {'whole ' * whole}number {bound}; nearest: {nearest}")
    nearest = min(value if low is None else max(value, low), high)
    if nearest != value:
        raise UserError(f"{name} {value}: must be {bound}; nearest: {nearest}")
    return int(value) if whole else float(value)
