"""Final scores by any column of the recorded rows, and how they and the paper's are drawn: ours in strong colours with
95 % intervals and a dot per seed, the paper's as grey crosses on dashes."""

from collections.abc import Iterable, Sequence
from dataclasses import MISSING
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter, NullLocator

from crlkit import evidence
from crlkit.analysis.statistics import Score, final_scores, score_of
from crlkit.figures import style

HERE, OTHER = "#0072B2", "#D55E00"  # Okabe and Ito's blue and vermillion
PAPER = {"color": "0.5", "marker": "x", "linestyle": "--", "lw": 1.1, "ms": 5, "capsize": 2}
NOT_MEASURED = "not yet measured here"
PAPER_EPISODE = 1000  # steps; the paper's time_at_goal over this is a share of the episode, as ours
SHARE = "share of the episode at the goal"
LOSS = "held-out InfoNCE loss (nats, lower is better)"


def measured(
    data: Path, suites: Sequence[str], measure: str = "share", query: str = "status == 'finished'", **which: bool
) -> pd.DataFrame:
    """The rows of finished runs (or those of `query`; `which`: `clock` and `sizes` of `evidence.rows`) in which
    `measure` was measured; an option that a run was too early to record has its default. No rows if there are none."""
    rows = evidence.rows(data, *suites, query=query, **which)
    if measure not in rows:
        return evidence.NO_SCORES.assign(**dict.fromkeys(("status", "seed_seconds", measure), []))
    usual = {name: value for name, value in evidence.OPTIONS.items() if value not in (MISSING, None, "")}
    return rows.dropna(subset=measure).fillna(usual)


def alike(rows: pd.DataFrame, *vary: str) -> pd.DataFrame:
    """The rows that differ in the options `vary` alone, so that comparing them compares these.

    Runs of one level with different settings are not pooled: the setting that covers most levels is kept. If no level
    has two all rows stay. `depth` is that of actor and critic, which must agree unless `actor_depth` varies by itself.
    """
    free = {*vary, *(evidence.DEPTH_OPTIONS if "depth" in vary else ())}
    if "depth" in vary and "actor_depth" not in vary and "actor_depth" in rows:
        rows = rows[rows.actor_depth == rows.critic_depth]
    fixed = [name for name in evidence.OPTIONS if name in rows and name not in free]
    length = rows.groupby("run").updates.transform("max")
    setting = rows.groupby([*fixed, length], dropna=False).ngroup()
    level = rows.groupby(list(vary), dropna=False).ngroup()
    if setting.groupby(level).nunique().max() > 1:
        rows = rows[setting == level.groupby(setting).nunique().idxmax()]
    return rows.reset_index(drop=True)


def here(
    data: Path, suites: Sequence[str], *vary: str, env: str | None = None, measure: str = "share", **which: bool
) -> pd.DataFrame:
    """The rows of one environment (by default that with most runs) that differ in `vary` alone; empty if none do.
    `which`: as of `measured`; with `clock` the runs of the one processor that made most of them."""
    rows = measured(data, suites, measure, **which)
    if rows.empty:
        return rows
    rows = alike(rows[rows.env == (env or rows.groupby("env").run.nunique().idxmax())], *vary)
    return evidence.one_processor(rows) if which.get("clock") else rows


def by(rows: pd.DataFrame, *columns: str, measure: str = "share") -> dict[tuple, Score]:
    """The final scores of every level of `columns`, in order; the seeds of several runs of a level together."""
    levels = rows.groupby(list(columns))
    ends = {level: [final_scores(run, measure) for _, run in part.groupby("run")] for level, part in levels}
    return {level: score_of(np.concatenate(runs)) for level, runs in ends.items()}


def by_depth(rows: pd.DataFrame, measure: str = "share") -> dict[int, Score]:
    return {int(depth): score for (depth,), score in by(rows, "depth", measure=measure).items()}


def seeds(numbers: pd.DataFrame | Iterable[Score]) -> str:
    """How many seeds each run of a table, or each score, has: "6 seeds", "2 to 6 seeds"."""
    runs = isinstance(numbers, pd.DataFrame)
    numbers = list(numbers.groupby("run").seed.nunique()) if runs else [len(score.seeds) for score in numbers]
    low, high = min(numbers), max(numbers)
    return f"{low} to {high} seeds" if low != high else "1 seed" if low == 1 else f"{low} seeds"


def draw_scores(axes: Axes, scores: dict[float, Score], label: str | None = None, shift: float = 1.0, **look) -> None:
    """Interquartile means with intervals, joined, and a dot per seed, at `level * shift` (to keep series apart)."""
    x = np.array(list(scores), float) * shift
    look = {"color": HERE, "marker": "o", "linestyle": "-", "ms": 4.5, "lw": 1.5, "capsize": 3} | look
    middle, around = np.array([score.iqm for score in scores.values()]), np.hstack([s.error for s in scores.values()])
    axes.errorbar(x, middle, around if np.isfinite(around).any() else None, label=label, zorder=4, **look)
    for at, score in zip(x, scores.values()):
        axes.plot([at] * len(score.seeds), score.seeds, ".", color=look["color"], ms=3.5, alpha=0.45, zorder=3)


class Printed(Score):
    """A value of the paper: no seeds; low and high are one error away, not numbers where none was published."""

    def __str__(self) -> str:
        return f"{self.iqm:.3f}"


def published(table: pd.DataFrame, x: str, unit: float = PAPER_EPISODE) -> dict[float, Score]:
    """The paper's values over `unit`, by `x`."""
    table = table.sort_values(x)
    errors = table.error if "error" in table else np.full(len(table), np.nan)
    rows = zip(table[x], table.value / unit, errors / unit)
    return {at: Printed(np.array([]), value, value - error, value + error) for at, value, error in rows}


def doubling_axis(axes: Axes, ticks: Iterable[float], label: str = "depth (layers)") -> None:
    """A horizontal axis of doublings with a tick a recorded value."""
    ticks = sorted({int(tick) for tick in ticks})
    axes.set_xscale("log", base=2)
    crowded = {"rotation": 45, "fontsize": 7.5} if len(ticks) > 7 else {}
    axes.set_xticks(ticks, [str(tick) for tick in ticks], **crowded)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(label)


def log_axis(axis) -> None:
    """A logarithmic axis, with ticks as 0.3, 30, 10k, 3M."""
    axis.set_major_locator(LogLocator(subs=(1, 3)))
    large = EngFormatter(sep="")
    axis.set_major_formatter(lambda value, _: large(value) if value >= 1000 else f"{value:g}")
    axis.set_minor_formatter(NullFormatter())


# What a comparison may hold equal, how to say it, and how to write its number.
EQUAL = {
    "updates": "{:,.0f} updates",
    "env_steps": "{:,.0f} environment steps per seed",
    "batch_size": "batch {:.0f}",
    "width": "width {:.0f}",
    "depth": "depth {:.0f}",
    "learning_rate": "learning rate {:g}",
}


def held_equal(rows: pd.DataFrame) -> str:
    """What all runs of a comparison have in common at their end: "5,000 updates, batch 256, width 32"."""
    last = rows.sort_values("updates").groupby(["run", "seed"]).last()
    same = [name for name in EQUAL if name in last and last[name].nunique() == 1]
    return ", ".join(EQUAL[name].format(last[name].iloc[0]) for name in same)


def at_equal(rows: pd.DataFrame) -> str:
    """ "at equal updates (5,000)", for a sentence; says so where they are not equal."""
    updates = rows.groupby("run").updates.max()
    low, high = updates.min(), updates.max()
    return f"at equal updates ({low:,})" if low == high else f"at unequal updates ({low:,} to {high:,})"


def not_measured(axes: Axes, x: float = 0.5, y: float = 0.5) -> None:
    """Says so in a panel; `x`, `y` in shares of the axes, to keep clear of the paper's values."""
    box, place = {"fc": "white", "ec": "0.8", "boxstyle": "round,pad=0.4"}, {"ha": "center", "va": "center"}
    axes.text(x, y, NOT_MEASURED, transform=axes.transAxes, bbox=box, style="italic", color="0.3", zorder=5, **place)


def unmeasured(axes: Axes) -> None:
    """A panel without rows: says so, and keeps its labels but no scale."""
    not_measured(axes)
    axes.set(xticks=[], yticks=[])


def depth_look(depth: int) -> dict:
    """`style.depth_style` without its label."""
    return {name: value for name, value in style.depth_style(depth).items() if name != "label"}
