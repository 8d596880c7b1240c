"""What the answers of notebook 00 are compared with: how an episode is scored."""

import numpy as np

from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_time_at_goal(distances, threshold) -> int:
    """Steps of one episode in which the point is at its goal; `distances` `[steps]`."""
    return int(np.sum(distances < threshold))


time_at_goal = Check(
    "my_time_at_goal",
    right_time_at_goal,
    [
        (np.array([4.0, 3.0, 1.5, 0.9, 0.3, 0.8, 2.0, 0.5, 1.2, 3.0, 2.5, 4.0]), 1.0),
        (np.array([2.0, 1.9, 0.2, 0.1, 1.4, 1.6, 0.4, 0.3, 0.2, 0.1]), 0.5),
        (np.array([3.0, 2.5, 2.0, 2.5, 3.0]), 1.0),
    ],
    {
        "steps near the goal expected, yours counts those that are not": lambda d, t: np.sum(d >= t),
        "a number of steps expected, yours is the share of the episode": lambda d, t: np.mean(d < t),
        "every such step counts, yours tells only whether there was one": lambda d, t: np.any(d < t),
        "the point may leave again, yours counts all steps since it first arrived":
            lambda d, t: np.sum(np.cumsum(d < t) > 0),
        "a number of steps expected, yours adds up distances": lambda d, t: np.sum(d[d < t]),
    },
)


def right_success(distances, threshold) -> float:
    """Share of episodes with at least one step at the goal; `distances` `[episodes, steps]`."""
    return float(np.mean((distances < threshold).any(axis=1)))


few = np.array([[3, 0.5, 2, 3], [3, 2, 2, 2], [2, 2, 1.5, 0.2], [0.4, 0.2, 0.3, 0.1], [4, 4, 3, 3]])
more = np.array([[3, 2, 3, 2], [3, 0.9, 2, 2], [2, 2, 1.5, 3], [0.4, 0.2, 0.3, 1.1], [4, 4, 3, 3], [1, 2, 0.7, 2]])
success = Check(
    "my_success",
    right_success,
    [(few, 1.0), (more, 1.0)],
    {
        "one step is enough, yours is the share of all steps": lambda d, t: np.mean(d < t),
        "any step will do, yours looks at the last one alone": lambda d, t: np.mean(d[:, -1] < t),
        "one step is enough, yours asks for all steps of an episode": lambda d, t: np.mean((d < t).all(axis=1)),
        "a share of the episodes expected, yours is their number": lambda d, t: np.sum((d < t).any(axis=1)),
        "a row is an episode, yours takes columns for episodes": lambda d, t: np.mean((d < t).any(axis=0)),
        "the share that arrived expected, yours is the share that did not": lambda d, t: 1 - right_success(d, t),
    },
)
