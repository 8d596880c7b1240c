"""An ant on open ground or in a maze: the stock ant of brax, made to meet walls, under the paper's spring physics.

State: 15 coordinates (torso x, y, z in metres, torso quaternion, 8 joint angles in radians), then their 14 velocities.
Goal: a position (x, y), on open ground 10 m away. Action: 8 motor torques as parts of the largest. A control step is
0.05 s. An episode ends when the torso leaves 0.2 to 1 m.

`ant_ball` is to push a ball to a place on open ground. Its state ends in the ball's x, y; its goal is a ball position,
5 m from the origin in any direction. The ball (radius 0.5 m) slides without turning. It begins 1 m towards the goal,
moved by (cos a, sin b): a uniform angle, b the goal's direction, as in the paper's code (which compares other numbers with
the goal: docs/differences.md).
"""

import jax
import jax.numpy as jnp
import numpy as np

from crlkit.envs.base import EnvState, maze_starts, ring_starts
from crlkit.envs.brax_adapter import SpringBody, SpringEnv, sliding, stock_spec
from crlkit.envs.mazes import make_maze

CELL = 4.0  # metres
REACH = 1.25  # m, no part of the ant is farther from the middle of the torso
GOAL_DISTANCE = 10.0  # m, on open ground
TIME_STEP, FRAMES = 0.005, 10
RESET_NOISE = 0.1
HEALTHY_Z = (0.2, 1.0)
BALL_RADIUS, BALL_MASS = 0.5, 0.576  # m, kg (spring physics gives all links of this model the same mass)
BALL_GOAL_DISTANCE = 5.0  # m

# What meets walls: the torso, the hips and the feet. The capsules between hip and foot pass through them.
TORSO_AND_FEET = ("torso_geom", *(f"{leg}_foot_geom" for leg in ("left", "right", "third", "fourth")))
TOUCHING = (*TORSO_AND_FEET, "aux_1_geom", "aux_2_geom", "aux_3_geom", "aux_4_geom")


def ant_spec():
    """The stock ant, able to meet walls, on a larger floor (an editable MuJoCo model).

    The paper's code also carries a body `target` that slides to the goal. It collides with nothing and is coupled to
    nothing, so it is left out (q then has 15 entries, qd 14) and the goal lives in `EnvState.goal`.
    """
    spec = stock_spec("ant.xml", floor=100.0)
    for name in TOUCHING:
        spec.geom(name).conaffinity = 1
    return spec


def noisy(q: jax.Array, velocities: int, q_key: jax.Array, qd_key: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Coordinates `q` with the noise of a reset, and velocities `[velocities]` that are nothing else."""
    q = q + jax.random.uniform(q_key, q.shape, minval=-RESET_NOISE, maxval=RESET_NOISE)
    return q, RESET_NOISE * jax.random.normal(qd_key, (velocities,))


class Ant(SpringEnv):
    state_size, goal_size, action_size, goal_slice = 29, 2, 8, slice(0, 2)
    threshold, easy_threshold, healthy_z = 0.5, 2.0, HEALTHY_Z
    compiler_options = SpringEnv.compiler_options | {"xla_backend_optimization_level": 2}  # docs/performance.md

    def __init__(self, layout: str | None = None):
        """layout: of a maze, or open ground. Raises KeyError for an unknown one."""
        self.name = f"ant_{layout}" if layout else "ant"
        maze = make_maze(layout, CELL) if layout else None
        super().__init__(SpringBody(ant_spec(), TIME_STEP, FRAMES, maze, REACH))
        self._starts = maze_starts(maze) if maze else ring_starts(GOAL_DISTANCE, GOAL_DISTANCE)
        # The paper's code sets the start of a generalisation pair after it has added the noise.
        self._exact_start = "_gen_" in self.name

    def reset(self, key: jax.Array) -> EnvState:
        start_key, q_key, qd_key = jax.random.split(key, 3)
        start, goal = self._starts(start_key)
        q, qd = noisy(self.body.rest.at[:2].set(start), self.model.nv, q_key, qd_key)
        if self._exact_start:
            q = q.at[:2].set(start)
        return self._observe(self.body.init(q, qd), goal)

    def states_at(self, positions) -> np.ndarray:
        """The state `[..., 29]` of an ant at rest at each of `positions` `[..., 2]`, metres (for critic maps)."""
        positions = np.asarray(positions, np.float32)
        states = np.zeros((*positions.shape[:-1], self.state_size), np.float32)
        states[..., : len(self.body.rest)] = self.body.rest
        states[..., :2] = positions
        return states


class AntBall(SpringEnv):
    name = "ant_ball"
    state_size, goal_size, action_size, goal_slice = 31, 2, 8, slice(29, 31)
    threshold, easy_threshold, healthy_z = Ant.threshold, Ant.easy_threshold, HEALTHY_Z

    def __init__(self):
        spec = ant_spec()
        for geom in spec.geoms:
            if geom.name != "floor":
                geom.conaffinity = int(geom.name in TORSO_AND_FEET)  # they alone meet the ball
        ball = sliding(spec, "object", BALL_RADIUS, BALL_RADIUS, BALL_MASS, armature=1.0)
        ball.contype, ball.conaffinity, ball.friction = 1, 0, [1, 0.5, 0.5]
        pose = spec.numeric("init_qpos")
        pose.data, pose.size = [*pose.data, 0.0, 0.0], 17
        super().__init__(SpringBody(spec, TIME_STEP, FRAMES))

    def reset(self, key: jax.Array) -> EnvState:
        goal_key, ball_key, q_key, qd_key = jax.random.split(key, 4)
        angle, other = jax.random.uniform(goal_key, maxval=2 * jnp.pi), jax.random.uniform(ball_key, maxval=2 * jnp.pi)
        direction = jnp.array([jnp.cos(angle), jnp.sin(angle)])
        ball = direction + jnp.array([jnp.cos(other), jnp.sin(angle)])
        q, qd = noisy(self.body.rest, self.model.nv, q_key, qd_key)
        physics = self.body.init(q.at[15:].set(ball), qd.at[14:].set(0.0))
        return self._observe(physics, BALL_GOAL_DISTANCE * direction)

    def _state(self, physics) -> jax.Array:
        return jnp.concatenate([physics.q[:15], physics.qd[:14], physics.q[15:]])
