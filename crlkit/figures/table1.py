"""Depth 4 against depth 64 in every environment

The paper's table 1 and, below it, every maze measured here: scores left, their ratio right.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.analysis.statistics import interquartile_mean
from crlkit.figures import style
from crlkit.figures.scores import FINAL, PAPER_EPISODE, SHARE, by_depth, depth_look, environments, here, measured
from crlkit.figures.words import Score, Words, count, held_equal, not_measured

SUITES = ("depth", "environments")
PAPER = ("table1_time_at_goal", "table1_ratios")
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


@style.styled
def draw(data: Path) -> Figure:
    """One line an environment; the paper's grey, ours in the colours of the two depths."""
    table, ratios = published(data, "table1_time_at_goal"), published(data, "table1_ratios")
    ratios = ratios.set_index("environment").sort_values("value")
    ours = pairs(data)
    figure = style.new_figure(12, 5.4 + 0.3 * len(ours))
    left, right = figure.subplots(1, 2, width_ratios=(2, 1), sharey=True)
    gap = max(len(ours), 1) + 1
    for at, (env, printed) in enumerate(ratios.iterrows(), start=gap):
        own = table[table.environment == env].sort_values("depth")
        x = own.value / PAPER_EPISODE
        left.plot(x, [at, at], color=GREY, ls="--", lw=1, zorder=1)
        for depth, marker in ((SHALLOW, "+"), (DEEP, "x")):
            value = own[own.depth == depth].iloc[0]
            left.errorbar(
                value.value / PAPER_EPISODE, at, xerr=value.error / PAPER_EPISODE, color=GREY, marker=marker, ms=7,
                mew=1.6, capsize=2, ls="", label=f"paper: depth {depth}, mean and standard error" if at == gap else None,
            )  # fmt: skip
        right.plot(printed.value, at, "x", color=GREY, ms=6, mew=1.6)
        noise = ", noise" if noisy(printed) else ""
        right.text(printed.value * 1.25, at, f"{printed.value:g} times{noise}", va="center", fontsize=8, color="0.3")
    named: set[int] = set()
    for at, pair in enumerate(reversed(ours)):
        draw_pair(left, right, at, pair, named)
    labels = [pair.label for pair in reversed(ours)] or ["here"]
    labels += ["", *(f"paper: {env}" for env in ratios.index)]
    left.set_yticks(range(len(labels)), labels)
    left.tick_params(axis="y", length=0)
    if not ours:
        not_measured(left, y=0.06)
    left.set(xlabel=SHARE, xlim=(-0.01, None))
    left.grid(axis="y", color="0.93")
    left.set_axisbelow(True)
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=5, fontsize=8)
    right.tick_params(axis="y", length=0)
    left.set_title("final score, at equal steps and updates")
    right.set_xscale("log")
    right.axvline(1, color="0.7", lw=0.8)
    right.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    right.set_xlim(right.get_xlim()[0], right.get_xlim()[1] * 40)
    over = f"score at depth {DEEP} over score at depth {SHALLOW}"
    others = any(pair.deep != DEEP for pair in ours)
    right.set(
        xlabel=over + "\n(or at the depth that the label names)" * others, title="ratio (here with 95 % interval)"
    )
    if ours:
        alike = {held: [pair.env for pair in ours if pair.equal == held] for held in {pair.equal: 0 for pair in ours}}
        equal = "\n".join(f"held equal, {', '.join(envs)}: {held}" for held, envs in alike.items())
        figure.supxlabel(
            f"Here: interquartile mean, 95 % interval, dots the seeds ({FINAL}); point_big_maze was chosen because depths differed in it\n{equal}",
            fontsize=8.5,
        )
    return figure


def draw_pair(left: Axes, right: Axes, at: int, pair: Pair, named: set[int]) -> None:
    """A line of ours; a depth gets its label where it is not among those `named` before."""
    left.plot([score.iqm for score in pair.scores], [at, at], color="0.2", lw=1.2, zorder=2)
    for depth, score, shift in zip((SHALLOW, pair.deep), pair.scores, (-0.12, 0.12)):
        look = depth_look(depth) | {"linestyle": ""}
        label = None if depth in named else f"here: depth {depth}"
        named.add(depth)
        around = [[max(0, score.iqm - score.low)], [max(0, score.high - score.iqm)]]
        left.errorbar(score.iqm, at, xerr=around, ms=6, capsize=3, zorder=4, label=label, **look)
        left.plot(score.seeds, [at + shift] * len(score.seeds), ".", color=look["color"], ms=3.5, alpha=0.5)
    value, low, high = ratio(*pair.scores)
    if np.isfinite(value):
        end = high if np.isfinite(high) else right.get_xlim()[1]
        right.plot([low, end], [at, at], color="0.2", lw=1.5)
        if not np.isfinite(high):  # some resamples of the shallow seeds score nothing
            right.plot(end, at, ">", color="0.2", ms=6, clip_on=False)
        right.plot(value, at, "o", color="#0072B2", ms=6, zorder=3)
        right.text(
            max(value, high if np.isfinite(high) else value) * 1.25,
            at,
            f"{value:.1f} times",
            fontsize=8,
            va="center" if np.isfinite(high) else "bottom",
        )
    else:
        right.text(1.1, at, f"no ratio: depth {SHALLOW} scores 0", va="center", fontsize=8)


def words(data: Path) -> Words:
    ratios = published(data, "table1_ratios").set_index("environment")
    sure = ratios[~ratios.apply(noisy, axis=1)].value
    theirs = (
        f"Paper: depth {DEEP} scores {sure.min():g} ({sure.idxmin()}) to {sure.max():g} times ({sure.idxmax()}) what "
        f"depth {SHALLOW} does, at equal steps"
    )
    drawn = (
        f"Each of the paper's {len(ratios)} environments and each maze measured here is a line from its score at depth "
        f"{SHALLOW} to that at depth {DEEP}; beside it their ratio on a logarithmic axis. Paper's ratios: "
    )
    drawn += ", ".join(f"{env} {row.value:g}{' (noise)' * noisy(row)}" for env, row in ratios.iterrows())
    ours = pairs(data)
    if not ours:
        return Words(f"Not yet measured here. {theirs}.", f"Not yet measured here: any maze. {drawn}.")
    said = []
    for pair in ours:
        value, low, high = ratio(*pair.scores)
        times = (
            f"{value:.2g} ({low:.2g} to {high:.2g}" if np.isfinite(value) else f"undefined (depth {SHALLOW} scores 0"
        )
        said.append(f"{pair.env} {times}, depth {pair.deep})")
    takeaway = f"{theirs}; here, at equal updates, the ratio is {'; '.join(said)}."
    scores = "; ".join(f"{p.env} depth {SHALLOW} {p.scores[0]}, depth {p.deep} {p.scores[1]}" for p in ours)
    return Words(takeaway, f"{drawn}. Here: {scores}; ratios {'; '.join(said)}.")


def noisy(row: pd.Series) -> bool:
    """Whether the source's note calls a ratio noise (a depth-4 score of next to nothing)."""
    return str(row.note).startswith("noise")
