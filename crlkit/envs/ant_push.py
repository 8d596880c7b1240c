"""An ant whose way to the goal is barred by a block that it has to push aside, under MJX.

State: the ant's 15 coordinates and 14 velocities, the block's x, y (metres). Goal: an ant position, (16, 8) or (8, 16)
plus U(0, 2) each. Action, noise and end of an episode are the ant's; a control step is 0.05 s.

Numbers are those of JaxGCRL (envs/ant_push.py): cells of 8 m, a heavier and stiffer ant that begins at 0.75 m, whose
feet and torso meet the floor and the walls. There it is stable under MJX only, so MJX it is here; velocities are
MuJoCo's, the torso's angular ones in its own frame; the integrator is implicitfast, there Euler's. The paper does not
use it. The map has no Maze, because a block that can move is no wall.
"""

import jax
import jax.numpy as jnp
import mujoco
import numpy as np

from crlkit.envs.ant import HEALTHY_Z, Ant, noisy
from crlkit.envs.base import EnvState, outside
from crlkit.envs.brax_adapter import stock_spec
from crlkit.envs.mjx_adapter import MjxEnv, Physics

TIME_STEP, FRAMES = 0.01, 5
START_Z = 0.75  # m
DENSITY = 40.0  # kg/m^3
# Where walls stand: middle and half size along x and y, metres; several cells are one box. They are 4 m high.
WALLS = (
    *(((-4, 20), (8, 8)), ((8, 24), (4, 4)), ((20, 20), (8, 8)), ((-8, 4), (4, 8))),
    *(((24, 8), (4, 4)), ((20, -4), (8, 8)), ((0, -8), (12, 4))),
)
BLOCK, BLOCK_HALF, BLOCK_MASS = (8.0, 8.0, 2.0), (3.6, 3.6, 1.8), 0.0002  # m, m, kg
NOTHING = 1e-9  # kg, kg m^2
GOALS, GOAL_SPREAD = ((16.0, 8.0), (8.0, 16.0)), 2.0  # m


def ant_push_spec() -> mujoco.MjSpec:
    """The scene of the ant, the walls and the block (an editable MuJoCo model)."""
    spec, shape = stock_spec("ant.xml", floor=150.0), mujoco.mjtGeom
    for geom in spec.geoms:
        geom.density = DENSITY
    spec.geom("torso_geom").contype = 1
    for k, (middle, half) in enumerate(WALLS):
        wall = spec.worldbody.add_geom(name=f"wall_{k}", type=shape.mjGEOM_BOX, pos=[*middle, 2], size=[*half, 2])
        wall.contype, wall.conaffinity = 0, 1
    block = spec.worldbody
    for axis in np.eye(3):  # a body for each slide, all but the last weigh nothing to speak of
        block = block.add_body(pos=BLOCK if axis[0] else (0, 0, 0), mass=NOTHING, inertia=[NOTHING] * 3)
        block.explicitinertial = not axis[2]
        slide = block.add_joint(type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis)
        slide.armature, slide.damping, slide.limited, slide.margin = 0.0, np.zeros(3), False, 0.01
    box = block.add_geom(name="block", type=shape.mjGEOM_BOX, size=BLOCK_HALF, mass=BLOCK_MASS, rgba=[0.9, 0.1, 0.1, 1])
    box.contype = box.conaffinity = 1
    for geom in spec.geoms:
        geom.solimp[:3] = 0.995, 0.995, 0.01
        geom.friction = [1, 0.5, 0.5]
    spec.option.timestep, spec.option.integrator = TIME_STEP, mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.solver = mujoco.mjtSolver.mjSOL_NEWTON
    spec.option.iterations, spec.option.ls_iterations = 4, 8
    return spec


class AntPush(MjxEnv):
    name = "ant_push"
    state_size, goal_size, action_size, goal_slice = 31, 2, 8, slice(0, 2)
    threshold, easy_threshold = Ant.threshold, Ant.easy_threshold

    def __init__(self):
        spec = ant_push_spec()
        pose = [*spec.numeric("init_qpos").data, 0.0, 0.0, 0.0]
        pose[2] = START_Z
        super().__init__(spec.compile(), FRAMES)
        self._rest = jnp.asarray(pose, jnp.float32)

    def reset(self, key: jax.Array) -> EnvState:
        goal_key, spread_key, q_key, qd_key = jax.random.split(key, 4)
        goal = jax.random.choice(goal_key, jnp.array(GOALS)) + GOAL_SPREAD * jax.random.uniform(spread_key, (2,))
        q, qd = noisy(self._rest, self.model.nv, q_key, qd_key)
        q = q.at[3:7].set(q[3:7] / jnp.linalg.norm(q[3:7]))
        return self._observe(self.body.init(q.at[15:].set(0.0), qd.at[14:].set(0.0)), goal)

    def _observe(self, physics: Physics, goal: jax.Array) -> EnvState:
        block = physics.qpos[15:17] + jnp.array(BLOCK[:2])
        state = jnp.concatenate([physics.qpos[:15], physics.qvel[:14], block])
        return EnvState(physics, state, goal, outside(physics.qpos[2], HEALTHY_Z))
