"""Stock bodies of brax under spring physics, made to reach goals as in JaxGCRL: reacher, pusher, half cheetah.

No episode ends early. What states hold: `catalogue.toml`. Numbers are those of JaxGCRL (envs/reacher.py, pusher.py,
half_cheetah.py) but where it says so. The paper uses neither the reacher nor the half cheetah.

reacher: an arm of two links on a table brings its tip to a place. Goal: a tip position (x, y, 0.01): any direction,
distance uniform to 0.2 m. Action: 2 motor torques as parts of the largest. A control step is 0.02 s. (In JaxGCRL the
velocity of the tip leaves out that it turns with its link.)

pusher: an arm of seven joints pushes a puck to a place on a table. Goal: a puck position. Action: 7 controls, straight
to the motors, whose range is [-2, 2] (so half of it). A control step is 0.05 s. The puck begins and the goals lie, from
its stock place along its two slides (y and x of the world), at the uniform PUCKS and PUCK_GOALS; a puck closer than
0.17 m to the goal has its place scaled by 0.17 / distance, which sometimes puts it out of the arm's reach. A goal's
height is 0.048 m below the puck's, so that the threshold of 0.1 m is one of 0.088 m on the table.

half_cheetah: it runs to a place ahead, in the plane. Goal: x of the torso, always 5 m. Action: 6 motor torques as parts
of the largest. A control step is 0.05 s. JaxGCRL runs it under MJX; gears and time step are those that the same file has
for spring physics.
"""

import jax
import jax.numpy as jnp

from crlkit.envs.ant import noisy
from crlkit.envs.base import EnvState, ring_starts
from crlkit.envs.brax_adapter import SpringBody, SpringEnv, stock_spec

TIP, TIP_HEIGHT, TIP_DISTANCE = (0.11, 0.0, 0.0), 0.01, 0.2  # m: in the frame of link 2; of the goal, the largest
PUCK_GOALS = {"easy": ((-0.55, -0.2), (-0.25, 0.2)), "hard": ((-0.65, -0.55), (0.35, 0.45))}  # m: lowest, highest
PUCKS, APART = ((-0.3, -0.2), (-1e-6, 0.2)), 0.17  # m
PUCK_MIDDLE = (0.45, -0.05, -0.3230)  # m, where a goal with both slides at 0 lies
CHEETAH_GEARS, CHEETAH_GOAL = (120.0, 90.0, 60.0, 120.0, 100.0, 100.0), 5.0  # N m at control 1; m


class Reacher(SpringEnv):
    name, threshold = "reacher", 0.05
    state_size, goal_size, action_size, goal_slice = 10, 3, 2, slice(4, 7)

    def __init__(self):
        spec = stock_spec("reacher.xml", gears=(25.0, 25.0))
        spec.delete(spec.body("target"))  # it touches nothing
        pose = spec.numeric("init_qpos")
        pose.data, pose.size = [0.0, 0.0], 2
        for name in ("constraint_stiffness", "constraint_vel_damping"):  # one number a link, the target's last
            values = spec.numeric(name)
            values.data, values.size = list(values.data)[:2], 2
        super().__init__(SpringBody(spec, time_step=0.005, frames=4))
        self._starts = ring_starts(0.0, TIP_DISTANCE)

    def reset(self, key: jax.Array) -> EnvState:
        goal_key, q_key, qd_key = jax.random.split(key, 3)
        _, goal = self._starts(goal_key)
        q = self.body.rest + jax.random.uniform(q_key, (2,), minval=-0.1, maxval=0.1)
        qd = jax.random.uniform(qd_key, (2,), minval=-0.005, maxval=0.005)
        return self._observe(self.body.init(q, qd), jnp.append(goal, TIP_HEIGHT))

    def _state(self, physics) -> jax.Array:
        return jnp.concatenate([jnp.cos(physics.q), jnp.sin(physics.q), *self.body.point(physics, 1, TIP)])


class Pusher(SpringEnv):
    state_size, goal_size, action_size, goal_slice = 20, 3, 7, slice(10, 13)
    threshold = 0.1

    def __init__(self, kind: str):
        """kind: easy or hard. Raises KeyError for another."""
        self.name, self._goals = f"pusher_{kind}", PUCK_GOALS[kind]
        spec = stock_spec("pusher.xml", gears=(20.0,) * 7)
        spec.delete(spec.body("goal"))  # it touches nothing
        super().__init__(SpringBody(spec, time_step=0.001, frames=50))

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
        return puck, jnp.array(PUCK_MIDDLE) + jnp.array([goal[1], goal[0], 0.0])

    def _state(self, physics) -> jax.Array:
        places = [self.body.centre(physics, link) for link in ("r_wrist_flex_link", "object")]
        return jnp.concatenate([physics.q[:7], *places, physics.qd[:7]])


class HalfCheetah(SpringEnv):
    name, threshold, easy_threshold = "half_cheetah", 0.5, 2.0
    state_size, goal_size, action_size, goal_slice = 18, 1, 6, slice(0, 1)

    def __init__(self):
        spec = stock_spec("half_cheetah.xml", floor=150.0, gears=CHEETAH_GEARS)
        super().__init__(SpringBody(spec, time_step=0.003125, frames=16))

    def reset(self, key: jax.Array) -> EnvState:
        q, qd = noisy(self.body.rest, self.model.nv, *jax.random.split(key))
        return self._observe(self.body.init(q, qd), jnp.array([CHEETAH_GOAL]))
