"""The registry: every environment under the name that the field knows it by."""

import difflib
from functools import cache
from importlib import import_module

from crlkit.envs import lights_out
from crlkit.envs.base import EnvState, GoalEnv, goal_distance, random_action, random_start, succeeded
from crlkit.envs.mazes import EVAL_GOALS, HUMANOID_EVAL_GOALS, layouts, make_maze
from crlkit.errors import UserError

__all__ = [
    "EnvState",
    "GoalEnv",
    "goal_distance",
    "random_action",
    "random_start",
    "succeeded",
    "make",
    "names",
    "check",
    "eval_name",
    "body",
    "species",
]

# Bodies that live in mazes: file and class, made from a layout.
IN_MAZES = {"point": ("point", "PointMaze"), "ant": ("ant", "Ant"), "humanoid": ("humanoid", "Humanoid")}
ARM_TASKS = ("push_easy", "push_hard", "binpick_easy", "binpick_hard", "reach", "grasp")  # those of crlkit.envs.arm
# The others: file, class and what it is made from.
ALONE = {
    "ant": ("ant", "Ant", ()),
    "ant_ball": ("ant_ball", "AntBall", ()),
    "ant_push": ("ant_push", "AntPush", ()),
    "humanoid": ("humanoid", "Humanoid", ()),
    "reacher": ("reacher", "Reacher", ()),
    "pusher_easy": ("pusher", "Pusher", ("easy",)),
    "pusher_hard": ("pusher", "Pusher", ("hard",)),
    "half_cheetah": ("half_cheetah", "HalfCheetah", ()),
    **{f"arm_{task}": ("arm", "Arm", (task,)) for task in ARM_TASKS},
}
NO_LEAK = "_noleak"  # ends the names of humanoids whose state does not hold the commanded goal
LAYOUTS = {
    "point": layouts(),
    "ant": layouts(),
    "humanoid": ["u_maze", "u_maze_eval", "big_maze", "big_maze_eval", "hardest_maze"],
}


def names() -> list[str]:
    """Every registered name; `<body>_<u, u4 or u5>_maze_gen_1f2f3f` (any path distances), `<humanoid...>_noleak` and
    `lights_out_<rows>x<columns>` (2 to 9 cells) exist besides them."""
    return [f"{body}_{layout}" for body in IN_MAZES for layout in LAYOUTS[body]] + [*ALONE, "lights_out_3x3"]


def check(name: str, option: str = "env") -> None:
    """Raises UserError, with the closest names, unless there is such an environment. Builds nothing.

    `option` is what the message calls it.
    """
    try:
        if isinstance(name, str):
            _maker(name)
            return
    except KeyError:
        pass
    close = difflib.get_close_matches(str(name), names(), n=3, cutoff=0.3) or ["point_big_maze"]
    raise UserError(f"{option} {name!r}: no such environment; nearest: {', '.join(close)} (all: crlkit envs)")


def body(name: str) -> str:
    """What defaults and prices go by: point, ant, humanoid, arm, reacher, pusher, half (the cheetah) or lights."""
    return name.partition("_")[0]


def species(name: str) -> str:
    """The same for two environments where states, goals and actions mean the same, so that an agent of one can act in
    the other."""
    if body(name) == "arm":
        return name if name in ("arm_reach", "arm_grasp") else "arm"
    if body(name) == "humanoid":
        return "humanoid" + (NO_LEAK if name.endswith(NO_LEAK) else "")
    return name if name.startswith(("ant_ball", "ant_push", "lights")) else body(name)


def eval_name(name: str) -> str:
    """Where the paper scores an agent trained in `name`: for points and ants the far goals of the same maze, where it
    has that layout; humanoids where they were trained."""
    which, _, layout = name.partition("_")
    if which not in ("point", "ant"):
        return name
    walls = layout.split("_")[0]
    return f"{which}_{walls}_maze_eval" if walls in EVAL_GOALS and "eval" not in layout else name


@cache
def make(name: str) -> GoalEnv:
    """Builds an environment by name. Raises UserError, with the closest names, if there is none."""
    check(name)
    file, what, *arguments = _maker(name)
    return getattr(import_module(f"crlkit.envs.{file}"), what)(*arguments)


def _maker(name: str) -> tuple:
    """File, class and arguments of an environment. Raises KeyError if there is none of that name."""
    if name in ALONE:
        file, what, arguments = ALONE[name]
        return file, what, *arguments
    which, _, layout = name.partition("_")
    if which == "lights":
        lights_out.board(name)
        return "lights_out", "LightsOut", name
    if name == "humanoid" + NO_LEAK:
        return *IN_MAZES[which], None, False
    if which == "humanoid":
        make_maze(layout.removesuffix(NO_LEAK), far_goals=HUMANOID_EVAL_GOALS)
        return *IN_MAZES[which], layout.removesuffix(NO_LEAK), not layout.endswith(NO_LEAK)
    file, what = IN_MAZES[which]
    make_maze(layout)
    return file, what, layout
