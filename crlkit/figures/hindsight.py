"""What becomes the goal, and how it is contrasted

Which later state is relabelled as the goal, and other energies and losses than the paper's, everything else equal.
"""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from crlkit.figures import style
from crlkit.figures.scores import (
    SHARE,
    at_equal,
    by_depth,
    depth_look,
    equal,
    here,
    list_words,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import Score, Words

SUITES = ("hindsight",)
PAPER: tuple[str, ...] = ()
PAPERS = "the paper's: geometric future,\nL2 energy, forward InfoNCE"
NAMES = {
    "hindsight": {"uniform": "any later state alike", "final": "the last state"},
    "energy": {"l2_squared": "squared L2 energy", "dot": "dot product", "cosine": "cosine energy"},
    "loss": {"backward": "backward InfoNCE", "symmetric": "symmetric InfoNCE", "binary": "binary NCE"},
}
USUAL = {"hindsight": "geometric", "energy": "l2", "loss": "forward"}


def name(hindsight: str, energy: str, loss: str) -> str:
    """What a run does otherwise than the paper."""
    changed = [NAMES[key].get(value) for key, value in zip(USUAL, (hindsight, energy, loss)) if value != USUAL[key]]
    return ", ".join(changed) or PAPERS


def choices(rows: pd.DataFrame) -> dict[str, dict[int, Score]]:
    """Of every choice, in the order of NAMES, its scores by depth."""
    if rows.empty:
        return {}
    found = {name(*level): by_depth(part) for level, part in rows.groupby(list(USUAL))}
    order = [PAPERS, *(text for names in NAMES.values() for text in names.values())]
    return {text: found[text] for text in order if text in found}


@style.styled
def draw(data: Path) -> Figure:
    """One line a choice, one mark a depth."""
    rows = here(data, SUITES, "depth", *USUAL)
    found = choices(rows)
    figure = style.new_figure(9, 1.6 + 0.5 * max(4, len(found)))
    axes = figure.subplots()
    axes.set(xlabel=SHARE, title="here: which later state becomes the goal, and how goals are contrasted")
    if not found:
        unmeasured(axes)
        return figure
    depths = sorted({depth for scores in found.values() for depth in scores})
    for place, scores in enumerate(found.values()):
        for number, depth in enumerate(depths):
            if depth in scores:
                score, look = scores[depth], depth_look(depth) | {"linestyle": "-"}
                y = place + 0.22 * (number - (len(depths) - 1) / 2)
                around = [[max(0, score.iqm - score.low)], [max(0, score.high - score.iqm)]]
                label = None if place else f"depth {depth}"
                axes.errorbar(score.iqm, y, xerr=around, capsize=3, ms=5, lw=1.5, label=label, zorder=4, **look)
                axes.plot(score.seeds, [y] * len(score.seeds), ".", color=look["color"], ms=3.5, alpha=0.45)
    axes.set_yticks(range(len(found)), list(found))
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlim(left=0)
    each = seeds_in_words(score for scores in found.values() for score in scores.values())
    axes.set_title(
        f"here: {rows.env.iloc[0]}, {each}, interquartile mean, 95 % interval, dots the seeds\n{equal(rows, 110)}",
        fontsize=8.5,
    )
    axes.legend(fontsize=8, loc="best")
    return figure


def words(data: Path) -> Words:
    rows = here(data, SUITES, "depth", *USUAL)
    found = choices(rows)
    kinds = {"hindsight": "by which later state becomes the goal", "energy": "by energy", "loss": "by loss"}
    had = [kind for kind in kinds if rows.empty or rows[kind].nunique() > 1]
    drawn = f"Final score {', '.join(kinds[kind] for kind in had)}, a mark a depth"
    missing = [kind for kind in kinds if kind not in had]
    lacking = f" Not yet measured here: another {' and another '.join(missing)} than the paper's." if missing else ""
    if not found:
        return Words(
            "Not yet measured here: other goals, energies and losses.",
            f"Not yet measured here: {drawn[0].lower()}{drawn[1:]}.",
        )
    said = {text.replace("\n", " "): scores for text, scores in found.items()}
    listed = "; ".join(f"{text}: {list_words(scores)}" for text, scores in said.items())
    return Words(
        f"Here, {rows.env.iloc[0]} {at_equal(rows)}, of the episode at the goal: {listed}.{lacking}",
        f"{drawn}. {equal(rows, 400)}. {listed}.{lacking}",
    )
