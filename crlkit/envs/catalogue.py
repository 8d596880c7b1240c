"""The kit's own environments: what is known of each without building it, from `catalogue.toml`."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from crlkit import registration
from crlkit.envs import lights_out
from crlkit.envs.base import GoalEnv
from crlkit.envs.mazes import EVAL_GOALS, make_maze

_TOLD = tomllib.loads(Path(__file__).with_name("catalogue.toml").read_text())


class Part(NamedTuple):
    """Some numbers of a state that follow each other: how many, what they are, their unit."""

    count: int
    what: str
    unit: str


@dataclass(frozen=True, eq=False)
class Entry:
    """What is declared with an environment."""

    name: str
    make: Callable[[], GoalEnv]  # builds it
    species: str  # the same where states, goals and actions mean the same, so that an agent of one can act in the other
    eval_env: str  # where an agent trained here is scored unless its Config says otherwise
    sizes: tuple[int, int, int]  # of state, goal and action
    parts: tuple[Part, ...]  # what the state holds, in order; empty if nobody said
    presets: dict[str, dict[str, Any]]  # what options of Config begin with, by preset
    seconds_per_step: float  # a first guess of its price on one core
    registered: tuple[str, ...] = ()  # keys of `crlkit.registration.REGISTERED` that it needs; empty for the kit's own


def paper_steps(epochs: int) -> int:
    """What the paper calls `epochs` million steps: its code fills the buffer with 17 rounds of 31,744 steps, then makes
    31 rounds an epoch, so that a score of ours stands beside the paper's score of the same epoch."""
    return (17 + 31 * epochs) * 62 * 512


def presets(*groups: str, epochs: int = 100, **changes: Any) -> dict[str, dict[str, Any]]:
    """What a run begins with by `groups` of `presets` in the file. changes: options besides, which `smoke` cuts down."""
    paper, tutorial = dict(env_steps=paper_steps(epochs), evaluations=epochs), {}
    for group in ("every", *groups):
        paper |= _TOLD["presets"][group].get("paper", {})
        tutorial |= _TOLD["presets"][group].get("tutorial", {})
    tutorial, paper = paper | tutorial | changes, paper | changes
    return {"smoke": tutorial | _TOLD["presets"]["every"]["smoke"], "tutorial": tutorial, "paper": paper}


POINT = presets("point")


def _entry(species: str, variant: str | None = None) -> Entry:
    """Of a table of `envs` in the file; variant: or layout, the rest of the name."""
    told, name = _TOLD["envs"][species], f"{species}_{variant}" if variant else species
    parts = tuple(Part(*part) for group in told["state"] for part in _TOLD["states"][group])
    file, body = told["class"].split(".")
    arguments = [argument for argument in (variant, told.get("task")) if argument]

    def make() -> GoalEnv:  # imports when it is built: brax takes seconds, and a point needs none of it
        return getattr(import_module(f"crlkit.envs.{file}"), body)(*arguments)

    sizes = sum(part.count for part in parts), told["goal"], told["action"]
    options = presets(*told["presets"], epochs=_TOLD["paper_epochs"].get(name, 100))
    return Entry(name, make, species, name, sizes, parts, options, told["seconds_per_step"])


BODIES = [species for species, told in _TOLD["envs"].items() if told.get("in_mazes")]
ALONE = {
    known.name: known
    for species, told in _TOLD["envs"].items()
    for known in (_entry(species, variant) for variant in told.get("variants", [None]))
}


def in_maze(body: str, layout: str) -> Entry:
    """Of a body of BODIES in a maze. The paper scores humanoids where they were trained, others at the far goals of the
    maze, where it has them. Raises KeyError where there is no layout of that name."""
    make_maze(layout)
    known, walls = _entry(body, layout), layout.split("_")[0]
    far = walls in EVAL_GOALS and body != "humanoid"
    eval_env = f"{body}_{walls}_maze_eval" if far else known.name
    seconds = _TOLD["envs"][body].get("seconds_per_step_in_mazes", known.seconds_per_step)
    registered = tuple(key for key in registration.REGISTERED if key == f"maze {walls}")
    return replace(known, eval_env=eval_env, seconds_per_step=seconds, registered=registered)


def entry(name: str) -> Entry:
    """Raises KeyError if the kit has none of that name."""
    if name in ALONE:
        return ALONE[name]
    body, _, layout = name.partition("_")
    if body in BODIES:
        return in_maze(body, layout)
    rows, columns = lights_out.board(name)
    cells = rows * columns
    parts = (Part(cells, "cells, row by row: lit or dark", "+1 or -1"),)
    options = presets("point", "lights_out")
    return Entry(name, lambda: lights_out.LightsOut(name), name, name, (cells, cells, cells), parts, options, 1e-7)
