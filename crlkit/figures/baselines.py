"""Other algorithms: what they cost, whether they are passed, and what depth does to them

The paper's tables 5 and 6 and figure 14. It never published the baselines' scores as numbers (its figures 12 and 13
are curves), and none has been measured here.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.figures.panels import Figure, Row
from crlkit.figures.scores import SHARE, doubling_axis, draw_paper, end_labels, log_axis, unmeasured
from crlkit.figures.words import Words

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


def _cost(axes: Axes, data: Path) -> None:
    table = hours(data)
    for algorithm, grey, marker in zip(["crl", *table.drop(columns="crl").columns], GREYS, MARKERS):
        name = "CRL, depth 64" if algorithm == "crl" else algorithm.upper().replace("_", " + ")
        look = {"ls": "", "marker": marker, "color": grey, "mfc": "none", "ms": 6, "mew": 1.4}
        axes.plot(table[algorithm], range(len(table)), label=name, **look)
    axes.set_xscale("log")
    log_axis(axes.xaxis)
    axes.set(xlabel="hours of a whole run, one A100", title="paper: cost of a run (baselines' depths not stated)")
    _by_environment(axes, table.index, columns=3)


def _passing(axes: Axes, data: Path) -> None:
    """From the hours of a whole SAC run to those that CRL takes to pass what it reached."""
    table = to_pass(data).sort_values(["crl", "sac"], ascending=False, na_position="first")
    places = np.arange(len(table))
    axes.plot(table.sac, places, "+", color="0.6", ms=8, mew=1.8, label="SAC: whole run")
    axes.plot(table.T[::-1], [places] * 2, "--", color="0.6", lw=1)
    axes.plot(table.crl, places, "x", color="0.2", ms=7, mew=1.8, label="CRL, depth 64: to pass SAC's score")
    for place in places[table.crl.isna()]:
        axes.text(table.sac.iloc[place] + 0.6, place, "CRL never passes it", va="center", fontsize=8, color="0.3")
    axes.set(xlabel="hours, one A100", title="paper: who is there first")
    _by_environment(axes, table.index, columns=2)


def _by_environment(axes: Axes, names: pd.Index, columns: int) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) + 1.4)
    axes.legend(fontsize=8, ncols=columns, loc="upper left", columnspacing=1)
    axes.grid(axis="y", color="0.93")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)


def _others(axes: Axes, data: Path) -> None:
    table, ends = evidence.paper(data, "rebuttal_other_algorithms"), []
    kinds = table.architecture.map({"residual_block": ", residual blocks", "standard_mlp": ", plain MLP"}).fillna("")
    names = table.algorithm.str.upper() + ", " + table.setting + ", " + table.dataset + kinds
    for (name, line), grey in zip(table.groupby(names), ("0.25", "0.35", "0.5", "0.6", "0.7")):
        draw_paper(axes, line, "depth", unit=1, color=grey)
        last = line.sort_values("depth").iloc[-1]
        ends.append((name, last.depth, last.value, grey))
    doubling_axis(axes, table.depth)
    axes.set_xlim(right=axes.get_xlim()[1] * 6)
    axes.set(ylabel="fraction (presumably success)", ylim=(0, None))
    axes.set_title("paper: depth in other algorithms (rebuttal)")
    end_labels(axes, ends)


def _scores(axes: Axes, data: Path) -> None:
    unmeasured(axes)
    said = "the paper's scores were published as curves only"
    axes.text(0.5, 0.38, said, transform=axes.transAxes, ha="center", fontsize=8.5, color="0.3")
    axes.set(xlabel="depth (layers)", ylabel=SHARE, title="scores of the baselines by depth")


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


FIGURE = Figure(
    __doc__.splitlines()[0],
    "",
    words,
    (Row((_cost, _passing)), Row((_others, _scores), ratios=(1.7, 1))),
    (12, 8),
    reads=(
        "paper/table5_wall_clock_baselines",
        "paper/table6_hours_to_pass_sac",
        "paper/rebuttal_other_algorithms",
        "paper/baseline_statements",
    ),
)
