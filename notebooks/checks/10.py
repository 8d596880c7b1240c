"""What the answers of notebook 10 are compared with: time until a fall, the leak."""

import numpy as np

from crlkit.course.checks import Check

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def until_fall(at_goal, healthy, offset: int = 1):
    """The steps up to the first after which the body is not healthy, that step included (offset 0: left out)."""
    fallen = np.flatnonzero(~healthy)
    return at_goal[: fallen[0] + offset] if len(fallen) else at_goal


def episode(fall: int | None):
    rng = np.random.default_rng(3)
    at_goal, healthy = rng.random(20) < 0.6, np.ones(20, bool)
    if fall is not None:
        healthy[fall], at_goal[fall] = False, True
        healthy[fall + 4] = False
    return at_goal, healthy


time_until_fall = Check(
    "my_time_until_fall",
    lambda at_goal, healthy: int(np.sum(until_fall(at_goal, healthy))),
    [episode(9), episode(None), episode(12)],
    {
        "steps after the fall do not count, yours counts them": lambda g, h: g.sum(),
        "after the first fall nothing counts, yours goes on once the body is up again": lambda g, h: (g & h).sum(),
        "the step of the fall itself still counts, yours leaves it out": lambda g, h: until_fall(g, h, offset=0).sum(),
        "steps at the goal expected, yours counts all steps until the fall": lambda g, h: len(until_fall(g, h)),
    },
)


leak = Check(
    "my_leak",
    lambda: np.array([24, 25]),
    [()],
    {
        "the target's position expected, yours is its velocity": lambda: np.array([49, 50]),
        "the target's position expected, yours is the torso's": lambda: np.array([0, 1]),
        "entries are counted from 0, yours begin one later": lambda: np.array([25, 26]),
    },
)
