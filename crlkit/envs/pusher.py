"""An arm of seven joints that is to push a puck to a place on a table: the stock pusher of brax, spring physics.

State: 7 joint angles (rad), position of the wrist's centre of mass (m), position of the puck (m), 7 joint velocities
(rad/s). Goal: a puck position. Action: 7 controls, straight to the motors, whose range is [-2, 2] (so half of it, as in
JaxGCRL). A control step is 0.05 s; no episode ends early.

Numbers are those of JaxGCRL (envs/pusher.py): from its stock place, the puck begins at U(-0.3, 0) and U(-0.2, 0.2) m
along its two slides (y and x of the world), `easy` goals lie at U(-0.55, -0.25) and U(-0.2, 0.2), `hard` ones at
U(-0.65, 0.35) and U(-0.55, 0.45); a puck closer than 0.17 m to the goal has its place scaled by 0.17 / distance, which
sometimes puts it out of the arm's reach. A goal's height there is 0.048 m below the puck's, so that the threshold of
0.1 m is one of 0.088 m on the table. So it is here.
"""

import jax
import jax.numpy as jnp

from crlkit.envs.base import EnvState
from crlkit.envs.brax_adapter import SpringBody, SpringEnv, stock_spec

TIME_STEP, FRAMES = 0.001, 50
GEARS = (20.0,) * 7  # N m at control 1
GOALS = {"easy": ((-0.55, -0.2), (-0.25, 0.2)), "hard": ((-0.65, -0.55), (0.35, 0.45))}  # m: lowest, highest
PUCKS = (-0.3, -0.2), (-1e-6, 0.2)
APART = 0.17  # m
MIDDLE = (0.45, -0.05, -0.3230)  # m, where a goal with both slides at 0 lies


class Pusher(SpringEnv):
    state_size, goal_size, action_size, goal_slice = 20, 3, 7, slice(10, 13)
    threshold = 0.1

    def __init__(self, kind: str):
        """kind: easy or hard. Raises KeyError for another."""
        self.name, self._goals = f"pusher_{kind}", GOALS[kind]
        spec = stock_spec("pusher.xml", gears=GEARS, without="goal")
        super().__init__(SpringBody(spec, TIME_STEP, FRAMES))
        self._wrist, self._puck = self.body.link("r_wrist_flex_link"), self.body.link("object")

    def reset(self, key: jax.Array) -> EnvState:
        key, qd_key = jax.random.split(key)
        puck, goal = self.places(key)
        qd = jnp.append(jax.random.uniform(qd_key, (7,), minval=-0.005, maxval=0.005), jnp.zeros(2))
        return self._observe(self.body.init(self.body.rest.at[7:].set(puck), qd), goal)

    def places(self, key: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Draws how far the puck has slid `[2]` and where the goal is `[3]`, metres."""
        puck, goal = (
            jax.random.uniform(key, (2,), minval=jnp.array(low), maxval=jnp.array(high))
            for key, (low, high) in zip(jax.random.split(key), (PUCKS, self._goals))
        )
        distance = jnp.linalg.norm(puck - goal)
        puck = puck * jnp.where(distance < APART, APART / distance, 1.0)
        return puck, jnp.array(MIDDLE) + jnp.array([goal[1], goal[0], 0.0])

    def _state(self, physics) -> jax.Array:
        places = [self.body.centre(physics, link) for link in (self._wrist, self._puck)]
        return jnp.concatenate([physics.q[:7], *places, physics.qd[:7]])
