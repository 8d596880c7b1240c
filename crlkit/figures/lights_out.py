"""Emergence on a laptop: critics of Lights Out stay on plateaus, and leave them suddenly

The critic alone, on fixed random walks. How many lamps two boards differ in is the straight line of this task and says
little; the way is a matter of nine parities, and a plateau is how many of them a critic knows. Not in the paper.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from crlkit import envs
from crlkit.analysis.plateaus import CHANCE, first_steps, known_parities, levels
from crlkit.evidence import one_processor
from crlkit.figures import style
from crlkit.figures.layers import seed_curves
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.scores import depth_look, doubling_axis, machines, measured, unmeasured
from crlkit.figures.words import held_equal, seeds
from crlkit.suites import MATCHED

ENV = "lights_out_3x3"
FLOORS = {"line_loss": "best that only counts lamps", "bayes_loss": "perfect critic (Bayes)"}
CLOCKS = {"updates": "gradient updates", "seed_seconds": "processor seconds of a seed"}
ENDED = "status in ('finished', 'interrupted')"


class Critics(NamedTuple):
    """Rows of critics of matched parameters, of equal width, and of matched ones at the learning rate that the search did not
    choose. Runs that were interrupted are there as far as they came."""

    matched: pd.DataFrame
    same_width: pd.DataFrame
    other_rate: pd.DataFrame


def read(data: Path, clock: bool = False) -> Critics:
    rows = _rows(data, "lights_out", clock)
    matched = rows[[MATCHED.get(depth) == width for depth, width in zip(rows.depth, rows.width)]] if len(rows) else rows
    wide = rows[rows.width == MATCHED[64]] if len(rows) else rows
    same_width = wide if len(rows) and wide.depth.nunique() > 1 else rows.iloc[:0]
    critics = Critics(matched, same_width, _rows(data, "lights_out_rates", False))
    return Critics(*(one_processor(rows) for rows in critics)) if clock else critics


def _rows(data: Path, suite: str, clock: bool) -> pd.DataFrame:
    rows = measured(data, (suite,), "heldout_loss", ENDED, clock=clock)
    return rows[rows.env == ENV] if len(rows) else rows


def _draw(figure: Drawing, data: Path) -> None:
    critics, grid = read(data), figure.subplots(3, 3)
    matched = critics.matched
    grid[2, 2].axis("off")
    if matched.empty:
        for axes in grid.flat[:8]:
            unmeasured(axes)
        figure.suptitle(f"{ENV}, critics on fixed random walks; not an experiment of the paper")
        return
    top = matched.groupby("updates").heldout_loss.mean().iloc[1:].max()
    for (loss, share, steps), (clock, words) in zip(grid.T, CLOCKS.items()):
        timed = critics if clock == "updates" else read(data, clock=True)
        if timed.matched.empty:
            for axes in (loss, share, steps):
                unmeasured(axes)
            continue
        alone = f", {seeds(timed.matched)}{machines(timed.matched)}" if clock == "seed_seconds" else ""
        seed_curves(loss, timed.matched, clock, "heldout_loss")
        floors = [
            loss.axhline(matched[name].mean(), color="0.3", ls=line, lw=1, label=text)
            for (name, text), line in zip(FLOORS.items(), (":", (0, (6, 3))))
        ]
        loss.legend(handles=floors, fontsize=7.5, loc="upper right")
        loss.set(xlabel=words + alone, ylabel="held-out InfoNCE loss (nats)")
        loss.set_title("loss; thick the mean, thin a seed")
        loss.set_ylim(float(matched.bayes_loss.min()) - 0.1, min(4.2, float(top) + 0.1))
        seed_curves(share, timed.matched, clock, "optimal_action")
        share.axhline(CHANCE, color="0.4", ls=":", lw=1)
        share.text(0.99, CHANCE + 0.004, "chance", ha="right", fontsize=7.5, transform=share.get_yaxis_transform())
        share.set(xlabel=words + alone, ylabel="share of pairs", title="best-scored press begins a shortest way")
        _first_steps(steps, timed, clock)
        steps.set(ylabel=words)
    _solved(grid[0, 2], matched)
    depths = {*matched.depth, *_known(grid[1, 2], data)}
    handles = [Line2D([], [], **style.depth_style(depth), ms=4) for depth in sorted(depths)]
    grid[2, 2].legend(handles=handles, loc="center", title="in all panels")
    widths = ", ".join(f"{depth}: {width}" for depth, width in matched.groupby("depth").width.first().items())
    cut = _cut(critics).replace("; ", "\n", 1)
    figure.suptitle(
        f"{ENV}, critics of equal parameters (width by depth {widths}), {seeds(matched)} each\n"
        f"equal: {held_equal(matched)}; not an experiment of the paper{cut}",
        fontsize=9.5,
    )


def _cut(critics: Critics) -> str:
    """Which runs were interrupted, and when."""
    ends = ""
    for rows, at_rate in ((critics.matched, False), (critics.other_rate, True)):
        for (depth, rate, status), updates in (
            rows.groupby(["depth", "learning_rate", "status"]).updates.max().items() if len(rows) else ()
        ):
            if status == "interrupted":
                ends += f"; depth {depth}{f' at rate {rate:g}' * at_rate} was interrupted after {updates:,} updates"
    return ends


def _first_steps(axes: Axes, critics: Critics, clock: str) -> None:
    """A mark a seed; those that never stepped are one mark with their number, as they end at about the same clock."""
    for rows, face, shift in zip(critics, (None, "none", "0.8"), (1.0, 1.2, 0.84)):
        for (depth, _), runs in first_steps(rows).groupby(["depth", "run"]) if len(rows) else ():
            colour = style.depth_style(depth)["color"]
            for stepped, marker in ((True, "s" if face == "none" else "o"), (False, "^")):
                marks = runs[runs.stepped == stepped]
                x = [depth * shift] * len(marks)
                axes.plot(x, marks[clock], ls="", marker=marker, ms=6, mec=colour, mfc=face or colour)
                if len(marks) and not stepped:
                    top = (depth * shift, marks[clock].max())
                    axes.annotate(f"{len(marks)}", top, (0, 5), textcoords="offset points", ha="center", fontsize=7.5)
    _, same_width, other = critics
    axes.plot([], [], "o", color="0.4", label="equal parameters")
    if len(same_width):
        axes.plot([], [], "s", ls="", mfc="none", mec="0.4", label=f"equal width ({same_width.width.iloc[0]})")
    if len(other):
        axes.plot([], [], "o", mfc="0.8", mec="0.4", label=f"equal parameters, rate {other.learning_rate.iloc[0]:g}")
    axes.plot([], [], "^", color="0.4", label="so many not by the end of the run")
    axes.legend(fontsize=7.5, loc="upper right" if clock == "updates" else "upper left")
    axes.set(ylim=(0, 1.6 * axes.get_ylim()[1]), title="first loss below all that count lamps")
    doubling_axis(axes, {depth for rows in critics if len(rows) for depth in rows.depth})


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("updates").groupby(["run", "seed"]).last().reset_index()


def _solved(axes: Axes, rows: pd.DataFrame) -> None:
    presses = sorted(int(name.removeprefix("solved_")) for name in rows if name.startswith("solved_"))
    for depth, critics in _last(rows).groupby("depth"):
        look, solved = depth_look(depth), critics[[f"solved_{n}" for n in presses]]
        axes.plot(presses, solved.mean(), lw=1.6, ms=4, **look)
        axes.plot(presses, solved.T, **look | {"linestyle": ""}, ms=2, alpha=0.4)
    axes.set(xlabel="distance (presses)", ylabel="share solved", title="solved by the greedy policy, at the end")
    axes.set_xticks(presses)


def _known(axes: Axes, data: Path) -> set[int]:
    """Every evaluation, those of equal width too: its loss by how many parities the critic knew then, beside the least loss
    that so many allow. Both from that of the best critic that counts lamps, each on its own pairs of boards. Returns the
    depths that have marks."""
    rows = _rows(data, "lights_out", False).assign(known=known_parities).dropna(subset="known")
    axes.set(xlabel="parities known, of nine", ylabel="loss minus that of the best\nthat only counts lamps (nats)")
    axes.set_title("loss by how many parities are known,\npale in the first half of a run, all widths")
    if rows.empty:
        unmeasured(axes)
        return set()
    first = rows.iloc[0]
    least = levels(envs.make(ENV), first.discount, int(first.episode_length), int(first.batch_size))
    least = least - least[0]
    axes.plot(range(len(least)), least, "_", color="0.3", ms=14, mew=1.6, label="least possible with so many")
    spread = np.random.default_rng(0).uniform(-0.25, 0.25, len(rows))
    late = rows.updates > rows.groupby("run").updates.transform("max") / 2
    for (is_late, depth), marks in rows.assign(x=rows.known + spread).groupby([late, "depth"]):
        look = depth_look(depth) | {"linestyle": ""}
        axes.plot(marks.x, marks.heldout_loss - marks.line_loss, ms=2.5, alpha=0.6 if is_late else 0.07, **look)
    axes.set_xticks(range(len(least)))
    axes.set_ylim(float(least.min()) - 0.1, min(1.1, float((rows.heldout_loss - rows.line_loss).max()) + 0.1))
    axes.legend(fontsize=7.5, loc="upper right")
    return set(rows.depth)


def _half(steps: pd.DataFrame) -> str:
    """When half of all seeds had left, if they had."""
    middle = steps.sort_values(["stepped", "updates"], ascending=[False, True]).iloc[(len(steps) - 1) // 2]
    seconds = "" if np.isnan(middle.seed_seconds) else f" ({middle.seed_seconds:,.0f} s)"
    return f", half by {middle.updates:,} updates{seconds}" if middle.stepped else ""


def finding(data: Path) -> Finding:
    critics = read(data)
    matched, _, other = critics
    if matched.empty:
        return Finding(
            missing="when critics of Lights Out leave their plateau, by depth; the paper has no such experiment"
        )
    left = [
        f"depth {depth}: {steps.stepped.sum()} of {len(steps)} seeds left it{_half(steps)}"
        for depth, steps in first_steps(matched).groupby("depth")
    ]
    for depth, steps in first_steps(other).groupby("depth") if len(other) else ():
        rate = f"at rate {other.learning_rate.iloc[0]:g}"
        left.append(f"depth {depth} {rate}: {steps.stepped.sum()} of {len(steps)}{_half(steps)}")
    said = f"At equal parameters and {held_equal(matched)}, leaving the plateau of counting lamps: {'; '.join(left)}{_cut(critics)}"
    means = _last(matched).groupby("depth")[["heldout_loss", "optimal_action"]].mean()
    losses, optimal = (", ".join(f"depth {d} {value:.2f}" for d, value in means[name].items()) for name in means)
    perfect, counting = matched.bayes_loss.mean(), matched.line_loss.mean()
    floors = f"the perfect critic has {perfect:.2f}, the best that counts lamps {counting:.2f}"
    ends = f"Held-out loss at the end {losses}; {floors}. Share of pairs whose best-scored press is optimal at the end: {optimal}"
    return Finding(said, more=f"{said}. {ends}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Eight panels, one line a depth and a thin line a seed. Held-out loss, share of pairs whose best-scored press is optimal, and "
    "first step below all critics that count lamps, each by updates and by processor seconds (of the runs that were timed, which "
    "may be others); share solved by distance; and the loss of every evaluation by how many of the nine parities the critic knew",
    finding,
    (_draw,),
    (12, 9.6),
    reads=("lights_out", "lights_out_rates"),
)
