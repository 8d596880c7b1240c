"""A learning rate for every depth

The same rates at every depth: how much of what depth gives is the size of the step. The paper has one rate for all.
"""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from crlkit.analysis.statistics import at_searched_rates, final_scores, interquartile_mean, interval
from crlkit.figures import style
from crlkit.figures.scores import (
    HERE,
    SHARE,
    at_equal,
    by,
    depth_look,
    doubling_axis,
    draw_scores,
    equal,
    here,
    list_words,
    log_axis,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import Score, Words

SUITES = ("learning_rate",)
PAPER: tuple[str, ...] = ()
LABEL = "learning rate of actor and critic (Adam)"


def by_rate(rows: pd.DataFrame) -> dict[int, dict[float, Score]]:
    """Of every depth its scores by learning rate."""
    return {
        int(depth): {float(rate): score for (rate,), score in by(part, "learning_rate").items()}
        for depth, part in (rows.groupby("depth") if len(rows) else ())
    }


def searched(rows: pd.DataFrame) -> dict[int, Score]:
    """Of every depth that had all rates its scores, each seed at the rate that the other seeds choose."""
    parts = [
        final_scores(run, "share").rename("score").reset_index().assign(task=0, depth=depth, learning_rate=rate)
        for (depth, rate, _), run in rows.groupby(["depth", "learning_rate", "run"])
    ]
    found = {}
    for depth, part in at_searched_rates(pd.concat(parts)).groupby("depth"):
        values = part.score.to_numpy()
        found[int(depth)] = Score(values, float(interquartile_mean(values)), *interval(values))
    return found


@style.styled
def draw(data: Path) -> Figure:
    """Scores by rate, and by depth at the searched rate beside the best single rate for all."""
    rows = here(data, SUITES, "depth", "learning_rate")
    figure = style.new_figure(12, 4.4)
    left, right = figure.subplots(1, 2)
    left.set(xlabel=LABEL, ylabel=SHARE, title="here: by learning rate")
    right.set(xlabel="depth (layers)", ylabel=SHARE, title="here: each depth at its own rate")
    if rows.empty:
        for axes in (left, right):
            unmeasured(axes)
        return figure
    lines, own = by_rate(rows), searched(rows)
    for number, (depth, scores) in enumerate(lines.items()):
        shift = 1 + 0.04 * (number - (len(lines) - 1) / 2)
        draw_scores(left, scores, f"depth {depth}", shift, **depth_look(depth))
    left.set_xscale("log")
    log_axis(left.xaxis)
    left.legend(fontsize=8, ncols=len(lines), loc="upper left")
    for number, rate in enumerate(rates(lines)):
        at_rate = {depth: scores[rate] for depth, scores in lines.items() if rate in scores}
        grey = ("0.75", "0.6", "0.45")[number % 3]
        draw_scores(right, at_rate, f"all at {rate:g}", 1 + 0.05 * (number + 1), color=grey, linestyle=":", lw=1)
    if own:
        draw_scores(right, own, "each seed at the rate that\nthe other seeds choose", color=HERE, lw=1.8)
    doubling_axis(right, lines)
    right.legend(fontsize=8, loc="upper left")
    for axes in (left, right):
        axes.set_ylim(0, 1.35 * axes.get_ylim()[1])
    each = seeds_in_words(score for scores in lines.values() for score in scores.values())
    figure.suptitle(
        f"{rows.env.iloc[0]}, {each}, interquartile mean, 95 % interval, dots the seeds; {equal(rows, 200)}", fontsize=9
    )
    return figure


def rates(lines: dict[int, dict[float, Score]]) -> list[float]:
    return sorted({rate for scores in lines.values() for rate in scores})


def words(data: Path) -> Words:
    rows = here(data, SUITES, "depth", "learning_rate")
    drawn = "Final score by learning rate, one line a depth; and by depth, where each has the rate that suits it"
    if rows.empty:
        return Words(
            "Not yet measured here: one learning rate for all depths against one for each.",
            f"Not yet measured here: {drawn[0].lower()}{drawn[1:]}.",
        )
    lines, own = by_rate(rows), searched(rows)
    best = {depth: max(scores, key=lambda rate: scores[rate].iqm) for depth, scores in lines.items() if len(scores) > 1}
    said = ", ".join(f"depth {depth} at {rate:g}" for depth, rate in best.items())
    each = f"; each depth at its own rate: {list_words(own)}" if own else ""
    listed = "; ".join(f"depth {depth}: {list_words(scores, 'rate')}" for depth, scores in lines.items())
    at_best = f", best are {said}" if best else ""
    start = f"Here, {rows.env.iloc[0]} {at_equal(rows)}{at_best}{each}"
    return Words(f"{start}.", f"{drawn}. {equal(rows, 400)}. {listed}. {start}.")
