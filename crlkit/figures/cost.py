"""What depth costs: time and memory

The paper's tables 3 and 4 and its rebuttal, the study text's table of costs, and processor time measured here.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.figures import style
from crlkit.figures.scores import HERE, doubling_axis, draw_paper, equal, here, log_axis
from crlkit.figures.words import Words, not_measured, seeds

SUITES = ("depth",)
# The study text's tables, and the times of `crlkit bench`, lie beside the paper's folder, not in it.
PAPER = (
    *("table3_wall_clock", "table4_wall_clock_deep", "rebuttal_depth_vs_width_cost"),
    *("../tutorial_claims", "../update_times"),
)
SHALLOW = 4
UPDATE, MEMORY = "update (ms)", "peak memory (MB)"
STUDY = {"color": "#E69F00", "marker": "D", "mfc": "none", "ms": 7, "mew": 1.6, "ls": ""}


class Cost(NamedTuple):
    """Processor milliseconds an update of one seed, collection included. total: over the whole run. stretches: between
    two evaluations each (seeds of a run share its clock, so there is no cost of a seed by itself)."""

    total: float
    stretches: np.ndarray


def per_update(rows: pd.DataFrame) -> dict[int, Cost]:
    """By depth, from the rows of a comparison."""
    costs = {}
    if rows.empty:
        return costs
    for depth, part in rows.groupby("depth"):
        clock = part.groupby(["run", "updates"]).seed_seconds.first() * 1000
        stretches = [
            np.diff(of_run.to_numpy(), prepend=0) / np.diff(of_run.index.get_level_values("updates"), prepend=0)
            for _, of_run in clock.groupby("run")
        ]
        last = clock.groupby("run").tail(1)
        total = last.sum() / last.index.get_level_values("updates").to_numpy().sum()
        costs[int(depth)] = Cost(float(total), np.concatenate(stretches))
    return costs


def relative(table: pd.DataFrame) -> pd.DataFrame:
    """Values over that of depth 4, of one environment and measure."""
    base = table.loc[table.depth == SHALLOW, "value"].iloc[0]
    errors = {"error": table.error / base} if "error" in table else {}
    return table.assign(value=table.value / base, **errors)


def study(data: Path, column: str) -> pd.DataFrame:
    """A column of the study text's cost table, by depth."""
    table = evidence.paper(data, "../tutorial_claims")
    table = table[(table.table == "cost") & (table.column == column)]
    return table.assign(depth=table.row.astype(int))


def hours(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables 3 and 4: hours of a run."""
    tables = (evidence.paper(data, name) for name in ("table3_wall_clock", "table4_wall_clock_deep"))
    short, deep = (table[table.measure == "wall_clock"] for table in tables)
    return short, deep


def memory(data: Path) -> pd.DataFrame:
    """The rebuttal's megabytes by depth at the paper's width."""
    table = evidence.paper(data, "rebuttal_depth_vs_width_cost")
    return table[(table.measure == "memory") & (table.width == 256)]


def bench(data: Path, column: str) -> pd.DataFrame:
    """A column of what `crlkit bench` measured, by depth."""
    table = evidence.paper(data, "../update_times")
    return table.assign(value=table[column])


@style.styled
def draw(data: Path) -> Figure:
    """Time and memory relative to depth 4, then milliseconds of an update."""
    rows = here(data, SUITES, "depth", clock=True)
    costs = per_update(rows)
    figure = style.new_figure(12, 5)
    time, room, update = figure.subplots(1, 3, width_ratios=(1.3, 1, 1))
    draw_time(time, *hours(data), study(data, "training_time"), costs)
    draw_paper(room, relative(memory(data)), "depth", "paper: rebuttal, width 256 (of what, not stated)", 1)
    draw_study(room, study(data, "memory"))
    draw_bench(room, relative(bench(data, MEMORY)), "whole process")
    room.set(ylabel="memory over that of depth 4", title="memory, equal width and batch")
    timed = bench(data, UPDATE).depth
    ticks = {*study(data, "memory").depth, *memory(data).depth, *timed}
    table = evidence.paper(data, "table4_wall_clock_deep").query("measure == 'time_per_gradient_step'")
    draw_paper(update, table, "depth", "paper: humanoid_u_maze, width 256,\nall of one A100 (inferred)", 1)
    draw_costs(update, costs, 1.0)
    draw_bench(update, bench(data, UPDATE), "update alone,\nidle machine")
    update.set(ylabel="milliseconds of a gradient update")
    update.set_title("time of an update", fontsize=8.5)
    if costs:
        made = f", {', '.join(rows.device.unique())}" if "device" in rows else ""
        figure.supxlabel(
            f"runs here: {rows.env.iloc[0]}, {seeds(rows)} a depth, {equal(rows, 200)}{made}", fontsize=8.5
        )
    for axes, depths in (
        (time, {*hours(data)[1].depth, *costs}),
        (room, ticks),
        (update, {*table.depth, *costs, *timed}),
    ):
        doubling_axis(axes, depths)
        axes.set_yscale("log")
        log_axis(axes.yaxis)
        axes.set_ylim(top=axes.get_ylim()[1] * 6)
        axes.legend(fontsize=8, loc="upper left")
    return figure


def draw_time(
    axes: Axes, short: pd.DataFrame, deep: pd.DataFrame, claims: pd.DataFrame, costs: dict[int, Cost]
) -> None:
    for number, (_, own) in enumerate(short.groupby("environment")):
        label = f"paper: table 3, each of {short.environment.nunique()} environments" if number == 0 else None
        draw_paper(axes, relative(own).drop(columns="error"), "depth", label, 1, color="0.75", lw=0.7, ms=3)
    draw_paper(axes, relative(deep), "depth", f"paper: table 4, {deep.environment.iloc[0]}", 1, color="0.4")
    draw_study(axes, claims)
    draw_costs(axes, costs, costs[SHALLOW].total if SHALLOW in costs else None)
    axes.set(ylabel="time over that of depth 4")
    axes.set_title("time of a run at equal steps\n(paper's 1024 has an actor of 512)", fontsize=8.5)


def draw_study(axes: Axes, claims: pd.DataFrame) -> None:
    axes.plot(claims.depth, claims.low, label="study text on which the kit is based", zorder=5, **STUDY)


def draw_bench(axes: Axes, table: pd.DataFrame, what: str) -> None:
    label = f"here: crlkit bench, width {table.width.iloc[0]}, {what},\n{table.device.iloc[0]}"
    axes.plot(table.depth, table.value, "--s", color=HERE, lw=1, ms=4, mfc="white", zorder=4, label=label)


def draw_costs(axes: Axes, costs: dict[int, Cost], base: float | None) -> None:
    """Ours over `base`; nothing to compare with if there is no base."""
    if not costs or base is None:
        return not_measured(axes, x=0.74, y=0.06)
    depths = list(costs)
    for depth, cost in costs.items():
        axes.plot([depth] * len(cost.stretches), cost.stretches / base, ".", color=HERE, ms=3.5, alpha=0.4, zorder=3)
    totals = [cost.total / base for cost in costs.values()]
    label = "here: processor time of one seed, with collection,\ndots the stretches between evaluations"
    axes.plot(depths, totals, "-o", color=HERE, lw=1.5, ms=4.5, zorder=4, label=label)


def words(data: Path) -> Words:
    deep, claims = (
        relative(hours(data)[1]).set_index("depth").value,
        study(data, "training_time").set_index("depth").low,
    )
    common = [depth for depth in claims.index if depth in deep.index and depth != SHALLOW]
    listed = ", ".join(f"depth {d} {deep[d]:.1f} (study text {claims[d]:.0f})" for d in common)
    theirs = f"Paper, hours of a run over those of depth {SHALLOW}: {listed}"
    room = relative(memory(data)).set_index("depth").value
    theirs += f"; megabytes at depth {room.index.max()} {room[room.index.max()]:.1f} times"
    drawn = "Time of a run and memory over those of depth 4, and milliseconds of an update, by depth, logarithmic axes"
    alone = bench(data, UPDATE).set_index("depth")
    timed = ", ".join(f"depth {depth} {value:.3g}" for depth, value in alone.value.items())
    room = alone[MEMORY]
    timed = (
        f"An update alone (crlkit bench, width {alone.width.iloc[0]}), milliseconds: {timed}; peak memory of the process "
        f"{room.min():.0f} to {room.max():.0f} MB"
    )
    rows = here(data, SUITES, "depth", clock=True)
    costs = per_update(rows)
    if SHALLOW not in costs:
        return Words(
            f"Runs are not yet measured here. {timed}. {theirs}.",
            f"Not yet measured here: the time of whole runs. {drawn}. {timed}. {theirs}.",
        )
    base = costs[SHALLOW].total
    times = ", ".join(f"depth {d} {cost.total / base:.1f}" for d, cost in costs.items() if d != SHALLOW)
    ours = f"Here, processor time of an update over that of depth {SHALLOW}, at equal width and batch: {times}"
    absolute = ", ".join(f"depth {d} {cost.total:.1f}" for d, cost in costs.items())
    return Words(
        f"{ours}. {timed}. {theirs}.",
        f"{drawn}. {theirs}. {ours}; milliseconds of an update of one seed, {rows.env.iloc[0]}, runs of {seeds(rows)}, "
        f"{absolute}. {timed}.",
    )
