"""Depth 4 against depth 64 in every environment

The paper's table 1 and, below it, every maze measured here: scores left, their ratio right.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from crlkit import evidence
from crlkit.analysis.statistics import Score, interquartile_mean
from crlkit.figures.panels import Figure, Finding, forest
from crlkit.figures.scores import FINAL, PAPER_EPISODE, SHARE, by_depth, depth_look, environments, here, measured
from crlkit.figures.words import count, held_equal, not_measured

SUITES = ("depth", "environments")
SHALLOW, DEEP = 4, 64
RESAMPLES = 5000


class Pair(NamedTuple):
    """An environment: its scores at depth 4 and at a deeper one (the paper's: mean and standard error), deep over
    shallow with its interval, and, of those measured here, what both have equal."""

    env: str
    scores: dict[int, Score]
    ratio: tuple[float, float, float]
    times: str
    equal: str = ""

    @property
    def deep(self) -> int:
        return max(self.scores)

    @property
    def label(self) -> str:
        note = "" if self.deep == DEEP else f", depth {self.deep} for {DEEP}"
        seeds = min(len(score.seeds) for score in self.scores.values())
        return f"here: {self.env} ({count(seeds, 'seed')}{note})" if self.equal else f"paper: {self.env}"


def pairs(data: Path) -> list[Pair]:
    """Every maze with a run of depth 4 and a deeper one, that nearest to 64, in alphabetical order."""
    mazes = []
    for env in sorted(environments(measured(data, SUITES))):
        rows = here(data, SUITES, "depth", env=env)
        scores = by_depth(rows)
        if SHALLOW in scores and len(scores) > 1:
            deep = min(set(scores) - {SHALLOW}, key=lambda depth: abs(np.log2(depth / DEEP)))
            both = {depth: scores[depth] for depth in (SHALLOW, deep)}
            times = ratio(*both.values())
            mazes.append(Pair(env, both, times, f"{times[0]:.1f} times", held_equal(rows[rows.depth.isin(both)])))
    return mazes


def published(data: Path, name: str) -> pd.DataFrame:
    """The printed rows of a table that also holds the first author's unrounded ones."""
    table = evidence.paper(data, name)
    return table[table.source.str.contains("Table 1")]


def of_paper(data: Path) -> list[Pair]:
    """The paper's environments, that with the greatest ratio first."""
    table, rows = published(data, "table1_time_at_goal"), []
    for printed in published(data, "table1_ratios").sort_values("value").iloc[::-1].itertuples():
        own = table[table.environment == printed.environment].sort_values("depth")
        scores = {
            int(line.depth): Score(np.array([]), *(np.array([0, -1, 1]) * line.error + line.value) / PAPER_EPISODE)
            for line in own.fillna({"error": 0}).itertuples()
        }
        times = f"{printed.value:g} times{', noise' * noisy(printed)}"
        rows.append(Pair(printed.environment, scores, (printed.value,) * 3, times))
    return rows


def noisy(row) -> bool:
    """Whether the source's note calls a ratio noise (a depth-4 score of next to nothing)."""
    return str(row.note).startswith("noise")


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
    """A row an environment, the paper's grey and on top, that with the greatest ratio first."""
    ours, theirs = pairs(data), of_paper(data)
    figure.set_figheight(5.4 + 0.3 * len(ours))
    left, right = figure.subplots(1, 2, width_ratios=(2, 1), sharey=True)
    rows = {pair.label: pair for pair in (*theirs, *ours)}
    forest(left, {label: pair.scores for label, pair in rows.items()}, [pair.label for pair in theirs])
    left.set(xlabel=SHARE, xlim=(-0.01, None), title="final score, at equal steps and updates")
    left.grid(axis="y", color="0.93")
    left.set_axisbelow(True)
    right.set_xscale("log")
    for at, pair in enumerate(rows.values()):
        _ratio(right, at, pair)
    if not ours:
        not_measured(left, y=0.06)
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=5, fontsize=8)
    right.axvline(1, color="0.7", lw=0.8)
    right.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    right.set_xlim(right.get_xlim()[0], right.get_xlim()[1] * 20)
    others = "\n(or at the depth that the label names)" * any(pair.deep != DEEP for pair in ours)
    over = f"score at depth {DEEP} over score at depth {SHALLOW}{others}"
    right.set(xlabel=over, title="ratio (here with 95 % interval)")
    equal = {same: [pair.env for pair in ours if pair.equal == same] for same in (pair.equal for pair in ours)}
    marks = f"Here: interquartile mean, 95 % interval, dots the seeds ({FINAL}); point_big_maze was chosen because depths differed in it"
    held = [f"held equal, {', '.join(envs)}: {same}" for same, envs in equal.items()]
    figure.supxlabel("\n".join([marks, *held]) if ours else "", fontsize=8.5)


def _ratio(axes: Axes, at: int, pair: Pair) -> None:
    value, low, high = pair.ratio
    if not np.isfinite(value):
        axes.text(1.1, at, f"no ratio: depth {SHALLOW} scores 0", va="center", fontsize=8)
        return
    colour = depth_look(DEEP)["color"] if pair.equal else "0.5"
    open_ended = high == np.inf  # some resamples of the shallow seeds score nothing
    end = axes.get_xlim()[1] if open_ended else high
    axes.plot([low, end], [at, at], color=colour, lw=1.5)
    if open_ended:
        axes.plot(end, at, ">", color=colour, ms=6, clip_on=False)
    axes.plot(value, at, "o" if pair.equal else "x", color=colour, ms=6, zorder=3)
    beside, place = (value, "bottom") if open_ended else (np.fmax(value, high), "center")
    axes.text(beside * 1.25, at, pair.times, fontsize=8, va=place)


def finding(data: Path) -> Finding:
    printed, ours = {pair.env: pair for pair in reversed(of_paper(data))}, []
    sure = {env: pair.ratio[0] for env, pair in printed.items() if "noise" not in pair.times}
    least, most = min(sure, key=sure.get), max(sure, key=sure.get)
    span = f"{sure[least]:g} ({least}) to {sure[most]:g} times ({most})"
    theirs = f"Paper: depth {DEEP} scores {span} what depth {SHALLOW} does, at equal steps"
    for pair in pairs(data):
        value, low, high = pair.ratio
        undefined = f"undefined (depth {SHALLOW} scores 0"
        times = f"{value:.2g} ({low:.2g} to {high:.2g}" if np.isfinite(value) else undefined
        ours.append(f"{pair.env} {times}, depth {pair.deep})")
    told = [f"{p.env} " + ", ".join(f"depth {d} {score}" for d, score in p.scores.items()) for p in pairs(data)]
    every = f"Paper's ratios: {', '.join(f'{env} {pair.times}' for env, pair in printed.items())}"
    if not ours:
        return Finding("", theirs, "any maze", every)
    return Finding(
        f"Here, at equal updates, the ratio is {'; '.join(ours)}", theirs, more=f"{'; '.join(told)}. {every}"
    )


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Each of the paper's environments and each maze measured here is a line from its score at depth 4 to that at depth 64; "
    "beside it their ratio on a logarithmic axis",
    finding,
    (_draw,),
    reads=(*SUITES, "paper/table1_time_at_goal", "paper/table1_ratios"),
)
