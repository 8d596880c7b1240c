"""What depth costs: time and memory

The paper's tables 3 and 4 and its rebuttal, the study text's table of costs, and processor time measured here.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.figures.panels import Figure, Finding, Row
from crlkit.figures.scores import HERE, doubling_axis, draw_paper, equal, here, log_axis, machines
from crlkit.figures.words import not_measured, seeds

SHALLOW = 4
UPDATE, MEMORY = "update (ms)", "peak memory (MB)"


class Cost(NamedTuple):
    """Processor milliseconds an update of one seed, collection included. total: over the whole run. stretches: between
    two evaluations each (seeds of a run share its clock, so there is no cost of a seed by itself)."""

    total: float
    stretches: np.ndarray


def per_update(rows: pd.DataFrame) -> dict[int, Cost]:
    """By depth, from the rows of a comparison."""
    costs = {}
    for depth, runs in rows.groupby("depth") if len(rows) else ():
        clock = 1000 * runs.groupby(["run", "updates"]).seed_seconds.first()
        clock = [(run.to_numpy(), run.index.get_level_values("updates").to_numpy()) for _, run in clock.groupby("run")]
        stretches = [np.diff(spent, prepend=0) / np.diff(updates, prepend=0) for spent, updates in clock]
        total = sum(spent[-1] for spent, _ in clock) / sum(updates[-1] for _, updates in clock)
        costs[int(depth)] = Cost(float(total), np.concatenate(stretches))
    return costs


def _rows(data: Path) -> pd.DataFrame:
    return here(data, ("depth",), "depth", clock=True)


def relative(table: pd.DataFrame) -> pd.DataFrame:
    """Values over that of depth 4, of one environment and measure."""
    base = table.loc[table.depth == SHALLOW, "value"].iloc[0]
    errors = {"error": table.error / base} if "error" in table else {}
    return table.assign(value=table.value / base, **errors)


def study(data: Path, column: str) -> pd.Series:
    """A column of the study text's cost table, by depth."""
    table = evidence.paper(data, "../tutorial_claims").query("table == 'cost' and column == @column")
    return table.set_index(table.row.astype(int)).low


def hours(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables 3 and 4: hours of a run."""
    tables = (evidence.paper(data, name) for name in ("table3_wall_clock", "table4_wall_clock_deep"))
    short, deep = (table[table.measure == "wall_clock"] for table in tables)
    return short, deep


def memory(data: Path) -> pd.DataFrame:
    """The rebuttal's megabytes by depth at the paper's width."""
    return evidence.paper(data, "rebuttal_depth_vs_width_cost").query("measure == 'memory' and width == 256")


def bench(data: Path, column: str) -> pd.DataFrame:
    """A column of what `crlkit bench` measured, by depth."""
    table = evidence.paper(data, "../update_times")
    return table.assign(value=table[column])


def _time(axes: Axes, data: Path) -> None:
    (short, deep), costs = hours(data), per_update(_rows(data))
    for number, (_, line) in enumerate(short.groupby("environment")):
        label = f"paper: table 3, each of {short.environment.nunique()} environments" if number == 0 else None
        draw_paper(axes, relative(line).drop(columns="error"), "depth", label, 1, color="0.75", lw=0.7, ms=3)
    draw_paper(axes, relative(deep), "depth", f"paper: table 4, {deep.environment.iloc[0]}", 1, color="0.4")
    _study(axes, study(data, "training_time"))
    _ours(axes, costs, costs[SHALLOW].total if SHALLOW in costs else None)
    _finish(axes, "time over that of depth 4", "time of a run at equal steps\n(paper's 1024 has an actor of 512)")


def _memory(axes: Axes, data: Path) -> None:
    draw_paper(axes, relative(memory(data)), "depth", "paper: rebuttal, width 256 (of what, not stated)", 1)
    _study(axes, study(data, "memory"))
    _bench(axes, relative(bench(data, MEMORY)), "whole process")
    _finish(axes, "memory over that of depth 4", "memory, equal width and batch")


def _update(axes: Axes, data: Path) -> None:
    table = evidence.paper(data, "table4_wall_clock_deep").query("measure == 'time_per_gradient_step'")
    draw_paper(axes, table, "depth", "paper: humanoid_u_maze, width 256,\nall of one A100 (inferred)", 1)
    _ours(axes, per_update(_rows(data)), 1.0)
    _bench(axes, bench(data, UPDATE), "update alone,\nidle machine")
    _finish(axes, "milliseconds of a gradient update", "time of an update")


def _study(axes: Axes, values: pd.Series) -> None:
    look = {"color": "#E69F00", "marker": "D", "mfc": "none", "ms": 7, "mew": 1.6, "ls": ""}
    axes.plot(values, label="study text on which the kit is based", zorder=5, **look)


def _bench(axes: Axes, table: pd.DataFrame, what: str) -> None:
    label = f"here: crlkit bench, width {table.width.iloc[0]}, {what},\n{table.device.iloc[0]}"
    axes.plot(table.depth, table.value, "--s", color=HERE, lw=1, ms=4, mfc="white", zorder=4, label=label)


def _ours(axes: Axes, costs: dict[int, Cost], base: float | None) -> None:
    """Ours over `base`; nothing to compare with if there is no base."""
    if not costs or base is None:
        return not_measured(axes, x=0.74, y=0.06)
    for depth, cost in costs.items():
        axes.plot([depth] * len(cost.stretches), cost.stretches / base, ".", color=HERE, ms=3.5, alpha=0.4, zorder=3)
    label = "here: processor time of one seed, with collection,\ndots the stretches between evaluations"
    totals = [cost.total / base for cost in costs.values()]
    axes.plot(list(costs), totals, "-o", color=HERE, lw=1.5, ms=4.5, zorder=4, label=label)


def _finish(axes: Axes, ylabel: str, title: str) -> None:
    doubling_axis(axes, {depth for line in axes.lines for depth in line.get_xdata()})
    axes.set_yscale("log")
    log_axis(axes.yaxis)
    axes.set(ylabel=ylabel, ylim=(None, axes.get_ylim()[1] * 6))
    axes.set_title(title, fontsize=8.5)
    axes.legend(fontsize=8, loc="upper left")


def _title(data: Path) -> str:
    rows = _rows(data)
    return (
        f"runs here: {rows.env.iloc[0]}, {seeds(rows)} a depth, {equal(rows, 200)}{machines(rows)}" if len(rows) else ""
    )


def finding(data: Path) -> Finding:
    deep, stated = relative(hours(data)[1]).set_index("depth").value, study(data, "training_time")
    listed = ", ".join(
        f"depth {d} {deep[d]:.1f} (study text {stated[d]:.0f})" for d in stated.index if d in deep and d > SHALLOW
    )
    room = relative(memory(data)).set_index("depth").value
    theirs = f"Paper, hours of a run over those of depth {SHALLOW}: {listed}; megabytes at depth {room.index[-1]} {room.iloc[-1]:.1f} times"
    alone = bench(data, UPDATE).set_index("depth")
    listed = ", ".join(f"depth {depth} {value:.3g}" for depth, value in alone.value.items())
    timed = (
        f"An update alone (crlkit bench, width {alone.width.iloc[0]}), milliseconds: {listed}; peak memory of the process "
        f"{alone[MEMORY].min():.0f} to {alone[MEMORY].max():.0f} MB"
    )
    costs = {depth: cost.total for depth, cost in per_update(_rows(data)).items()}
    if SHALLOW not in costs:
        return Finding("", f"{timed}. {theirs}", "the time of whole runs")
    times = ", ".join(f"depth {d} {cost / costs[SHALLOW]:.1f}" for d, cost in costs.items() if d != SHALLOW)
    ours = f"Here, processor time of an update over that of depth {SHALLOW}, at equal width and batch: {times}"
    absolute = ", ".join(f"depth {depth} {cost:.1f}" for depth, cost in costs.items())
    more = f"Milliseconds of an update of one seed ({_title(data)}): {absolute}"
    return Finding(f"{ours}. {timed}", theirs, more=more)


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Time of a run and memory over those of depth 4, and milliseconds of an update, by depth, logarithmic axes",
    finding,
    (Row((_time, _memory, _update), _title, (1.3, 1, 1)),),
    (12, 5),
    # The study text's tables, and the times of `crlkit bench`, lie beside the paper's folder, not in it.
    reads=("depth", "paper/table3_wall_clock", "paper/table4_wall_clock_deep", "paper/rebuttal_depth_vs_width_cost",
           "paper/../tutorial_claims", "paper/../update_times"),
)  # fmt: skip
