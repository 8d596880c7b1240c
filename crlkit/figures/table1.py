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
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.scores import FINAL, HERE, PAPER_EPISODE, SHARE, by_depth, depth_look, environments, here, measured
from crlkit.figures.words import count, held_equal, not_measured

SUITES = ("depth", "environments")
TABLES = ("table1_time_at_goal", "table1_ratios")
GREY = "0.5"
SHALLOW, DEEP = 4, 64
RESAMPLES = 5000


class Pair(NamedTuple):
    """A maze measured here: its scores at depth 4 and at `deep`, the depth nearest to 64 that was measured."""

    env: str
    deep: int
    scores: tuple[Score, Score]
    equal: str

    @property
    def label(self) -> str:
        note = "" if self.deep == DEEP else f", depth {self.deep} for {DEEP}"
        return f"here: {self.env} ({count(min(len(score.seeds) for score in self.scores), 'seed')}{note})"


def pairs(data: Path) -> list[Pair]:
    """Every maze with a run of depth 4 and a deeper one, in alphabetical order."""
    found = []
    for env in sorted(environments(measured(data, SUITES))):
        rows = here(data, SUITES, "depth", env=env)
        scores = by_depth(rows)
        deeper = [depth for depth in scores if depth > SHALLOW]
        if SHALLOW in scores and deeper:
            deep = min(deeper, key=lambda depth: abs(np.log2(depth / DEEP)))
            equal = held_equal(rows[rows.depth.isin((SHALLOW, deep))])
            found.append(Pair(env, deep, (scores[SHALLOW], scores[deep]), equal))
    return found


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


def published(data: Path, name: str) -> pd.DataFrame:
    """The printed rows of a table that also holds the first author's unrounded ones."""
    table = evidence.paper(data, name)
    return table[table.source.str.contains("Table 1")]


def _draw(figure: Drawing, data: Path) -> None:
    """One line an environment; the paper's grey, ours in the colours of the two depths."""
    ratios = published(data, TABLES[1]).set_index("environment").sort_values("value")
    ours = list(reversed(pairs(data)))
    figure.set_figheight(5.4 + 0.3 * len(ours))
    left, right = figure.subplots(1, 2, width_ratios=(2, 1), sharey=True)
    _draw_paper(left, right, data, ratios, max(len(ours), 1) + 1)
    for at, pair in enumerate(ours):
        _draw_scores(left, at, pair)
        _draw_ratio(right, at, pair)
    labels = [pair.label for pair in ours] or ["here"]
    labels += ["", *(f"paper: {env}" for env in ratios.index)]
    left.set_yticks(range(len(labels)), labels)
    if not ours:
        not_measured(left, y=0.06)
    left.set(xlabel=SHARE, xlim=(-0.01, None), title="final score, at equal steps and updates")
    left.grid(axis="y", color="0.93")
    left.set_axisbelow(True)
    named = dict(zip(*reversed(left.get_legend_handles_labels())))  # every depth once
    figure.legend(named.values(), named, loc="outside upper center", ncols=5, fontsize=8)
    for axes in (left, right):
        axes.tick_params(axis="y", length=0)
    right.set_xscale("log")
    right.axvline(1, color="0.7", lw=0.8)
    right.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    right.set_xlim(right.get_xlim()[0], right.get_xlim()[1] * 40)
    others = "\n(or at the depth that the label names)" * any(pair.deep != DEEP for pair in ours)
    right.set(
        xlabel=f"score at depth {DEEP} over score at depth {SHALLOW}{others}", title="ratio (here with 95 % interval)"
    )
    if ours:
        held = {}
        for pair in reversed(ours):
            held.setdefault(pair.equal, []).append(pair.env)
        equal = "\n".join(f"held equal, {', '.join(envs)}: {same}" for same, envs in held.items())
        marks = f"Here: interquartile mean, 95 % interval, dots the seeds ({FINAL})"
        figure.supxlabel(f"{marks}; point_big_maze was chosen because depths differed in it\n{equal}", fontsize=8.5)


def _draw_paper(left: Axes, right: Axes, data: Path, ratios: pd.DataFrame, bottom: int) -> None:
    table = published(data, TABLES[0])
    for at, (env, ratio_) in enumerate(ratios.iterrows(), start=bottom):
        scores = table[table.environment == env].set_index("depth").sort_index()[["value", "error"]] / PAPER_EPISODE
        left.plot(scores.value, [at, at], color=GREY, ls="--", lw=1, zorder=1)
        for depth, marker in ((SHALLOW, "+"), (DEEP, "x")):
            look = {"color": GREY, "marker": marker, "ms": 7, "mew": 1.6, "capsize": 2, "ls": ""}
            label = f"paper: depth {depth}, mean and standard error"
            left.errorbar(scores.value[depth], at, xerr=scores.error[depth], label=label, **look)
        right.plot(ratio_.value, at, "x", color=GREY, ms=6, mew=1.6)
        times = f"{ratio_.value:g} times{', noise' * noisy(ratio_)}"
        right.text(ratio_.value * 1.25, at, times, va="center", fontsize=8, color="0.3")


def _draw_scores(axes: Axes, at: int, pair: Pair) -> None:
    axes.plot([score.iqm for score in pair.scores], [at, at], color="0.2", lw=1.2, zorder=2)
    for depth, score, shift in zip((SHALLOW, pair.deep), pair.scores, (-0.12, 0.12)):
        look = depth_look(depth) | {"linestyle": ""}
        around = np.maximum(0, [[score.iqm - score.low], [score.high - score.iqm]])
        axes.errorbar(score.iqm, at, xerr=around, ms=6, capsize=3, zorder=4, label=f"here: depth {depth}", **look)
        axes.plot(score.seeds, [at + shift] * len(score.seeds), ".", color=look["color"], ms=3.5, alpha=0.5)


def _draw_ratio(axes: Axes, at: int, pair: Pair) -> None:
    value, low, high = ratio(*pair.scores)
    if not np.isfinite(value):
        axes.text(1.1, at, f"no ratio: depth {SHALLOW} scores 0", va="center", fontsize=8)
        return
    end = high if np.isfinite(high) else axes.get_xlim()[1]
    axes.plot([low, end], [at, at], color="0.2", lw=1.5)
    if not np.isfinite(high):  # some resamples of the shallow seeds score nothing
        axes.plot(end, at, ">", color="0.2", ms=6, clip_on=False)
    axes.plot(value, at, "o", color=HERE, ms=6, zorder=3)
    beside, place = (max(value, high), "center") if np.isfinite(high) else (value, "bottom")
    axes.text(beside * 1.25, at, f"{value:.1f} times", fontsize=8, va=place)


def finding(data: Path) -> Finding:
    ratios = published(data, TABLES[1]).set_index("environment")
    sure = ratios[~ratios.apply(noisy, axis=1)].value
    theirs = (
        f"Paper: depth {DEEP} scores {sure.min():g} ({sure.idxmin()}) to {sure.max():g} times ({sure.idxmax()}) what "
        f"depth {SHALLOW} does, at equal steps"
    )
    every = ", ".join(f"{env} {row.value:g}{' (noise)' * noisy(row)}" for env, row in ratios.iterrows())
    every = f"Paper's ratios: {every}"
    ours = []
    for pair in pairs(data):
        value, low, high = ratio(*pair.scores)
        undefined = f"undefined (depth {SHALLOW} scores 0"
        times = f"{value:.2g} ({low:.2g} to {high:.2g}" if np.isfinite(value) else undefined
        ours.append(f"{pair.env} {times}, depth {pair.deep})")
    if not ours:
        return Finding("", theirs, "any maze", every)
    scores = "; ".join(f"{p.env} depth {SHALLOW} {p.scores[0]}, depth {p.deep} {p.scores[1]}" for p in pairs(data))
    return Finding(
        f"Here, at equal updates, the ratio is {'; '.join(ours)}",
        theirs,
        more=f"{every}. Here: {scores}; ratios {'; '.join(ours)}",
    )


def noisy(row: pd.Series) -> bool:
    """Whether the source's note calls a ratio noise (a depth-4 score of next to nothing)."""
    return str(row.note).startswith("noise")


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Each of the paper's environments and each maze measured here is a line from its score at depth 4 to that at depth 64; "
    "beside it their ratio on a logarithmic axis",
    finding,
    (_draw,),
    reads=(*SUITES, *(f"paper/{table}" for table in TABLES)),
)
