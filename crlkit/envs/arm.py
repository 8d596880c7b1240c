"""A robot arm at a table: it pushes a cube, carries it from bin to bin, or reaches for a place, under MJX.

State of push and binpick, 17 numbers: cube x, y, z (metres), 7 joint angles (radians), position and velocity of link 7
(m, m/s), distance of the fingers (m). Goal: a cube position. Action: targets of joints 1, 2, 4 and 6, each a linear map
from [-1, 1] to TARGETS; the fifth closes the gripper where positive, else opens it. Joints 3, 5, 7 are held. A control
step is 0.05 s and no episode ends early. Sizes, distributions and targets are those of the paper's code. `reach` (13
numbers: no cube, no fingers; goal: a position of link 7) is in that code alone.

With the fingers at the table the four joints reach 0.31 m to 0.81 m from the base. So in push_hard 29% of the cubes
start out of reach and 29% of the goals lie there (drawn 100,000 times), in binpick_hard 6%. Joints 3 and 4 stop at 4/7 of
their targets, 5 to 7 at half, so that in `reach` the hand can rest within 0.1 m of half of the goals (51% of 4,000).
"""

from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import mujoco
import numpy as np

from crlkit.envs.base import EnvState, GoalEnv
from crlkit.envs.mjx_adapter import MjxBody, Physics

FRAMES = 25
MOVED = (0, 1, 3, 5)  # the joints that the action moves, counted from 0
TARGETS = np.array([(0.3491, 2.7925), (0.0, 1.48353), (-3.0718, -0.0698), (2.3562, 3.7525)])  # rad
HELD = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.4487)  # rad, targets of the joints that it does not move
OPEN = 255.0
# In `reach`, of the goals that are drawn: those which the hand can rest within 0.1 m of (see above).
HELD_GOALS = 0.53
FINGERS = ("left_finger", "right_finger")
START = (1.571, 0.742, 0.0, -1.571, 0.0, 3.054, 1.449)  # rad, the joints at a reset
OPENING = 0.04  # m, both fingers at a reset
BIN_HEIGHT, BIN_THICKNESS = 0.033, 0.005  # m, half sizes


class Scene(NamedTuple):
    """What lies around the arm, metres. Each of the two bins is a frame of four walls, one around the goals and one as
    far on the other side (minus x)."""

    start: tuple  # the middle of the region where the cube is drawn
    goal: tuple  # and that of the goals
    spread: tuple  # half widths of both
    bin: float | None = None  # half width of a bin, where there are any
    graspable: bool = True  # there are fingers and a cube


SCENES = {
    "push_easy": Scene((-0.1, 0.6), (0.1, 0.6, 0.03), (0.1, 0.1, 0.0)),
    "push_hard": Scene((-0.25, 0.65), (0.25, 0.65, 0.03), (0.25, 0.25, 0.0)),
    "binpick_easy": Scene((-0.15, 0.6), (0.17, 0.6, 0.03), (0.09, 0.09, 0.0), bin=0.145),
    "binpick_hard": Scene((-0.3, 0.6), (0.3, 0.6, 0.03), (0.15, 0.15, 0.0), bin=0.195),
    "reach": Scene((), (0.0, 0.5, 0.3), (0.2, 0.2, 0.2), graspable=False),
}


def spec() -> mujoco.MjSpec:
    """An editable copy of `arm.xml`."""
    return mujoco.MjSpec.from_file(str(Path(__file__).with_name("arm.xml")))


def build(scene: Scene) -> mujoco.MjModel:
    """The compiled model; coordinates: 7 joint angles (rad), 2 finger offsets (m), the cube's position (m) and
    quaternion; the last two only where the scene is graspable. Controls: 7 joint targets (rad), 2 fingers (0 to
    255)."""
    arm, walls = spec(), []
    box = dict(type=mujoco.mjtGeom.mjGEOM_BOX, contype=0, conaffinity=0, mass=0.0)  # nothing meets it but in a pair
    if not scene.graspable:
        for name in ("cube", *FINGERS):
            arm.delete(arm.body(name))
        return arm.compile()
    arm.body("cube").pos[:2] = scene.start
    if scene.bin is None:
        return arm.compile()
    arm.option.impratio = 10.0
    along = scene.bin - BIN_THICKNESS
    wide, deep = (scene.bin, BIN_THICKNESS, BIN_HEIGHT), (BIN_THICKNESS, along - BIN_THICKNESS, BIN_HEIGHT)
    for side, name in ((-scene.goal[0], "here"), (scene.goal[0], "there")):
        frame = (0, -along, wide), (0, along, wide), (along, 0, deep), (-along, 0, deep)
        for number, (x, y, size) in enumerate(frame):
            walls.append(f"bin_{name}_{number}")
            pos = (side + x, scene.goal[1] + y, BIN_HEIGHT)
            arm.worldbody.add_geom(name=walls[-1], size=size, pos=pos, **box)
    for mover in ("cube", "hand", *FINGERS):
        for wall in walls:
            arm.add_pair(geomname1=mover, geomname2=wall)
    return arm.compile()


class Arm(GoalEnv):
    state_size, goal_size, action_size, goal_slice = 17, 3, 5, slice(0, 3)
    threshold, easy_threshold, hard_threshold = 0.1, 0.3, 0.03

    def __init__(self, task: str):
        """Raises KeyError for an unknown task."""
        self.name, self.scene = f"arm_{task}", SCENES[task]
        if not self.scene.graspable:
            self.state_size, self.action_size, self.goal_slice = 13, 4, slice(7, 10)
        self.model = build(self.scene)
        self.body = MjxBody(self.model, FRAMES)
        self._hand = self.model.body("link7").id
        rest = self.model.qpos0.copy()  # the cube stands where its body is defined
        rest[:7] = START
        if self.scene.graspable:
            rest[7:9] = OPENING
        self._rest = jnp.asarray(rest, jnp.float32)

    def reset(self, key: jax.Array) -> EnvState:
        start_key, goal_key = jax.random.split(key)
        spread = jnp.asarray(self.scene.spread)
        qpos = self._rest
        if self.scene.graspable:
            qpos = qpos.at[9:12].add(spread * jax.random.uniform(start_key, (3,), minval=-1.0))
        goal = jnp.asarray(self.scene.goal) + spread * jax.random.uniform(goal_key, (3,), minval=-1.0)
        return self._observe(self.body.init(qpos, jnp.zeros(self.model.nv)), goal)

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        return self._observe(self.body.step(env_state.physics, self.control(action)), env_state.goal)

    def qpos(self, env_state: EnvState) -> jax.Array:
        return env_state.physics.qpos

    def control(self, action: jax.Array) -> jax.Array:
        """The actuators' targets `[nu]` for an `action` `[action_size]`, clipped to [-1, 1]."""
        low, high = TARGETS.T
        angles = low + (high - low) * (jnp.clip(action[:4], -1.0, 1.0) + 1.0) / 2.0
        joints = jnp.asarray(HELD).at[np.array(MOVED)].set(angles)
        fingers = [jnp.where(action[4] > 0.0, jnp.zeros(2), jnp.full(2, OPEN))] if self.scene.graspable else []
        return jnp.concatenate([joints, *fingers])

    def _observe(self, physics: Physics, goal: jax.Array) -> EnvState:
        places = self.body.places(physics)
        angles, fingers, cube = physics.qpos[:7], physics.qpos[7:9], physics.qpos[9:12]
        hand = places.xpos[self._hand]
        # Each of the seven joints swings the hand about its own axis.
        velocity = physics.qvel[:7] @ jnp.cross(places.xaxis[:7], hand - places.xanchor[:7])
        parts = [angles, hand, velocity]
        if self.scene.graspable:
            parts = [cube, *parts, jnp.abs(fingers.sum())[None]]
        return EnvState(physics, jnp.concatenate(parts), goal, jnp.array(False))
