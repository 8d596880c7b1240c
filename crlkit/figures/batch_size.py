"""Batch size and depth together

The paper's figure 7: larger batches help deep networks more. Number of updates is what is held equal here.
"""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from crlkit import evidence
from crlkit.figures import style
from crlkit.figures.scores import (
    PAPER_EPISODE,
    SHARE,
    at_equal,
    by,
    depth_look,
    doubling_axis,
    draw_paper,
    draw_scores,
    end_labels,
    equal,
    here,
    list_words,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import Score, Words

SUITES = ("batch_size",)
PAPER = ("fig7_batch_size",)
LABEL = "batch size (state-action pairs of an update)"


def lines(rows: pd.DataFrame) -> dict[int, dict[int, Score]]:
    """Of every depth its scores by batch size."""
    return {} if rows.empty else {
        int(depth): {int(size): score for (size,), score in by(part, "batch_size").items()}
        for depth, part in rows.groupby("depth")
    }  # fmt: skip


@style.styled
def draw(data: Path) -> Figure:
    """The paper left, ours right, a line a depth."""
    table, rows = evidence.paper(data, "fig7_batch_size"), here(data, SUITES, "depth", "batch_size")
    figure = style.new_figure(12, 4.6)
    left, right = figure.subplots(1, 2)
    ends = []
    for (depth, own), grey in zip(table.groupby("depth"), ("0.65", "0.55", "0.42", "0.25")):
        draw_paper(left, own, "batch_size", color=grey)
        last = own.sort_values("batch_size").iloc[-1]
        ends.append((f"depth {depth}", last.batch_size, last.value / PAPER_EPISODE, grey))
    doubling_axis(left, table.batch_size, LABEL)
    left.set_xlim(right=left.get_xlim()[1] * 1.4)
    left.set(ylabel=SHARE, ylim=(0, None))
    end_labels(left, ends)
    runs = table.runs.dropna().astype(int)
    left.set_title(
        f"paper: {table.environment.iloc[0]}, mean and standard error of {runs.min()} to {runs.max()} runs (inferred)\n"
        "equal: steps; perhaps not updates, which may be fewer at 1024 and 2048",
        fontsize=8.5,
    )
    right.set(xlabel=LABEL, ylabel=SHARE)
    if rows.empty:
        right.set_title("here")
        unmeasured(right)
        return figure
    drawn = lines(rows)
    for number, (depth, scores) in enumerate(drawn.items()):
        shift = 1 + 0.03 * (number - (len(drawn) - 1) / 2)
        draw_scores(right, scores, f"here: depth {depth}", shift, **depth_look(depth))
    doubling_axis(right, rows.batch_size, LABEL)
    right.set_ylim(0, 1.3 * right.get_ylim()[1])
    each = seeds_in_words(score for scores in drawn.values() for score in scores.values())
    right.set_title(
        f"here: {rows.env.iloc[0]}, {each}, interquartile mean, 95 % interval, dots the seeds\n{equal(rows, 90)}",
        fontsize=8.5,
    )
    right.legend(fontsize=8, ncols=2, loc="upper left")
    return figure


def words(data: Path) -> Words:
    table, rows = evidence.paper(data, "fig7_batch_size"), here(data, SUITES, "depth", "batch_size")
    best = table.loc[table.groupby("depth").value.idxmax()]
    said = ", ".join(
        f"depth {row.depth} at batch {row.batch_size} ({row.value / PAPER_EPISODE:.2f})" for row in best.itertuples()
    )
    theirs = f"Paper, {table.environment.iloc[0]}: best are {said}"
    drawn = "Final score by batch size, one line a depth; the paper's left, ours right"
    if rows.empty:
        return Words(f"Not yet measured here. {theirs}.", f"Not yet measured here: batch size. {drawn}. {theirs}.")
    ours = lines(rows)
    tops = {depth: max(scores, key=lambda size: scores[size].iqm) for depth, scores in ours.items()}
    said = "; ".join(f"depth {depth} at batch {size}: {ours[depth][size]}" for depth, size in tops.items())
    listed = "; ".join(f"depth {depth}: {list_words(scores, 'batch')}" for depth, scores in ours.items())
    start = f"Here, {rows.env.iloc[0]} {at_equal(rows)}, best are"
    return Words(f"{start} {said}. {theirs}.", f"{drawn}. {theirs}. Here, {equal(rows, 400)}: {listed}.")
