"""What depth costs: time and memory

The paper's tables 3 and 4 and its rebuttal, the study text's table of costs, and processor time measured here.
"""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.figures import scores
from crlkit.figures.panels import Figure, Finding, Row

SHALLOW = 4
UPDATE, MEMORY = "update (ms)", "peak memory (MB)"
STUDY = {"color": "#E69F00", "marker": "D", "mfc": "none", "ms": 7, "mew": 1.6, "ls": "", "zorder": 5}


def per_update(data: Path) -> pd.Series:
    """Processor milliseconds of an update of one seed, collection included, by depth."""
    if (rows := timed(data)).empty:
        return pd.Series(dtype=float)
    ends = rows.groupby(["depth", "run"])[["seed_seconds", "updates"]].max().groupby("depth").sum()
    return 1000 * ends.seed_seconds / ends.updates


def timed(data: Path) -> pd.DataFrame:
    return scores.here(data, ("depth",), "depth", clock=True)


def relative(values):
    """Over that of depth 4; NaN where there is none."""
    return values / values.reindex([SHALLOW]).iloc[0]


def paper(data: Path, table: str, query: str) -> pd.Series:
    """Values of one measure of the paper by depth."""
    return evidence.paper(data, table).query(query).set_index("depth").value.sort_index()


def hours(data: Path) -> pd.Series:
    return paper(data, "table4_wall_clock_deep", "measure == 'wall_clock'")


def memory(data: Path) -> pd.Series:
    """The rebuttal's megabytes at the paper's width."""
    return paper(data, "rebuttal_depth_vs_width_cost", "measure == 'memory' and width == 256")


def study(data: Path, column: str) -> pd.Series:
    """A column of the study text's cost table."""
    table = evidence.paper(data, "../tutorial_claims").query("table == 'cost' and column == @column")
    return table.set_index(table.row.astype(int)).low


def _time(axes: Axes, data: Path) -> None:
    axes.plot(relative(hours(data)), label="paper: table 4, humanoid_u_maze", **scores.CROSSES | {"color": "0.4"})
    short = evidence.paper(data, "table3_wall_clock").query("measure == 'wall_clock'")
    short = short.pivot(index="depth", columns="environment", values="value")
    labels = ["paper: table 3, each of its environments", *[None] * (short.shape[1] - 1)]
    axes.plot(relative(short), label=labels, **scores.CROSSES | {"color": "0.75", "lw": 0.7, "ms": 3})
    axes.plot(study(data, "training_time"), label="a summary of the paper", **STUDY)
    _ours(axes, relative(per_update(data)))
    _finish(axes, "time over that of depth 4", "time of a run at equal steps\n(paper's 1024 has an actor of 512)")


def _memory(axes: Axes, data: Path) -> None:
    axes.plot(relative(memory(data)), label="paper: rebuttal, width 256 (of what, not stated)", **scores.CROSSES)
    axes.plot(study(data, "memory"), label="a summary of the paper", **STUDY)
    _bench(axes, data, MEMORY, "whole process", relative)
    _finish(axes, "memory over that of depth 4", "memory, equal width and batch")


def _update(axes: Axes, data: Path) -> None:
    line = paper(data, "table4_wall_clock_deep", "measure == 'time_per_gradient_step'")
    axes.plot(line, label="paper: humanoid_u_maze, width 256,\nall of one A100 (inferred)", **scores.CROSSES)
    _ours(axes, per_update(data))
    _bench(axes, data, UPDATE, "update alone,\nidle machine")
    _finish(axes, "milliseconds of a gradient update", "time of an update")


def _bench(axes: Axes, data: Path, column: str, what: str, over=lambda values: values) -> None:
    if (table := evidence.benched(data)) is not None:
        label = f"here: crlkit bench, width {table.width.iloc[0]}, {what},\n{table.device.iloc[0]}"
        axes.plot(over(table[column]), "--s", color=scores.HERE, lw=1, ms=4, mfc="white", zorder=4, label=label)


def _ours(axes: Axes, costs: pd.Series) -> None:
    if costs.isna().all():  # there is none, or none of depth 4 to compare with
        return scores.not_measured(axes, x=0.74, y=0.06)
    look = {"color": scores.HERE, "lw": 1.5, "ms": 4.5, "zorder": 4}
    axes.plot(costs, "-o", label="here: processor time of one seed, with collection", **look)


def _finish(axes: Axes, ylabel: str, title: str) -> None:
    scores.doubling_axis(axes, {depth for line in axes.lines for depth in line.get_xdata()})
    axes.set_yscale("log")
    scores.log_axis(axes.yaxis)
    axes.set(ylabel=ylabel, ylim=(None, axes.get_ylim()[1] * 6))
    axes.set_title(title, fontsize=8.5)
    axes.legend(fontsize=8, loc="upper left")


def _title(data: Path) -> str:
    if (rows := timed(data)).empty:
        return ""
    return f"runs here: {rows.env.iloc[0]}, {scores.seeds(rows)} per depth, {scores.equal(rows, 200)}{scores.machines(rows)}"


def finding(data: Path) -> Finding:
    def listed(values: pd.Series, write: str = "{:.1f}") -> str:
        return scores.list_words({depth: write.format(value) for depth, value in values.items()})

    theirs = (
        f"Paper, hours of a run over those of depth {SHALLOW}: {listed(relative(hours(data)).iloc[1:])}; a summary of the "
        f"paper says {listed(study(data, 'training_time').iloc[1:], '{:.0f}')}; megabytes at depth 64 "
        f"{relative(memory(data))[64]:.1f} times"
    )
    alone, costs = evidence.benched(data), per_update(data)
    bench = "" if alone is None else (
        f"An update alone (crlkit bench, width {alone.width.iloc[0]}), milliseconds: {listed(alone[UPDATE], '{:.3g}')}; "
        f"peak memory of the process {alone[MEMORY].min():.0f} to {alone[MEMORY].max():.0f} MB"
    )  # fmt: skip
    if SHALLOW not in costs:
        return Finding("", f"{bench}. {theirs}" if bench else theirs, "the time of whole runs")
    ours = f"Here, processor time of an update over that of depth {SHALLOW}, at equal width and batch: {listed(relative(costs).iloc[1:])}"
    more = f"Milliseconds of an update of one seed ({_title(data)}): {listed(costs)}"
    return Finding(f"{ours}. {bench}" if bench else ours, theirs, more=more)


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
