"""The one door to brax: the models that it ships, maze walls, and the `spring` physics of the paper.

A body file takes `stock_spec`, edits it and hands it to `SpringBody`; nothing above this file sees brax.
"""

import contextlib
import io
import warnings
from importlib import resources
from typing import Any

import jax
import jax.numpy as jnp
import mujoco
import numpy as np

from crlkit.envs.mazes import Maze

with contextlib.redirect_stdout(io.StringIO()):  # importing it prints that an optional GPU backend is missing
    from brax.io import mjcf
    from brax.spring import pipeline

UNDERGROUND = -100.0  # metres: where a wall box that nothing should meet is parked


def stock_spec(asset: str) -> mujoco.MjSpec:
    """An editable copy of a model that brax ships, such as `ant.xml`, with its numeric parameters for brax.

    Bodies without a joint are fused into their parents, because a link of brax is a body that can move.
    """
    xml = (resources.files("brax") / "envs" / "assets" / asset).read_text()
    return mujoco.MjSpec.from_string(mjcf.fuse_bodies(xml))


def wall_boxes(maze: Maze, cells: np.ndarray | None = None) -> np.ndarray:
    """Centres `[walls, 3]`, metres, of the boxes of the wall cells `[walls, 2]` (default: all of them).

    A box is as wide as its cell and half as high, and stands on the floor.
    """
    cells = np.argwhere(maze.walls) if cells is None else cells
    return np.column_stack([maze.position(cells), np.full(len(cells), maze.cell_size / 4)])


def with_boxes(spec: mujoco.MjSpec, centres: np.ndarray, cell_size: float) -> mujoco.MjSpec:
    """A copy of `spec` with one static wall box, named `wall_0`, `wall_1`, ..., at each of `centres` `[boxes, 3]`."""
    spec = spec.copy()
    half_size = [cell_size / 2, cell_size / 2, cell_size / 4]
    for k, centre in enumerate(centres):
        box = spec.worldbody.add_geom(name=f"wall_{k}", type=mujoco.mjtGeom.mjGEOM_BOX, pos=centre, size=half_size)
        box.contype = box.conaffinity = 1
    return spec


def nearby_boxes(maze: Maze) -> np.ndarray:
    """Centres `[rows + 1, columns + 1, 3, 3]` of the walls among the four cells that share a corner.

    Entry (i, j) is the corner between rows i - 1 and i and columns j - 1 and j. One of the four cells is free wherever
    a body can be, so three boxes do; those not needed lie underground.
    """
    walls = np.pad(maze.walls, 1)  # beyond the map there is nothing
    near = np.full((*np.add(maze.walls.shape, 1), 3, 3), (0.0, 0.0, UNDERGROUND))
    for i, j in np.ndindex(near.shape[:2]):
        cells = np.argwhere(walls[i : i + 2, j : j + 2])[:3] + (i - 1, j - 1)
        near[i, j, : len(cells)] = wall_boxes(maze, cells)
    return near


class SpringBody:
    """A body under brax's spring physics; its methods are pure functions over a physics state (a pytree).

    time_step: seconds of a physics step, of which a control step makes `frames`.
    maze: its walls are added to the body; the first link is then the torso and no part of the body may reach half
    a cell from it. `model` is the whole scene, for looking at it.

    Testing every geom against every wall is most of the work of a step, and a body can touch only walls of the four
    cells around its torso. So the simulated model has three boxes, which each physics step puts where they matter.
    """

    def __init__(self, spec: mujoco.MjSpec, time_step: float, frames: int, maze: Maze | None = None):
        # Into the model itself: which copy of the time step the spring physics reads has changed between versions.
        spec.option.timestep = time_step
        self._maze = maze
        self._frames = frames
        if maze is None:
            self.model = simulated = spec.compile()
        else:
            self.model = with_boxes(spec, wall_boxes(maze), maze.cell_size).compile()
            simulated = with_boxes(spec, np.full((3, 3), UNDERGROUND), maze.cell_size).compile()
            self._nearby = jnp.asarray(nearby_boxes(maze), jnp.float32)
            self._boxes = np.array([simulated.geom(f"wall_{k}").id for k in range(3)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # brax says that nobody maintains it
            self._system = mjcf.load_model(simulated)

    @property
    def rest(self) -> jax.Array:
        """The coordinates `[q]` that the stock model names as its start pose."""
        return self._system.init_q

    def init(self, q: jax.Array, qd: jax.Array) -> Any:
        """The physics state at coordinates `q` `[q]` (metres, radians) and velocities `qd` `[qd]` (per second)."""
        return pipeline.init(self._system, q, qd)

    def step(self, physics: Any, action: jax.Array) -> Any:
        """Holds `action` `[action]` for one control step."""

        def frame(physics, _):
            return pipeline.step(self._around(physics.x.pos[0, :2]), physics, action), None

        return jax.lax.scan(frame, physics, None, self._frames)[0]

    def _around(self, position: jax.Array):
        """The system with its boxes at the walls near `position` `[2]`."""
        if self._maze is None:
            return self._system
        corner = jnp.floor((position - jnp.asarray(self._maze.origin)) / self._maze.cell_size).astype(int) + 1
        corner = jnp.clip(corner, 0, jnp.asarray(self._maze.walls.shape))
        centres = self._nearby[corner[0], corner[1]]
        return self._system.replace(geom_pos=self._system.geom_pos.at[self._boxes].set(centres))
