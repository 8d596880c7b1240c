"""Lights Out: critics stay on plateaus and leave them suddenly, and deep ones solve boards that shallow ones seldom do.

The critic alone, on fixed random walks; its greedy policy plays. How many lamps two boards differ in is the straight
line of this task and says little; the way is a matter of nine parities, and a plateau is how many of them a critic
knows.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import envs
from crlkit.analysis.plateaus import first_steps, known_parities, levels
from crlkit.evidence import one_processor
from crlkit.figures import scores, style
from crlkit.figures.layers import seed_curves
from crlkit.figures.panels import Figure, Finding, Row, where_measured
from crlkit.figures.scores import at_equal, draw_scores, held_equal, list_words, seeds
from crlkit.suites import FIRST_SEED, MATCHED

ENV = "lights_out_3x3"
CLOCKS = {"updates": "gradient updates", "seed_seconds": "processor seconds of a seed"}
FLOORS = {"line_loss": ("best that only counts lamps", ":"), "bayes_loss": ("perfect critic (Bayes)", (0, (6, 3)))}
PRESSES = (("solved_3", "#56B4E9", 0.96), ("solved_4", "#0072B2", 1.0), ("solved_5", "#D55E00", 1.04))
FAR, SOLVED = "solved_5", "share of boards solved"
MEASURES = {FAR: "boards 5 presses away solved (share)", "known": "parities known, of nine"}
ENDED = "status in ('finished', 'interrupted')"


def read(data: Path, suites: tuple[str, ...], measure: str, **which) -> pd.DataFrame:
    """Rows with a column `known`: how many of the nine parities a critic knows."""
    rows = scores.measured(data, suites, measure, **which)
    return rows[rows.env == ENV].assign(known=known_parities) if len(rows) else rows


def _by_presses(axes: Axes, rows: pd.DataFrame) -> None:
    presses = sorted(int(name.removeprefix("solved_")) for name in rows if name.startswith("solved_"))
    solved = {n: scores.by_depth(rows, f"solved_{n}") for n in presses}
    for depth in sorted(set(rows.depth)):
        draw_scores(axes, {n: solved[n][depth] for n in presses}, f"depth {depth}", **scores.depth_look(depth))
    axes.set_xticks(presses)
    axes.set(ylim=(-0.03, 1.03), title="solved by presses needed, at the end")


def _widths(rows: pd.DataFrame) -> str:
    return ", ".join(f"{depth}: {width}" for depth, width in rows.groupby("depth").width.first().items())


# -- boards that only deep critics solve --------------------------------------------------------------------------------


def boards(data: Path, x: str = "updates") -> pd.DataFrame:
    """Fresh seeds, every depth at the rate at which it ends best; searched: whether it was run at all rates. x:
    `updates`, or `seed_seconds` for the rows within the seconds of the cheapest depth's slowest seed."""
    rows = read(data, ("boards", "boards_rates"), FAR, clock=x == "seed_seconds")
    if rows.empty:
        return rows
    rows = rows[rows.seed >= FIRST_SEED]
    if x == "seed_seconds":
        rows = one_processor(rows)
        last = rows.groupby(["run", "depth"]).seed_seconds.max()
        rows = rows[rows.seed_seconds <= last.groupby("depth").max().min()]
    ends = scores.by(rows, "depth", "learning_rate", measure=FAR)
    ends = pd.Series({level: score.seeds.mean() for level, score in ends.items()}).groupby(level=0)
    best, tried = {depth: rate for depth, rate in ends.idxmax()}, ends.size()
    rows = rows.assign(searched=rows.depth.map(tried) == tried.max())
    return rows[rows.learning_rate == rows.depth.map(best)]


def _over_depth(axes: Axes, rows: pd.DataFrame, x: str) -> None:
    for measure, colour, shift in PRESSES:
        draw_scores(axes, scores.by_depth(rows[rows.searched], measure), f"{measure[-1]} presses", shift, color=colour)
        for depth, score in scores.by_depth(rows[~rows.searched], measure).items():
            draw_scores(axes, {depth: score}, None, shift, color=colour, mfc="white", alpha=0.6)
    scores.doubling_axis(axes, rows.depth)
    timed = f"within {rows.seed_seconds.max():.0f} processor seconds"
    axes.set(ylim=(-0.03, 1.03), title=f"by depth, {at_equal(rows) if x == 'updates' else timed}")
    axes.legend(title="boards away by", loc="upper left", fontsize=7.5)


def _boards_title(data: Path) -> str:
    rows = boards(data)
    rates = ", ".join(f"{depth}: {rate:g}" for depth, rate in rows.groupby("depth").learning_rate.first().items())
    alone = "" if rows.searched.all() else " (hollow: this rate alone was run)"
    return (
        "Lights Out 3x3: deep critics solve boards that shallow ones of equal size seldom solve\n"
        f"width by depth {_widths(rows)}; {at_equal(rows).removeprefix('at ')}; {seeds(rows)} per depth, 95 % intervals\n"
        f"learning rate by depth {rates}{alone}; below, thick the mean, thin the seeds"
    )


def _solved(data: Path) -> Finding:
    rows, timed = boards(data), boards(data, "seed_seconds")
    far = f"{at_equal(rows)}: {list_words(scores.by_depth(rows, FAR))}"
    if len(timed):
        far += f"; within {timed.seed_seconds.max():.0f} processor seconds: {list_words(scores.by_depth(timed, FAR))}"
    known = f"{seeds(rows)} per depth. Parities known at the end: {list_words(scores.by_depth(rows, 'known'))}"
    return Finding(f"Boards five presses away solved at equal parameters, {far}", more=known)


BOARDS = Figure(
    "Boards that only deep critics solve: Lights Out at equal parameters, by presses needed, depth, updates and seconds",
    "Six panels on critics of Lights Out: share of boards solved by presses needed, a line per depth; by depth at 3, 4 and 5 "
    "presses, at the end and at equal seconds; boards five presses away by updates, parities known by updates, and boards five "
    "presses away by seconds",
    _solved,
    (
        Row((
            where_measured(boards, _by_presses, xlabel="presses needed", ylabel=SOLVED),
            *(where_measured(partial(boards, x=x), partial(_over_depth, x=x), ylabel=SOLVED) for x in CLOCKS),
        ), _boards_title),
        Row(tuple(
            where_measured(partial(boards, x=x), partial(seed_curves, x=x, y=y), xlabel=CLOCKS[x], ylabel=MEASURES[y])
            for x, y in (("updates", FAR), ("updates", "known"), ("seed_seconds", FAR))
        ), legend=True),
    ),
    (11.5, 7.6),
    reads=("boards", "boards_rates"),
    needs=boards,
    missing="boards of Lights Out that critics of each depth solve; the paper has no such experiment",
)  # fmt: skip

# -- plateaus -----------------------------------------------------------------------------------------------------------


def critics(data: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Rows of critics of matched parameters, of equal width, and of matched ones at the learning rate that the search
    did not choose. Runs that were interrupted are there as far as they came."""
    rows = every_width(data)
    wide = rows[rows.width == MATCHED[64]]
    other = read(data, ("lights_out_rates",), "heldout_loss", query=ENDED)
    return matched(data), wide if wide.depth.nunique() > 1 else wide[:0], other


def matched(data: Path) -> pd.DataFrame:
    rows = every_width(data)
    return rows[rows.width == rows.depth.map(MATCHED)] if len(rows) else rows


def every_width(data: Path) -> pd.DataFrame:
    return read(data, ("lights_out",), "heldout_loss", query=ENDED)


def _loss(axes: Axes, rows: pd.DataFrame) -> None:
    seed_curves(axes, rows, "updates", "heldout_loss")
    axes.locator_params(axis="x", nbins=5)
    for name, (text, look) in FLOORS.items():
        axes.axhline(rows[name].mean(), color="0.3", ls=look, lw=1, label=text)
    top = rows.groupby("updates").heldout_loss.mean().iloc[1:].max()
    axes.set(ylim=(rows.bayes_loss.min() - 0.1, min(4.2, top + 0.1)), title="loss; thick the mean, thin the seeds")


def _first_steps(axes: Axes, data: Path) -> None:
    """A mark per seed; those that never stepped are one mark with their number, as they end together."""
    every = critics(data)
    kinds = (
        ("equal parameters", "o", None, 1.0),
        (f"equal width ({MATCHED[64]})", "s", "none", 1.2),
        ("equal parameters, the rate not chosen", "o", "0.8", 0.84),
    )
    for rows, (label, marker, face, shift) in zip(every, kinds):
        for depth, runs in first_steps(rows).groupby("depth") if len(rows) else ():
            look = {"ls": "", "ms": 6, "mec": (colour := style.depth_style(depth)["color"]), "mfc": face or colour}
            late = runs[~runs.stepped]
            for marks, shape in ((runs[runs.stepped], marker), (late, "^")):
                axes.plot([depth * shift] * len(marks), marks.updates, marker=shape, **look)
            if len(late):
                text = {"xytext": (0, 5), "textcoords": "offset points", "ha": "center", "fontsize": 7.5}
                axes.annotate(f"{len(late)}", (depth * shift, late.updates.max()), **text)
        if len(rows):
            axes.plot([], [], marker, mfc=face or "0.4", mec="0.4", label=label)
    axes.plot([], [], "^", color="0.4", label="so many not by the end of the run")
    axes.legend(fontsize=7.5, loc="upper right")
    axes.set(
        ylabel=CLOCKS["updates"], title="first loss below all that count lamps", ylim=(0, 1.6 * axes.get_ylim()[1])
    )
    scores.doubling_axis(axes, {depth for rows in every if len(rows) for depth in rows.depth})


def _known(axes: Axes, rows: pd.DataFrame) -> None:
    """Every evaluation, those of equal width too: its loss by how many parities the critic knew then, beside the least
    loss that so many allow. Both from that of the best critic that counts lamps, each on its own pairs of boards."""
    rows = rows.dropna(subset="known")
    first = rows.iloc[0]
    least = levels(envs.make(ENV), first.discount, int(first.episode_length), int(first.batch_size))
    least = least - least[0]
    axes.plot(range(len(least)), least, "_", color="0.3", ms=14, mew=1.6, label="least possible with so many")
    spread = np.random.default_rng(0).uniform(-0.25, 0.25, len(rows))
    late = rows.updates > rows.groupby("run").updates.transform("max") / 2
    for (is_late, depth), marks in rows.assign(x=rows.known + spread).groupby([late, "depth"]):
        look = scores.depth_look(depth) | {"linestyle": ""}
        axes.plot(marks.x, marks.heldout_loss - marks.line_loss, ms=2.5, alpha=0.6 if is_late else 0.07, **look)
    axes.set_xticks(range(len(least)))
    axes.set_ylim(float(least.min()) - 0.1, min(1.1, float((rows.heldout_loss - rows.line_loss).max()) + 0.1))
    axes.set_title("loss by how many parities are known,\npale in the first half of a run, all widths")
    axes.legend(fontsize=7.5, loc="upper right")


def _cut(data: Path) -> str:
    """Which runs were interrupted, and when."""
    rows = pd.concat(critics(data))
    ends = rows[rows.status == "interrupted"].groupby(["depth", "learning_rate"]).updates.max()
    cut = (f"depth {depth} at rate {rate:g} was interrupted after {at:,} updates" for (depth, rate), at in ends.items())
    return "; ".join(cut)


def _plateaus_title(data: Path) -> str:
    rows = matched(data)
    return (
        f"{ENV}, critics of equal parameters (width by depth {_widths(rows)}), {seeds(rows)} each\nequal: "
        f"{held_equal(rows)}; not an experiment of the paper\n{_cut(data)}"
    ).strip()


def _stepped(rows: pd.DataFrame) -> list[str]:
    """By depth and rate how many seeds left the plateau, and when half of all had, if they had."""
    told = []
    for (depth, rate), runs in rows.groupby(["depth", "learning_rate"]) if len(rows) else ():
        steps = first_steps(runs)
        middle = steps.sort_values(["stepped", "updates"], ascending=[False, True]).iloc[(len(steps) - 1) // 2]
        seconds = "" if np.isnan(middle.seed_seconds) else f" ({middle.seed_seconds:,.0f} s)"
        half = f", half by {middle.updates:,} updates{seconds}" * bool(middle.stepped)
        told.append(f"depth {depth} at rate {rate:g}: {steps.stepped.sum()} of {len(steps)} seeds left it{half}")
    return told


def _left(data: Path) -> Finding:
    rows, _, other = critics(data)
    told = "; ".join([*_stepped(rows), *_stepped(other), *filter(None, [_cut(data)])])
    ends = scores.by_depth(rows, "heldout_loss").items()
    losses = ", ".join(f"depth {depth} {score.seeds.mean():.2f}" for depth, score in ends)
    floors = ", ".join(f"{text} {rows[name].mean():.2f}" for name, (text, _) in FLOORS.items())
    return Finding(
        f"At equal parameters and {held_equal(rows)}, leaving the plateau of counting lamps: {told}",
        more=f"Held-out loss at the end {losses}; {floors}",
    )


PLATEAUS = Figure(
    "Emergence on a laptop: critics of Lights Out stay on plateaus, and leave them suddenly",
    "Held-out loss by updates, one line per depth and a thin line per seed; the first step below all critics that count "
    "lamps; and the loss of every evaluation by how many of the nine parities the critic knew",
    _left,
    (
        Row((
            where_measured(matched, _loss, xlabel="gradient updates", ylabel="held-out InfoNCE loss (nats)"),
            _first_steps,
            where_measured(every_width, _known, xlabel="parities known, of nine",
                           ylabel="loss minus that of the best\nthat only counts lamps (nats)"),
        ), _plateaus_title, legend=True),
    ),
    (12.5, 5),
    reads=("lights_out", "lights_out_rates"),
    needs=matched,
    missing="when critics of Lights Out leave their plateau, by depth; the paper has no such experiment",
)  # fmt: skip
