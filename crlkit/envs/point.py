"""A point in a maze, in pure JAX: the task a laptop learns in minutes.

State: position (x, y), world units, the middle of the map at 0. Goal: a position. Action: a velocity in [-1, 1]^2.
Each control step makes two moves of `0.3 cell * action`, along x and then along y, each stopped at walls.
"""

import jax
import jax.numpy as jnp
import numpy as np

from crlkit.envs.base import EnvState, GoalEnv, maze_starts
from crlkit.envs.mazes import make_maze

CELL = 0.3  # world units a cell, so that all coordinates are of the size a network likes
SUBSTEPS = 2
STRIDE = 0.3 * CELL
START_NOISE = 0.1 * CELL


class PointMaze(GoalEnv):
    state_size, goal_size, action_size, goal_slice = 2, 2, 2, slice(0, 2)
    threshold = 0.5 * CELL

    def __init__(self, layout: str):
        """Raises KeyError for an unknown layout."""
        self.name = f"point_{layout}"
        self.maze = make_maze(layout, cell_size=CELL, centred=True)
        self._walls, self._origin = jnp.asarray(self.maze.walls), jnp.asarray(self.maze.origin)
        self._middles = jnp.asarray(self.maze.position(self.maze.free_cells), jnp.float32)
        self._starts = maze_starts(self.maze)
        between = self.maze.distances  # [free, free]
        self._number = np.zeros(self.maze.walls.shape, int)  # of each free cell
        self._number[~self.maze.walls] = np.arange(len(between))
        # Of a cell's neighbours the one nearest to each other cell [free, free].
        self._next = np.where(between[:, :, None] == 1, between[None], np.inf).argmin(axis=1)  # [from, neighbour, to]

    def reset(self, key: jax.Array) -> EnvState:
        pair_key, noise_key = jax.random.split(key)
        start, goal = self._starts(pair_key)
        noise = jax.random.uniform(noise_key, (2,), minval=-START_NOISE, maxval=START_NOISE)
        return EnvState((), start + noise, goal, jnp.array(False))

    def random_start(self, key: jax.Array) -> EnvState:
        """Like `reset`, but anywhere in the free cells."""
        goal_key, cell_key, place_key = jax.random.split(key, 3)
        place = jax.random.uniform(place_key, (2,), minval=-0.499 * CELL, maxval=0.499 * CELL)
        return self.reset(goal_key)._replace(state=jax.random.choice(cell_key, self._middles) + place)

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        position = env_state.state
        move = STRIDE * jnp.clip(action, -1.0, 1.0)
        for _ in range(SUBSTEPS):
            for axis in (0, 1):
                position = self._slide(position, axis, move[axis])
        return env_state._replace(state=position)

    def _cell(self, position: jax.Array) -> jax.Array:
        return jnp.rint((position - self._origin) / CELL).astype(int)

    def _slide(self, position: jax.Array, axis: int, distance: jax.Array) -> jax.Array:
        """Moves along one axis; at a wall the point stops just before the border of its cell."""
        wanted = position.at[axis].add(distance)
        here, there = self._cell(position), self._cell(wanted)
        middle = self._origin[axis] + CELL * here[axis]
        inside = jnp.clip(wanted[axis], middle - 0.499 * CELL, middle + 0.499 * CELL)
        return wanted.at[axis].set(jnp.where(self._walls[there[0], there[1]], inside, wanted[axis]))

    def expert(self, state: jax.Array, goal: jax.Array) -> jax.Array:
        """The shortest way: towards the middle of the next cell, in the goal's cell towards the goal."""
        here, there = (jnp.asarray(self._number)[tuple(self._cell(place))] for place in (state, goal))
        after = jnp.asarray(self._next)[here, there]
        way = jnp.where(here == there, goal, self._middles[after]) - state
        return jnp.clip(way / (SUBSTEPS * STRIDE), -1.0, 1.0)

    def states_at(self, positions) -> np.ndarray:
        """The state `[..., 2]` of a point that stands at each of `positions` `[..., 2]` (for critic maps)."""
        return np.asarray(positions, np.float32)
