"""What depth costs: time and memory

The paper's tables 3 and 4 and its rebuttal, and processor time measured here.
"""

from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.figures import scores
from crlkit.figures.panels import Finding

SHALLOW = 4
UPDATE, MEMORY = "update (ms)", "peak memory (MB)"
DEEP, SHORT = "paper: table 4, humanoid_u_maze", "paper: table 3, each of its environments"
REBUTTAL, OURS = "paper: rebuttal, width 256 (of what, not stated)", "here: processor time of one seed, with collection"
LOOKS = {
    SHORT: scores.CROSSES | {"color": "0.75", "lw": 0.7, "ms": 3},
    "paper": scores.CROSSES,
    OURS: {"color": scores.HERE, "marker": "o", "lw": 1.5, "ms": 4.5, "zorder": 4},
    "here": {"color": scores.HERE, "marker": "s", "ls": "--", "lw": 1, "ms": 4, "mfc": "white", "zorder": 4},
}
PANELS = (
    ("time over that of depth 4", "time of a run at equal steps\n(paper's 1024 has an actor of 512)"),
    ("memory over that of depth 4", "memory, equal width and batch"),
    ("milliseconds of a gradient update", "time of an update"),
)


def timed(data: Path) -> pd.DataFrame:
    return scores.here(data, ("depth",), "depth", clock=True)


def costs(data: Path) -> tuple[dict[str, pd.Series], ...]:
    """Of each panel its lines by label, values by depth: of time and memory over that of depth 4; milliseconds of an
    update are processor time of one seed, collection included."""
    paper, bench, rows = partial(evidence.paper, data), evidence.benched(data), timed(data)
    deep = paper("table4_wall_clock_deep").pivot(index="depth", columns="measure", values="value")
    short = paper("table3_wall_clock").query("measure == 'wall_clock'")
    short = short.pivot(index="depth", columns="environment", values="value")
    short.columns = [SHORT, *(f"_{SHORT} ({env})" for env in short.columns[1:])]  # one of them in the legend
    rebuttal = paper("rebuttal_depth_vs_width_cost").query("measure == 'memory' and width == 256").set_index("depth")
    ours = pd.Series(dtype=float)
    if len(rows):
        ends = rows.groupby(["depth", "run"])[["seed_seconds", "updates"]].max().groupby("depth").sum()
        ours = 1000 * ends.seed_seconds / ends.updates
    time = {DEEP: deep.wall_clock, **short, OURS: ours}
    memory = {REBUTTAL: rebuttal.value}
    steps = {"paper: humanoid_u_maze, width 256,\nall of one A100 (inferred)": deep.time_per_gradient_step, OURS: ours}
    if bench is not None:
        benched = f"here: crlkit bench, width {bench.width.iloc[0]}, {{}},\n{bench.device.iloc[0]}"
        memory[benched.format("whole process")] = bench[MEMORY]
        steps[benched.format("update alone,\nidle machine")] = bench[UPDATE]
    for lines in (time, memory):
        lines |= {label: line / line.reindex([SHALLOW]).iloc[0] for label, line in lines.items()}
    return time, memory, steps


def panel(axes: Axes, data: Path, place: int) -> None:
    for label, line in costs(data)[place].items():
        if line.isna().all():  # there is none, or none of depth 4 to compare with
            scores.not_measured(axes, x=0.74, y=0.06)
            continue
        look = next(look for start, look in LOOKS.items() if label.lstrip("_").startswith(start))
        axes.plot(line.dropna(), label=label, **look)
    scores.doubling_axis(axes, {depth for line in axes.lines for depth in line.get_xdata()})
    axes.set_yscale("log")
    scores.log_axis(axes.yaxis)
    axes.set(ylabel=PANELS[place][0], ylim=(None, axes.get_ylim()[1] * 6))
    axes.set_title(PANELS[place][1], fontsize=8.5)
    axes.legend(fontsize=8, loc="upper left")


def title(data: Path) -> str:
    if (rows := timed(data)).empty:
        return ""
    return f"runs here: {rows.env.iloc[0]}, {scores.seeds(rows)} per depth, {scores.equal(rows, 200)}{scores.machines(rows)}"


def finding(data: Path) -> Finding:
    def listed(values: pd.Series, write: str = "{:.1f}") -> str:
        return scores.list_words({depth: write.format(value) for depth, value in values.items()})

    (time, memory, steps), alone = costs(data), evidence.benched(data)
    theirs = (
        f"Paper, hours of a run over those of depth {SHALLOW}: {listed(time[DEEP].iloc[1:])}; "
        f"megabytes at depth 64 {memory[REBUTTAL][64]:.1f} times"
    )
    bench = "" if alone is None else (
        f"An update alone (crlkit bench, width {alone.width.iloc[0]}), milliseconds: {listed(alone[UPDATE], '{:.3g}')}; "
        f"peak memory of the process {alone[MEMORY].min():.0f} to {alone[MEMORY].max():.0f} MB"
    )  # fmt: skip
    if SHALLOW not in steps[OURS]:
        return Finding("", f"{bench}. {theirs}" if bench else theirs, "the time of whole runs")
    ours = f"Here, processor time of an update over that of depth {SHALLOW}, at equal width and batch: {listed(time[OURS].iloc[1:])}"
    more = f"Milliseconds of an update of one seed ({title(data)}): {listed(steps[OURS])}"
    return Finding(f"{ours}. {bench}" if bench else ours, theirs, more=more)
