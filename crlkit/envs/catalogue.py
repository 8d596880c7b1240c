"""The kit's own environments: what is known of each without building it, in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

from crlkit import registration
from crlkit.envs import lights_out, presets
from crlkit.envs.base import GoalEnv
from crlkit.envs.mazes import EVAL_GOALS, HUMANOID_EVAL_GOALS, layouts, make_maze


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
    one core. eval_env: where an agent trained here is scored, by default here. body, layout: who walks in which maze;
    body alone on open ground. registered: keys of `crlkit.registration.REGISTERED` that it needs; empty for the kit's
    own.
    """

    name: str
    make: Callable[[], GoalEnv]
    species: str
    sizes: tuple[int, int, int]
    parts: tuple[Part, ...]
    presets: presets.Presets
    seconds_per_step: float
    eval_env: str | None = None
    body: str | None = None
    layout: str | None = None
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
_HALF_CHEETAH = (
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


# -- bodies in mazes: functions of a layout that raise KeyError where there is none of that name ----------------------

NO_LEAK = "_noleak"  # ends the names of humanoids whose state does not hold the commanded goal
# Epochs that the paper trained for, where it is not the 100 of all others.
_EPOCHS = {"ant_u5_maze": 400, "ant_hardest_maze": 200, "humanoid_u_maze": 400, "humanoid_big_maze": 400}


def _in_maze(body: str, layout: str, **facts) -> Entry:
    maze = f"maze {layout.split('_')[0]}"
    registered = (maze,) if maze in registration.REGISTERED else ()
    return Entry(f"{body}_{layout}", body=body, layout=layout.removesuffix(NO_LEAK), registered=registered, **facts)


def _far(body: str, layout: str) -> str | None:
    """The far goals of the same maze, where it has them: there the paper scores what it trained in the maze."""
    walls = layout.split("_")[0]
    return f"{body}_{walls}_maze_eval" if walls in EVAL_GOALS and "_eval" not in layout else None


def point(layout: str) -> Entry:
    make_maze(layout)
    facts = dict(species="point", sizes=(2, 2, 2), parts=_POINT, presets=presets.POINT, seconds_per_step=1e-6)
    return _in_maze("point", layout, make=_from("point", "PointMaze", layout), eval_env=_far("point", layout), **facts)


def ant(layout: str | None) -> Entry:
    facts = dict(make=_from("ant", "Ant", layout), species="ant", sizes=(29, 2, 8), parts=_ANT, seconds_per_step=3e-4)
    if layout is None:
        return Entry("ant", body="ant", presets=presets.body(), **facts)
    make_maze(layout)
    epochs = presets.body(_EPOCHS.get(f"ant_{layout}", 100))
    return _in_maze("ant", layout, presets=epochs, eval_env=_far("ant", layout), **facts)


def humanoid(layout: str | None, leak: bool = True) -> Entry:
    """The paper scores humanoids where they were trained."""
    end = "" if leak else NO_LEAK
    facts = dict(
        make=_from("humanoid", "Humanoid", layout, leak),
        species=f"humanoid{end}",
        sizes=(268 if leak else 246, 3, 17),
        parts=_humanoid_parts(leak),
        presets=presets.body(_EPOCHS.get(f"humanoid_{layout}", 100)),
        seconds_per_step=5e-3 if layout else 4.5e-4,
    )
    if layout is None:
        return Entry(f"humanoid{end}", body="humanoid", **facts)
    make_maze(layout, far_goals=HUMANOID_EVAL_GOALS)
    return _in_maze("humanoid", layout + end, **facts)


def _humanoid_of(layout: str) -> Entry:
    return humanoid(layout.removesuffix(NO_LEAK), leak=not layout.endswith(NO_LEAK))


BODIES: dict[str, Callable[[str], Entry]] = {"point": point, "ant": ant, "humanoid": _humanoid_of}


def listed(body: str) -> list[str]:
    """The layouts of a body that `crlkit envs` lists; the paper has no humanoid in u4 and u5."""
    unlisted = ("u4_", "u5_") if body == "humanoid" else ()
    return [name for name in layouts() if not name.startswith(unlisted) and not (unlisted and "single" in name)]


# -- the others -------------------------------------------------------------------------------------------------------


def _alone(name: str, file: str, what: str, *arguments, **facts: Any) -> Entry:
    facts = dict(species=name, presets=presets.body()) | facts
    return Entry(name, _from(file, what, *arguments), **facts)


def _arm(task: str) -> Entry:
    facts = {
        "reach": dict(
            **dict(species="arm_reach", sizes=(13, 3, 4), parts=_HAND),
            **dict(presets=presets.body(**presets.ARM_REACH), seconds_per_step=2e-4),
        ),
        "grasp": dict(species="arm_grasp", sizes=(23, 7, 5), parts=(*_CUBE, *_HAND, *_FINGERTIPS)),
    }
    cube = dict(species="arm", sizes=(17, 3, 5), parts=(*_CUBE, *_HAND, Part(1, "distance of the fingers", "m")))
    return _alone(f"arm_{task}", "arm", "Arm", task, **{"seconds_per_step": 1e-3, **facts.get(task, cube)})


_PUSHERS = dict(species="pusher", sizes=(20, 3, 7), parts=_PUSHER, seconds_per_step=7e-4)
_PUSHED = dict(sizes=(31, 2, 8), seconds_per_step=3e-4)
ALONE = {
    entry.name: entry
    for entry in (
        ant(None),
        _alone("ant_ball", "ant_ball", "AntBall", parts=(*_ANT, Part(2, "ball x, y", "m")), **_PUSHED),
        _alone("ant_push", "ant_push", "AntPush", parts=(*_ANT, Part(2, "block x, y", "m")), **_PUSHED),
        humanoid(None),
        _alone(
            *("reacher", "reacher", "Reacher"),
            **dict(sizes=(10, 3, 2), parts=_REACHER, seconds_per_step=3e-5, presets=presets.body(**presets.REACHER)),
        ),
        _alone("pusher_easy", "pusher", "Pusher", "easy", **_PUSHERS),
        _alone("pusher_hard", "pusher", "Pusher", "hard", **_PUSHERS),
        _alone(
            *("half_cheetah", "half_cheetah", "HalfCheetah"),
            **dict(sizes=(18, 1, 6), parts=_HALF_CHEETAH, seconds_per_step=2e-4),
            presets=presets.body(**presets.HALF_CHEETAH),
        ),
        *map(_arm, ("push_easy", "push_hard", "binpick_easy", "binpick_hard", "reach", "grasp")),
    )
}


def board(name: str) -> Entry:
    """`lights_out_<rows>x<columns>`. Raises KeyError unless it has 2 to 9 cells."""
    rows, columns = lights_out.board(name)
    cells = rows * columns
    facts = dict(sizes=(cells,) * 3, parts=(Part(cells, "cells, row by row: lit or dark", "+1 or -1"),))
    return _alone(name, "lights_out", "LightsOut", name, presets=presets.LIGHTS_OUT, seconds_per_step=1e-7, **facts)
