"""An ant in a maze: the stock ant of brax, made to meet walls, under the paper's spring physics.

State: 15 coordinates (torso x, y, z in metres, torso quaternion, 8 joint angles in radians), then their 14 velocities.
Goal: a position (x, y). Action: 8 motor torques as parts of the largest. A control step is 0.05 s.
"""

import jax
import jax.numpy as jnp
import numpy as np

from crlkit.envs.base import EnvState
from crlkit.envs.brax_adapter import SpringBody, stock_spec
from crlkit.envs.mazes import make_maze

CELL = 4.0  # metres
TIME_STEP = 0.005
FRAMES = 10
RESET_NOISE = 0.1
HEALTHY_Z = (0.2, 1.0)

# What meets walls: the torso, the hips and the feet. The capsules between hip and foot pass through them.
TOUCHING = (
    *("torso_geom", "aux_1_geom", "aux_2_geom", "aux_3_geom", "aux_4_geom"),
    *("left_foot_geom", "right_foot_geom", "third_foot_geom", "fourth_foot_geom"),
)


def ant_spec():
    """The stock ant, able to meet walls, on a larger floor (an editable MuJoCo model).

    The paper's code also carries a body `target` that slides to the goal. It collides with nothing and is coupled to
    nothing, so it is left out (q then has 15 entries, qd 14) and the goal lives in `EnvState.goal`.
    """
    spec = stock_spec("ant.xml")
    spec.geom("floor").size[:2] = 100.0
    for name in TOUCHING:
        spec.geom(name).conaffinity = 1
    return spec


class AntMaze:
    state_size = 29
    goal_size = 2
    action_size = 8
    goal_slice = slice(0, 2)
    threshold = 0.5
    easy_threshold = 2.0

    def __init__(self, layout: str):
        """Raises KeyError for an unknown layout."""
        self.name = f"ant_{layout}"
        self.maze = make_maze(layout, cell_size=CELL)
        self.body = SpringBody(ant_spec(), TIME_STEP, FRAMES, self.maze)
        self._starts = jnp.asarray(self.maze.position([start for start, _ in self.maze.pairs]), jnp.float32)
        self._goals = jnp.asarray(self.maze.position([goal for _, goal in self.maze.pairs]), jnp.float32)
        self._logits = jnp.log(jnp.asarray(self.maze.weights, jnp.float32))

    def reset(self, key: jax.Array) -> EnvState:
        pair_key, q_key, qd_key = jax.random.split(key, 3)
        pair = jax.random.categorical(pair_key, self._logits)
        rest = self.body.rest.at[:2].set(self._starts[pair])
        q = rest + jax.random.uniform(q_key, rest.shape, minval=-RESET_NOISE, maxval=RESET_NOISE)
        qd = RESET_NOISE * jax.random.normal(qd_key, (self.state_size - len(rest),))
        return self._observe(self.body.init(q, qd), self._goals[pair])

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        physics = self.body.step(env_state.physics, jnp.clip(action, -1.0, 1.0))
        return self._observe(physics, env_state.goal)

    def _observe(self, physics, goal: jax.Array) -> EnvState:
        low, high = HEALTHY_Z
        z = physics.q[2]
        healthy = (low <= z) & (z <= high)  # false too where the physics broke down (z is nan)
        return EnvState(physics, jnp.concatenate([physics.q, physics.qd]), goal, ~healthy)

    def states_at(self, positions) -> np.ndarray:
        """The state `[..., 29]` of an ant at rest at each of `positions` `[..., 2]`, metres (for critic maps)."""
        positions = np.asarray(positions, np.float32)
        states = np.zeros((*positions.shape[:-1], self.state_size), np.float32)
        states[..., : len(self.body.rest)] = self.body.rest
        states[..., :2] = positions
        return states
