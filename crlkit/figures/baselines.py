"""Other algorithms: what they cost, whether they are passed, and what depth does to them

The paper's tables 5 and 6 and its rebuttal. It published the baselines' scores as curves only (its figures 12 and 13);
what was measured here is the figure `algorithms`.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.figures.layers import Paper
from crlkit.figures.panels import Figure, Finding, Panel, Row
from crlkit.figures.scores import log_axis

OTHERS = Paper("rebuttal_other_algorithms", series=("algorithm", "dataset", "setting", "architecture"), unit=1,
               label="{algorithm}, {setting}, {dataset}, {architecture}", measure="fraction (presumably success)")  # fmt: skip


def hours(data: Path) -> pd.DataFrame:
    """Hours of a run, environments down and algorithms across; of two printings of a number that with more decimals."""
    table = evidence.paper(data, "table5_wall_clock_baselines")
    table["rebuttal"] = table.source.str.contains("rebuttal")
    best = table.sort_values("rebuttal").groupby(["environment", "algorithm"]).last()
    return best.value.unstack().sort_values("crl")


def to_pass(data: Path) -> pd.DataFrame:
    """Per environment `sac`, hours of its full run, and `crl`, hours until depth 64 passes its final score (or NaN)."""
    table = evidence.paper(data, "table6_hours_to_pass_sac")
    table = table.pivot(index="environment", columns="algorithm", values="value")
    return table.sort_values(["crl", "sac"], ascending=False, na_position="first")


def quoted(data: Path) -> str:
    """What the authors say of depth in other algorithms."""
    said = evidence.paper(data, "baseline_statements").query("topic == 'depth_scaling' and quoted").statement.iloc[0]
    return f'Paper, on SAC, SAC + HER and TD3 + HER: "{said}"'


def _marks(axes: Axes, table: pd.DataFrame, names: dict[str, str], title: str) -> None:
    """A line an environment, a mark for each of its columns."""
    for (column, name), marker in zip(names.items(), "xos^vD"):
        look = {"color": "0.1" if column == "crl" else "0.5", "mfc": "none", "ms": 6, "mew": 1.4}
        axes.plot(table[column], range(len(table)), marker, label=name, **look)
    axes.set_yticks(range(len(table)), table.index)
    axes.set(ylim=(-0.6, len(table) + 1.4), xlabel="hours, one A100", title=title)
    axes.legend(fontsize=8, ncols=3, loc="upper left", columnspacing=1)
    axes.grid(axis="y", color="0.93")
    axes.set_axisbelow(True)


def _cost(axes: Axes, data: Path) -> None:
    table = hours(data)
    names = {name: name.upper().replace("_", " + ") for name in table.drop(columns="crl")}
    _marks(axes, table, {"crl": "CRL, depth 64"} | names, "paper: cost of a run (baselines' depths not stated)")
    axes.set_xscale("log")
    log_axis(axes.xaxis)


def _passing(axes: Axes, data: Path) -> None:
    """From the hours of a whole SAC run to those that CRL takes to pass what it reached."""
    table = to_pass(data)
    axes.plot(table.T, [range(len(table))] * 2, "--", color="0.6", lw=1)
    for place in np.flatnonzero(table.crl.isna()):
        axes.text(table.sac.iloc[place] + 0.6, place, "CRL never passes it", va="center", fontsize=8, color="0.3")
    _marks(
        axes, table, {"crl": "CRL, depth 64: to pass SAC's score", "sac": "SAC: whole run"}, "paper: who is there first"
    )


def finding(data: Path) -> Finding:
    table, passing = hours(data), to_pass(data).sort_index()
    times, never = table.crl / table.drop(columns="crl").max(axis=1), passing.index[passing.crl.isna()]
    theirs = (
        f"Paper: a run of CRL at depth 64 takes {times.min():.1f} to {times.max():.0f} times as long as the slowest baseline, "
        f"yet passes the final score of SAC before SAC has finished in {(passing.crl < passing.sac).sum()} of {len(passing)} "
        f"environments and never in {len(never)} ({', '.join(never)})"
    )
    return Finding("", theirs, more=f"{theirs}. {quoted(data)}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    "The paper's hours of a run by environment and algorithm; hours until CRL at depth 64 passes the final score of SAC, beside "
    "the hours of SAC's run; scores of other algorithms by depth",
    finding,
    (
        Row((_cost, _passing)),
        Row((Panel((OTHERS,), "paper: depth in other algorithms (rebuttal); of SAC, SAC + HER, TD3 + HER as curves only",
                   room=1.5),)),
    ),
    (12, 8),
    reads=("paper/table5_wall_clock_baselines", "paper/table6_hours_to_pass_sac", "paper/baseline_statements"),
)  # fmt: skip
