"""The way to OpenGL on a machine without a screen.

MuJoCo picks its OpenGL by the variable MUJOCO_GL when it is imported for the first time, and does not even import where
that one is missing. So the kit leaves the variable alone and opens the context itself, whoever imported MuJoCo before.
What works is found out in a process of its own, because a bad driver ends the process that tries it.
"""

import importlib
import os
import subprocess
import sys
from functools import cache
from typing import Any

import mujoco

REMEDY = "on Debian or Ubuntu: apt-get install libegl1 libopengl0 libgl1-mesa-dri"


def candidates() -> list[str]:
    """The ways to OpenGL on this system, best first; the user's own alone where MUJOCO_GL names one."""
    if said := os.environ.get("MUJOCO_GL", "").lower().strip():
        return [said]
    return ["cgl"] if sys.platform == "darwin" else ["egl", "osmesa"]


@cache
def way() -> tuple[str | None, str]:
    """The first way to OpenGL that works here; or None, and why not in one line."""
    # -P: this file's folder has a module `platform`, which must not hide Python's. PyOpenGL is told its platform by the
    # first that is imported, which may have been another in this process.
    environment, reasons = {key: value for key, value in os.environ.items() if key != "PYOPENGL_PLATFORM"}, []
    for name in candidates():
        tried = subprocess.run([sys.executable, "-P", __file__, name], env=environment, capture_output=True, text=True)
        if tried.returncode == 0:
            return name, ""
        said = [f"exit code {tried.returncode}", *tried.stderr.strip().splitlines()][-1]
        reasons.append(f"{name}: {said[:120]}")
    return None, "; ".join(reasons)


def opened(name: str, model: mujoco.MjModel, width: int, height: int) -> tuple[Any, mujoco.MjrContext]:
    """OpenGL, current in this thread, and MuJoCo's context for pictures of `model`, pixels."""
    gl = importlib.import_module(f"mujoco.{name}").GLContext(width, height)
    gl.make_current()
    context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
    mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, context)
    return gl, context


if __name__ == "__main__":  # see `way`
    opened(sys.argv[1], mujoco.MjModel.from_xml_string("<mujoco/>"), 32, 32)
