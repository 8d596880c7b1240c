"""Checks of notebook 01: the best classifier, InfoNCE, the l2 energy, binary NCE."""

import numpy as np
from scipy.special import logsumexp

from crlkit import losses
from crlkit.course.checks import Check, Mistake


def best_logits(joint: np.ndarray) -> np.ndarray:
    """log p(s, g) / (p(s) p(g)) of a table of probabilities `[states, goals]`: the logits of the best classifier."""
    joint = np.asarray(joint)
    return np.log(joint / joint.sum(axis=1, keepdims=True) / joint.sum(axis=0, keepdims=True))


def _joint(states: int, goals: int, seed: int) -> np.ndarray:
    table = np.random.default_rng(seed).uniform(0.2, 3.0, (states, goals))
    return table / table.sum()


def _logits(size: int, seed: int, scale: float = 2.0) -> np.ndarray:
    return scale * np.random.default_rng(seed).normal(size=(size, size))


def _log_softmax(logits: np.ndarray, axis: int) -> np.ndarray:
    return logits - logsumexp(logits, axis=axis, keepdims=True)


def _naive(logits: np.ndarray) -> float:
    exponentials = np.exp(logits)
    return -np.mean(np.log(np.diag(exponentials) / exponentials.sum(axis=1)))


check_best_logits = Check(
    "my_best_logits",
    best_logits,
    [(_joint(4, 4, 0),), (_joint(3, 5, 1),)],
    [
        Mistake(
            "compared with p(s) p(g) expected, yours is p(g | s) alone, without dividing by p(g)",
            lambda p: np.log(p / p.sum(axis=1, keepdims=True)),
        ),
        Mistake(
            "compared with p(s) p(g) expected, yours is p(s | g) alone, without dividing by p(s)",
            lambda p: np.log(p / p.sum(axis=0, keepdims=True)),
        ),
        Mistake("a logarithm expected, yours is the ratio itself", lambda p: np.exp(best_logits(p))),
        Mistake("true pairs above the line expected, yours is upside down", lambda p: -best_logits(p)),
        Mistake("a ratio to p(s) p(g) expected, yours is log p(s, g) alone", np.log),
    ],
)

check_infonce = Check(
    "my_infonce",
    losses.forward_infonce,
    [(_logits(5, 0),), (_logits(8, 1),), (_logits(6, 2) + 2000.0,)],
    [
        Mistake(
            "row softmax expected, yours is over columns",
            lambda f: -np.mean(np.diag(_log_softmax(f, 0))),
        ),
        Mistake(
            "each row has its own softmax, yours is over the whole table", lambda f: -np.mean(np.diag(f - logsumexp(f)))
        ),
        Mistake("a mean over the rows expected, yours is their sum", lambda f: -np.sum(np.diag(_log_softmax(f, 1)))),
        Mistake(
            "a loss to make smaller expected, yours lacks the minus sign",
            lambda f: np.mean(np.diag(_log_softmax(f, 1))),
        ),
        Mistake(
            "the logarithm of the right answer's probability expected, yours averages the probability itself",
            lambda f: np.mean(np.diag(np.exp(_log_softmax(f, 1)))),
        ),
        Mistake(
            "the logarithm of the right answer's probability expected, yours averages the probability itself, negative",
            lambda f: -np.mean(np.diag(np.exp(_log_softmax(f, 1)))),
        ),
        Mistake(
            "the diagonal alone holds right answers, yours averages the whole table",
            lambda f: -np.mean(_log_softmax(f, 1)),
        ),
        Mistake(
            "right for small logits, but exp overflows for large ones: subtract the largest of each row first", _naive
        ),
    ],
)


def _pair(n: int, m: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, size)), rng.normal(size=(m, size))


def _squares(phi: np.ndarray, psi: np.ndarray) -> np.ndarray:
    return np.sum((phi[:, None] - psi[None]) ** 2, axis=-1)


check_l2 = Check(
    "my_l2",
    lambda phi, psi: losses.l2(phi.astype(np.float32), psi.astype(np.float32)),
    [_pair(4, 4, 3, 0), _pair(5, 5, 2, 1), _pair(3, 6, 4, 2)],
    [
        Mistake(
            "a table of all pairs expected, yours compares row i with row i only",
            lambda phi, psi: -np.linalg.norm(phi - psi, axis=-1),
        ),
        Mistake("near must be high: the energy is minus the distance", lambda phi, psi: np.sqrt(_squares(phi, psi))),
        Mistake("the distance expected, yours is its square: a root is missing", lambda phi, psi: -_squares(phi, psi)),
        Mistake("rows are steps and columns goals, yours is transposed", lambda phi, psi: -np.sqrt(_squares(psi, phi))),
        Mistake(
            "straight-line distance expected, yours adds up absolute differences",
            lambda phi, psi: -np.abs(phi[:, None] - psi[None]).sum(axis=-1),
        ),
    ],
)


def _binary(logits: np.ndarray, sign: float = 1.0, diagonal: bool = False, total: bool = False) -> float:
    n = len(logits)
    positive, negative = np.logaddexp(0, -sign * np.diag(logits)), np.logaddexp(0, sign * logits)
    others = negative if diagonal else negative[~np.eye(n, dtype=bool)]
    return positive.sum() + others.sum() if total else positive.mean() + others.mean()


check_binary_nce = Check(
    "my_binary_nce",
    losses.binary_nce,
    [(_logits(5, 3),), (_logits(7, 4),)],
    [
        Mistake(
            "the diagonal holds true pairs only, yours counts it as false ones too", lambda f: _binary(f, diagonal=True)
        ),
        Mistake("true pairs must get high logits, yours has the two labels exchanged", lambda f: _binary(f, sign=-1.0)),
        Mistake(
            "means expected, so that the few true pairs weigh as much as the many false; yours are sums",
            lambda f: _binary(f, total=True),
        ),
        Mistake(
            "two means with equal weight expected, yours is one mean over all pairs",
            lambda f: _binary(f, total=True) / f.size,
        ),
        Mistake("the false pairs are missing", lambda f: np.logaddexp(0, -np.diag(f)).mean()),
    ],
)
