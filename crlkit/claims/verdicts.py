"""What can be said of a claim: the outcomes, and the words for what was measured."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from crlkit.config import BEFORE

OUTCOMES = ("reproduced", "partly", "not reproduced", "undecided", "not run")
OWN = "consistent with its own numbers"  # what a recount of the paper's tables can show, and no more
RECOUNTS = (OWN, f"partly {OWN}", f"not {OWN}")
WORDS = tomllib.loads(Path(__file__).with_name("pages.toml").read_text(encoding="utf-8"))  # of the pages
PUBLISHED, ARITHMETIC, BENCHED = "published data", "arithmetic", "crlkit bench"


class Verdict(NamedTuple):
    """outcome: one of OUTCOMES or, of published data, RECOUNTS. here: what was measured, in words. seeds: of the arm
    that has fewest, 0 where nothing was run. size: of the evidence, such as "4 point mazes, laptop", "published
    data"."""

    outcome: str
    here: str = ""
    seeds: int = 0
    size: str = ""


NOT_RUN = Verdict("not run")


def by_parts(held: Iterable[bool | None], needed: int = 1) -> str:
    """reproduced if every part holds and there are at least `needed`, partly if some hold; if none does, not reproduced
    where the rows speak against one (False), else undecided (None: they allow both)."""
    held = list(held)
    if all(held) and len(held) >= needed:
        return "reproduced"
    if any(held):
        return "partly"
    return "not reproduced" if False in held else "undecided"


def short(env: str) -> str:
    """point_big_maze -> big; ant_big_maze -> ant big; lights_out_3x3 -> lights out 3x3."""
    return env.partition("_maze")[0].removeprefix("point_").replace("_", " ")


def size(table: pd.DataFrame) -> str:
    """What the rows are evidence of: "4 point mazes, laptop", "1 point maze, critic alone, laptop"."""
    words = []
    for body, rows in table.groupby(table.env.str.partition("_")[0], sort=False):
        number = rows.env.nunique()
        words.append("lights out" if body == "lights" else f"{number} {body} maze{'s' * (number > 1)}")
    if "data" in table and (table.data == "walks").all():
        words.append("critic alone")
    for name, plain in BEFORE.items():
        if name in table and (table[name] != plain).any():
            words.append(f"{name.replace('_', ' ')} {' and '.join(sorted(table[name].unique()))}")
    return ", ".join([*words, *table["size"].unique()])
