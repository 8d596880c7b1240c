"""The body as MuJoCo draws it: its scene with walls, the goal as a translucent ball, a camera that goes with it."""

import copy
from contextlib import AbstractContextManager

import mujoco
import numpy as np

from crlkit.film import flat, offscreen
from crlkit.film.play import Episode

FINE = 2  # pictures are drawn so many times larger and then made smooth, which the driver cannot do around BACKGROUND
BACKGROUND = 222, 230, 238
GOAL_COLOURS = {False: (0.84, 0.37, 0.0), True: (0.0, 0.45, 0.70)}  # style.MISSED and style.REACHED, as parts of 1
WALL = (0.47, 0.50, 0.54, 1.0)
FLOOR = 98, 114  # greys of a floor's pattern before the light falls on it, of 255: to show motion and hide nothing
BODY_IN_VIEW = 5.5  # a camera in a maze sees so many body radii up and down
MAP = 0.28  # of a picture's width is the map of a maze in its upper right corner
FROM_ABOVE, FROM_THE_SIDE = (180.0, -62.0), (125.0, -35.0)  # azimuth and elevation, degrees


class Studio(AbstractContextManager):
    """Draws moments of one environment; to be used in a `with`.

    env: with `model`, a mujoco.MjModel of the whole scene. width, height: pixels. name: a way to OpenGL.
    """

    def __init__(self, env, width: int, height: int, name: str):
        self.env, self.model, self.map = env, copy.copy(env.model), None
        walls = [k for k in range(self.model.ngeom) if self.model.geom(k).name.startswith("wall_")]
        _light(self.model, walls, width, height)
        self.data = mujoco.MjData(self.model)
        self.scene = mujoco.MjvScene(self.model, maxgeom=self.model.ngeom + 100)
        for effect in (mujoco.mjtRndFlag.mjRND_REFLECTION, mujoco.mjtRndFlag.mjRND_SKYBOX):
            self.scene.flags[effect] = False
        self.options, self.camera = mujoco.MjvOption(), mujoco.MjvCamera()
        self.root = self.model.body_rootid[self.model.jnt_bodyid[0]]  # the body whose joint comes first
        self.radius = self.rest = None  # of the body as it is first drawn
        self.stands = self.model.jnt_type[0] == mujoco.mjtJoint.mjJNT_HINGE  # a body that stays where it is fixed
        self.camera.azimuth, self.camera.elevation = FROM_ABOVE if walls else FROM_THE_SIDE
        self.rect = mujoco.MjrRect(0, 0, FINE * width, FINE * height)
        self.gl, self.context = offscreen.opened(name, self.model, FINE * width, FINE * height)
        self.context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZERONEAR.value  # nothing there: 1
        if env.maze is not None:
            rows, columns = env.maze.walls.shape
            cell = max(2, round(MAP * width / columns))  # pixels
            self.map = flat.Above(env, cell * columns, cell * rows, dpi=70)

    def __exit__(self, *_) -> None:
        self.gl.make_current()
        self.context.free()
        self.gl.free()

    def draw(self, episode: Episode, moment: int) -> np.ndarray:
        """The picture, uint8 `[height, width, 3]`; an episode that is over stays as it ended."""
        seen = episode.until(moment)
        picture = self.scene_at(episode.qpos[seen], episode.goal[seen], episode.at_goal[seen] > 0)
        if self.map is not None:
            small = self.map.draw(episode, moment)
            picture[4 : 4 + small.shape[0], -4 - small.shape[1] : -4] = small
        return picture

    def scene_at(self, qpos: np.ndarray, goal: np.ndarray, reached: bool) -> np.ndarray:
        """The picture, uint8 `[height, width, 3]`, of coordinates `qpos` `[nq]` and `goal` `[G]`; its ball turns blue
        when `reached`."""
        self.data.qpos[:] = qpos
        for follow in (mujoco.mj_kinematics, mujoco.mj_comPos, mujoco.mj_camlight):
            follow(self.model, self.data)
        middle = self.data.subtree_com[self.root]  # the body's centre of mass [3], metres
        if self.radius is None:  # how far the body reaches from there
            reach = np.linalg.norm(self.data.geom_xpos - middle, axis=1) + self.model.geom_rbound
            of_body = self.model.body_rootid[self.model.geom_bodyid] == self.root
            self.radius, self.rest = float(reach[of_body].max()), middle.copy()
        place = np.array([0.0, 0.0, self.radius * 0.5])  # what a goal of 1 (x) or 2 (x, y) numbers leaves open
        place[: min(len(goal), 3)] = goal[:3]
        self._aim(middle, place)
        everything = mujoco.mjtCatBit.mjCAT_ALL.value
        mujoco.mjv_updateScene(self.model, self.data, self.options, None, self.camera, everything, self.scene)
        core = max(0.12 * self.env.threshold, 0.08 * self.radius)
        for radius, opacity in ((self.env.threshold, 0.35), (core, 1.0)):
            colour = np.array((*GOAL_COLOURS[bool(reached)], opacity), np.float32)
            ball, sphere = self.scene.geoms[self.scene.ngeom], mujoco.mjtGeom.mjGEOM_SPHERE
            mujoco.mjv_initGeom(ball, sphere, np.full(3, radius), place, np.eye(3).ravel(), colour)
            self.scene.ngeom += 1
        return self._picture()

    def _picture(self) -> np.ndarray:
        """Of the scene as it is, in BACKGROUND where there is nothing."""
        self.gl.make_current()
        height, width = self.rect.height, self.rect.width
        picture, depth = np.empty((height, width, 3), np.uint8), np.empty((height, width), np.float32)
        mujoco.mjr_render(self.rect, self.scene, self.context)
        mujoco.mjr_readPixels(picture, depth, self.rect, self.context)
        picture[depth >= 1.0] = BACKGROUND
        smooth = picture.reshape(height // FINE, FINE, width // FINE, FINE, 3).mean(axis=(1, 3))
        return smooth.round().astype(np.uint8)[::-1]  # OpenGL begins at the bottom

    def _aim(self, middle: np.ndarray, goal: np.ndarray) -> None:
        """In a maze: down at the body, the map's row 0 on top, so steep that no wall hides it. Elsewhere: body and goal
        both in view, and the camera at rest where the body stands fast."""
        half_angle = np.tan(np.radians(self.model.vis.global_.fovy / 2))
        if self.env.maze is not None:
            self.camera.lookat[:] = *middle[:2], 0.0
            self.camera.distance = BODY_IN_VIEW / 2 * self.radius / half_angle
            return
        middle = self.rest if self.stands else middle
        self.camera.lookat[:] = (middle + goal) / 2
        reach = self.radius if self.stands else 1.3 * self.radius  # what stands fast does not walk out of the picture
        # The picture is wider than high, and body and goal are mostly beside each other.
        self.camera.distance = max((np.linalg.norm(goal - middle) / 2 + reach) / 1.15, 0.9 * reach) / half_angle


def _light(model: mujoco.MjModel, walls: list[int], width: int, height: int) -> None:
    """Makes a model bright enough for a small picture, its floor in greys of FLOOR, its `walls` (geoms) in their
    colour."""
    model.vis.global_.offwidth, model.vis.global_.offheight = FINE * width, FINE * height
    model.vis.quality.offsamples, model.vis.quality.shadowsize = 0, 1024
    light = model.vis.headlight
    light.ambient[:], light.diffuse[:], light.specular[:] = 0.4, 0.45, 0.0
    model.geom_rgba[walls], model.geom_matid[walls] = WALL, -1
    floors = model.geom_matid[model.geom_type == mujoco.mjtGeom.mjGEOM_PLANE]
    textures = model.mat_texid[floors[floors >= 0], mujoco.mjtTextureRole.mjTEXROLE_RGB]
    for texture in textures[textures >= 0]:
        size = model.tex_width[texture] * model.tex_height[texture] * model.tex_nchannel[texture]
        pixels = model.tex_data[model.tex_adr[texture] :][:size]
        shade = (pixels - float(pixels.min())) / max(float(np.ptp(pixels)), 1)
        pixels[:] = FLOOR[0] + (FLOOR[1] - FLOOR[0]) * shade
