"""The registry: every environment under the name that the field knows it by, the kit's own and those of people's files.

Names are parsed here and in `catalogue` alone; everybody else asks `entry(name)`.
"""

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Any

from crlkit import registration
from crlkit.envs import catalogue, mazes
from crlkit.envs.base import REWARDS, EnvState, GoalEnv, goal_distance, problem, succeeded
from crlkit.envs.catalogue import ALONE, BODIES, POINT, Entry, Part
from crlkit.envs.mazes import Cell
from crlkit.errors import UserError, check_choice

__all__ = ["Entry", "EnvState", "GoalEnv", "REWARDS", "goal_distance", "succeeded", "register_env", "register_maze"]
__all__ += ["entry", "make", "names"]

_REGISTERED: dict[str, Entry] = {}
_MADE: dict[str, GoalEnv] = {}


def names() -> list[str]:
    """Every environment by name; `<body>_<u, u4 or u5>_maze_gen_1f2f3f` (any path distances) and
    `lights_out_<rows>x<columns>` (2 to 9 cells) exist besides them."""
    in_mazes = [f"{body}_{layout}" for body in BODIES for layout in mazes.layouts()]
    listed = [name for name in in_mazes if not name.startswith(("humanoid_u4_", "humanoid_u5_"))]  # not in the paper
    return [*listed, *ALONE, "lights_out_3x3", *_REGISTERED]


def entry(name: str, option: str = "env") -> Entry:
    """What is known of an environment without building it. Raises UserError, with the closest names, unless there is
    such an environment; `option` is what the message calls it."""
    try:
        if isinstance(name, str):
            return _REGISTERED.get(name) or catalogue.entry(name)
    except KeyError:
        pass
    close = difflib.get_close_matches(str(name), names(), n=3, cutoff=0.3) or ["point_big_maze"]
    raise UserError(f"{option} {name!r}: no such environment; nearest: {', '.join(close)} (all: crlkit envs)")


def make(name: str) -> GoalEnv:
    """The environment of that name, built once. Raises UserError as `entry` does."""
    known = entry(name)
    if name not in _MADE:
        _MADE[name] = known.make()
    return _MADE[name]


def register_maze(name: str, rows: Sequence[str], far_goals: Sequence[Cell] = ()) -> None:
    """Adds a maze for every body that walks in mazes: `point_<name>_maze`, `ant_<name>_maze`, `humanoid_<name>_maze`
    (its goals are all free cells but the start) and, with `far_goals`, `<body>_<name>_maze_eval`, where points and ants
    that trained in the maze are scored. A maze of one corridor has `_gen_1f2f3f`, too, as the kit's `u` has.

    name: lower-case letters and digits. rows: `#` a wall, `.` free, `R` the start, walls all around, as wide as each
    other. far_goals: free cells, each a row and a column counted from 0.

    Raises UserError for a name that is taken or cannot be, and for rows and goals that are no maze (see `mazes.add`).
    """
    if not re.fullmatch("[a-z0-9]+", name):
        nearest = re.sub("[^a-z0-9]", "", name.lower()) or "spiral"
        raise UserError(f"maze {name!r}: its name must be lower-case letters and digits; nearest: {nearest}")
    registration.check_free("maze", name, name in mazes.WALLS, nearest=f"my{name}")
    mazes.add(name, tuple(rows), tuple(map(tuple, far_goals)))
    registration.note("maze", name)
    for made in [made for made in _MADE if f"_{name}_maze" in made]:
        del _MADE[made]  # it had the rows of before


def register_env(
    name: str,
    make: Callable[[], GoalEnv],
    *,
    defaults: dict[str, Any] | None = None,
    species: str | None = None,
    seconds_per_step: float = 1e-5,
    parts: Sequence[tuple[int, str, str]] = (),
) -> None:
    """Adds an environment: from now on it is trained, swept, scored, filmed and listed as the kit's own are.

    name: lower-case letters, digits and `_`. make: builds it; what it returns keeps the promises of `GoalEnv`, best as
    a subclass of it. defaults: options of Config that begin with other values than those of a point in a maze; preset
    `smoke` cuts them down. species, seconds_per_step (of one environment on one core) and parts (count, what, unit):
    see `Entry`; by default nobody else's agents can act in it.

    `make` is called at once, and one reset and one step are traced (`jax.eval_shape`), nothing is computed. Raises
    UserError for a name that is taken or cannot be, an unknown option, and for an environment that breaks a promise.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        nearest = re.sub("[^a-z0-9]+", "_", name.lower()).strip("_0123456789") or "corridor"
        raise UserError(f"env {name!r}: its name must be lower-case letters, digits and _; nearest: {nearest}")
    try:
        taken = bool(entry(name))
    except UserError:
        taken = False
    registration.check_free("env", name, taken, nearest=f"my_{name}")
    for option in defaults or {}:
        check_choice(f"env {name!r}: defaults", option, POINT["tutorial"])
    built = make()
    if broken := problem(built):
        raise UserError(f"env {name!r}: {broken}; nearest: a subclass of crlkit.envs.GoalEnv, see its docstring")
    sizes, held = (built.state_size, built.goal_size, built.action_size), tuple(Part(*part) for part in parts)
    options, key = catalogue.presets("point", **defaults or {}), registration.note("env", name)
    made = Entry(name, make, species or name, name, sizes, held, options, seconds_per_step, (key,))
    _REGISTERED[name], _MADE[name] = made, built


def needed(*names: str) -> dict[str, str]:
    """What people's files registered of these environments; see `crlkit.registration.places`."""
    return registration.places(*(key for name in names for key in entry(name).registered))
