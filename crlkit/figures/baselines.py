"""Other algorithms: what they cost, whether they are passed, and what depth does to them

The paper's tables 5 and 6 and its rebuttal. It published the baselines' scores as curves only (its figures 12 and 13);
what was measured here is the figure `algorithms`.
"""

from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from crlkit import evidence
from crlkit.figures.layers import Paper
from crlkit.figures.panels import Figure, Finding, Panel, Row

OTHERS = Paper("rebuttal_other_algorithms", series=("algorithm", "dataset", "setting", "architecture"), unit=1,
               label="{algorithm}, {setting}, {dataset}, {architecture}", measure="fraction (presumably success)")  # fmt: skip


def hours(data: Path) -> pd.DataFrame:
    """Hours of a run, environments down and algorithms across; of two printings of a number that with more decimals.
    passes: hours until CRL at depth 64 passes the final score of SAC, NaN where it never does."""
    runs = evidence.paper(data, "table5_wall_clock_baselines")
    runs = runs[(runs.algorithm == "crl") | runs.source.str.contains("rebuttal")]
    table = runs.pivot(index="environment", columns="algorithm", values="value").sort_values("crl")
    passing = evidence.paper(data, "table6_hours_to_pass_sac").query("algorithm == 'crl'")
    return table.assign(passes=passing.set_index("environment").value)


def quoted(data: Path) -> str:
    """What the authors say of depth in other algorithms."""
    said = evidence.paper(data, "baseline_statements").query("topic == 'depth_scaling' and quoted").statement.iloc[0]
    return f'Paper, on SAC, SAC + HER and TD3 + HER: "{said}"'


def _table(axes: Axes, data: Path) -> None:
    """Every number as printed, the more hours the darker."""
    table = hours(data).rename(columns=lambda name: name.upper().replace("_", "\n+ "))
    table = table.rename(columns={"CRL": "CRL\ndepth 64", "PASSES": "CRL, until it\npasses SAC"})
    written = table.map("{:g}".format).replace("nan", "never")
    sns.heatmap(
        table.fillna(0) ** 0.5, annot=written, fmt="", cmap="Greys", vmax=12, cbar=False, ax=axes, linewidths=0.5
    )
    axes.set(xlabel="hours of a run, one A100", ylabel="", title="paper: cost of a run (baselines' depths not stated)")
    axes.tick_params(length=0, rotation=0)


def finding(data: Path) -> Finding:
    table = hours(data)
    times, never = table.crl / table.drop(columns=["crl", "passes"]).max(axis=1), table.index[table.passes.isna()]
    theirs = (
        f"Paper: a run of CRL at depth 64 takes {times.min():.1f} to {times.max():.0f} times as long as the slowest baseline, "
        f"yet passes the final score of SAC before SAC has finished in {(table.passes < table.sac).sum()} of {len(table)} "
        f"environments and never in {len(never)} ({', '.join(sorted(never))})"
    )
    return Finding("", theirs, more=f"{theirs}. {quoted(data)}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    "The paper's hours of a run by environment and algorithm, and hours until CRL at depth 64 passes the final score of SAC; "
    "scores of other algorithms by depth",
    finding,
    (
        Row((
            _table,
            Panel((OTHERS,), "paper: depth in other algorithms (rebuttal);\nof SAC, SAC + HER, TD3 + HER as curves only", room=1.5),
        )),
    ),
    (12, 5),
    reads=("paper/table5_wall_clock_baselines", "paper/table6_hours_to_pass_sac", "paper/baseline_statements"),
)  # fmt: skip
