"""The machinery that checks an exercise, and tells why an answer is not right yet.

A `Check` compares an answer with the right function on several inputs. Where they differ it looks for the first of its
known mistakes that gives the same wrong numbers. It never raises for a wrong answer; it prints one line and returns a bool.

    check_double = Check("my_double", lambda x: 2 * x, [(3.0,)], [Mistake("doubled expected, yours is squared", lambda x: x**2)])
    check_double(my_double)
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np


class Mistake(NamedTuple):
    """A typical wrong answer. words: what is wrong, in the reader's terms; answer: a function that makes it."""

    words: str
    answer: Callable


@dataclass(frozen=True)
class Check:
    """One exercise. Call it with the answer: a function, or a plain value where `inputs` is `[()]`.

    name: what the reader calls the answer. right: the function to agree with. inputs: tuples of arguments, one a trial.
    mistakes: tried in this order. tolerance: relative to the larger of 1 and the largest right number of a trial.
    """

    name: str
    right: Callable
    inputs: Sequence[tuple]
    mistakes: Sequence[Mistake] = ()
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
                return f"your code stopped with {type(error).__name__}: {_one_line(error)}"
            if given is None or given is Ellipsis:
                return "there is no answer yet: replace the dots, and end with return"
            try:
                found = np.asarray(given, np.float64)
            except (TypeError, ValueError):
                return f"numbers of shape {_shape(expected)} expected, yours is a {type(given).__name__}"
            if not self._agree(found, expected):
                return self._explain(ask, trial, found, expected)
        return None

    def _agree(self, found: np.ndarray, expected: np.ndarray) -> bool:
        if found.shape != expected.shape:
            return False
        largest = np.max(np.abs(expected), initial=1.0)
        return bool(np.allclose(found, expected, rtol=0, atol=self.tolerance * largest))

    def _explain(self, ask: Callable, trial: tuple, found: np.ndarray, expected: np.ndarray) -> str:
        numbers = _difference(found, expected)
        for mistake in self.mistakes:
            if self._makes(mistake, ask, trial, found):
                return f"{mistake.words}: {numbers}"
        return numbers

    def _makes(self, mistake: Mistake, ask: Callable, trial: tuple, found: np.ndarray) -> bool:
        """Whether the mistake gives what the answer gives, in this trial and in all others that both can answer."""
        if not _same(mistake, trial, found, self._agree):
            return False
        for other in self.inputs:
            try:
                given = np.asarray(ask(*copy.deepcopy(other)), np.float64)
            except Exception:
                continue
            if not _same(mistake, other, given, self._agree):
                return False
        return True


def _same(mistake: Mistake, trial: tuple, given: np.ndarray, agree: Callable) -> bool:
    with np.errstate(all="ignore"):
        try:
            wrong = np.asarray(mistake.answer(*copy.deepcopy(trial)), np.float64)
        except Exception:
            return False
    finite = np.isfinite(wrong)
    if wrong.shape != given.shape or not np.array_equal(finite, np.isfinite(given)):
        return False
    return agree(np.where(finite, given, 0.0), np.where(finite, wrong, 0.0))


def _difference(found: np.ndarray, expected: np.ndarray) -> str:
    """The first number that differs, or the shapes if those do."""
    if found.shape != expected.shape:
        return f"got shape {_shape(found)}, right {_shape(expected)}"
    with np.errstate(invalid="ignore"):
        gap = np.where(np.isfinite(found), np.abs(found - expected), np.inf)
    place = np.unravel_index(int(np.argmax(gap)), gap.shape) if gap.ndim else ()
    where = f" at {[int(i) for i in place]}" if gap.ndim else ""
    return f"got {found[place]:.4g}{where}, right {expected[place]:.4g}"


def _shape(array: np.ndarray) -> str:
    return str(list(array.shape)) if array.ndim else "[] (one number)"


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines or [""])[0][:120]
