"""The study text's four tables, beside what was published and what was measured

The kit is based on a study text that sums the paper up in tables. Each row is one of its statements, as a factor; the
paper's own numbers and this kit's stand below it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from crlkit import evidence
from crlkit.figures import cost, table1
from crlkit.figures.depth_vs_width import critic_parameters, families
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.scores import (
    FINAL,
    HERE,
    alike,
    at_equal,
    by_depth,
    environments,
    here,
    log_axis,
    measured,
    seeds_in_words,
)
from crlkit.figures.words import NOT_MEASURED

SHALLOW, DEPTHS = 4, (64, 256, 1024)
SUITES = ("depth", "environments", "cured_depth")
LEAST = {False: 1.0, True: 2.0}  # of 1,000 steps at the goal: a ratio over less is noise; by whether it was digitised
LOOKS = {
    "study text on which the kit is based": {"marker": "D", "color": "#E69F00", "lw": 3, "ms": 5, "mfc": "white"},
    "paper: a cross an environment or a doubling": {"ls": "", "marker": "x", "color": "0.45", "ms": 6},
    "here: a dot a maze or a doubling, 95 % interval": {"marker": "o", "color": HERE, "ms": 4},
    "here: crlkit bench, an update alone, or the whole process's memory": {
        "ls": "", "marker": "s", "color": HERE, "mfc": "white", "ms": 4.5,
    },
}  # fmt: skip
BENCH = {"training_time": cost.UPDATE, "memory": cost.MEMORY}  # column of the study text: of `crlkit bench`
Interval = tuple[float, float, float]  # value, low, high; not numbers where there is no interval


class Row(NamedTuple):
    """label: what the statement is about. text, low, high: the study text's words and, as factors, their ends (not
    numbers where it gives none). paper, ours, bench: factors of the same kind; bench are those of `crlkit bench`, an
    update alone and the memory of the whole process."""

    label: str
    text: str
    low: float
    high: float
    paper: list[float]
    ours: list[Interval]
    bench: tuple[float, ...] = ()


def doublings(values: pd.Series) -> list[float]:
    """How a quantity changes where its index (depth or width) doubles."""
    return [values[2 * level] / values[level] for level in values.index if 2 * level in values.index]


def gains(data: Path) -> dict[int, tuple[list[float], list[Interval]]]:
    """By depth its score over that at depth 4: the paper's environments, and every maze measured here."""
    limits = evidence.paper(data, "fig12_final_scores").query("measure == 'mean_last_5_epochs'")
    limits = sure_scores(limits).pivot(index="environment", columns="depth", values="value")
    found = {depth: ((limits[depth] / limits[SHALLOW]).dropna().tolist(), []) for depth in DEPTHS}
    found[table1.DEEP] = (sure_ratios(data).value.tolist(), [])
    rows = measured(data, SUITES, sizes=True)
    rows = evidence.largest(evidence.newest(rows)) if len(rows) else rows  # as the claims have it
    for env in environments(rows):
        scores = by_depth(alike(rows[rows.env == env], "depth"))
        for depth in set(found) & set(scores) if SHALLOW in scores else ():
            gain = table1.ratio(scores[SHALLOW], scores[depth])
            found[depth][1].extend([gain] if np.isfinite(gain[0]) else [])
    return found


def gains_by_kind(data: Path) -> dict[str, list[Interval]]:
    """By kind of task the score of the deepest over that of depth 4, two tasks a kind."""
    found, rows = {}, measured(data, ("when_to_use",))
    for (env, _, reward), task in rows.groupby(["env", "agent", "reward"]) if len(rows) else ():
        scores = by_depth(task)
        if SHALLOW in scores and len(scores) > 1:
            gain = table1.ratio(scores[SHALLOW], scores[max(scores)])
            found.setdefault(evidence.kind_of_task(env, reward), []).append(gain)
    return found


def sure_scores(table: pd.DataFrame) -> pd.DataFrame:
    """The paper's scores but those too near to nothing to be divided by."""
    return table[table.value >= table.digitised.map(LEAST)]


def sure_ratios(data: Path) -> pd.DataFrame:
    """The ratios of table 1 but that which rests on a score of next to nothing."""
    table = table1.published(data, "table1_ratios")
    return table[~table.apply(table1.noisy, axis=1)]


def doubled(data: Path, rows: pd.DataFrame, side: str, what: str) -> tuple[list[float], list[Interval]]:
    """Factors of `parameters` or `performance` where depth or width (`side`) doubles and the other stays."""
    family = families(rows)[0 if side == "depth" else 1]
    levels = {key[0 if side == "depth" else 1]: key for key in family}
    pairs = [(levels[level], levels[2 * level]) for level in levels if 2 * level in levels]
    if what == "parameters":
        table = evidence.paper(data, "parameter_counts").query("network == 'total' and actor_depth == critic_depth")
        table = table[(table.width == 256) if side == "depth" else (table.depth == SHALLOW)]
        groups, counts = table.groupby("environment_family"), {}
        if len(rows):
            counts = {key: critic_parameters(rows.env.iloc[0], *key) for key in family}
        ours = [(counts[after] / counts[before], np.nan, np.nan) for before, after in pairs]
    else:
        table = evidence.paper(data, "fig1_final_scores" if side == "depth" else "fig4_width_vs_depth")
        table = sure_scores(table[table.depth == SHALLOW] if side == "width" else table)
        groups = table.groupby("environment")
        ours = [table1.ratio(family[before], family[after]) for before, after in pairs]
    return [factor for _, own in groups for factor in doublings(own.set_index(side).value)], ours


def at(table: pd.DataFrame, depth: int) -> list[float]:
    return table[table.depth == depth].value.tolist()


def times(data: Path, depth: int, costs: dict[int, cost.Cost]) -> tuple[list[float], list[Interval]]:
    """Time of a run over that at depth 4; ours is processor time of an update."""
    short, deep = cost.hours(data)
    published = [deep, *(own for _, own in short.groupby("environment"))]
    known = {SHALLOW, depth} <= set(costs)
    ours = [(costs[depth].total / costs[SHALLOW].total, np.nan, np.nan)] if known else []
    return [value for table in published for value in at(cost.relative(table), depth)], ours


def tables(data: Path) -> dict[str, list[Row]]:
    """The four tables, by the title of their panel."""
    claims = evidence.paper(data, "../tutorial_claims")
    percent = claims.unit == "percent"
    claims.loc[percent, ["low", "high"]] = 1 + claims.loc[percent, ["low", "high"]] / 100
    claims = {(c.table, c.row, c.column): c for c in claims.itertuples()}

    def row(table: str, of: str | int, column: str, label: str, found: tuple[list[float], list[Interval]]) -> Row:
        claim = claims[table, str(of), column]
        timed = BENCH.get(column) if table == "cost" else None
        bench = tuple(at(cost.relative(cost.bench(data, timed)), of)) if timed else ()
        return Row(label, claim.text, claim.low, claim.high, *found, bench)

    gained, sure = gains(data), sure_ratios(data)
    mazes = sure[sure.environment.str.contains("maze")].value.tolist()
    kinds = {
        "sparse reward": gained[table1.DEEP][0],
        "complex navigation": mazes,
        "dense reward": [],
        "simple control": [],
    }
    ours = gains_by_kind(data)
    costs = cost.per_update(here(data, ("depth",), "depth", clock=True))
    prices = {
        "training_time": {depth: times(data, depth, costs) for depth in DEPTHS},
        "memory": {depth: (at(cost.relative(cost.memory(data)), depth), []) for depth in DEPTHS},
        "performance": gained,
    }
    grown = here(data, ("depth", "depth_vs_width"), "depth", "width")
    return {
        f"improvement: score over that of depth {SHALLOW}": [
            row("improvement", depth, "factor", f"depth {depth}", gained[depth]) for depth in DEPTHS
        ],
        "depth against width: what doubling one of them multiplies": [
            row("depth_against_width", f"{side} x 2", what, f"{what}, {side} x 2", doubled(data, grown, side, what))
            for what in ("parameters", "performance")
            for side in ("width", "depth")
        ],
        f"when to use: score of the deepest, up to {table1.DEEP}, over that of depth {SHALLOW}": [
            row("when_to_use", kind, "advice", kind, (theirs, ours.get(kind, []))) for kind, theirs in kinds.items()
        ],
        f"cost and performance over those of depth {SHALLOW}": [
            row("cost", depth, what, f"{what.replace('_', ' ')}, depth {depth}", of_depth[depth])
            for what, of_depth in prices.items()
            for depth in DEPTHS
        ],
    }


def _draw(figure: Drawing, data: Path) -> None:
    """A panel a table."""
    panels = figure.subplots(2, 2, height_ratios=(1, 1.5)).T.flat  # the longer tables below
    for axes, (title, rows) in zip(panels, tables(data).items()):
        axes.set_title(title)
        _table(axes, rows)
    handles = [Line2D([], [], **look) for look in LOOKS.values()]
    figure.legend(handles, LOOKS, loc="outside upper center", ncols=2, fontsize=8.5)
    rows, timed = (here(data, ("depth",), "depth", clock=clock) for clock in (False, True))
    if len(rows):
        each = seeds_in_words(by_depth(rows).values())
        made = f"runs of size {timed['size'].iloc[0]}" if len(timed) else "no run"
        figure.supxlabel(
            f"here: scores by depth of the newest network of each maze; of a doubling of {rows.env.iloc[0]}, {at_equal(rows)}, "
            f"{each},\n{FINAL}; "
            f"times of {made}\npaper: without ratios over next to nothing: that of humanoid_big_maze, and those over less than "
            f"{LEAST[False]:g} (digitised: {LEAST[True]:g}) of 1,000 steps at the goal",
            fontsize=8.5,
        )


def _table(axes: Axes, rows: list[Row]) -> None:
    """Three lines a row: the study text's words and range, the paper's factors, ours."""
    near, far = 0.055, 500.0
    study, paper, _, bench = LOOKS.values()

    def right(y: float, text: str, **look) -> None:
        axes.text(far, y, text, ha="right", va="center", **{"fontsize": 7.5} | look)

    for place, row in enumerate(reversed(rows)):
        axes.axhspan(place - 0.5, place + 0.5, color="0.96" if place % 2 else "white", lw=0, zorder=0)
        axes.plot([row.low, row.high], [place + 0.27] * 2, **study, zorder=3)
        right(place + 0.27, row.text, fontsize=8, color="#8a5a00")
        axes.plot(row.paper, [place] * len(row.paper), **paper, zorder=3)
        if not row.paper:
            right(place, "no number in the paper", color="0.45")
        for number, (value, low, high) in enumerate(row.ours):
            y = place - 0.27 + min(0.09, 0.4 / len(row.ours)) * (number - (len(row.ours) - 1) / 2)
            axes.plot([max(low, near), min(max(high, near), far)], [y, y], color=HERE, lw=1.3, zorder=3)
            axes.plot(max(value, near), y, "o" if value >= near else "<", color=HERE, ms=4, zorder=4)
            if value < near:
                axes.text(1.15 * near, y, f"{value:.2g}", va="center", fontsize=7.5, color=HERE)
        axes.plot(row.bench, [place - 0.27] * len(row.bench), **bench, zorder=3)
        if not (row.ours or row.bench):
            right(place - 0.27, NOT_MEASURED, style="italic", color=HERE)
    axes.set_yticks(range(len(rows)), [row.label for row in reversed(rows)])
    axes.tick_params(axis="y", length=0)
    axes.axvline(1, color="0.7", lw=0.8, zorder=1)
    axes.set_xscale("log")
    axes.set(xlim=(0.05, far * 1.2), ylim=(-0.5, len(rows) - 0.5), xlabel="factor")
    log_axis(axes.xaxis)


def span(values: Iterable[float]) -> str:
    """Two digits of each end: "2.5", "1.8 to 63", "120"."""
    values = list(values)
    if not values:
        return "none published"
    low, high = (f"{float(f'{end(values):.2g}'):g}" for end in (min, max))
    return low if low == high else f"{low} to {high}"


def finding(data: Path) -> Finding:
    every = tables(data)

    def line(row: Row) -> str:
        ours = f"here {span(value for value, _, _ in row.ours)}" if row.ours else "" if row.bench else NOT_MEASURED
        ours += f"{', ' if row.ours else ''}here by crlkit bench {span(row.bench)}" if row.bench else ""
        return f"{row.label}: study text {row.text}, paper {span(row.paper)}, {ours}"

    rows = {row.label: row for table in every.values() for row in table}
    told = [line(rows[label]) for label in ("parameters, width x 2", "parameters, depth x 2", f"depth {table1.DEEP}")]
    listed = ". ".join(f"{title}. {'; '.join(map(line, table))}" for title, table in every.items())
    missing = "" if any(row.ours for row in rows.values()) else "any score"
    text = "The study text's numbers against the paper's own and ours, as factors"
    return Finding(f"{text}. {'; '.join(told)}", missing=missing, more=listed)


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Four tables as rows of factors on a logarithmic axis",
    finding,
    (_draw,),
    (12, 9.6),
    reads=(*SUITES, "when_to_use", "depth_vs_width", "paper/../tutorial_claims", "paper/../update_times", *(f"paper/{table}" for table in (
        "table1_ratios", "fig1_final_scores", "fig4_width_vs_depth", "fig12_final_scores", "parameter_counts", "table3_wall_clock",
        "table4_wall_clock_deep", "rebuttal_depth_vs_width_cost"))),
)  # fmt: skip
