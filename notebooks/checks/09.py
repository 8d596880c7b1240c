"""What the answers of notebook 09 are compared with: ways in a maze, chains of pairs."""

from collections import deque
from itertools import product

import numpy as np

from crlkit.course.checks import Check
from crlkit.envs.mazes import make_maze

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off
STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))
ALL_AROUND = tuple(step for step in product((-1, 0, 1), repeat=2) if step != (0, 0))


def right_distances(walls, start: tuple[int, int], steps=STEPS):
    """Shortest ways `[rows, columns]` from `start`, -1 in walls and where no way leads."""
    away, queue = np.full(np.shape(walls), -1), deque([start])
    away[start] = 0
    while queue:
        i, j = queue.popleft()
        for place in ((i + di, j + dj) for di, dj in steps):
            if not walls[place] and away[place] < 0:
                away[place] = away[i, j] + 1
                queue.append(place)
    return away


def through_walls(walls, start, order: int):
    away = np.stack(np.indices(np.shape(walls)), axis=-1) - np.array(start)
    return np.where(walls, -1, np.linalg.norm(away, axis=-1, ord=order))


distances = Check(
    "my_distances",
    right_distances,
    [(maze.walls, maze.start) for maze in map(make_maze, ("u_maze", "big_maze", "u5_maze"))],
    {
        "steps up, down, left and right expected, yours goes over the diagonals too":
            lambda walls, start: right_distances(walls, start, ALL_AROUND),
        "ways round the walls expected, yours goes straight through them":
            lambda walls, start: through_walls(walls, start, order=1),
        "ways round the walls expected, yours is the straight line":
            lambda walls, start: through_walls(walls, start, order=2),
        "the start is 0 steps away, yours begins to count at 1":
            lambda walls, start: right_distances(walls, start) + (right_distances(walls, start) >= 0),
        "-1 in the walls expected, yours has 0": lambda walls, start: np.maximum(right_distances(walls, start), 0),
        "every step to be counted, yours stops after the first":
            lambda walls, start: np.where(right_distances(walls, start) > 1, -1, right_distances(walls, start)),
    },
)


def one_more(seen):
    """Whether two pairs of `seen` `[cells, cells]` make a chain from the first cell to the second."""
    return (seen.astype(int) @ seen.astype(int)) > 0


def right_chained(seen):
    for _ in range(len(seen)):
        seen = seen | one_more(seen)
    return seen.astype(float)


def links(seed: int, cells: int):
    return (np.eye(cells, dtype=bool) | (np.random.default_rng(seed).random((cells, cells)) < 1.1 / cells),)


chained = Check(
    "my_chained",
    right_chained,
    [links(0, 9), links(5, 12), (np.eye(6, k=1, dtype=bool) | np.eye(6, dtype=bool),)],
    {
        "chains of any length expected, yours joins two pairs and stops": one_more,
        "chains expected, yours are the seen pairs alone": lambda seen: seen,
        "pairs have a direction, yours may be walked backwards too": lambda seen: right_chained(seen | seen.T),
        "from row to column expected, yours is the other way round": lambda seen: right_chained(seen).T,
        "true or false for every pair expected, yours counts the chains":
            lambda seen: np.linalg.matrix_power(seen.astype(float), len(seen)),
    },
)
