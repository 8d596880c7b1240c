"""Other algorithms: what they cost, whether they are passed, and what depth does to them

The paper's tables 5 and 6 and figure 14. It never published the baselines' scores as numbers (its figures 12 and 13
are curves), and none has been measured here.
"""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.figures import style
from crlkit.figures.scores import SHARE, doubling_axis, draw_paper, end_labels, log_axis, unmeasured
from crlkit.figures.words import Words

title = __doc__.splitlines()[0]
SUITES = ()
PAPER = ("table5_wall_clock_baselines", "table6_hours_to_pass_sac", "rebuttal_other_algorithms", "baseline_statements")
GREYS = ("0.1", "0.3", "0.4", "0.45", "0.5", "0.55")
MARKERS = ("x", "o", "s", "^", "v", "D")


def hours(data: Path) -> pd.DataFrame:
    """Hours of a run, environments down and algorithms across; of two printings of a number that with more decimals."""
    table = evidence.paper(data, "table5_wall_clock_baselines")
    table["rebuttal"] = table.source.str.contains("rebuttal")
    best = table.sort_values("rebuttal").groupby(["environment", "algorithm"]).last()
    return best.value.unstack().sort_values("crl")


def to_pass(data: Path) -> pd.DataFrame:
    """Per environment `sac`, hours of its full run, and `crl`, hours until depth 64 passes its final score (or NaN)."""
    return evidence.paper(data, "table6_hours_to_pass_sac").pivot(
        index="environment", columns="algorithm", values="value"
    )


@style.styled
def draw(data: Path) -> Figure:
    """Four panels, all of the paper but the last."""
    figure = style.new_figure(12, 8)
    top, below = figure.subfigures(2, 1)
    grid = [top.subplots(1, 2), below.subplots(1, 2, width_ratios=(1.7, 1))]
    table = hours(data)
    order = ["crl", *table.drop(columns="crl").columns]
    for algorithm, grey, marker in zip(order, GREYS, MARKERS):
        name = "CRL, depth 64" if algorithm == "crl" else algorithm.upper().replace("_", " + ")
        grid[0][0].plot(
            table[algorithm], range(len(table)), ls="", marker=marker, color=grey, mfc="none", ms=6, mew=1.4, label=name
        )
    grid[0][0].set_yticks(range(len(table)), table.index)
    grid[0][0].set_xscale("log")
    log_axis(grid[0][0].xaxis)
    grid[0][0].set(xlabel="hours of a whole run, one A100", title="paper: cost of a run (baselines' depths not stated)")
    grid[0][0].legend(fontsize=8, ncols=3, loc="upper left", columnspacing=1)
    grid[0][0].set_ylim(-0.6, len(table) + 1.4)
    draw_passing(grid[0][1], to_pass(data))
    draw_others(grid[1][0], evidence.paper(data, "rebuttal_other_algorithms"))
    unmeasured(grid[1][1])
    grid[1][1].text(0.5, 0.38, "the paper's scores were published as curves only", transform=grid[1][1].transAxes,
                    ha="center", fontsize=8.5, color="0.3")  # fmt: skip
    grid[1][1].set(xlabel="depth (layers)", ylabel=SHARE, title="scores of the baselines by depth")
    for axes in grid[0]:
        axes.grid(axis="y", color="0.93")
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
    return figure


def draw_passing(axes: Axes, table: pd.DataFrame) -> None:
    """From the hours of a whole SAC run to those that CRL takes to pass what it reached."""
    table = table.sort_values(["crl", "sac"], ascending=False, na_position="first")
    for at, row in enumerate(table.itertuples()):
        axes.plot(row.sac, at, "+", color="0.6", ms=8, mew=1.8, label="SAC: whole run" if at == 0 else None)
        if pd.isna(row.crl):
            axes.text(row.sac + 0.6, at, "CRL never passes it", va="center", fontsize=8, color="0.3")
            continue
        axes.plot([row.sac, row.crl], [at, at], "--", color="0.6", lw=1)
        first = at == int(table.crl.isna().sum())
        axes.plot(
            row.crl, at, "x", color="0.2", ms=7, mew=1.8, label="CRL, depth 64: to pass SAC's score" if first else None
        )
    axes.set_yticks(range(len(table)), table.index)
    axes.set(xlabel="hours, one A100", title="paper: who is there first", ylim=(-0.6, len(table) + 0.9))
    axes.legend(fontsize=8, ncols=2, loc="upper left", columnspacing=1)


def draw_others(axes: Axes, table: pd.DataFrame) -> None:
    ends = []
    table["name"] = table.algorithm.str.upper() + ", " + table.setting + ", " + table.dataset
    table["name"] += table.architecture.map(
        {"residual_block": ", residual blocks", "standard_mlp": ", plain MLP"}
    ).fillna("")
    for (name, own), grey in zip(table.groupby("name"), ("0.25", "0.35", "0.5", "0.6", "0.7")):
        draw_paper(axes, own, "depth", unit=1, color=grey)
        last = own.sort_values("depth").iloc[-1]
        ends.append((name, last.depth, last.value, grey))
    doubling_axis(axes, table.depth)
    axes.set_xlim(right=axes.get_xlim()[1] * 6)
    axes.set(
        ylabel="fraction (presumably success)", ylim=(0, None), title="paper: depth in other algorithms (rebuttal)"
    )
    end_labels(axes, ends)


def words(data: Path) -> Words:
    table, passing = hours(data), to_pass(data)
    others = table.drop(columns="crl")
    times = table.crl / others.max(axis=1)
    never = passing.index[passing.crl.isna()]
    sooner = int((passing.crl < passing.sac).sum())
    takeaway = (
        f"Paper: a run of CRL at depth 64 takes {times.min():.1f} to {times.max():.0f} times as long as the slowest baseline, "
        f"yet passes the final score of SAC before SAC has finished in {sooner} of {len(passing)} environments and never in "
        f"{len(never)} ({', '.join(never)}). Scores: not yet measured here."
    )
    other = evidence.paper(data, "rebuttal_other_algorithms")
    ends = []
    for (algorithm, dataset, architecture), own in other.groupby(
        ["algorithm", "dataset", "architecture"], dropna=False, sort=False
    ):
        own = own.sort_values("depth")
        kind = "" if pd.isna(architecture) else f" {architecture.replace('_', ' ')}"
        ends.append(f"{algorithm}{kind} on {dataset} {own.value.iloc[0]:.2f} to {own.value.iloc[-1]:.2f}")
    alt = (
        "Not yet measured here: scores of baselines. The paper's hours of a run by environment and algorithm; hours until CRL "
        "at depth 64 passes the final score of SAC, beside the hours of SAC's run; scores of other algorithms from depth "
        f"{other.depth.min()} to {other.depth.max()}: {'; '.join(ends)}."
    )
    said = evidence.paper(data, "baseline_statements").query("topic == 'depth_scaling' and quoted").statement.iloc[0]
    return Words(takeaway, f'{alt} The authors on SAC, SAC + HER and TD3 + HER: "{said}".')
