"""A humanoid on open ground or in a maze: the stock humanoid of brax under the paper's spring physics.

State, 268 numbers: see `catalogue.toml`; the forces are those of the last action. Goal: a torso position (x, y, 1.25).
Action: 17 controls. An episode ends when the torso leaves 1 to 2 m.

The target is a body of 1 kg that slides to the goal and touches nothing. So the state holds the commanded goal, also
where hindsight puts another one in its place: in the target's own numbers and in the centre of mass that all inertias
are taken about. This is the paper's form.

Sizes, gears, time steps and distributions are those of the paper's code (envs/humanoid.py, humanoid_maze.py) as it ran,
under brax 0.10.1: on open ground that version took the 0.003 s of the model, in mazes the 0.0015 s of the code.
"""

import jax
import jax.numpy as jnp

from crlkit.envs.base import EnvState, maze_starts, outside, ring_starts
from crlkit.envs.brax_adapter import SpringBody, SpringEnv, sliding, stock_spec
from crlkit.envs.mazes import HUMANOID_EVAL_GOALS, make_maze

CELL = 2.0  # metres
REACH = 1.5  # m, no part of the body is farther from the middle of the torso
TIME_STEP, MAZE_TIME_STEP = 0.003, 0.0015  # seconds
FRAMES = 10
GOAL_Z = 1.25  # m, about where the torso of a standing humanoid is
GOAL_RADIUS = (1.0, 5.0)  # m, on open ground
HEALTHY_Z = (1.0, 2.0)
ARM_GEAR, OTHER_GEAR = 100.0, 350.0  # N m at control 1
FOR_NOBODY = 4  # the geom group of shapes that films do not show


def humanoid_spec():
    """The stock humanoid, all of which meets floor and walls, with the gears for spring physics (an editable MuJoCo
    model), and the body `target`, a ball of 1 kg that slides to the goal and touches nothing."""
    spec = stock_spec("humanoid.xml", floor=100.0)
    for geom in spec.geoms:
        if geom.name != "floor":
            geom.contype = 1
    for motor in spec.actuators:
        motor.gear[0] = ARM_GEAR if "shoulder" in motor.name or "elbow" in motor.name else OTHER_GEAR
    ball = sliding(spec, "target", GOAL_Z, radius=0.5, mass=1.0, armature=0.0)
    ball.contype, ball.conaffinity, ball.group = 0, 0, FOR_NOBODY
    return spec


class Humanoid(SpringEnv):
    state_size, goal_size, action_size, goal_slice = 268, 3, 17, slice(0, 3)
    threshold, easy_threshold = 0.5, 2.0
    compiler_options = SpringEnv.compiler_options | {"xla_backend_optimization_level": 2}  # docs/performance.md

    def __init__(self, layout: str | None = None):
        """layout: of a maze, or open ground. Raises KeyError for an unknown one."""
        self.name = f"humanoid_{layout}" if layout else "humanoid"
        maze = make_maze(layout, CELL, far_goals=HUMANOID_EVAL_GOALS) if layout else None
        time_step = MAZE_TIME_STEP if layout else TIME_STEP
        super().__init__(SpringBody(humanoid_spec(), time_step, FRAMES, maze, REACH))
        self._starts = maze_starts(maze) if maze else ring_starts(*GOAL_RADIUS)
        self._controls = jnp.asarray(self.model.actuator_ctrlrange, jnp.float32)

    def reset(self, key: jax.Array) -> EnvState:
        start, goal = self._starts(key)
        q = self.body.rest.at[:2].set(start).at[-2:].set(goal)  # at rest in the start pose
        physics = self.body.init(q, jnp.zeros(self.model.nv))
        return self._observe(physics, jnp.append(goal, GOAL_Z), jnp.zeros(self.action_size))

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        low, high = self._controls.T
        control = low + (high - low) * (jnp.clip(action, -1.0, 1.0) + 1.0) / 2.0
        return self._observe(self.body.step(env_state.physics, control), env_state.goal, control)

    def _observe(self, physics, goal: jax.Array, control: jax.Array) -> EnvState:
        body, links = self.body, (self.body.inertias(physics).ravel(), self.body.velocities(physics).ravel())
        state = jnp.concatenate([physics.q, physics.qd, *links, body.forces(physics, control)])
        return EnvState(physics, state, goal, outside(physics.q[2], HEALTHY_Z))
