"""A hand-written controller of the arm: proof that the tasks can be solved, and something to film.

It is a feedback policy of the state that an agent sees and acts through the same actions. It plans in space (where the
grip, the point between the fingertips, should be) and turns that into joint angles with MuJoCo's own kinematics.
`rehearse` runs it in MJX or in MuJoCo itself, which needs no compilation. The two agree but for one thing: where an
actuator is at its limit, MuJoCo's `implicitfast` leaves its damping out of the implicit step and MJX does not, so that
the arm gathers speed more slowly in MJX.
"""

from collections.abc import Iterator
from typing import NamedTuple

import jax
import mujoco
import numpy as np
from scipy.optimize import lsq_linear

from crlkit.envs.arm import FRAMES, MOVED, TARGETS, Arm

STRIDE, CARRY_STRIDE = 0.025, 0.012  # m, how far the grip is led in a control step; a faster hand loses the cube
CARRY_HEIGHT, GRIP_HEIGHT = 0.18, 0.028  # m, of the grip
STEEP = 0.02  # m/rad: how much a place is worth against upright fingers
FINGERS_AT_CUBE = 0.115  # m between the fingers before they close: wide enough for the cube, narrow enough for a bin
CLOSED = -1.0  # a distance that the fingers never reach
EMPTY = 0.045  # m between the fingers: less than around a cube
NEAR, ARRIVED = 0.05, 0.006  # m, cube from goal and grip from its place


class Rehearsal(NamedTuple):
    """states `[T + 1, state]`, qpos `[T + 1, nq]` (for a film), actions `[T, action]`, goal `[3]`, distances `[T + 1]`
    to it in metres."""

    states: np.ndarray
    qpos: np.ndarray
    actions: np.ndarray
    goal: np.ndarray
    distances: np.ndarray


class Kinematics:
    """Forward and inverse kinematics of the four joints that actions move, by MuJoCo."""

    def __init__(self, model: mujoco.MjModel):
        self.model, self.data = model, mujoco.MjData(model)
        self.site = model.site("grip").id
        self.ratio = model.actuator_gainprm[:7, 0] / -model.actuator_biasprm[:7, 1]
        self.stiffness = -model.actuator_biasprm[:7, 1]

    def grip(self, angles: np.ndarray) -> np.ndarray:
        """Where the grip is, m `[3]`, at joint angles `[7]`, rad."""
        self.data.qpos[:7] = angles
        mujoco.mj_kinematics(self.model, self.data)
        return self.data.site_xpos[self.site].copy()

    def angles(self, target: np.ndarray, guess: np.ndarray, steps: int = 30) -> np.ndarray:
        """Joint angles `[7]` near `guess` `[7]` that bring the grip to `target` `[3]`, m, with the fingers as steep as
        the joints allow: damped least squares within the joints' ranges."""
        moved, angles = np.array(MOVED), guess.copy()
        low, high = (TARGETS * self.ratio[moved, None]).T  # where the actuators can hold the joints
        angles[moved] = np.clip(angles[moved], low, high)
        jacobian = np.zeros((2, 3, self.model.nv))
        for _ in range(steps):
            grip = self.grip(angles)
            mujoco.mj_comPos(self.model, self.data)
            mujoco.mj_jacSite(self.model, self.data, jacobian[0], jacobian[1], self.site)
            down = self.data.site_xmat[self.site].reshape(3, 3)[:, 2]
            error = np.concatenate([target - grip, STEEP * np.cross(down, (0.0, 0.0, -1.0))[:2]])
            slope = np.vstack([jacobian[0][:, moved], STEEP * jacobian[1][:2, moved]])
            damped = np.vstack([slope, 0.003 * np.eye(4)]), np.append(error, np.zeros(4))
            bounds = np.maximum(low - angles[moved], -0.2) - 1e-9, np.minimum(high - angles[moved], 0.2) + 1e-9
            change = lsq_linear(*damped, bounds, method="bvls").x
            angles[moved] = np.clip(angles[moved] + change, low, high)
            if np.abs(change).max() < 1e-4:
                break
        return angles

    def action(self, angles: np.ndarray, gripper: float) -> np.ndarray:
        """The action `[5]` under which the arm comes to rest at `angles` `[7]`, in spite of its weight."""
        self.data.qpos[:7], self.data.qvel[:] = angles, 0.0
        mujoco.mj_forward(self.model, self.data)
        targets = (angles + self.data.qfrc_bias[:7] / self.stiffness) / self.ratio
        low, high = TARGETS.T
        return np.append(np.clip(2.0 * (targets[np.array(MOVED)] - low) / (high - low) - 1.0, -1.0, 1.0), gripper)


class Controller:
    """Moves of the arm as generators: each is sent a state `[17]` and yields an action `[5]`."""

    def __init__(self, arm: Arm, goal: np.ndarray):
        self.kinematics, self.goal = Kinematics(arm.model), np.asarray(goal, float)
        self.lifts = arm.scene.bin is not None
        self.lead = None  # where the grip is being led

    def solve(self, state: np.ndarray) -> Iterator[np.ndarray]:
        """Brings the cube to the goal: over the walls in bin tasks, else over the table without lifting it. Takes it up
        again if it was lost. Never ends."""
        while True:
            while np.linalg.norm(state[:3] - self.goal) < NEAR:
                state = yield from self.wait(state, FINGERS_AT_CUBE, 1)
            state = yield from self.grasp(state)
            for place in self.way(state):
                if state[16] > EMPTY:
                    state = yield from self.go(state, place, CLOSED, CARRY_STRIDE)
            state = yield from self.wait(state, FINGERS_AT_CUBE, 8)
            state = yield from self.go(state, _at_height(self.lead, CARRY_HEIGHT), FINGERS_AT_CUBE)

    def way(self, state: np.ndarray) -> list[np.ndarray]:
        if not self.lifts:
            return [_at_height(self.goal, GRIP_HEIGHT)]
        return [
            _at_height(state, CARRY_HEIGHT),
            *(_at_height(self.goal, z) for z in (CARRY_HEIGHT, GRIP_HEIGHT + 0.02)),
        ]

    def grasp(self, state: np.ndarray) -> Iterator[np.ndarray]:
        """Closes the fingers around the cube, from above."""
        for height in (CARRY_HEIGHT, GRIP_HEIGHT):
            state = yield from self.go(state, _at_height(state, height), FINGERS_AT_CUBE)
        return (yield from self.wait(state, CLOSED, 10))

    def go(self, state: np.ndarray, place: np.ndarray, fingers: float, stride: float = STRIDE) -> Iterator[np.ndarray]:
        """Leads the grip to `place` `[3]` in a straight line, `stride` metres a step, and waits until it is there (at
        most a second)."""
        if self.lead is None:
            self.lead = self.kinematics.grip(state[3:10])
        while (left := np.linalg.norm(place - self.lead)) > 1e-6:
            lead = self.lead + (place - self.lead) * min(1.0, stride / left)
            state = yield from self.at(state, lead, fingers)
        for _ in range(20):
            if np.linalg.norm(self.kinematics.grip(state[3:10]) - place) < ARRIVED:
                break
            state = yield from self.at(state, place, fingers)
        return state

    def wait(self, state: np.ndarray, fingers: float, steps: int) -> Iterator[np.ndarray]:
        if self.lead is None:
            self.lead = self.kinematics.grip(state[3:10])
        for _ in range(steps):
            state = yield from self.at(state, self.lead, fingers)
        return state

    def at(self, state: np.ndarray, place: np.ndarray, fingers: float) -> Iterator[np.ndarray]:
        """One control step with the grip led to `place`. fingers: CLOSED, or their wanted distance, which the gripper,
        that can only close or open, keeps by doing both in turn."""
        self.lead = np.asarray(place, float)
        angles = self.kinematics.angles(self.lead, np.asarray(state[3:10], float))
        return (yield self.kinematics.action(angles, 1.0 if state[16] > fingers else -1.0))


def _at_height(place: np.ndarray, height: float) -> np.ndarray:
    return np.array([place[0], place[1], height])


def rehearse(arm: Arm, key: jax.Array, steps: int, mjx: bool = False) -> Rehearsal:
    """An episode of `steps` control steps of the controller, from `arm.reset(key)`, in MuJoCo or (exactly the
    environment, but a minute of compilation) in MJX.

    Raises ValueError for `reach`, which has no controller.
    """
    if not arm.scene.graspable:
        raise ValueError(f"{arm.name}: no controller; nearest: arm_push_easy, arm_binpick_hard")
    env_state = jax.jit(arm.reset)(key)
    data, step_in_mjx = mujoco.MjData(arm.model), jax.jit(arm.step)
    data.qpos[:] = arm.qpos(env_state)
    moments, actions = [(np.asarray(env_state.state, float), data.qpos.copy())], []
    controller = Controller(arm, env_state.goal).solve(moments[0][0])
    action = next(controller)
    for _ in range(steps):
        actions.append(action)
        if mjx:
            env_state = step_in_mjx(env_state, action)
            moments.append((np.asarray(env_state.state, float), np.asarray(arm.qpos(env_state), float)))
        else:
            step(arm, data, action)
            moments.append((observe(arm, data), data.qpos.copy()))
        action = controller.send(moments[-1][0])
    states, qpos = (np.array(column) for column in zip(*moments))
    goal = np.asarray(env_state.goal, float)
    return Rehearsal(states, qpos, np.array(actions), goal, np.linalg.norm(states[:, :3] - goal, axis=1))


def step(arm: Arm, data: mujoco.MjData, action: np.ndarray) -> None:
    """One control step of push or binpick in MuJoCo, in place."""
    data.ctrl[:] = arm.control(action)
    mujoco.mj_step(arm.model, data, FRAMES)


def observe(arm: Arm, data: mujoco.MjData) -> np.ndarray:
    """The state `[17]` of push and binpick, from MuJoCo's data."""
    mujoco.mj_forward(arm.model, data)
    velocity, hand = np.zeros(6), arm.model.body("link7").id
    mujoco.mj_objectVelocity(arm.model, data, mujoco.mjtObj.mjOBJ_XBODY, hand, velocity, 0)
    fingers = abs(data.qpos[7] + data.qpos[8])
    return np.concatenate([data.qpos[9:12], data.qpos[:7], data.xpos[hand], velocity[3:], [fingers]])
