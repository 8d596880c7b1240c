"""The body as MuJoCo draws it: its scene with walls, the goal as a translucent ball, a camera that goes with it."""

import copy
from contextlib import AbstractContextManager

import mujoco
import numpy as np

from crlkit.film.offscreen import FINE, Offscreen

GOAL_COLOURS = {False: (0.84, 0.37, 0.0), True: (0.0, 0.45, 0.70)}  # style.MISSED and style.REACHED, as parts of 1
WALL = (0.47, 0.50, 0.54, 1.0)
FLOOR = 98, 114  # greys of a floor's pattern before the light falls on it, of 255: to show motion and hide nothing
BODY_IN_VIEW = 5.5  # a camera in a maze sees so many body radii up and down
FROM_ABOVE, FROM_THE_SIDE = (180.0, -62.0), (125.0, -35.0)  # azimuth and elevation, degrees


class Studio(AbstractContextManager):
    """Draws moments of one environment; to be used in a `with`.

    env: with `model`, a mujoco.MjModel of the whole scene. width, height: pixels. name: a way to OpenGL.
    """

    def __init__(self, env, width: int, height: int, name: str):
        self.env, self.model = env, _lit(env.model, width, height)
        self.data = mujoco.MjData(self.model)
        self.scene = mujoco.MjvScene(self.model, maxgeom=self.model.ngeom + 100)
        for effect in (mujoco.mjtRndFlag.mjRND_REFLECTION, mujoco.mjtRndFlag.mjRND_SKYBOX):
            self.scene.flags[effect] = False
        self.options, self.camera = mujoco.MjvOption(), mujoco.MjvCamera()
        self.root = self.model.body_rootid[self.model.jnt_bodyid[0]]  # the body whose joint comes first
        self.radius = self.rest = None  # of the body as it is first drawn
        self.stands = self.model.jnt_type[0] == mujoco.mjtJoint.mjJNT_HINGE  # a body that stays where it is fixed
        self.walled = any(self.model.geom(k).name.startswith("wall_") for k in range(self.model.ngeom))
        self.offscreen = Offscreen(self.model, width, height, name)

    def __exit__(self, *_) -> None:
        self.offscreen.__exit__()

    def draw(self, qpos: np.ndarray, goal: np.ndarray, reached: bool) -> np.ndarray:
        """The picture, uint8 `[height, width, 3]`, of coordinates `qpos` `[nq]` and `goal` `[G]`; its ball turns blue
        when `reached`."""
        self._pose(qpos)
        if self.radius is None:
            self.radius, self.rest = self._radius(), self._middle.copy()
        place = self._goal_position(goal)
        self._aim(place)
        everything = mujoco.mjtCatBit.mjCAT_ALL.value
        mujoco.mjv_updateScene(self.model, self.data, self.options, None, self.camera, everything, self.scene)
        colour = GOAL_COLOURS[bool(reached)]
        self._ball(place, self.env.threshold, (*colour, 0.35))
        self._ball(place, max(0.12 * self.env.threshold, 0.08 * self.radius), (*colour, 1.0))
        return self.offscreen.draw(self.scene)

    def _pose(self, qpos: np.ndarray) -> None:
        self.data.qpos[:] = qpos
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)

    @property
    def _middle(self) -> np.ndarray:
        """The body's centre of mass `[3]`, metres."""
        return self.data.subtree_com[self.root]

    def _radius(self) -> float:
        """How far the body reaches from its centre of mass, metres."""
        own = self.model.body_rootid[self.model.geom_bodyid] == self.root
        reach = np.linalg.norm(self.data.geom_xpos - self._middle, axis=1) + self.model.geom_rbound
        return float(reach[own].max())

    def _goal_position(self, goal: np.ndarray) -> np.ndarray:
        """Where a goal of 1 (x), 2 (x, y) or 3 numbers lies `[3]`; what it leaves open is as it is at the body."""
        place = np.array([0.0, 0.0, self.radius * 0.5])
        place[: min(len(goal), 3)] = goal[:3]
        return place

    def _aim(self, goal: np.ndarray) -> None:
        """In a maze: down at the body, the map's row 0 on top, so steep that no wall hides it. Elsewhere: body and goal
        both in view, and the camera at rest where the body stands fast."""
        half_angle = np.tan(np.radians(self.model.vis.global_.fovy / 2))
        if self.env.maze is not None:
            self.camera.azimuth, self.camera.elevation = FROM_ABOVE
            self.camera.lookat[:] = *self._middle[:2], 0.0
            self.camera.distance = BODY_IN_VIEW / 2 * self.radius / half_angle
            return
        self.camera.azimuth, self.camera.elevation = FROM_ABOVE if self.walled else FROM_THE_SIDE
        middle = self.rest if self.stands else self._middle
        self.camera.lookat[:] = (middle + goal) / 2
        apart = np.linalg.norm(goal - middle)
        # The picture is wider than high, and body and goal are mostly beside each other.
        reach = self.radius if self.stands else 1.3 * self.radius  # what stands fast does not walk out of the picture
        self.camera.distance = max((apart / 2 + reach) / 1.15, 0.9 * reach) / half_angle

    def _ball(self, place: np.ndarray, radius: float, colour: tuple) -> None:
        geom = self.scene.geoms[self.scene.ngeom]
        sphere, straight = mujoco.mjtGeom.mjGEOM_SPHERE, np.eye(3).ravel()
        mujoco.mjv_initGeom(geom, sphere, np.full(3, radius), place, straight, np.array(colour, np.float32))
        self.scene.ngeom += 1


def _lit(model: mujoco.MjModel, width: int, height: int) -> mujoco.MjModel:
    """A copy for looking at: bright enough for a small picture, walls and floor apart in colour."""
    model = copy.copy(model)
    model.vis.global_.offwidth, model.vis.global_.offheight = FINE * width, FINE * height
    model.vis.quality.offsamples = 0
    model.vis.quality.shadowsize = 1024
    model.vis.headlight.ambient[:] = 0.4
    model.vis.headlight.diffuse[:] = 0.45
    model.vis.headlight.specular[:] = 0.0
    for k in range(model.ngeom):
        name = mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_GEOM, k) or ""
        if name.startswith("wall_"):
            model.geom_rgba[k], model.geom_matid[k] = WALL, -1
        if model.geom_type[k] == mujoco.mjtGeom.mjGEOM_PLANE and (material := model.geom_matid[k]) >= 0:
            _soften(model, model.mat_texid[material, mujoco.mjtTextureRole.mjTEXROLE_RGB])
    return model


def _soften(model: mujoco.MjModel, texture: int) -> None:
    """Brings the colours of a texture (-1: of none) into the range of FLOOR, in place."""
    if texture < 0:
        return
    first = model.tex_adr[texture]
    size = model.tex_width[texture] * model.tex_height[texture] * model.tex_nchannel[texture]
    pixels = model.tex_data[first : first + size].astype(float)
    low, high = FLOOR
    scaled = (pixels - pixels.min()) / max(np.ptp(pixels), 1)
    model.tex_data[first : first + size] = low + (high - low) * scaled
