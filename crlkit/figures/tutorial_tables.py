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
from crlkit.figures import cost, scores, table1
from crlkit.figures.depth_vs_width import critic_parameters, families
from crlkit.figures.panels import Figure, Finding

SHALLOW, DEPTHS = 4, (64, 256, 1024)
SUITES = ("depth", "environments", "cured_depth")
LEAST = {False: 1.0, True: 2.0}  # of 1,000 steps at the goal: a ratio over less is noise; by whether it was digitised
TITLES = {
    "improvement": f"improvement: score over that of depth {SHALLOW}",
    "depth_against_width": "depth against width: what doubling one of them multiplies",
    "when_to_use": f"when to use: score of the deepest, up to {table1.DEEP}, over that of depth {SHALLOW}",
    "cost": f"cost and performance over those of depth {SHALLOW}",
}
LOOKS = {
    "study text on which the kit is based": {"marker": "D", "color": "#E69F00", "lw": 3, "ms": 5, "mfc": "white"},
    "paper: a cross an environment or a doubling": {"ls": "", "marker": "x", "color": "0.45", "ms": 6},
    "here: a dot a maze or a doubling, 95 % interval": {"marker": "o", "color": scores.HERE, "ms": 4},
    "here: crlkit bench, an update alone, or the whole process's memory": {
        "ls": "", "marker": "s", "color": scores.HERE, "mfc": "white", "ms": 4.5,
    },
}  # fmt: skip
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
    bench: list[float] = []  # noqa: RUF012


def doublings(values: pd.Series) -> list[float]:
    """How a quantity changes where its index (depth or width) doubles."""
    return [values[2 * level] / values[level] for level in values.index if 2 * level in values.index]


def gains(data: Path) -> dict[int, tuple[list[float], list[Interval]]]:
    """By depth its score over that at depth 4: the paper's environments, and every maze measured here."""
    limits = evidence.paper(data, "fig12_final_scores").query("measure == 'mean_last_5_epochs'")
    limits = sure_scores(limits).pivot(index="environment", columns="depth", values="value")
    found = {depth: ((limits[depth] / limits[SHALLOW]).dropna().tolist(), []) for depth in DEPTHS}
    found[table1.DEEP] = (sure_ratios(data).tolist(), [])
    rows = scores.measured(data, SUITES, sizes=True)
    rows = evidence.largest(evidence.newest(rows)) if len(rows) else rows  # as the claims have it
    for env in scores.environments(rows):
        by_depth = scores.by_depth(scores.alike(rows[rows.env == env], "depth"))
        for depth in set(found) & set(by_depth) if SHALLOW in by_depth else ():
            gain = table1.ratio(by_depth[SHALLOW], by_depth[depth])
            found[depth][1].extend([gain] if np.isfinite(gain[0]) else [])
    return found


def gains_by_kind(data: Path) -> dict[str, list[Interval]]:
    """By kind of task the score of the deepest over that of depth 4, two tasks a kind."""
    found, rows = {}, scores.measured(data, ("when_to_use",))
    for (env, _, reward), task in rows.groupby(["env", "agent", "reward"]) if len(rows) else ():
        by_depth = scores.by_depth(task)
        if SHALLOW in by_depth and len(by_depth) > 1:
            gain = table1.ratio(by_depth[SHALLOW], by_depth[max(by_depth)])
            found.setdefault(evidence.kind_of_task(env, reward), []).append(gain)
    return found


def sure_scores(table: pd.DataFrame) -> pd.DataFrame:
    """The paper's scores but those too near to nothing to be divided by."""
    return table[table.value >= table.digitised.map(LEAST)]


def sure_ratios(data: Path) -> pd.Series:
    """The ratios of table 1 by environment, but that which rests on a score of next to nothing."""
    table = table1.printed_ratios(data)
    return table.value[~table.noise]


def doubled(data: Path, rows: pd.DataFrame, side: str, what: str) -> tuple[list[float], list[Interval]]:
    """Factors of `parameters` or `performance` where depth or width (`side`) doubles and the other stays."""
    which = ("depth", "width").index(side)
    levels = {key[which]: (key, score) for key, score in families(rows)[which].items()}
    pairs = [(levels[level], levels[2 * level]) for level in levels if 2 * level in levels]
    if what == "parameters":
        table = evidence.paper(data, "parameter_counts").query("network == 'total' and actor_depth == critic_depth")
        groups = table[(table.width == 256) if side == "depth" else (table.depth == SHALLOW)].groupby(
            "environment_family"
        )
        counts = {key: critic_parameters(rows.env.iloc[0], *key) for key, _ in levels.values()}
        ours = [(counts[after] / counts[before], np.nan, np.nan) for (before, _), (after, _) in pairs]
    else:
        table = evidence.paper(data, "fig1_final_scores" if side == "depth" else "fig4_width_vs_depth")
        groups = sure_scores(table[table.depth == SHALLOW] if side == "width" else table).groupby("environment")
        ours = [table1.ratio(before, after) for (_, before), (_, after) in pairs]
    return [factor for _, own in groups for factor in doublings(own.set_index(side).value)], ours


def factors(data: Path) -> dict[tuple[str, str, str], tuple]:
    """What the paper, our runs and `crlkit bench` have for each statement (table, row, column) of the study text."""

    def at(depth: int, *lines: pd.Series) -> list[float]:
        return [over[depth] for over in map(cost.relative, lines) if np.isfinite(over.get(depth, np.nan))]

    found, gained, sure, kinds = {}, gains(data), sure_ratios(data), gains_by_kind(data)
    spent = pd.Series({depth: own.total for depth, own in cost.per_update(data).items()}, dtype=float)
    bench = evidence.benched(data)
    for depth in DEPTHS:
        found["improvement", str(depth), "factor"] = found["cost", str(depth), "performance"] = gained[depth]
        ours = [(factor, np.nan, np.nan) for factor in at(depth, spent)]
        found["cost", str(depth), "training_time"] = (
            at(depth, *cost.hours(data).values()),
            ours,
            at(depth, bench[cost.UPDATE]),
        )
        found["cost", str(depth), "memory"] = at(depth, cost.memory(data)), [], at(depth, bench[cost.MEMORY])
    mazes = sure[sure.index.str.contains("maze")]
    for kind, theirs in {
        "sparse reward": sure,
        "complex navigation": mazes,
        "dense reward": (),
        "simple control": (),
    }.items():
        found["when_to_use", kind, "advice"] = list(theirs), kinds.get(kind, [])
    grown = scores.here(data, ("depth", "depth_vs_width"), "depth", "width")
    for what in ("parameters", "performance"):
        for side in ("width", "depth"):
            found["depth_against_width", f"{side} x 2", what] = doubled(data, grown, side, what)
    return found


def tables(data: Path) -> dict[str, list[Row]]:
    """The four tables, by the title of their panel."""
    claims, found, rows = evidence.paper(data, "../tutorial_claims"), factors(data), {}
    percent = claims.unit == "percent"
    claims.loc[percent, ["low", "high"]] = 1 + claims.loc[percent, ["low", "high"]] / 100
    for claim in claims.itertuples():
        key = claim.table, claim.row, claim.column
        if key in found:
            name = f"depth {claim.row}" if claim.row.isdigit() else claim.row
            label = name if claim.column in ("factor", "advice") else f"{claim.column.replace('_', ' ')}, {name}"
            rows.setdefault(TITLES[claim.table], []).append(Row(label, claim.text, claim.low, claim.high, *found[key]))
    return rows


def _draw(figure: Drawing, data: Path) -> None:
    """A panel a table."""
    panels = figure.subplots(2, 2, height_ratios=(1, 1.5)).T.flat  # the longer tables below
    for axes, (title, rows) in zip(panels, tables(data).items()):
        axes.set_title(title)
        _table(axes, rows)
    figure.legend(
        [Line2D([], [], **look) for look in LOOKS.values()], LOOKS, loc="outside upper center", ncols=2, fontsize=8.5
    )
    rows = scores.here(data, ("depth",), "depth")
    if len(rows):
        figure.supxlabel(
            f"here: scores by depth of the newest network of each maze; of a doubling of {rows.env.iloc[0]}, {scores.at_equal(rows)}, "
            f"{scores.seeds(rows)} each,\n{scores.FINAL}; times of runs of one laptop\npaper: without ratios over next to nothing: that of "
            f"humanoid_big_maze, and those over less than {LEAST[False]:g} (digitised: {LEAST[True]:g}) of 1,000 steps at the goal",
            fontsize=8.5,
        )


def _table(axes: Axes, rows: list[Row]) -> None:
    """Three lines a row: the study text's words and range, the paper's factors, ours."""
    near, far = 0.055, 500.0
    study, paper, here, bench = LOOKS.values()

    def right(y: float, text: str, **look) -> None:
        axes.text(far, y, text, ha="right", va="center", **{"fontsize": 7.5} | look)

    for place, row in enumerate(reversed(rows)):
        axes.axhspan(place - 0.5, place + 0.5, color="0.96" if place % 2 else "white", lw=0, zorder=0)
        axes.plot([row.low, row.high], [place + 0.27] * 2, **study, zorder=3)
        right(place + 0.27, row.text, fontsize=8, color="#8a5a00")
        axes.plot(row.paper, [place] * len(row.paper), **paper, zorder=3)
        if not row.paper:
            right(place, "no number in the paper", color="0.45")
        spread = (
            place - 0.27 + min(0.09, 0.4 / max(1, len(row.ours))) * (np.arange(len(row.ours)) - (len(row.ours) - 1) / 2)
        )
        for y, ours in zip(spread, np.clip(row.ours, near, far)):
            axes.plot(ours[1:], [y, y], color=scores.HERE, lw=1.3, zorder=3)
            axes.plot(ours[0], y, **here | {"marker": "<" if ours[0] == near else "o"}, zorder=4)
        axes.plot(row.bench, [place - 0.27] * len(row.bench), **bench, zorder=3)
        if not (row.ours or row.bench):
            right(place - 0.27, scores.NOT_MEASURED, style="italic", color=scores.HERE)
    axes.set_yticks(range(len(rows)), [row.label for row in reversed(rows)])
    axes.tick_params(axis="y", length=0)
    axes.axvline(1, color="0.7", lw=0.8, zorder=1)
    axes.set_xscale("log")
    axes.set(xlim=(0.05, far * 1.2), ylim=(-0.5, len(rows) - 0.5), xlabel="factor")
    scores.log_axis(axes.xaxis)


def span(values: Iterable[float]) -> str:
    """Two digits of each end: "2.5", "1.8 to 63", "120"."""
    ends = (
        [f"{float(f'{end(values):.2g}'):g}" for end in (min, max)] if (values := list(values)) else ["none published"]
    )
    return " to ".join(dict.fromkeys(ends))


def finding(data: Path) -> Finding:
    every = tables(data)

    def line(row: Row) -> str:
        ours = [f"here {span(value for value, _, _ in row.ours)}"] if row.ours else []
        ours += [f"here by crlkit bench {span(row.bench)}"] if row.bench else []
        return f"{row.label}: study text {row.text}, paper {span(row.paper)}, {', '.join(ours) or scores.NOT_MEASURED}"

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
