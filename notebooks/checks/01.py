"""What the answers of notebook 01 are compared with: the best classifier, InfoNCE, the l2 energy."""

import numpy as np
from scipy.special import logsumexp

from crlkit import losses
from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_best_logits(joint):
    """log p(s, g) / (p(s) p(g)) of a table of probabilities `[states, goals]`: the logits of the best classifier."""
    return np.log(joint / joint.sum(axis=1, keepdims=True) / joint.sum(axis=0, keepdims=True))


def joint(states: int, goals: int, seed: int):
    table = np.random.default_rng(seed).uniform(0.2, 3.0, (states, goals))
    return table / table.sum()


best_logits = Check(
    "my_best_logits",
    right_best_logits,
    [(joint(4, 4, 0),), (joint(3, 5, 1),)],
    {
        "compared with p(s) p(g) expected, yours is p(g | s) alone, without dividing by p(g)":
            lambda p: np.log(p / p.sum(axis=1, keepdims=True)),
        "compared with p(s) p(g) expected, yours is p(s | g) alone, without dividing by p(s)":
            lambda p: np.log(p / p.sum(axis=0, keepdims=True)),
        "a logarithm expected, yours is the ratio itself": lambda p: np.exp(right_best_logits(p)),
        "true pairs above the line expected, yours is upside down": lambda p: -right_best_logits(p),
        "a ratio to p(s) p(g) expected, yours is log p(s, g) alone": np.log,
    },
)


def logits(size: int, seed: int):
    return 2.0 * np.random.default_rng(seed).normal(size=(size, size))


def log_softmax(logits, axis: int = 1):
    return logits - logsumexp(logits, axis=axis, keepdims=True)


infonce = Check(
    "my_infonce",
    losses.forward_infonce,
    [(logits(5, 0),), (logits(8, 1),), (logits(6, 2) + 2000.0,)],
    {
        "row softmax expected, yours is over columns": lambda f: -np.mean(np.diag(log_softmax(f, axis=0))),
        "each row has its own softmax, yours is over the whole table": lambda f: -np.mean(np.diag(f - logsumexp(f))),
        "a mean over the rows expected, yours is their sum": lambda f: -np.sum(np.diag(log_softmax(f))),
        "a loss to make smaller expected, yours lacks the minus sign": lambda f: np.mean(np.diag(log_softmax(f))),
        "the logarithm of the right answer's probability expected, yours averages the probability itself":
            lambda f: np.mean(np.diag(np.exp(log_softmax(f)))),
        "the logarithm of the right answer's probability expected, yours averages the probability itself, negative":
            lambda f: -np.mean(np.diag(np.exp(log_softmax(f)))),
        "the diagonal alone holds right answers, yours averages the whole table": lambda f: -np.mean(log_softmax(f)),
        "right for small logits, but exp overflows for large ones: subtract the largest of each row first":
            lambda f: -np.mean(np.log(np.diag(np.exp(f)) / np.exp(f).sum(axis=1))),
    },
)


def embeddings(n: int, m: int, size: int, seed: int):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, size)), rng.normal(size=(m, size))


def squares(phi, psi):
    return np.sum((phi[:, None] - psi[None]) ** 2, axis=-1)


l2 = Check(
    "my_l2",
    lambda phi, psi: losses.l2(phi.astype(np.float32), psi.astype(np.float32)),
    [embeddings(4, 4, 3, 0), embeddings(5, 5, 2, 1), embeddings(3, 6, 4, 2)],
    {
        "a table of all pairs expected, yours compares row i with row i only":
            lambda phi, psi: -np.linalg.norm(phi - psi, axis=-1),
        "near must be high: the energy is minus the distance": lambda phi, psi: np.sqrt(squares(phi, psi)),
        "the distance expected, yours is its square: a root is missing": lambda phi, psi: -squares(phi, psi),
        "rows are steps and columns goals, yours is transposed": lambda phi, psi: -np.sqrt(squares(psi, phi)),
        "straight-line distance expected, yours adds up absolute differences":
            lambda phi, psi: -np.abs(phi[:, None] - psi[None]).sum(axis=-1),
    },
)
