"""An ant that is to push a ball to a place, on open ground, under the ant's spring physics.

State: the ant's 29 numbers (see ant.py), then the ball's x, y (metres). Goal: a ball position, 5 m from the origin in
any direction. Action, time step, noise and end of an episode are the ant's.

The ball (radius 0.5 m) slides without turning. It begins 1 m towards the goal, moved by (cos a, sin b): a uniform
angle, b the goal's direction, as in the paper's code. That code compares numbers 28 and 29 of the state with the goal:
a joint velocity and the ball's x. Here it is the ball's x and y, 29 and 30, as in JaxGCRL since.
"""

import jax
import jax.numpy as jnp
import mujoco
import numpy as np

from crlkit.envs.ant import FRAMES, HEALTHY_Z, TIME_STEP, Ant, ant_spec, noisy
from crlkit.envs.base import EnvState
from crlkit.envs.brax_adapter import SpringBody, SpringEnv

RADIUS, MASS = 0.5, 0.576  # m, kg (spring physics gives all links of this model the same mass)
GOAL_DISTANCE = 5.0  # m
TOUCHING = ("torso_geom", "left_foot_geom", "right_foot_geom", "third_foot_geom", "fourth_foot_geom")


def ant_ball_spec():
    """The ant, whose torso and feet alone meet the ball, and the ball (an editable MuJoCo model)."""
    spec = ant_spec()
    for geom in spec.geoms:
        if geom.name != "floor":
            geom.conaffinity = int(geom.name in TOUCHING)
    ball = spec.worldbody.add_body(name="object", pos=[0, 0, RADIUS])
    shape = ball.add_geom(name="object_geom", type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[RADIUS, 0, 0], mass=MASS)
    shape.contype, shape.conaffinity = 1, 0
    shape.friction = [1, 0.5, 0.5]
    for name, axis in (("object_x", [1, 0, 0]), ("object_y", [0, 1, 0])):
        slide = ball.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis, range=[-100, 100])
        slide.armature, slide.damping = 1.0, np.zeros(3)
    pose = spec.numeric("init_qpos")
    pose.data, pose.size = [*pose.data, 0.0, 0.0], 17
    return spec


class AntBall(SpringEnv):
    name = "ant_ball"
    state_size, goal_size, action_size, goal_slice = 31, 2, 8, slice(29, 31)
    threshold, easy_threshold, healthy_z = Ant.threshold, Ant.easy_threshold, HEALTHY_Z

    def __init__(self):
        super().__init__(SpringBody(ant_ball_spec(), TIME_STEP, FRAMES))

    def reset(self, key: jax.Array) -> EnvState:
        goal_key, ball_key, q_key, qd_key = jax.random.split(key, 4)
        angle, other = jax.random.uniform(goal_key, maxval=2 * jnp.pi), jax.random.uniform(ball_key, maxval=2 * jnp.pi)
        direction = jnp.array([jnp.cos(angle), jnp.sin(angle)])
        ball = direction + jnp.array([jnp.cos(other), jnp.sin(angle)])
        q, qd = noisy(self.body.rest, self.model.nv, q_key, qd_key)
        physics = self.body.init(q.at[15:].set(ball), qd.at[14:].set(0.0))
        return self._observe(physics, GOAL_DISTANCE * direction)

    def _state(self, physics) -> jax.Array:
        return jnp.concatenate([physics.q[:15], physics.qd[:14], physics.q[15:]])
