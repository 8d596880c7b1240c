"""Other algorithms: what they cost, whether they are passed, and what depth does to them

The paper's tables 5 and 6 and its rebuttal. It published the baselines' scores as curves only (its figures 12 and 13),
and none has been measured here.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.figures.panels import Figure, Finding, Row
from crlkit.figures.scores import doubling_axis, draw_paper, end_labels, log_axis
from crlkit.figures.words import not_measured

SERIES = ["algorithm", "dataset", "architecture"]


def hours(data: Path) -> pd.DataFrame:
    """Hours of a run, environments down and algorithms across; of two printings of a number that with more decimals."""
    table = evidence.paper(data, "table5_wall_clock_baselines")
    table["rebuttal"] = table.source.str.contains("rebuttal")
    best = table.sort_values("rebuttal").groupby(["environment", "algorithm"]).last()
    return best.value.unstack().sort_values("crl")


def to_pass(data: Path) -> pd.DataFrame:
    """Per environment `sac`, hours of its full run, and `crl`, hours until depth 64 passes its final score (or NaN)."""
    table = evidence.paper(data, "table6_hours_to_pass_sac").pivot(
        index="environment", columns="algorithm", values="value"
    )
    return table.sort_values(["crl", "sac"], ascending=False, na_position="first")


def _marks(axes: Axes, table: pd.DataFrame, names: dict[str, str], columns: int, title: str) -> None:
    """A line an environment, a mark for each of its columns."""
    for (column, name), marker in zip(names.items(), "xos^vD"):
        look = {"color": "0.1" if column == "crl" else "0.5", "mfc": "none", "ms": 6, "mew": 1.4}
        axes.plot(table[column], range(len(table)), marker, label=name, **look)
    axes.set_yticks(range(len(table)), table.index)
    axes.set(ylim=(-0.6, len(table) + 1.4), xlabel="hours, one A100", title=title)
    axes.legend(fontsize=8, ncols=columns, loc="upper left", columnspacing=1)
    axes.grid(axis="y", color="0.93")
    axes.set_axisbelow(True)


def _cost(axes: Axes, data: Path) -> None:
    table = hours(data)
    names = {name: name.upper().replace("_", " + ") for name in table.drop(columns="crl")}
    _marks(axes, table, {"crl": "CRL, depth 64"} | names, 3, "paper: cost of a run (baselines' depths not stated)")
    axes.set_xscale("log")
    log_axis(axes.xaxis)


def _passing(axes: Axes, data: Path) -> None:
    """From the hours of a whole SAC run to those that CRL takes to pass what it reached."""
    table = to_pass(data)
    axes.plot(table.T, [range(len(table))] * 2, "--", color="0.6", lw=1)
    for place in np.flatnonzero(table.crl.isna()):
        axes.text(table.sac.iloc[place] + 0.6, place, "CRL never passes it", va="center", fontsize=8, color="0.3")
    names = {"crl": "CRL, depth 64: to pass SAC's score", "sac": "SAC: whole run"}
    _marks(axes, table, names, 2, "paper: who is there first")


def _others(axes: Axes, data: Path) -> None:
    table, ends = evidence.paper(data, "rebuttal_other_algorithms"), []
    for (algorithm, dataset, kind), line in table.fillna({"architecture": ""}).groupby(SERIES):
        grey = f"{0.25 + 0.1 * len(ends):.2f}"
        draw_paper(axes, line, "depth", unit=1, color=grey)
        last = line.sort_values("depth").iloc[-1]
        name = f"{algorithm.upper()}, {last.setting}, {dataset}{', ' * bool(kind)}{kind.replace('_', ' ')}"
        ends.append((name, last.depth, last.value, grey))
    doubling_axis(axes, table.depth)
    axes.set_xlim(right=axes.get_xlim()[1] * 3)
    axes.set(
        ylabel="fraction (presumably success)", ylim=(0, 0.95), title="paper: depth in other algorithms (rebuttal)"
    )
    end_labels(axes, ends)
    not_measured(axes, x=0.87, y=0.95)
    curves = "of SAC, SAC + HER, TD3 + HER the paper\npublished scores by depth as curves only"
    axes.text(0.87, 0.88, curves, transform=axes.transAxes, ha="center", va="top", fontsize=8.5, color="0.3")


def finding(data: Path) -> Finding:
    table, passing = hours(data), to_pass(data).sort_index()
    times, never = table.crl / table.drop(columns="crl").max(axis=1), passing.index[passing.crl.isna()]
    ends = []
    lines = evidence.paper(data, "rebuttal_other_algorithms").groupby(SERIES, dropna=False, sort=False)
    for (algorithm, dataset, kind), line in lines:
        first, last = line.sort_values("depth").value.iloc[[0, -1]]
        ends.append(
            f"{algorithm}{'' if pd.isna(kind) else ' ' + kind.replace('_', ' ')} on {dataset} {first:.2f} to {last:.2f}"
        )
    said = evidence.paper(data, "baseline_statements").query("topic == 'depth_scaling' and quoted").statement.iloc[0]
    return Finding(
        "",
        f"Paper: a run of CRL at depth 64 takes {times.min():.1f} to {times.max():.0f} times as long as the slowest baseline, "
        f"yet passes the final score of SAC before SAC has finished in {(passing.crl < passing.sac).sum()} of {len(passing)} "
        f"environments and never in {len(never)} ({', '.join(never)})",
        "scores of baselines",
        f'From the least to the greatest depth: {"; ".join(ends)}. The authors on SAC, SAC + HER and TD3 + HER: "{said}"',
    )


FIGURE = Figure(
    __doc__.splitlines()[0],
    "The paper's hours of a run by environment and algorithm; hours until CRL at depth 64 passes the final score of SAC, beside "
    "the hours of SAC's run; scores of other algorithms by depth",
    finding,
    (Row((_cost, _passing)), Row((_others,))),
    (12, 8),
    reads=("paper/table5_wall_clock_baselines", "paper/table6_hours_to_pass_sac", "paper/rebuttal_other_algorithms",
           "paper/baseline_statements"),
)  # fmt: skip
