"""The checks of exercises: each tells in one line why an answer is not right yet, and never raises.

double = Check("my_double", lambda x: 2 * x, [(3.0,)], {"doubled expected, yours is squared": lambda x: x**2})
double(my_double)
"""

import copy
import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from crlkit.errors import UserError


def checks_of(notebook: str) -> SimpleNamespace:
    """What the file `checks/03.py` of notebook `"03"` defines, looked for in the working directory and above it, then in
    the kit. Raises UserError if there is none."""
    for place in (Path.cwd(), *Path.cwd().parents, Path(__file__).parents[2]):
        for file in (place / "checks" / f"{notebook}.py", place / "notebooks" / "checks" / f"{notebook}.py"):
            if file.is_file():
                return SimpleNamespace(**runpy.run_path(str(file)))
    raise UserError(f"checks {notebook!r}: no file checks/{notebook}.py here or above; nearest: notebooks/")


@dataclass(frozen=True)
class Check:
    """One exercise. Call it with the answer: a function, or a plain value where `inputs` is `[()]`.

    inputs: tuples of arguments, one a trial. mistakes: typical wrong answers, `{what is wrong, in the reader's terms: a
    function that makes it}`, tried in order. tolerance: relative to the larger of 1 and a trial's largest right number.
    """

    name: str
    right: Callable
    inputs: Sequence[tuple]
    mistakes: Mapping[str, Callable] = field(default_factory=dict)
    tolerance: float = 1e-4

    def __call__(self, answer: Any) -> bool:
        reason = self.diagnose(answer)
        print(f"{self.name}: correct" if reason is None else f"{self.name}: not yet: {reason}")
        return reason is None

    def diagnose(self, answer: Any) -> str | None:
        """Why the answer is not right, in one line; None if it is."""
        ask = answer if callable(answer) else (lambda *_: answer)
        for trial in self.inputs:
            expected = np.asarray(self.right(*copy.deepcopy(trial)), np.float64)
            try:
                given = ask(*copy.deepcopy(trial))
            except NotImplementedError:
                return "write your code in the place of the dots"
            except Exception as error:  # whatever the reader's code raises is an answer to explain
                return f"your code stopped with {type(error).__name__}: {' '.join(str(error).split())[:120]}"
            if given is None or given is Ellipsis:
                return "there is no answer yet: replace the dots, and end with return"
            try:
                got = np.asarray(given, np.float64)
            except (TypeError, ValueError):
                return f"numbers of shape {_shape(expected)} expected, yours is a {type(given).__name__}"
            if not self._agree(got, expected):
                known = (f"{words}: " for words, mistake in self.mistakes.items() if self._makes(mistake, ask))
                return next(known, "") + _difference(got, expected)
        return None

    def _agree(self, got: np.ndarray, expected: np.ndarray) -> bool:
        atol = self.tolerance * np.max(np.abs(expected), where=np.isfinite(expected), initial=1.0)
        return got.shape == expected.shape and np.allclose(got, expected, rtol=0, atol=atol, equal_nan=True)

    def _makes(self, mistake: Callable, ask: Callable) -> bool:
        """Whether the mistake gives what the answer gives, in every trial that the answer can answer."""
        trials = [(_asked(ask, trial), _asked(mistake, trial)) for trial in self.inputs]
        return all(given is None or (wrong is not None and self._agree(given, wrong)) for given, wrong in trials)


def _asked(function: Callable, trial: tuple) -> np.ndarray | None:
    """What a function answers, with nan for whatever is not finite; None where it fails."""
    try:
        with np.errstate(all="ignore"):
            answer = np.asarray(function(*copy.deepcopy(trial)), np.float64)
    except Exception:
        return None
    return np.where(np.isfinite(answer), answer, np.nan)


def _difference(got: np.ndarray, expected: np.ndarray) -> str:
    """The first number that differs, or the shapes if those do."""
    if got.shape != expected.shape:
        return f"got shape {_shape(got)}, right {_shape(expected)}"
    gap = np.where(np.isfinite(got), np.abs(got - expected), np.inf)
    place = np.unravel_index(int(np.argmax(gap)), gap.shape)
    where = f" at {[int(i) for i in place]}" if place else ""
    return f"got {got[place]:.4g}{where}, right {expected[place]:.4g}"


def _shape(array: np.ndarray) -> str:
    return str(list(array.shape)) if array.ndim else "[] (one number)"
