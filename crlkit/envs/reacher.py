"""An arm of two links on a table that is to bring its tip to a place: the stock reacher of brax, spring physics.

State: cosines and sines of the two joint angles, position of the tip (m), its velocity (m/s). Goal: a tip position (x,
y, 0.01): any direction, distance uniform to 0.2 m. Action: 2 motor torques as parts of the largest. A control step is
0.02 s; no episode ends early. The paper does not use it; numbers are those of JaxGCRL (envs/reacher.py), whose tip
velocity leaves out that the tip turns with its link; here it is the change of the tip's position.
"""

import jax
import jax.numpy as jnp

from crlkit.envs.base import EnvState, ring_starts
from crlkit.envs.brax_adapter import SpringBody, SpringEnv, stock_spec

TIME_STEP, FRAMES = 0.005, 4
GEARS = 25.0, 25.0  # N m
HEIGHT = 0.01  # m, of arm and goal
TIP = (0.11, 0.0, 0.0)  # m, in the frame of the second link
GOAL_DISTANCE = 0.2  # m, the largest


def reacher_spec():
    """The stock reacher without its target, which touches nothing, with the gears for spring physics."""
    spec = stock_spec("reacher.xml", gears=GEARS, without="target")
    pose = spec.numeric("init_qpos")
    pose.data, pose.size = [0.0, 0.0], 2
    for name in ("constraint_stiffness", "constraint_vel_damping"):  # one number a link, the target's last
        values = spec.numeric(name)
        values.data, values.size = list(values.data)[:2], 2
    return spec


class Reacher(SpringEnv):
    name = "reacher"
    state_size, goal_size, action_size, goal_slice = 10, 3, 2, slice(4, 7)
    threshold = 0.05

    def __init__(self):
        super().__init__(SpringBody(reacher_spec(), TIME_STEP, FRAMES))
        self._starts = ring_starts(0.0, GOAL_DISTANCE)

    def reset(self, key: jax.Array) -> EnvState:
        goal_key, q_key, qd_key = jax.random.split(key, 3)
        _, goal = self._starts(goal_key)
        q = self.body.rest + jax.random.uniform(q_key, (2,), minval=-0.1, maxval=0.1)
        qd = jax.random.uniform(qd_key, (2,), minval=-0.005, maxval=0.005)
        return self._observe(self.body.init(q, qd), jnp.append(goal, HEIGHT))

    def _state(self, physics) -> jax.Array:
        return jnp.concatenate([jnp.cos(physics.q), jnp.sin(physics.q), *self.body.point(physics, 1, TIP)])
