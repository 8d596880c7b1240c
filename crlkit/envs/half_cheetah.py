"""Half a cheetah, in the plane, that is to run to a place ahead: the stock half cheetah of brax, spring physics.

State: 9 coordinates (torso x, z in metres, its angle and 6 joint angles in radians), then their 9 velocities. Goal: x
of the torso, always 5 m. Action: 6 motor torques as parts of the largest. A control step is 0.05 s; no episode ends
early.

Numbers are those of JaxGCRL (envs/half_cheetah.py), which runs it under MJX; the gears and the time step are those that
the same file has for spring physics. The paper does not use it.
"""

import jax
import jax.numpy as jnp

from crlkit.envs.ant import noisy
from crlkit.envs.base import EnvState
from crlkit.envs.brax_adapter import SpringBody, SpringEnv, stock_spec

TIME_STEP, FRAMES = 0.003125, 16
GEARS = (120.0, 90.0, 60.0, 120.0, 100.0, 100.0)  # N m
GOAL = 5.0  # m


class HalfCheetah(SpringEnv):
    name = "half_cheetah"
    state_size, goal_size, action_size, goal_slice = 18, 1, 6, slice(0, 1)
    threshold, easy_threshold = 0.5, 2.0

    def __init__(self):
        spec = stock_spec("half_cheetah.xml", floor=150.0, gears=GEARS)
        super().__init__(SpringBody(spec, TIME_STEP, FRAMES))

    def reset(self, key: jax.Array) -> EnvState:
        q, qd = noisy(self.body.rest, self.model.nv, *jax.random.split(key))
        return self._observe(self.body.init(q, qd), jnp.array([GOAL]))
