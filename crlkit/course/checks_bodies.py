"""Checks of notebook 10: the achieved goal, time at goal of a body that can fall, steps to go, the leak."""

import numpy as np

from crlkit.course.checks import Check, Mistake


def _ants(seed: int) -> tuple:
    return (np.random.default_rng(seed).normal(size=(5, 29)),)


check_achieved_goal = Check(
    "my_achieved_goal",
    lambda states: states[:, :2],
    [_ants(0), _ants(1)],
    [
        Mistake("the position expected, yours takes the height along", lambda s: s[:, :3]),
        Mistake("the position comes first in an ant's state, yours is the end of it", lambda s: s[:, -2:]),
        Mistake("the position expected, yours is the velocity of the torso", lambda s: s[:, 15:17]),
        Mistake("two columns of every state expected, yours are the first two states", lambda s: s[:2]),
    ],
)


def time_until_fall(at_goal: np.ndarray, healthy: np.ndarray) -> int:
    """Steps at the goal up to the first step after which the body is not healthy, that step included."""
    fallen = np.flatnonzero(~healthy)
    return int(np.sum(at_goal[: fallen[0] + 1] if len(fallen) else at_goal))


def _episode(fall: int | None) -> tuple:
    rng = np.random.default_rng(3)
    at_goal, healthy = rng.random(20) < 0.6, np.ones(20, bool)
    if fall is not None:
        healthy[fall], at_goal[fall] = False, True
        healthy[fall + 4] = False
    return at_goal, healthy


check_time_until_fall = Check(
    "my_time_until_fall",
    time_until_fall,
    [_episode(9), _episode(None), _episode(12)],
    [
        Mistake("steps after the fall do not count, yours counts them", lambda g, h: g.sum()),
        Mistake(
            "after the first fall nothing counts, yours goes on once the body is up again", lambda g, h: (g & h).sum()
        ),
        Mistake(
            "the step of the fall itself still counts, yours leaves it out",
            lambda g, h: g[: np.flatnonzero(~h)[0]].sum() if (~h).any() else g.sum(),
        ),
        Mistake(
            "steps at the goal expected, yours counts all steps until the fall",
            lambda g, h: np.flatnonzero(~h)[0] + 1 if (~h).any() else len(g),
        ),
    ],
)


def steps_needed(cells: int, cell: float, speed: float, frames: int, time_step: float) -> float:
    return np.ceil(cells * cell / speed / (frames * time_step) - 1e-9)


check_steps_needed = Check(
    "my_steps_needed",
    steps_needed,
    [(8, 4.0, 1.5, 10, 0.005), (3, 2.0, 0.7, 10, 0.0015), (11, 4.0, 0.9, 10, 0.005)],
    [
        Mistake(
            "control steps expected, yours are physics steps: a control step has several",
            lambda n, c, v, f, dt: np.ceil(n * c / v / dt - 1e-9),
        ),
        Mistake("whole steps expected, yours is not rounded up", lambda n, c, v, f, dt: n * c / v / (f * dt)),
        Mistake(
            "a way in metres expected, yours counts a cell as one metre",
            lambda n, c, v, f, dt: np.ceil(n / v / (f * dt) - 1e-9),
        ),
        Mistake("steps expected, yours are seconds", lambda n, c, v, f, dt: n * c / v),
    ],
)
check_leak = Check(
    "my_leak",
    lambda: np.array([24, 25]),
    [()],
    [
        Mistake("the target's position expected, yours is its velocity", lambda: np.array([49, 50])),
        Mistake("the target's position expected, yours is the torso's", lambda: np.array([0, 1])),
        Mistake("entries are counted from 0, yours begin one later", lambda: np.array([25, 26])),
    ],
)
