"""The kit's own environments: what is known of each without building it, in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

from crlkit import registration
from crlkit.envs import lights_out, presets
from crlkit.envs.base import GoalEnv
from crlkit.envs.mazes import EVAL_GOALS, layouts, make_maze


class Part(NamedTuple):
    """Some numbers of a state that follow each other: how many, what they are, their unit."""

    count: int
    what: str
    unit: str


@dataclass(frozen=True, eq=False)
class Entry:
    """What is declared with an environment.

    make: builds it. species: the same for two environments where states, goals and actions mean the same, so that an
    agent of one can act in the other. sizes: of state, goal and action. parts: what the state holds, in order; empty if
    nobody said. presets: what options of Config begin with, by preset. seconds_per_step: a first guess of its price on
    one core. eval_env: where an agent trained here is scored, by default here. registered: keys of
    `crlkit.registration.REGISTERED` that it needs; empty for the kit's own.
    """

    name: str
    make: Callable[[], GoalEnv]
    species: str
    sizes: tuple[int, int, int]
    parts: tuple[Part, ...]
    presets: presets.Presets
    seconds_per_step: float
    eval_env: str | None = None
    registered: tuple[str, ...] = ()


def _from(file: str, what: str, *arguments) -> Callable[[], GoalEnv]:
    """Imports the file of a body when it is built: brax takes seconds, and a point needs none of it."""
    return lambda: getattr(import_module(f"crlkit.envs.{file}"), what)(*arguments)


# -- what states hold -----------------------------------------------------------------------------------------------

_POINT = (Part(2, "x, y", "units: a cell is 0.3"),)
_ANT = (
    Part(2, "torso x, y", "m"),
    Part(1, "torso height z", "m"),
    Part(4, "torso orientation (quaternion)", "1"),
    Part(8, "joint angles: a hip and an ankle of each leg", "rad"),
    Part(3, "torso velocity", "m/s"),
    Part(3, "torso angular velocity", "rad/s"),
    Part(8, "joint velocities", "rad/s"),
)
_CHEETAH = (
    Part(1, "torso x", "m"),
    Part(1, "torso height z, less 0.7", "m"),
    Part(1, "torso angle", "rad"),
    Part(6, "joint angles: hip, knee and ankle, behind and in front", "rad"),
    Part(2, "torso velocity", "m/s"),
    Part(7, "torso and joint velocities", "rad/s"),
)
_REACHER = (
    Part(2, "cosines of the two joint angles", "1"),
    Part(2, "sines of the two joint angles", "1"),
    Part(3, "tip x, y, z", "m"),
    Part(3, "its velocity", "m/s"),
)
_PUSHER = (
    Part(7, "joint angles", "rad"),
    Part(3, "wrist x, y, z", "m"),
    Part(3, "puck x, y, z", "m"),
    Part(7, "joint velocities", "rad/s"),
)
_CUBE = (Part(3, "cube x, y, z", "m"),)
_HAND = (
    Part(7, "joint angles of the arm", "rad"),
    Part(3, "position of the last link", "m"),
    Part(3, "its velocity", "m/s"),
)
_FINGERTIPS = (
    Part(3, "left fingertip x, y, z", "m"),
    Part(3, "right fingertip x, y, z", "m"),
    Part(1, "distance of the fingertips", "m"),
)


def _humanoid_parts(leak: bool) -> tuple[Part, ...]:
    links = 12 if leak else 11  # the target is one
    return (
        Part(3, "torso x, y, z", "m"),
        Part(4, "torso orientation (quaternion)", "1"),
        Part(17, "joint angles", "rad"),
        *([Part(2, "the target's x, y: the commanded goal", "m")] if leak else []),
        Part(6, "torso velocities", "m/s, rad/s"),
        Part(17, "joint velocities", "rad/s"),
        *([Part(2, "the target's velocity", "m/s")] if leak else []),
        Part(10 * links, f"inertia and mass of {links} links", "kg m^2, kg"),
        Part(6 * links, f"velocities of {links} links", "m/s, rad/s"),
        Part(25 if leak else 23, "actuator forces", "N m"),
    )


# -- bodies in mazes or, without a layout, on open ground; they raise KeyError where there is no layout of that name ----

# Epochs that the paper trained for, where it is not the 100 of all others.
_EPOCHS = {"ant_u5_maze": 400, "ant_hardest_maze": 200, "humanoid_u_maze": 400, "humanoid_big_maze": 400}


def _walker(body: str, layout: str | None, end: str = "", **facts: Any) -> Entry:
    """The paper scores humanoids where they were trained, others at the far goals of the maze, where it has them."""
    walls, name = (layout or "").split("_")[0], f"{body}_{layout}" if layout else body
    if layout is not None:
        make_maze(layout)
    far = body != "humanoid" and walls in EVAL_GOALS and "_eval" not in layout
    eval_env = f"{body}_{walls}_maze_eval" if far else None
    registered = (f"maze {walls}",) if f"maze {walls}" in registration.REGISTERED else ()
    facts = {"presets": presets.body(_EPOCHS.get(name, 100))} | facts
    return Entry(name + end, eval_env=eval_env, registered=registered, **facts)


def point(layout: str) -> Entry:
    facts = dict(species="point", sizes=(2, 2, 2), parts=_POINT, presets=presets.POINT, seconds_per_step=1e-6)
    return _walker("point", layout, make=_from("point", "PointMaze", layout), **facts)


def ant(layout: str | None) -> Entry:
    facts = dict(species="ant", sizes=(29, 2, 8), parts=_ANT, seconds_per_step=3e-4)
    return _walker("ant", layout, make=_from("ant", "Ant", layout), **facts)


def humanoid(layout: str | None) -> Entry:
    """Names end in `noleak` where the state does not hold the commanded goal."""
    leak = layout is None or not layout.endswith("noleak")
    layout = None if layout in (None, "noleak") else layout.removesuffix("_noleak")
    end = "" if leak else "_noleak"
    return _walker(
        *("humanoid", layout, end),
        make=_from("humanoid", "Humanoid", layout, leak),
        species=f"humanoid{end}",
        sizes=(268 if leak else 246, 3, 17),
        parts=_humanoid_parts(leak),
        seconds_per_step=5e-3 if layout else 4.5e-4,
    )


BODIES: dict[str, Callable[[str], Entry]] = {"point": point, "ant": ant, "humanoid": humanoid}


def listed(body: str) -> list[str]:
    """The layouts of a body that `crlkit envs` lists; the paper has no humanoid in u4 and u5."""
    unlisted = ("u4_", "u5_") if body == "humanoid" else ()
    return [name for name in layouts() if not name.startswith(unlisted) and not (unlisted and "single" in name)]


# -- the others -------------------------------------------------------------------------------------------------------


def _alone(
    name: str, make: Callable, sizes: tuple, parts: tuple, seconds: float, options: Any = None, species: str = ""
) -> Entry:
    return Entry(name, make, species or name, sizes, parts, options or presets.body(), seconds)


_CUBE_TASK = (17, 3, 5), (*_CUBE, *_HAND, Part(1, "distance of the fingers", "m")), 1e-3
_CUBE_TASKS = ("push_easy", "push_hard", "binpick_easy", "binpick_hard")
ALONE = {
    entry.name: entry
    for entry in (
        ant(None),
        _alone("ant_ball", _from("ant_ball", "AntBall"), (31, 2, 8), (*_ANT, Part(2, "ball x, y", "m")), 3e-4),
        _alone("ant_push", _from("ant_push", "AntPush"), (31, 2, 8), (*_ANT, Part(2, "block x, y", "m")), 3e-4),
        humanoid(None),
        _alone("reacher", _from("reacher", "Reacher"), (10, 3, 2), _REACHER, 3e-5, presets.REACHER),
        _alone("pusher_easy", _from("pusher", "Pusher", "easy"), (20, 3, 7), _PUSHER, 7e-4, species="pusher"),
        _alone("pusher_hard", _from("pusher", "Pusher", "hard"), (20, 3, 7), _PUSHER, 7e-4, species="pusher"),
        _alone("half_cheetah", _from("half_cheetah", "HalfCheetah"), (18, 1, 6), _CHEETAH, 2e-4, presets.HALF_CHEETAH),
        *(_alone(f"arm_{task}", _from("arm", "Arm", task), *_CUBE_TASK, species="arm") for task in _CUBE_TASKS),
        _alone("arm_reach", _from("arm", "Arm", "reach"), (13, 3, 4), _HAND, 2e-4, presets.ARM_REACH),
        _alone("arm_grasp", _from("arm", "Arm", "grasp"), (23, 7, 5), (*_CUBE, *_HAND, *_FINGERTIPS), 1e-3),
    )
}


def board(name: str) -> Entry:
    """`lights_out_<rows>x<columns>`. Raises KeyError unless it has 2 to 9 cells."""
    rows, columns = lights_out.board(name)
    parts = (Part(rows * columns, "cells, row by row: lit or dark", "+1 or -1"),)
    make = _from("lights_out", "LightsOut", name)
    return _alone(name, make, (rows * columns,) * 3, parts, 1e-7, presets.LIGHTS_OUT)
