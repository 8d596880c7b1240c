"""The scenes of the arm's tasks: `arm.xml` with what lies on the table."""

from pathlib import Path
from typing import NamedTuple

import mujoco

FINGERS = ("left_finger", "right_finger")
START = (1.571, 0.742, 0.0, -1.571, 0.0, 3.054, 1.449)  # rad, the joints at a reset
OPENING = 0.04  # m, both fingers at a reset
HERE, THERE = (0.15, 0.35, 0.75, 1), (0.75, 0.20, 0.15, 1)  # colours
FOR_THE_EYE = 2  # the geom group of shapes that touch nothing
BIN_HEIGHT, BIN_THICKNESS = 0.033, 0.005  # m, half sizes


class Scene(NamedTuple):
    """What lies around the arm, metres. start, goal: middles of the regions where cube and goal are drawn; spread: half
    widths of both. bin: half width of the two bins, or none. graspable: there are fingers and a cube."""

    start: tuple = (0.0, 0.6)
    goal: tuple = (0.0, 0.6, 0.03)
    spread: tuple = (0.1, 0.1, 0.0)
    bin: float | None = None
    bin_middle: float | None = None
    graspable: bool = True


SCENES = {
    "push_easy": Scene((-0.1, 0.6), (0.1, 0.6, 0.03), (0.1, 0.1, 0.0)),
    "push_hard": Scene((-0.25, 0.65), (0.25, 0.65, 0.03), (0.25, 0.25, 0.0)),
    "binpick_easy": Scene((-0.15, 0.6), (0.17, 0.6, 0.03), (0.09, 0.09, 0.0), bin=0.145, bin_middle=0.17),
    "binpick_hard": Scene((-0.3, 0.6), (0.3, 0.6, 0.03), (0.15, 0.15, 0.0), bin=0.195, bin_middle=0.3),
    "reach": Scene(goal=(0.0, 0.5, 0.3), spread=(0.2, 0.2, 0.2), graspable=False),
    "grasp": Scene(start=(0.0, 0.6), spread=(0.3, 0.3, 0.0)),
}


def spec() -> mujoco.MjSpec:
    """An editable copy of `arm.xml`."""
    return mujoco.MjSpec.from_file(str(Path(__file__).with_name("arm.xml")))


def build(scene: Scene) -> mujoco.MjModel:
    """The compiled model; coordinates: 7 joint angles (rad), 2 finger offsets (m), the cube's position (m) and
    quaternion; the last two only where the scene is graspable. Controls: 7 joint targets (rad), 2 fingers (0 to
    255)."""
    arm = spec()
    if not scene.graspable:
        for name in ("cube", *FINGERS):
            arm.delete(arm.body(name))
        return arm.compile()
    arm.body("cube").pos[:2] = scene.start
    if scene.bin is None:  # coloured sheets: where the cube starts, and where its goals are
        for (x, y), colour in {scene.goal[:2]: THERE, scene.start: HERE}.items():
            _box(arm, (*scene.spread[:2], 0.0005), colour, pos=(x, y, 0.0005), group=FOR_THE_EYE)
    else:
        arm.option.impratio = 10.0
        _add_bins(arm, scene)
    return arm.compile()


def _box(arm: mujoco.MjSpec, size, colour, **options) -> None:
    """A box without weight that nothing meets unless a contact pair says so."""
    shape = mujoco.mjtGeom.mjGEOM_BOX
    arm.worldbody.add_geom(type=shape, size=size, rgba=colour, contype=0, conaffinity=0, mass=0.0, **options)


def _add_bins(arm: mujoco.MjSpec, scene: Scene) -> None:
    """Two frames of four walls around (-bin_middle, 0.6) and (bin_middle, 0.6)."""
    half, along, walls = scene.bin, scene.bin - BIN_THICKNESS, []
    for side, name, colour in ((-1, "here", HERE), (1, "there", THERE)):
        offsets = ((0, -along, half), (0, along, half), (along, 0, None), (-along, 0, None))
        for number, (x, y, half_x) in enumerate(offsets):
            size = (half_x, BIN_THICKNESS) if half_x else (BIN_THICKNESS, half - 2 * BIN_THICKNESS)
            pos = (side * scene.bin_middle + x, scene.goal[1] + y, BIN_HEIGHT)
            walls.append(f"bin_{name}_{number}")
            _box(arm, (*size, BIN_HEIGHT), colour, name=walls[-1], pos=pos)
    for mover in ("cube", "hand", *FINGERS):
        for wall in walls:
            arm.add_pair(geomname1=mover, geomname2=wall)
