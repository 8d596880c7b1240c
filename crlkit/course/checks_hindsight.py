"""Checks of notebook 02: the offset in closed form, what is left of an episode, relabelling, the discounted future."""

import numpy as np

from crlkit.course.checks import Check, Mistake
from crlkit.course.future import discounted_future


def offset(u: np.ndarray, remaining: np.ndarray, discount: float) -> np.ndarray:
    """k in 1..R with probability proportional to discount^k, in double precision (`replay.geometric_offset`)."""
    return 1 + np.floor(np.log(1 - u * (1 - discount**remaining)) / np.log(discount))


def _draws(remaining: int, discount: float) -> tuple:
    u = (np.arange(40) + 0.37) / 40.5
    return u, np.full(len(u), remaining), discount


check_offset = Check(
    "my_offset",
    offset,
    [_draws(10, 0.9), _draws(63, 0.98), _draws(3, 0.5)],
    [
        Mistake(
            "a goal lies at least one step ahead, yours starts at 0: add 1",
            lambda u, R, y: offset(u, R, y) - 1,
        ),
        Mistake(
            "no goal lies beyond the R steps that are left, yours forgets R",
            lambda u, R, y: offset(u, np.full_like(R, 10**6), y),
        ),
        Mistake(
            "what lies beyond R is shared out among all steps, yours is cut off and piles up on R",
            lambda u, R, y: np.minimum(offset(u, np.full_like(R, 10**6), y), R),
        ),
        Mistake("whole steps expected, yours has no floor", lambda u, R, y: 1 + np.log(1 - u * (1 - y**R)) / np.log(y)),
        Mistake(
            "near goals are likelier, yours draws all R steps alike: where is the discount?",
            lambda u, R, y: 1 + np.floor(u * R),
        ),
        Mistake(
            "divide by the logarithm of the discount, yours leaves it out",
            lambda u, R, y: 1 + np.floor(-np.log(1 - u * (1 - y**R))),
        ),
    ],
    tolerance=1e-9,
)


def future_steps(episode: np.ndarray) -> np.ndarray:
    """How many later steps of its own episode each row has; `episode` `[T]`, the numbers of the episodes in order."""
    episode = np.asarray(episode)
    return np.array([np.sum(episode[t + 1 :] == number) for t, number in enumerate(episode)])


check_future_steps = Check(
    "my_future_steps",
    future_steps,
    [(np.repeat([0, 1, 2], [4, 3, 5]),), (np.repeat([7, 8, 9, 10], [1, 6, 2, 2]),)],
    [
        Mistake(
            "later steps expected, yours counts the step itself",
            lambda e: future_steps(e) + 1,
        ),
        Mistake(
            "only the step's own episode counts, yours goes on to the end of the memory",
            lambda e: len(e) - 1 - np.arange(len(e)),
        ),
        Mistake(
            "steps that come later expected, yours counts the earlier ones",
            lambda e: future_steps(e[::-1])[::-1],
        ),
        Mistake(
            "later steps expected, yours is the length of the whole episode",
            lambda e: (e[:, None] == e[None]).sum(axis=1),
        ),
    ],
)


def relabel(states: np.ndarray, step: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """The states `offset` steps after each `step`: hindsight goals `[n, S]` of one episode `[T, S]`."""
    return states[step + offset]


def _episode(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    states, step = rng.normal(size=(12, 2)), rng.integers(0, 8, 6)
    return states, step, 1 + rng.integers(0, 12 - 1 - step)


check_relabel = Check(
    "my_relabel",
    relabel,
    [_episode(0), _episode(1)],
    [
        Mistake("the state reached later expected, yours is the step's own state", lambda s, t, k: s[t]),
        Mistake("k steps after the step expected, yours counts k from the start of the episode", lambda s, t, k: s[k]),
        Mistake("the state reached later expected, yours looks back in time", lambda s, t, k: s[t - k]),
        Mistake("k steps ahead expected, yours is always the next state", lambda s, t, k: s[t + 1]),
        Mistake(
            "k steps ahead expected, yours is always the last state", lambda s, t, k: np.repeat(s[-1:], len(t), axis=0)
        ),
        Mistake("the goal is a state, yours is the way from the step to it", lambda s, t, k: s[t + k] - s[t]),
    ],
)


def _chain(size: int, seed: int) -> np.ndarray:
    table = np.random.default_rng(seed).uniform(0.05, 1.0, (size, size))
    return table / table.sum(axis=1, keepdims=True)


check_discounted_future = Check(
    "my_discounted_future",
    discounted_future,
    [(_chain(4, 0), 0.9), (_chain(5, 1), 0.5)],
    [
        Mistake(
            "rows that sum to 1 expected, yours lacks the factor 1 - discount",
            lambda P, y: discounted_future(P, y) / (1 - y),
        ),
        Mistake(
            "the future begins one step ahead, yours counts the present: start at k = 1",
            lambda P, y: (1 - y) * np.linalg.inv(np.eye(len(P)) - y * P),
        ),
        Mistake(
            "the first step has weight 1 - discount, yours multiplies every step by the discount once more",
            lambda P, y: y * discounted_future(P, y),
        ),
        Mistake(
            "rows are where one is, columns where one gets to; yours is transposed",
            lambda P, y: discounted_future(P, y).T,
        ),
        Mistake("all later steps count, yours looks one step ahead", lambda P, y: P),
    ],
)
