"""What the answers of notebook 02 are compared with: offsets, what is left of an episode, the future."""

import numpy as np

from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_offset(u, remaining, discount):
    """k in 1..R with probability proportional to discount^k, in double precision (`replay.geometric_offset`)."""
    return 1 + np.floor(np.log(1 - u * (1 - discount**remaining)) / np.log(discount))


def draws(remaining: int, discount: float):
    u = (np.arange(40) + 0.37) / 40.5
    return u, np.full(len(u), remaining), discount


def endless(u, remaining, discount):
    return right_offset(u, np.full_like(remaining, 10**6), discount)


offset = Check(
    "my_offset",
    right_offset,
    [draws(10, 0.9), draws(63, 0.98), draws(3, 0.5)],
    {
        "a goal lies at least one step ahead, yours starts at 0: add 1": lambda u, R, y: right_offset(u, R, y) - 1,
        "no goal lies beyond the R steps that are left, yours forgets R": endless,
        "what lies beyond R is shared out among all steps, yours is cut off and piles up on R":
            lambda u, R, y: np.minimum(endless(u, R, y), R),
        "whole steps expected, yours has no floor": lambda u, R, y: 1 + np.log(1 - u * (1 - y**R)) / np.log(y),
        "near goals are likelier, yours draws all R steps alike: where is the discount?":
            lambda u, R, y: 1 + np.floor(u * R),
        "divide by the logarithm of the discount, yours leaves it out":
            lambda u, R, y: 1 + np.floor(-np.log(1 - u * (1 - y**R))),
    },
    tolerance=1e-6,
)


def right_future_steps(episode):
    """How many later steps of its own episode each row has; `episode` `[steps]`, the numbers of the episodes in order."""
    return np.array([np.sum(episode[t + 1 :] == number) for t, number in enumerate(episode)])


future_steps = Check(
    "my_future_steps",
    right_future_steps,
    [(np.repeat([0, 1, 2], [4, 3, 5]),), (np.repeat([7, 8, 9, 10], [1, 6, 2, 2]),)],
    {
        "later steps expected, yours counts the step itself": lambda e: right_future_steps(e) + 1,
        "only the step's own episode counts, yours goes on to the end of the memory":
            lambda e: len(e) - 1 - np.arange(len(e)),
        "steps that come later expected, yours counts the earlier ones": lambda e: right_future_steps(e[::-1])[::-1],
        "later steps expected, yours is the length of the whole episode":
            lambda e: (e[:, None] == e[None]).sum(axis=1),
    },
)


def right_discounted_future(table, discount):
    """p(g | s) = (1 - discount) sum over k >= 1 of discount^(k-1) P^k, `[states, states]`."""
    return (1 - discount) * table @ np.linalg.inv(np.eye(len(table)) - discount * table)


def chain(size: int, seed: int):
    table = np.random.default_rng(seed).uniform(0.05, 1.0, (size, size))
    return table / table.sum(axis=1, keepdims=True)


discounted_future = Check(
    "my_discounted_future",
    right_discounted_future,
    [(chain(4, 0), 0.9), (chain(5, 1), 0.5)],
    {
        "rows that sum to 1 expected, yours lacks the factor 1 - discount":
            lambda P, y: right_discounted_future(P, y) / (1 - y),
        "the future begins one step ahead, yours counts the present: start at k = 1":
            lambda P, y: (1 - y) * np.linalg.inv(np.eye(len(P)) - y * P),
        "the first step has weight 1 - discount, yours multiplies every step by the discount once more":
            lambda P, y: y * right_discounted_future(P, y),
        "rows are where one is, columns where one gets to; yours is transposed":
            lambda P, y: right_discounted_future(P, y).T,
        "all later steps count, yours looks one step ahead": lambda P, y: P,
    },
)
