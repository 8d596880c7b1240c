"""A figure in words, beside the picture: what it shows, what was held equal, what is not measured yet."""

from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes

NOT_MEASURED = "not yet measured here"


class Words(NamedTuple):
    """takeaway: one line for a reader. alt: what is drawn, for those who do not see it."""

    takeaway: str
    alt: str


def not_measured(axes: Axes, x: float = 0.5, y: float = 0.5) -> None:
    """Says so in a panel; `x`, `y` in shares of the axes, to keep clear of the paper's values."""
    look = {"ha": "center", "va": "center", "style": "italic", "color": "0.3", "zorder": 5}
    box = {"fc": "white", "ec": "0.8", "boxstyle": "round,pad=0.4"}
    axes.text(x, y, NOT_MEASURED, transform=axes.transAxes, bbox=box, **look)


def count(number: int, thing: str) -> str:
    """ "1 seed", "6 seeds"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def seeds(rows: pd.DataFrame) -> str:
    """How many seeds a run has, in words: "6 seeds", or "2 to 6 seeds" where runs differ."""
    numbers = rows.groupby("run").seed.nunique()
    low, high = numbers.min(), numbers.max()
    return count(low, "seed") if low == high else f"{low} to {high} seeds"


# What a comparison may hold equal, how to say it, and how to write its number.
EQUAL = {
    "updates": "{:,.0f} updates",
    "env_steps": "{:,.0f} environment steps a seed",
    "batch_size": "batch {:.0f}",
    "width": "width {:.0f}",
    "depth": "depth {:.0f}",
    "learning_rate": "learning rate {:g}",
}


def held_equal(rows: pd.DataFrame) -> str:
    """What all runs of a comparison have in common at their end: "5,000 updates, batch 256, width 32"."""
    last = rows.sort_values("updates").groupby(["run", "seed"]).last()
    same = [
        text.format(last[name].iloc[0]) for name, text in EQUAL.items() if name in last and last[name].nunique() == 1
    ]
    return ", ".join(same)
