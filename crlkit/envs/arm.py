"""A robot arm at a table: it pushes a cube, carries it from bin to bin, reaches or grasps, under MJX.

State of push and binpick, 17 numbers: cube x, y, z (metres), 7 joint angles (radians), position and velocity of link 7
(m, m/s), distance of the fingers (m). Goal: a cube position. Action: targets of joints 1, 2, 4 and 6, each a linear map
from [-1, 1] to TARGETS; the fifth closes the gripper where positive, else opens it. Joints 3, 5, 7 are held. A control
step is 0.05 s and no episode ends early. Sizes, distributions and targets are those of the paper's code.

`reach` (13 numbers: no cube, no fingers; goal: a position of link 7) and `grasp` (23: left and right fingertip x, y, z
and their distance last; goal: those 7 at the cube, which the goal follows) are not in the paper. Their scenes are those
of the same code, but it scores `grasp` by two distances, so the two thresholds of `grasp` are the kit's own.

With the fingers at the table the four joints reach 0.31 m to 0.81 m from the base. So in push_hard 29% of the cubes
start out of reach and 29% of the goals lie there (drawn 100,000 times), in binpick_hard 6%. Joints 3 and 4 stop at 4/7 of
their targets, 5 to 7 at half, so that in `reach` the hand can rest within 0.1 m of half of the goals (51% of 4,000).

The code observes positions 0.002 s old (those before MuJoCo's last physics step); here they are of the moment itself.
"""

import jax
import jax.numpy as jnp
import numpy as np

from crlkit.envs.arm_model import OPENING, SCENES, START, build
from crlkit.envs.base import EnvState
from crlkit.envs.mjx_adapter import MjxBody, MjxEnv, Physics

FRAMES = 25
MOVED = (0, 1, 3, 5)  # the joints that the action moves, counted from 0
TARGETS = np.array([(0.3491, 2.7925), (0.0, 1.48353), (-3.0718, -0.0698), (2.3562, 3.7525)])  # rad
HELD = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.4487)  # rad, targets of the joints that it does not move
OPEN = 255.0
GRASPED = (0.0375, 0.0, 0.0)  # m, left fingertip from the cube's middle at the goal; the right one opposite
SIZES = {"reach": (13, 3, 4, slice(7, 10)), "grasp": (23, 7, 5, slice(16, 23))}
CUBE_TASK = (17, 3, 5, slice(0, 3))
# Success, easy and hard, metres. For grasp a norm over 7 numbers: 0.07 is each fingertip 0.05 off.
THRESHOLDS, GRASP_THRESHOLDS = (0.1, 0.3, 0.03), (0.07, 0.2, 0.03)


class Arm(MjxEnv):
    def __init__(self, task: str):
        """Raises KeyError for an unknown task."""
        self.name, self.task, self.scene = f"arm_{task}", task, SCENES[task]
        self.state_size, self.goal_size, self.action_size, self.goal_slice = SIZES.get(task, CUBE_TASK)
        thresholds = GRASP_THRESHOLDS if task == "grasp" else THRESHOLDS
        self.threshold, self.easy_threshold, self.hard_threshold = thresholds
        self.body = MjxBody(build(self.scene), FRAMES)
        self.model = self.body.model
        self._hand = self.model.body("link7").id
        rest = self.model.qpos0.copy()  # the cube stands where its body is defined
        rest[:7] = START
        if self.scene.graspable:
            rest[7:9] = OPENING
            self._tips = np.array([self.model.site(f"{side}_fingertip").id for side in ("left", "right")])
        self._rest = jnp.asarray(rest, jnp.float32)

    def reset(self, key: jax.Array) -> EnvState:
        start_key, goal_key = jax.random.split(key)
        spread = jnp.asarray(self.scene.spread)
        qpos = self._rest
        if self.scene.graspable:
            qpos = qpos.at[9:12].add(spread * jax.random.uniform(start_key, (3,), minval=-1.0))
        goal = jnp.asarray(self.scene.goal) + spread * jax.random.uniform(goal_key, (3,), minval=-1.0)
        return self._observe(self.body.init(qpos, jnp.zeros(self.model.nv)), goal)

    def control(self, action: jax.Array) -> jax.Array:
        """The actuators' targets `[nu]` for an `action` `[action_size]`, clipped to [-1, 1]."""
        low, high = TARGETS.T
        angles = low + (high - low) * (jnp.clip(action[:4], -1.0, 1.0) + 1.0) / 2.0
        joints = jnp.asarray(HELD).at[np.array(MOVED)].set(angles)
        if not self.scene.graspable:
            return joints
        return jnp.concatenate([joints, jnp.where(action[4] > 0.0, jnp.zeros(2), jnp.full(2, OPEN))])

    def _observe(self, physics: Physics, goal: jax.Array) -> EnvState:
        places = self.body.places(physics)
        angles, fingers, cube = physics.qpos[:7], physics.qpos[7:9], physics.qpos[9:12]
        hand = places.xpos[self._hand]
        # Each of the seven joints swings the hand about its own axis.
        velocity = physics.qvel[:7] @ jnp.cross(places.xaxis[:7], hand - places.xanchor[:7])
        parts = [angles, hand, velocity]
        if self.task == "grasp":
            tips = places.site_xpos[self._tips]
            parts = [cube, *parts, *tips, jnp.linalg.norm(tips[0] - tips[1])[None]]
            offset = jnp.asarray(GRASPED)
            goal = jnp.concatenate([cube + offset, cube - offset, 2 * offset[:1]])
        elif self.scene.graspable:
            parts = [cube, *parts, jnp.abs(fingers.sum())[None]]
        return EnvState(physics, jnp.concatenate(parts), goal, jnp.array(False))
