"""A toy corridor with known answers."""

import numpy as np


def corridor(places: int = 8, right: float = 0.4, left: float = 0.3, steps: int = 3) -> np.ndarray:
    """The joint table p(s, g) `[places, places]`: s where a walker is in the long run, g where it is `steps` later.

    In each step it goes right or left with these probabilities, else it stays; so it does at the ends of the corridor.
    """
    walk = np.zeros((places, places))
    for here in range(places):
        walk[here, min(here + 1, places - 1)] += right
        walk[here, max(here - 1, 0)] += left
        walk[here, here] += 1 - right - left
    in_the_long_run = np.linalg.matrix_power(walk, 10_000)[0]
    return in_the_long_run[:, None] * np.linalg.matrix_power(walk, steps)
