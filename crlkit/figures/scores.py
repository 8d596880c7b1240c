"""Final scores by any column of the recorded rows, and how they and the paper's are drawn: ours in strong colours with
95 % intervals and a dot a seed, the paper's as grey crosses on dashes."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, fields
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter, NullLocator

from crlkit import evidence
from crlkit.analysis.statistics import Score, final_scores, score_of
from crlkit.config import Config
from crlkit.evidence import DEPTH_OPTIONS, NAMES, one_processor
from crlkit.figures import style
from crlkit.figures.words import count, held_equal, not_measured

HERE, OTHER = "#0072B2", "#D55E00"  # Okabe and Ito's blue and vermillion
PAPER = "0.5"
PAPER_EPISODE = 1000  # steps; the paper's time_at_goal over this is a share of the episode, as ours
SHARE = "share of the episode at the goal"
FINAL = "mean of the last tenth of a seed's evaluations"
LOSS = "held-out InfoNCE loss (nats, lower is better)"


def measured(
    data: Path, suites: Sequence[str], measure: str = "share", query: str = "status == 'finished'", **which: bool
) -> pd.DataFrame:
    """The rows of finished runs (or those of `query`; `which`: `clock` and `sizes` of `evidence.rows`) in which
    `measure` was measured; an option that a run was too early to record has its default. Empty, without columns, if
    there are none."""
    rows = evidence.rows(data, *suites, query=query, **which) if suites else pd.DataFrame()
    if measure not in rows or rows[measure].isna().all():
        return pd.DataFrame()
    defaults = {f.name: f.default for f in fields(Config) if f.default not in (MISSING, None, "")}
    return rows.dropna(subset=measure).fillna({name: value for name, value in defaults.items() if name in rows})


def alike(rows: pd.DataFrame, *vary: str) -> pd.DataFrame:
    """The rows that differ in the options `vary` alone, so that comparing them compares these.

    Runs of one level of `vary` with different settings are not pooled: the setting that covers most levels is kept. If
    no level has two settings all rows stay, and `held_equal` does not name what differs. `depth` stands for that of
    actor and critic, which must agree unless `actor_depth` varies by itself.
    """
    if rows.empty:
        return rows
    free = {*vary, *NAMES} | (set(DEPTH_OPTIONS) if "depth" in vary else set())
    if "depth" in vary and "actor_depth" not in vary:
        rows = rows[rows.actor_depth == rows.critic_depth] if "actor_depth" in rows else rows
    fixed = [f.name for f in fields(Config) if f.name in rows and f.name not in free]
    length = rows.groupby("run").updates.transform("max")
    setting = rows.groupby([*fixed, length], dropna=False).ngroup()
    level = rows.groupby(list(vary), dropna=False).ngroup()
    if setting.groupby(level).nunique().max() > 1:
        rows = rows[setting == level.groupby(setting).nunique().idxmax()]
    return rows.reset_index(drop=True)


def environments(rows: pd.DataFrame) -> list[str]:
    """The environments of the rows, that with most runs first."""
    return (
        [] if rows.empty else list(rows.groupby("env").run.nunique().sort_values(ascending=False, kind="stable").index)
    )


def here(
    data: Path, suites: Sequence[str], *vary: str, env: str | None = None, measure: str = "share", **which: bool
) -> pd.DataFrame:
    """The rows of one environment (by default that with most runs) that differ in `vary` alone; empty if none do.
    `which`: `clock` and `sizes` of `evidence.rows`; with `clock` the runs of the one processor that made most of
    them."""
    rows = measured(data, suites, measure, **which)
    if rows.empty:
        return rows
    rows = alike(rows[rows.env == (env or environments(rows)[0])], *vary)
    return one_processor(rows) if which.get("clock") else rows


def by(rows: pd.DataFrame, *columns: str, measure: str = "share") -> dict[tuple, Score]:
    """The final scores of every level of `columns`, in order; the seeds of several runs of a level together."""
    found = {}
    if not rows.empty:
        for level, part in rows.groupby(list(columns)):
            values = np.concatenate([final_scores(run, measure).to_numpy() for _, run in part.groupby("run")])
            found[level] = score_of(values)
    return found


def by_depth(rows: pd.DataFrame, measure: str = "share") -> dict[int, Score]:
    return {int(depth): score for (depth,), score in by(rows, "depth", measure=measure).items()}


def seeds_in_words(scores: Iterable[Score]) -> str:
    """ "6 seeds each", "2 to 6 seeds each"."""
    numbers = [len(score.seeds) for score in scores]
    low, high = min(numbers), max(numbers)
    return f"{count(low, 'seed')} each" if low == high else f"{low} to {high} seeds each"


def list_words(scores: dict, name: str = "depth") -> str:
    """ "depth 4 0.28 (0.18 to 0.39), depth 8 ..." for the alternative text."""
    return ", ".join(f"{name} {level} {score}" for level, score in scores.items())


def draw_scores(axes: Axes, scores: dict[float, Score], label: str | None = None, shift: float = 1.0, **look) -> None:
    """Interquartile means with intervals, joined, and a dot a seed, at `level * shift` (to keep series apart)."""
    x = np.array(list(scores), float) * shift
    look = {"color": HERE, "marker": "o", "linestyle": "-", "ms": 4.5, "lw": 1.5, "capsize": 3} | look
    middle, around = np.array([score.iqm for score in scores.values()]), np.hstack([s.error for s in scores.values()])
    axes.errorbar(x, middle, around, label=label, zorder=4, **look)
    for at, score in zip(x, scores.values()):
        axes.plot([at] * len(score.seeds), score.seeds, ".", color=look["color"], ms=3.5, alpha=0.45, zorder=3)


def draw_paper(axes: Axes, table: pd.DataFrame, x: str, label: str | None = None, unit: float = PAPER_EPISODE, **look):
    """The paper's values over `unit`, with their errors where they were published."""
    table = table.sort_values(x)
    error = table.error / unit if "error" in table and table.error.notna().any() else None
    look = {"color": PAPER, "marker": "x", "linestyle": "--", "lw": 1.1, "ms": 5, "capsize": 2} | look
    axes.errorbar(table[x], table.value / unit, error, label=label, zorder=2, **look)


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


def equal(rows: pd.DataFrame, columns: int = 60) -> str:
    """What a comparison holds equal, in lines that fit over a panel; they break between things, not within."""
    whole = held_equal(rows).replace(" ", "\xa0").replace(",\xa0", ", ")
    return textwrap.fill(f"equal: {whole}", columns).replace("\xa0", " ")


def at_equal(rows: pd.DataFrame) -> str:
    """ "at equal updates (5,000)", for a sentence; says so where they are not equal."""
    updates = rows.groupby("run").updates.max()
    low, high = updates.min(), updates.max()
    return f"at equal updates ({low:,})" if low == high else f"at unequal updates ({low:,} to {high:,})"


def end_labels(axes: Axes, labels: list[tuple[str, float, float, str]]) -> None:
    """Names (text, x, y, colour) right of where their lines end, moved apart where they would overlap; call it when the
    limits of the axes are final."""
    bottom, top = axes.get_ylim()
    free = bottom
    for text, x, y, colour in sorted(labels, key=lambda label: label[2]):
        free = max(y, free)
        axes.annotate(text, (x, free), (8, 0), textcoords="offset points", va="center", fontsize=8, color=colour)
        free += 0.055 * (top - bottom)


def machines(rows: pd.DataFrame) -> str:
    """ ", AMD EPYC": where the runs were made, if that is known."""
    return "".join(f", {device}" for device in (rows.device.dropna().unique() if "device" in rows else ()))


def unmeasured(axes: Axes) -> None:
    """A panel without rows: says so, and keeps its labels but no scale."""
    not_measured(axes)
    axes.set(xticks=[], yticks=[])


def depth_look(depth: int) -> dict:
    """`style.depth_style` without its label."""
    return {name: value for name, value in style.depth_style(depth).items() if name != "label"}
