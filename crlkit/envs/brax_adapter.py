"""The one door to brax: the models that it ships, maze walls, and the `spring` physics of the paper.

A body file takes `stock_spec`, edits it and hands it to `SpringBody`; nothing above this file sees brax.
"""

import contextlib
import io
import math
import warnings
from collections.abc import Sequence
from importlib import resources
from typing import Any

import jax
import jax.numpy as jnp
import mujoco
import numpy as np

from crlkit.envs.base import EnvState, GoalEnv, outside
from crlkit.envs.mazes import Maze

with contextlib.redirect_stdout(io.StringIO()):  # importing it prints that an optional GPU backend is missing
    from brax import actuator
    from brax.io import mjcf
    from brax.math import quat_to_3x3, rotate
    from brax.spring import pipeline

UNDERGROUND = -100.0  # metres: where a wall box that nothing should meet is parked


def stock_spec(asset: str, floor: float | None = None, gears: Sequence[float] = ()) -> mujoco.MjSpec:
    """An editable copy of a model that brax ships, such as `ant.xml`, with its numeric parameters for brax.

    floor: half its size, metres. gears: of the motors, N m at control 1, where they are not the model's. Bodies without
    a joint are fused into their parents, because a link of brax is a body that can move.
    """
    xml = (resources.files("brax") / "envs" / "assets" / asset).read_text()
    spec = mujoco.MjSpec.from_string(mjcf.fuse_bodies(xml))
    if floor is not None:
        spec.geom("floor").size[:2] = floor
    for motor, gear in zip(spec.actuators, gears):
        motor.gear[0] = gear
    return spec


def sliding(spec: mujoco.MjSpec, name: str, height: float, radius: float, mass: float, armature: float) -> Any:
    """Adds a ball (m, kg) that slides along x and y (joints `<name>_x`, `<name>_y`) at a height, m; returns its geom."""
    ball = spec.worldbody.add_body(name=name, pos=[0, 0, height])
    for axis, along in (("x", [1, 0, 0]), ("y", [0, 1, 0])):
        slide = ball.add_joint(name=f"{name}_{axis}", type=mujoco.mjtJoint.mjJNT_SLIDE, axis=along, range=[-100, 100])
        slide.armature, slide.damping, slide.stiffness = armature, np.zeros(3), np.zeros(3)
    return ball.add_geom(name=f"{name}_geom", type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[radius, 0, 0], mass=mass)


def wall_boxes(maze: Maze) -> np.ndarray:
    """Centres `[walls, 3]`, metres, of boxes as wide as a wall's cell and half as high, on the floor."""
    cells = np.argwhere(maze.walls)
    return np.column_stack([maze.position(cells), np.full(len(cells), maze.cell_size / 4)])


def with_boxes(spec: mujoco.MjSpec, centres: np.ndarray, cell_size: float) -> mujoco.MjSpec:
    """A copy of `spec` with one static wall box, named `wall_0`, `wall_1`, ..., at each of `centres` `[boxes, 3]`."""
    spec = spec.copy()
    half_size = [cell_size / 2, cell_size / 2, cell_size / 4]
    for k, centre in enumerate(centres):
        box = spec.worldbody.add_geom(name=f"wall_{k}", type=mujoco.mjtGeom.mjGEOM_BOX, pos=centre, size=half_size)
        box.contype = box.conaffinity = 1
    return spec


def nearby_boxes(maze: Maze, reach: float) -> np.ndarray:
    """Centres `[2 * rows, 2 * columns, boxes, 3]` of the walls that a body can touch from each quarter of each cell.

    Entry (a, b) is the a-th half cell along x, the b-th along y; the torso is in it and the body reaches `reach` metres
    from there. `boxes` is the most that a quarter needs which touches a free cell: a torso that leans over a wall gets
    no deeper, and there the farthest walls would be missing. Boxes that are not needed lie underground.
    """
    half, places = maze.cell_size / 2, np.moveaxis(np.indices(2 * np.array(maze.walls.shape)), 0, -1)
    middles = maze.position((places - 0.5) / 2)  # of the quarters [a, b, 2]

    def gaps(cells):  # between the sides of each quarter and of each cell [a, b, cells], the larger of x and y
        return np.abs(middles[:, :, None] - maze.position(cells)).max(axis=-1) - 1.5 * half

    gap = gaps(np.argwhere(maze.walls))
    touches_free = gaps(np.argwhere(~maze.walls)).min(axis=-1) < 1e-6 * half
    nearest = np.argsort(gap, axis=-1, kind="stable")[..., : (gap < reach).sum(axis=-1)[touches_free].max()]
    needed = np.where(np.take_along_axis(gap, nearest, axis=-1) < reach, nearest, gap.shape[-1])
    centres = np.vstack([wall_boxes(maze), (0.0, 0.0, UNDERGROUND)])
    return centres[np.sort(needed, axis=-1)]


class SpringBody:
    """A body under brax's spring physics; its methods are pure functions over a physics state (a pytree).

    time_step: seconds of a physics step, of which a control step makes `frames`.
    maze: its walls are added to the body; the first link is then the torso and no part of the body may be farther than
    `reach` metres from it. `model` is the whole scene, for looking at it; `rest` the coordinates `[q]` that the stock
    model names as its start pose.

    Testing every geom against every wall is most of the work of a step, and a body can touch only walls near its torso.
    So the simulated model has a few boxes (see `nearby_boxes`), which each physics step puts where they matter.
    """

    def __init__(
        self, spec: mujoco.MjSpec, time_step: float, frames: int, maze: Maze | None = None, reach: float = math.inf
    ):
        # Into the model itself: which copy of the time step the spring physics reads has changed between versions.
        spec.option.timestep = time_step
        self.maze, self._frames, scene, simulated = maze, frames, spec.copy(), spec
        if maze is not None:
            self._nearby = jnp.asarray(nearby_boxes(maze, reach), jnp.float32)
            boxes = np.full(self._nearby.shape[2:], UNDERGROUND)
            scene, simulated = (with_boxes(spec, centres, maze.cell_size) for centres in (wall_boxes(maze), boxes))
        with warnings.catch_warnings():
            # MuJoCo will drop a word of half_cheetah.xml one day; brax says that nobody maintains it.
            warnings.simplefilter("ignore", UserWarning)
            self.model, simulated = scene.compile(), simulated.compile()  # brax writes into the one that it gets
            self._system = mjcf.load_model(simulated)
        if maze is not None:
            self._boxes = np.array([simulated.geom(f"wall_{k}").id for k in range(len(boxes))])
        self.rest = self._system.init_q

    def init(self, q: jax.Array, qd: jax.Array) -> Any:
        """The physics state at coordinates `q` `[q]` (metres, radians) and velocities `qd` `[qd]` (per second)."""
        return pipeline.init(self._system, q, qd)

    def step(self, physics: Any, action: jax.Array) -> Any:
        """Holds `action` `[action]` for one control step."""

        def frame(physics, _):
            return pipeline.step(self._around(physics.x.pos[0, :2]), physics, action), None

        return jax.lax.scan(frame, physics, None, self._frames)[0]

    def centre(self, physics: Any, link: str) -> jax.Array:
        """The centre of mass of a link in the world `[3]`, metres."""
        return physics.x_i.pos[self._system.link_names.index(link)]

    def point(self, physics: Any, link: int, offset: tuple) -> tuple[jax.Array, jax.Array]:
        """Of the point `offset` `[3]` of the frame of a link its place `[3]`, metres, and velocity `[3]`, m/s, in the
        world."""
        arm = rotate(jnp.asarray(offset), physics.x.rot[link])
        return physics.x.pos[link] + arm, physics.xd.vel[link] + jnp.cross(physics.xd.ang[link], arm)

    def inertias(self, physics: Any) -> jax.Array:
        """Of each link `[links, 10]`: its inertia about the centre of mass of all links (kg m^2, three rows of the
        world's axes) and its mass (kg), both as the spring physics scales them."""
        scale = 1.0 - self._system.spring_inertia_scale
        own = jax.vmap(jnp.diag)(jax.vmap(jnp.diagonal)(self._system.link.inertia.i) ** scale)
        mass, at = physics.mass[:, None], physics.x.vmap().do(self._system.link.inertia.transform)
        arm = at.pos - jnp.sum(mass * at.pos, axis=0) / jnp.sum(mass)
        turn = jax.vmap(quat_to_3x3)(at.rot)
        # Steiner: m (|r|^2 1 - r r^T) for a centre of mass at r.
        square = jnp.sum(arm**2, axis=-1)[:, None, None] * jnp.eye(3)
        moved = mass[:, :, None] * (square - arm[:, :, None] * arm[:, None, :])
        inertia = turn @ own @ jnp.swapaxes(turn, 1, 2) + moved
        return jnp.concatenate([inertia.reshape(len(mass), 9), mass], axis=1)

    def velocities(self, physics: Any) -> jax.Array:
        """Of each link `[links, 6]`: the velocity of its centre of mass times its part of all mass (m/s), and its
        angular velocity (rad/s)."""
        part = physics.mass / jnp.sum(physics.mass)
        return jnp.concatenate([part[:, None] * physics.xd_i.vel, physics.xd_i.ang], axis=1)

    def forces(self, physics: Any, action: jax.Array) -> jax.Array:
        """What the actuators do along each velocity `[qd]`, N or N m."""
        return actuator.to_tau(self._system, action, physics.q, physics.qd)

    def _around(self, position: jax.Array):
        """The system with its boxes at the walls near `position` `[2]`."""
        if self.maze is None:
            return self._system
        half_cells = (position - jnp.asarray(self.maze.origin)) / (self.maze.cell_size / 2)
        quarter = jnp.clip(jnp.floor(half_cells).astype(int) + 1, 0, 2 * jnp.asarray(self.maze.walls.shape) - 1)
        centres = self._nearby[quarter[0], quarter[1]]
        return self._system.replace(geom_pos=self._system.geom_pos.at[self._boxes].set(centres))


class SpringEnv(GoalEnv):
    """What environments have in common whose actions go straight to the motors of a SpringBody, `body`. Each brings
    `reset`, and `_state` where its state is not all coordinates and velocities."""

    compiler_options = {"xla_cpu_use_fusion_emitters": False}  # in two thirds of the time (docs/performance.md)
    healthy_z: tuple[float, float] | None = None  # m, of the third coordinate; an episode ends beyond

    def __init__(self, body: SpringBody):
        self.body, self.model, self.maze = body, body.model, body.maze

    def step(self, env_state: EnvState, action: jax.Array) -> EnvState:
        physics = self.body.step(env_state.physics, jnp.clip(action, -1.0, 1.0))
        return self._observe(physics, env_state.goal)

    def _observe(self, physics: Any, goal: jax.Array) -> EnvState:
        fell = jnp.array(False) if self.healthy_z is None else outside(physics.q[2], self.healthy_z)
        return EnvState(physics, self._state(physics), goal, fell)

    def _state(self, physics: Any) -> jax.Array:
        return jnp.concatenate([physics.q, physics.qd])

    def qpos(self, env_state: EnvState) -> jax.Array:
        return env_state.physics.q
