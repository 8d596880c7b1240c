"""The mazes of the paper, once for all bodies: walls, start, goals and exact shortest-path distances.

Cell `(i, j)` is row i, column j of the map. Its centre lies at `(x, y) = origin + cell_size * (i, j)`, the
convention of the paper's code (`envs/ant_maze.py`), where the cell size is 4 for the ant and 2 for the humanoid.
"""

import re
import tomllib
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import shortest_path

from crlkit.errors import UserError

Cell = tuple[int, int]

_MAPS = {name: rows.split() for name, rows in tomllib.loads(Path(__file__).with_name("mazes.toml").read_text()).items()}
WALLS = {name: tuple(re.sub("[GH]", ".", row) for row in rows) for name, rows in _MAPS.items()}


def _marked(letters: str) -> dict[str, tuple[Cell, ...]]:
    """The cells of each map that hold one of `letters`, where there are any."""
    cells = {name: np.argwhere([[c in letters for c in row] for row in rows]) for name, rows in _MAPS.items()}
    return {name: tuple(map(tuple, found.tolist())) for name, found in cells.items() if len(found)}


EVAL_GOALS = _marked("G")
HUMANOID_EVAL_GOALS = ChainMap(_marked("GH"), EVAL_GOALS)  # those of mazes that people add are the second's alone


@dataclass(frozen=True, eq=False)
class Maze:
    """A maze and the pairs of (start, goal) cells that a reset draws from.

    pairs: start and goal cells; `weights` their probabilities (sum 1).
    """

    name: str
    rows: tuple[str, ...]
    pairs: tuple[tuple[Cell, Cell], ...]
    weights: tuple[float, ...]
    cell_size: float = 1.0
    origin: tuple[float, float] = (0.0, 0.0)

    @cached_property
    def walls(self) -> np.ndarray:
        """bool `[rows, columns]`."""
        return np.array([[c == "#" for c in row] for row in self.rows])

    @cached_property
    def free_cells(self) -> list[Cell]:
        return [(int(i), int(j)) for i, j in np.argwhere(~self.walls)]

    @property
    def start(self) -> Cell:
        """The cell marked R; generalisation layouts start elsewhere too (see `pairs`)."""
        return next((i, row.index("R")) for i, row in enumerate(self.rows) if "R" in row)

    @property
    def goals(self) -> list[Cell]:
        return list(dict.fromkeys(goal for _, goal in self.pairs))

    def position(self, cells) -> np.ndarray:
        """World coordinates `[..., 2]` of the centres of `cells` `[..., 2]`."""
        return np.asarray(self.origin) + self.cell_size * np.asarray(cells, float)

    def cell(self, positions) -> np.ndarray:
        """The cell `[..., 2]` that holds each world position `[..., 2]`."""
        return np.rint((np.asarray(positions) - np.asarray(self.origin)) / self.cell_size).astype(int)

    @cached_property
    def distances(self) -> np.ndarray:
        """Shortest-path distances in cells `[free, free]`, in the order of `free_cells`, moving up, down, left or
        right; inf where no way leads."""
        cells = np.array(self.free_cells)
        beside = np.abs(cells[:, None] - cells).sum(axis=-1) == 1  # [free, free]
        return shortest_path(beside, unweighted=True)

    def distances_from(self, cell: Cell) -> np.ndarray:
        """The distances of one free cell `[rows, columns]`; inf in walls."""
        distance = np.full(self.walls.shape, np.inf)
        distance[~self.walls] = self.distances[self.free_cells.index(tuple(cell))]
        return distance

    def distance(self, a: Cell, b: Cell) -> float:
        return float(self.distances_from(a)[b])


def corridor(rows: tuple[str, ...]) -> list[Cell]:
    """The cells of a single-path maze in order from the start.

    Raises ValueError where the way branches, as in `big` and `hardest`.
    """
    maze = Maze("", rows, (), ())
    order = np.argsort(maze.distances[maze.free_cells.index(maze.start)], kind="stable")
    if (maze.distances[order[:-1], order[1:]] != 1).any():
        raise ValueError("pairs at a path distance need a maze of one corridor (u, u4, u5)")
    return [maze.free_cells[k] for k in order]


def add(name: str, rows: tuple[str, ...], far_goals: tuple[Cell, ...]) -> None:
    """Adds a maze to those of the paper. Raises UserError for rows that are no rectangle of `#.R` closed by walls, with
    one start and a way to every free cell; and for far goals that are not free cells other than the start."""

    def refuse(what: str, nearest: str) -> UserError:
        return UserError(f"maze {name!r}: {what}; nearest: {nearest}")

    for i, row in enumerate(rows):
        if unknown := set(row) - set("#.R"):
            raise refuse(f"row {i}, {row!r}, holds {min(unknown)!r}", "# a wall, . free, R the start")
        if len(row) != len(rows[0]):
            what = f"row {i}, {row!r}, has {len(row)} cells, row 0 has {len(rows[0])}"
            raise refuse(what, row[: len(rows[0])].ljust(len(rows[0]), "#"))
    if (starts := "".join(rows).count("R")) != 1:
        raise refuse(f"{starts} starts", "one R")
    if set(rows[0] + rows[-1] + "".join(row[0] + row[-1] for row in rows)) != {"#"}:
        raise refuse("open at its edge", "# all around")
    maze = Maze(name, rows, (), ())
    goals = [cell for cell in maze.free_cells if cell != maze.start]
    if lost := [cell for cell in goals if np.isinf(maze.distance(maze.start, cell))]:
        raise refuse(f"no way leads from R to the free cell {lost[0]}", f"# at {lost[0]}")
    for cell in far_goals:
        if cell not in goals:
            closest = min(goals, key=lambda goal: np.abs(np.subtract(goal, cell)).sum())
            raise refuse(f"the far goal {cell} is the start or no free cell", str(closest))
    WALLS[name] = rows
    EVAL_GOALS.pop(name, None)
    if far_goals:
        EVAL_GOALS[name] = far_goals


_NAME = re.compile(r"([a-z0-9]+)_maze(?:_(eval)|_gen_((?:[1-9]f)+))?")


def make_maze(
    layout: str, cell_size: float = 1.0, centred: bool = False, far_goals: Mapping[str, tuple[Cell, ...]] = EVAL_GOALS
) -> Maze:
    """Builds a layout by name.

    `u_maze` trains (goals: every free cell), `u_maze_eval` keeps `far_goals`, and `u_maze_gen_1f2f3f` draws every pair of
    cells 1, 2 or 3 apart in forward direction: first the distance, uniform, then the pair, uniform (the paper's
    generalisation environment). `centred` puts the middle of the map at 0.

    Raises KeyError for a name that is none of these.
    """
    match = _NAME.fullmatch(layout)
    if not match or match[1] not in WALLS:
        raise KeyError(layout)
    walls, far, apart = match.groups()
    plain = Maze("", WALLS[walls], (), ())
    try:
        if apart:
            path = corridor(plain.rows)
            groups = [list(zip(path, path[int(d) :])) for d in apart.split("f")[:-1]]
        else:
            goals = far_goals[walls] if far else [cell for cell in plain.free_cells if cell != plain.start]
            groups = [[(plain.start, goal) for goal in goals]]
        if not all(groups):
            raise ValueError("no two cells that far apart")
    except (ValueError, LookupError) as error:  # a branching maze, too far, no far goals
        raise KeyError(layout) from error
    pairs = tuple(pair for group in groups for pair in group)
    weights = tuple(1 / len(group) / len(groups) for group in groups for _ in group)
    origin = tuple(-cell_size * (n - 1) / 2 if centred else 0.0 for n in plain.walls.shape)
    return Maze(layout, plain.rows, pairs, weights, cell_size, origin)


def layouts() -> list[str]:
    """The fixed names; `_gen_` with path distances exists besides them for u, u4 and u5."""
    return [f"{walls}_maze{end}" for walls in WALLS for end in ("", "_eval") if not end or walls in EVAL_GOALS]
