"""Pictures of a MuJoCo scene on a machine without a screen.

MuJoCo picks its OpenGL by the variable MUJOCO_GL when it is imported for the first time, and does not even import where
that one is missing. So the kit leaves the variable alone and opens the context itself, whoever imported MuJoCo before.
What works is found out in a process of its own, because a bad driver ends the process that tries it.
"""

import ctypes.util
import importlib
import os
import subprocess
import sys
from contextlib import closing
from functools import cache

import mujoco
import numpy as np

REMEDY = "on Debian or Ubuntu: apt-get install libegl1 libopengl0 libgl1-mesa-dri"
FINE = 2  # pictures are drawn so many times larger and then made smooth, which the driver cannot do around BACKGROUND
BACKGROUND = 222, 230, 238


def candidates() -> list[str]:
    """The ways to OpenGL on this system, best first; only the user's own where MUJOCO_GL names one."""
    said = os.environ.get("MUJOCO_GL", "").lower().strip()
    if said in ("disable", "disabled", "off", "false", "0"):
        return []
    if said in ("egl", "osmesa", "glfw", "cgl"):
        return [said]
    screen = ["glfw"] if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") else []
    return {"darwin": ["cgl", "glfw"], "win32": ["glfw"]}.get(sys.platform, ["egl", "osmesa", *screen])


@cache
def way() -> tuple[str | None, str]:
    """The first way to OpenGL that draws a test picture; or None, and why not in one line."""
    reasons = [] if candidates() else [f"MUJOCO_GL is {os.environ['MUJOCO_GL']!r}"]
    for name in candidates():
        if reason := _try(name):
            reasons.append(f"{name}: {reason}")
        else:
            return name, ""
    return None, "; ".join(reasons)


def _try(name: str) -> str:
    """Why `name` does not work here; empty if it does."""
    library = {"egl": "EGL", "osmesa": "OSMesa"}.get(name)
    if library and not ctypes.util.find_library(library):
        return f"lib{library} is not installed"
    # -P: this file's folder has a module `platform`, which must not hide Python's. PyOpenGL is told its platform by the
    # first that is imported, which may have been another in this process.
    environment = {key: value for key, value in os.environ.items() if key != "PYOPENGL_PLATFORM"}
    try:
        command = [sys.executable, "-P", __file__, name]
        tried = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    if tried.returncode == 0:
        return ""
    return ([f"exit code {tried.returncode}"] + tried.stderr.strip().splitlines())[-1][:120]


class Offscreen:
    """Draws scenes of `model` as pictures of `width` x `height` pixels, until `close`.

    The model's own buffer has to be FINE times as large. Raises whatever the graphics driver raises.
    """

    def __init__(self, model: mujoco.MjModel, width: int, height: int, name: str):
        self._rect = mujoco.MjrRect(0, 0, FINE * width, FINE * height)
        self._gl = importlib.import_module(f"mujoco.{name}").GLContext(self._rect.width, self._rect.height)
        self._gl.make_current()
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZERONEAR.value  # nothing there: 1
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._context)

    def draw(self, scene: mujoco.MjvScene) -> np.ndarray:
        """The picture, uint8 `[height, width, 3]`, in BACKGROUND where there is nothing."""
        self._gl.make_current()
        height, width = self._rect.height, self._rect.width
        picture, depth = np.empty((height, width, 3), np.uint8), np.empty((height, width), np.float32)
        mujoco.mjr_render(self._rect, scene, self._context)
        mujoco.mjr_readPixels(picture, depth, self._rect, self._context)
        picture[depth >= 1.0] = BACKGROUND
        smooth = picture.reshape(height // FINE, FINE, width // FINE, FINE, 3).mean(axis=(1, 3))
        return smooth.round().astype(np.uint8)[::-1]  # OpenGL begins at the bottom

    def close(self) -> None:
        self._gl.make_current()
        self._context.free()
        self._gl.free()


def _draw_something(name: str) -> None:
    """Draws a ball. Raises RuntimeError where the picture stays empty."""
    ball = "<mujoco><worldbody><light pos='0 0 3'/><geom size='1'/></worldbody></mujoco>"
    model = mujoco.MjModel.from_xml_string(ball)
    model.vis.quality.offsamples = 0
    data, scene = mujoco.MjData(model), mujoco.MjvScene(model, maxgeom=10)
    options, camera, everything = mujoco.MjvOption(), mujoco.MjvCamera(), mujoco.mjtCatBit.mjCAT_ALL.value
    mujoco.mj_forward(model, data)
    mujoco.mjv_updateScene(model, data, options, None, camera, everything, scene)
    with closing(Offscreen(model, 32, 32, name)) as offscreen:
        if (offscreen.draw(scene) == BACKGROUND).all():
            raise RuntimeError("the picture is empty")


if __name__ == "__main__":
    _draw_something(sys.argv[1])
