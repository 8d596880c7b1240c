"""The registry: every environment under the name that the field knows it by."""

import difflib
from functools import cache

from crlkit.envs import lights_out
from crlkit.envs.base import EnvState, GoalEnv, goal_distance, random_action, random_start, succeeded
from crlkit.envs.mazes import EVAL_GOALS, layouts, make_maze
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
]

BODIES = ("point", "ant")


def names() -> list[str]:
    """Every registered name; `<body>_<u, u4 or u5>_maze_gen_1f2f3f` (any path distances) and `lights_out_<rows>x<columns>`
    (2 to 9 cells) exist besides them."""
    return [f"{body}_{layout}" for body in BODIES for layout in layouts()] + ["lights_out_3x3"]


def check(name: str, option: str = "env") -> None:
    """Raises UserError, with the closest names, unless there is such an environment. Builds nothing.

    `option` is what the message calls it.
    """
    body, _, layout = str(name).partition("_")
    try:
        if isinstance(name, str) and body in BODIES:
            make_maze(layout)
            return
        if isinstance(name, str) and body == "lights":
            lights_out.board(name)
            return
    except KeyError:
        pass
    close = difflib.get_close_matches(str(name), names(), n=3, cutoff=0.3) or ["point_big_maze"]
    raise UserError(f"{option} {name!r}: no such environment; nearest: {', '.join(close)} (all: crlkit envs)")


def eval_name(name: str) -> str:
    """Where the paper scores an agent trained in `name`: the far goals of the same maze, where it has that layout."""
    body, layout = name.split("_", 1)
    if body not in BODIES:
        return name
    walls = layout.split("_")[0]
    return f"{body}_{walls}_maze_eval" if walls in EVAL_GOALS and "eval" not in layout else name


@cache
def make(name: str) -> GoalEnv:
    """Builds an environment by name. Raises UserError, with the closest names, if there is none."""
    check(name)
    body, _, layout = name.partition("_")
    if body == "lights":
        return lights_out.LightsOut(name)
    if body == "point":
        from crlkit.envs.point import PointMaze

        return PointMaze(layout)
    from crlkit.envs.ant import AntMaze

    return AntMaze(layout)
