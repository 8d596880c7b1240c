"""Where an episode begins and where its goal lies, metres; shared by the bodies that move on the ground."""

import jax
import jax.numpy as jnp

from crlkit.envs.mazes import Maze


class MazeStarts:
    """Draws a pair of start and goal cells of a maze: two positions `[2]`."""

    def __init__(self, maze: Maze):
        self._starts = jnp.asarray(maze.position([start for start, _ in maze.pairs]), jnp.float32)
        self._goals = jnp.asarray(maze.position([goal for _, goal in maze.pairs]), jnp.float32)
        self._logits = jnp.log(jnp.asarray(maze.weights, jnp.float32))

    def __call__(self, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        pair = jax.random.categorical(key, self._logits)
        return self._starts[pair], self._goals[pair]


class RingStarts:
    """Starts at the origin; the goal lies in any direction, the distance uniform from `nearest` to `farthest` (so that
    nearer goals are denser on the ground)."""

    def __init__(self, nearest: float, farthest: float):
        self.nearest, self.farthest = nearest, farthest

    def __call__(self, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        radius_key, angle_key = jax.random.split(key)
        radius = jax.random.uniform(radius_key, minval=self.nearest, maxval=self.farthest)
        angle = jax.random.uniform(angle_key, maxval=2 * jnp.pi)
        return jnp.zeros(2), radius * jnp.array([jnp.cos(angle), jnp.sin(angle)])
