"""Depth 4 against depth 64 in every environment

The paper's table 1 and, below it, every maze measured here: scores left, their ratio right.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Drawing

from crlkit import evidence
from crlkit.analysis.statistics import Score, interquartile_mean
from crlkit.figures import scores
from crlkit.figures.layers import Paper
from crlkit.figures.panels import Figure, Finding, forest

SUITES = ("depth", "environments")
SHALLOW, DEEP = 4, 64
RESAMPLES = 5000
PRINTED = "source.str.contains('Table 1')"  # the tables also hold the first author's unrounded rows
PAPER = Paper("table1_time_at_goal", series=("environment",), where=PRINTED, label="{environment}")

Pair = dict[int, Score]  # scores at depth 4 and at a deeper one


def pairs(data: Path) -> dict[str, Pair]:
    """Every maze with a run of depth 4 and a deeper one, that nearest to 64, in alphabetical order."""
    mazes = {}
    for env in sorted(scores.environments(scores.measured(data, SUITES))):
        by_depth = scores.by_depth(scores.here(data, SUITES, "depth", env=env))
        if SHALLOW in by_depth and len(by_depth) > 1:
            deep = min(set(by_depth) - {SHALLOW}, key=lambda depth: abs(np.log2(depth / DEEP)))
            mazes[env] = {depth: by_depth[depth] for depth in (SHALLOW, deep)}
    return mazes


def printed_ratios(data: Path) -> pd.DataFrame:
    """The paper's ratios by environment, the greatest first. noise: so the source's note calls a ratio over next to
    nothing."""
    table = evidence.paper(data, "table1_ratios").query(PRINTED, engine="python").set_index("environment")
    noise = table.note.astype(str).str.startswith("noise")
    return table.assign(noise=noise).sort_values("value", ascending=False)


def ratio(shallow: Score, deep: Score, seed: int = 0) -> tuple[float, float, float]:
    """Deep over shallow interquartile mean and a 95 % percentile bootstrap interval, the seeds of both drawn anew;
    infinite where the shallow ones scored nothing."""
    rng = np.random.default_rng(seed)
    low, high = (
        interquartile_mean(score.seeds[rng.integers(len(score.seeds), size=(RESAMPLES, len(score.seeds)))], axis=1)
        for score in (shallow, deep)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn, value = np.nan_to_num(high / low, nan=1.0, posinf=np.inf), np.divide(deep.iqm, shallow.iqm)
    if min(len(shallow.seeds), len(deep.seeds)) < 2:
        return float(value), float("nan"), float("nan")
    return float(value), *map(float, np.quantile(drawn, (0.025, 0.975), method="nearest"))


def _draw(figure: Drawing, data: Path) -> None:
    """A row an environment, the paper's grey and on top, that with the greatest ratio first; beside it the ratios."""
    ours, printed, theirs = pairs(data), printed_ratios(data), PAPER.read(data).lines
    figure.set_figheight(5.4 + 0.3 * len(ours))
    left, right = figure.subplots(1, 2, width_ratios=(3, 1), sharey=True)
    rows = {f"paper: {env}": theirs[env] for env in printed.index}
    for env, pair in ours.items():
        seeds = scores.count(min(len(score.seeds) for score in pair.values()), "seed")
        rows[f"here: {env} ({seeds}{f', depth {max(pair)} for {DEEP}' * (max(pair) != DEEP)})"] = pair
    forest(left, rows)
    left.set(xlabel=scores.SHARE, xlim=(-0.01, None), title="final score, at equal steps and updates")
    left.grid(axis="y", color="0.93")
    left.set_axisbelow(True)
    for at, row in enumerate(printed.itertuples()):
        right.text(0, at, f"{row.value:g} times{', noise' * row.noise}", va="center", color="0.4")
    for at, pair in enumerate(ours.values(), len(printed)):
        value, low, high = ratio(*pair.values())
        right.text(
            0, at, f"{value:.1f} times" if np.isfinite(value) else f"none: depth {SHALLOW} scores 0", va="center"
        )
        right.text(0.5, at, f"({low:.2g} to {high:.2g})" if np.isfinite(value) else "", va="center")
    if not ours:
        scores.not_measured(left, y=0.06)
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=5, fontsize=8)
    others = " (or the depth named)" * any(max(pair) != DEEP for pair in ours.values())
    over = f"depth {DEEP}{others}\nover depth {SHALLOW}"
    right.set(xlabel=over, title="ratio (here with 95 % interval)", xticks=[])
    right.tick_params(left=False)
    right.spines[:].set_visible(False)
    if ours:
        env = next(reversed(ours))
        equal = scores.at_equal(scores.here(data, SUITES, "depth", env=env))
        figure.supxlabel(
            f"Here: interquartile mean, 95 % interval, dots the seeds ({scores.FINAL}), equal updates within a maze ({env} {equal})\n"
            "point_big_maze was chosen because depths differed in it",
            fontsize=8.5,
        )


def finding(data: Path) -> Finding:
    printed, ours, told = printed_ratios(data), [], []
    sure = printed.value[~printed.noise]
    span = f"{sure.min():g} ({sure.idxmin()}) to {sure.max():g} times ({sure.idxmax()})"
    theirs = f"Paper: depth {DEEP} scores {span} what depth {SHALLOW} does, at equal steps"
    for env, pair in pairs(data).items():
        value, low, high = ratio(*pair.values())
        times = (
            f"{value:.2g} ({low:.2g} to {high:.2g}" if np.isfinite(value) else f"undefined (depth {SHALLOW} scores 0"
        )
        ours.append(f"{env} {times}, depth {max(pair)})")
        told.append(f"{env} {scores.list_words(pair)}")
    every = ", ".join(f"{row.Index} {row.value:g} times{', noise' * row.noise}" for row in printed.itertuples())
    more = ". ".join([*(["; ".join(told)] if told else []), f"Paper's ratios: {every}"])
    here = f"Here, at equal updates, the ratio is {'; '.join(ours)}" if ours else ""
    return Finding(here, theirs, "" if ours else "any maze", more)


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Each of the paper's environments and each maze measured here is a line from its score at depth 4 to that at depth 64; "
    "beside it their ratio",
    finding,
    (_draw,),
    reads=(*SUITES, "paper/table1_time_at_goal", "paper/table1_ratios"),
)
