"""What depth needs: residual connections, normalisation, activation

The paper's figure 16 (layer norm and activation) and the same switches here, in an environment or, where the critic
alone was trained on fixed walks, by its loss on held-out ones.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.figures import style
from crlkit.figures.scores import (
    LOSS,
    PAPER_EPISODE,
    SHARE,
    at_equal,
    by_depth,
    doubling_axis,
    draw_paper,
    draw_scores,
    equal,
    here,
    list_words,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import Score, Words

SUITES = ("ablations",)
PAPER = ("rebuttal_layer_norm_and_activation",)
FULL = "residual, layer norm, swish"
# Okabe and Ito's colours, with a marker and a line each.
LOOKS = {
    FULL: ("#0072B2", "o", "-"),
    "no residual connections": ("#D55E00", "s", "--"),
    "no norm": ("#CC79A7", "D", "-."),
    "RMS norm": ("#009E73", "^", ":"),
    "ReLU": ("#E69F00", "v", (0, (5, 1))),
    "GELU": ("#56B4E9", "P", (0, (3, 1, 1, 1))),
}


def name(residual: bool, norm: str, activation: str) -> str:
    """What a run lacks or has instead, against the paper's network."""
    changed = [] if residual else ["no residual connections"]
    changed += {"layer": [], "none": ["no norm"], "rms": ["RMS norm"]}[norm]
    changed += {"swish": [], "relu": ["ReLU"], "gelu": ["GELU"]}[activation]
    return ", ".join(changed) or FULL


def measured_here(data: Path, measure: str) -> tuple[pd.DataFrame, dict[str, dict[int, Score]]]:
    """The rows with `measure` and, of every network in them, its scores by depth."""
    rows = here(data, SUITES, "depth", "residual", "norm", "activation", measure=measure)
    if rows.empty:
        return rows, {}
    parts = {name(*level): by_depth(part, measure) for level, part in rows.groupby(["residual", "norm", "activation"])}
    return rows, dict(sorted(parts.items(), key=lambda part: list(LOOKS).index(part[0]) if part[0] in LOOKS else 99))


def lost(data: Path) -> dict[str, str]:
    """Networks without a finished run, "no norm at depth 64", and how their runs ended."""
    rows = evidence.rows(data, *SUITES, query="status == status")
    if rows.empty:
        return {}
    switches = ["residual", "norm", "activation", "depth"]
    ended = rows.groupby(switches).status.agg(set)
    return {
        f"{name(*level[:3])} at depth {level[3]}": ", ".join(sorted(how))
        for level, how in ended.items()
        if "finished" not in how
    }


@style.styled
def draw(data: Path) -> Figure:
    """The paper, and a panel for each measure that was recorded here."""
    kinds = {measure: measured_here(data, measure) for measure in ("share", "heldout_loss")}
    kinds = {measure: found for measure, found in kinds.items() if found[1]}
    close = kinds.get("heldout_loss", (None, {}))[1]
    close = close if FULL in close and len(close) > 2 else {}
    figure = style.new_figure(12, 4.8)
    panels = figure.subplots(1, 1 + max(1, len(kinds)) + bool(close), squeeze=False)[0]
    draw_published(panels[0], evidence.paper(data, "rebuttal_layer_norm_and_activation"))
    if not kinds:
        panels[1].set(xlabel="depth (layers)", ylabel=SHARE, title="here: residual connections, norm, activation")
        unmeasured(panels[1])
    for axes, (measure, (rows, parts)) in zip(panels[1:], kinds.items()):
        draw_here(axes, rows, parts, SHARE if measure == "share" else LOSS, 58 if len(panels) > 2 else 80)
        if measure == "heldout_loss":
            chance(axes, rows)
    if close:
        close_up(panels[-1], close)
    if without := lost(data):
        figure.supxlabel(f"without a finished run here: {listing(without)}", fontsize=8.5)
    return figure


def listing(without: dict[str, str]) -> str:
    return "; ".join(f"{what} ({how})" for what, how in without.items())


def draw_published(axes: Axes, table: pd.DataFrame) -> None:
    """The rebuttal's table: layer norm and swish, without the one, without the other."""
    for (norm, activation), look in (
        ((True, "swish"), {"color": "0.2"}),
        ((False, "swish"), {"color": "0.65", "linestyle": ":"}),
        ((True, "relu"), {"color": "0.45", "linestyle": "-."}),
    ):
        own = table[(table.layer_norm == norm) & (table.activation == activation)]
        draw_paper(axes, own, "depth", f"paper: {name(True, 'layer' if norm else 'none', activation)}", **look)
    doubling_axis(axes, table.depth)
    axes.set(ylabel=SHARE, ylim=(0, None))
    axes.set_title(
        f"paper: {table.environment.iloc[0]}, equal steps\nthe kind of the errors is not stated", fontsize=8.5
    )
    axes.legend(fontsize=8, loc="upper left")


def draw_here(axes: Axes, rows: pd.DataFrame, parts: dict, label: str, columns: int) -> None:
    for number, (part, scores) in enumerate(parts.items()):
        colour, marker, line = LOOKS.get(part, ("0.3", "X", "-"))
        shift = 1 + 0.04 * (number - (len(parts) - 1) / 2)
        draw_scores(axes, scores, f"here: {part}", shift, color=colour, marker=marker, linestyle=line, lw=1.2)
    doubling_axis(axes, rows.depth)
    axes.set_ylabel(label)
    bottom, top = axes.get_ylim()
    low = 0 if label == SHARE else bottom
    axes.set_ylim(low, top + 0.4 * (top - low))
    each = seeds_in_words(score for scores in parts.values() for score in scores.values())
    critic = "" if label == SHARE else "critic alone on fixed walks\n"
    axes.set_title(f"here: {rows.env.iloc[0]}, {each}\n{critic}{equal(rows, columns)}", fontsize=8.5)
    axes.legend(fontsize=8, ncols=2 if columns > 60 else 1, loc="upper left", columnspacing=1)


def close_up(axes: Axes, parts: dict[str, dict[int, Score]]) -> None:
    """What the others lose against the paper's network, seed by seed: critics of one seed share their data."""
    rest = [part for part in parts if part != FULL]
    apart = {
        part: {d: s.seeds - parts[FULL][d].seeds for d, s in parts[part].items() if d in parts[FULL]} for part in rest
    }
    near = {part: of_depth for part, of_depth in apart.items() if max(map(np.median, of_depth.values())) < 0.2}
    for number, (part, of_depth) in enumerate(near.items()):
        colour, marker, line = LOOKS.get(part, ("0.3", "X", "-"))
        x = np.array(list(of_depth)) * (1 + 0.06 * (number - (len(near) - 1) / 2))
        axes.plot(x, [np.mean(gap) for gap in of_depth.values()], color=colour, ls=line, lw=1.2, label=part)
        for at, gap in zip(x, of_depth.values()):
            axes.plot([at] * len(gap), gap, marker, color=colour, ms=3.5, alpha=0.7)
    axes.axhline(0, color="0.3", lw=0.8)
    doubling_axis(axes, {depth for of_depth in near.values() for depth in of_depth})
    axes.set_ylabel("loss minus that of the paper's network (nats)")
    far = f"\nwithout: {', '.join(part for part in apart if part not in near)}" if len(near) < len(apart) else ""
    axes.set_title(f"here: the same close up, a mark each seed,\nlines the means{far}", fontsize=8.5)
    axes.legend(fontsize=8)


def chance(axes: Axes, rows: pd.DataFrame) -> None:
    """The loss of a critic that knows nothing: all goals of a batch equally likely."""
    for size in sorted(rows.batch_size.unique()):
        axes.axhline(np.log(size), color="0.3", ls=(0, (1, 3)), lw=1.2)
        axes.annotate(
            f"chance: ln {size:.0f} = {np.log(size):.2f}", (1, np.log(size)), (-2, 3), textcoords="offset points",
            xycoords=("axes fraction", "data"), ha="right", fontsize=8, color="0.3",
        )  # fmt: skip


def words(data: Path) -> Words:
    table = evidence.paper(data, "rebuttal_layer_norm_and_activation")
    deep = table[table.depth == table.depth.max()]
    said = ", ".join(
        f"{name(True, 'layer' if row.layer_norm else 'none', row.activation)} {row.value / PAPER_EPISODE:.2f}"
        for row in deep.itertuples()
    )
    theirs = f"Paper, {table.environment.iloc[0]} at depth {table.depth.max()}: {said} of the episode"
    drawn = f"Final score by depth, a line for each choice of residual connections, norm and activation. {theirs}"
    ours, listed = [], []
    for measure, what in (("share", "of the episode"), ("heldout_loss", "nats of held-out loss")):
        rows, parts = measured_here(data, measure)
        if not parts:
            continue
        common = set.intersection(*(set(scores) for scores in parts.values()))
        if common:
            depth = max(common)
            values = ", ".join(f"{part} {scores[depth]}" for part, scores in parts.items())
            guess = (
                ""
                if measure == "share"
                else f" (chance {', '.join(f'{np.log(b):.2f}' for b in rows.batch_size.unique())})"
            )
            ours.append(f"{rows.env.iloc[0]} {at_equal(rows)}, depth {depth}: {values} {what}{guess}")
        listed += [f"{rows.env.iloc[0]}, {part}, {what}: {list_words(scores)}" for part, scores in parts.items()]
        listed.append(equal(rows, 400))
    if not listed:
        return Words(f"Not yet measured here. {theirs}.", f"Not yet measured here: any ablation. {drawn}.")
    if without := lost(data):
        ours.append(f"without a finished run: {listing(without)}")
        listed.append(ours[-1])
    start = f"Here, {'; '.join(ours)}. " if ours else ""
    return Words(f"{start}{theirs}.", f"{drawn}. Here: {'; '.join(listed)}.")
