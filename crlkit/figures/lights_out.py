"""Emergence on a laptop: critics of Lights Out stay on plateaus, and leave them suddenly

The critic alone, on fixed random walks. How many lamps two boards differ in is the straight line of this task and says
little; the way is a matter of nine parities, and a plateau is how many of them a critic knows. Not in the paper.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from crlkit import envs
from crlkit.analysis.plateaus import CHANCE, first_steps, known_parities, levels
from crlkit.figures import style
from crlkit.figures.scores import depth_look, doubling_axis, machines, measured, one_processor, unmeasured
from crlkit.figures.words import Words, held_equal, not_measured, seeds
from crlkit.suites import MATCHED

SUITES = ("lights_out", "lights_out_rates")
PAPER: tuple[str, ...] = ()
ENV = "lights_out_3x3"
FLOORS = {"line_loss": "best that only counts lamps", "bayes_loss": "perfect critic (Bayes)"}
CLOCKS = {"updates": "gradient updates", "seed_seconds": "processor seconds of a seed"}
ENDED = "status in ('finished', 'interrupted')"


def read(data: Path, **which: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of critics of matched parameters, and those of critics of equal width; both may be empty. Runs that were
    interrupted are there as far as they came. `which`: `clock` of `evidence.rows`."""
    rows = measured(data, SUITES[:1], "heldout_loss", ENDED, **which)
    if rows.empty:
        return rows, rows
    rows = rows[rows.env == ENV]
    matched = rows[[MATCHED.get(depth) == width for depth, width in zip(rows.depth, rows.width)]]
    same_width = rows[rows.width == MATCHED[64]]
    return matched, same_width if same_width.depth.nunique() > 1 else same_width.iloc[:0]


def other_rate(data: Path) -> pd.DataFrame:
    """The rows at the learning rate that the search did not choose."""
    rows = measured(data, SUITES[1:], "heldout_loss", ENDED)
    return rows[rows.env == ENV] if len(rows) else rows


@style.styled
def draw(data: Path) -> Figure:
    matched, same_width = read(data)
    other = other_rate(data)
    figure = style.new_figure(12, 9.6)
    grid = figure.subplots(3, 3)
    grid[2, 2].axis("off")
    if matched.empty:
        for axes in grid.flat[:8]:
            not_measured(axes)
            axes.set(xticks=[], yticks=[])
        figure.suptitle(f"{ENV}, critics on fixed random walks; not an experiment of the paper")
        return figure
    lines = {"updates": (matched, same_width, other)}
    lines["seed_seconds"] = tuple(map(one_processor, (*read(data, clock=True), other)))
    top = matched.groupby("updates").heldout_loss.mean().iloc[1:].max()
    for column, (clock, words_of) in enumerate(CLOCKS.items()):
        loss, share, steps = grid[:, column]
        timed = lines[clock][0]
        if timed.empty:
            for axes in grid[:, column]:
                unmeasured(axes)
            continue
        alone = f", {seeds(timed)}{machines(timed)}" if clock == "seed_seconds" else ""
        _curves(loss, timed, clock, "heldout_loss")
        _floors(loss, matched)
        loss.set(
            xlabel=words_of + alone, ylabel="held-out InfoNCE loss (nats)", title="loss; thick the mean, thin a seed"
        )
        loss.set_ylim(float(matched.bayes_loss.min()) - 0.1, min(4.2, float(top) + 0.1))
        _curves(share, timed, clock, "optimal_action")
        share.axhline(CHANCE, color="0.4", ls=":", lw=1)
        share.text(0.99, CHANCE + 0.004, "chance", ha="right", fontsize=7.5, transform=share.get_yaxis_transform())
        share.set(xlabel=words_of + alone, ylabel="share of pairs", title="best-scored press begins a shortest way")
        _first_steps(steps, *lines[clock], clock)
        steps.set(ylabel=words_of)
    _solved(grid[0, 2], matched)
    depths = {*matched.depth, *_known(grid[1, 2], data)}
    handles = [Line2D([], [], **style.depth_style(depth), ms=4) for depth in sorted(depths)]
    grid[2, 2].legend(handles=handles, loc="center", title="in all panels")
    widths = ", ".join(f"{d}: {w}" for d, w in matched.groupby("depth").width.first().items())
    cut = _cut(matched, other).replace("; ", "\n", 1)
    figure.suptitle(
        f"{ENV}, critics of equal parameters (width by depth {widths}), {seeds(matched)} each\n"
        f"equal: {held_equal(matched)}; not an experiment of the paper{cut}",
        fontsize=9.5,
    )
    return figure


def _cut(matched: pd.DataFrame, other: pd.DataFrame) -> str:
    """Which runs were interrupted, and when."""
    said = ""
    for rows in (matched, other):
        cut = rows[rows.status == "interrupted"] if len(rows) else rows
        rate = f" at rate {cut.learning_rate.iloc[0]:g}" if len(cut) and rows is other else ""
        for depth, updates in cut.groupby("depth").updates.max().items() if len(cut) else ():
            said += f"; depth {depth}{rate} was interrupted after {updates:,} updates"
    return said


def _curves(axes: Axes, rows: pd.DataFrame, x: str, y: str) -> None:
    for depth, own in rows.groupby("depth"):
        look = depth_look(depth)
        for _, one in own.groupby(["run", "seed"]):
            one = one.sort_values("updates")
            axes.plot(one[x], one[y], color=look["color"], ls=look["linestyle"], lw=0.6, alpha=0.5)
        mean = own.groupby("updates").agg(x=(x, "mean"), y=(y, "mean"))
        axes.plot(mean.x, mean.y, lw=1.8, markevery=max(1, len(mean) // 8), ms=4, **look)


def _floors(axes: Axes, rows: pd.DataFrame) -> None:
    floors = [
        axes.axhline(rows[name].mean(), color="0.3", ls=line, lw=1, label=text)
        for (name, text), line in zip(FLOORS.items(), (":", (0, (6, 3))))
    ]
    axes.legend(handles=floors, fontsize=7.5, loc="upper right")


def _first_steps(axes: Axes, matched: pd.DataFrame, same_width: pd.DataFrame, other: pd.DataFrame, clock: str) -> None:
    """A mark a seed; those that never stepped are one mark with their number, as they end at about the same clock."""
    for rows, face, shift in ((matched, None, 1.0), (same_width, "none", 1.2), (other, "0.8", 0.84)):
        for (depth, _), own in first_steps(rows).groupby(["depth", "run"]) if len(rows) else ():
            colour = style.depth_style(depth)["color"]
            for stepped, marker in ((True, "s" if face == "none" else "o"), (False, "^")):
                some = own[own.stepped == stepped]
                axes.plot(
                    [depth * shift] * len(some), some[clock], ls="", marker=marker, ms=6, mec=colour, mfc=face or colour
                )
                if len(some) and not stepped:
                    top = (depth * shift, some[clock].max())
                    axes.annotate(f"{len(some)}", top, (0, 5), textcoords="offset points", ha="center", fontsize=7.5)
    axes.plot([], [], "o", color="0.4", label="equal parameters")
    if len(same_width):
        axes.plot([], [], "s", ls="", mfc="none", mec="0.4", label=f"equal width ({same_width.width.iloc[0]})")
    if len(other):
        axes.plot([], [], "o", mfc="0.8", mec="0.4", label=f"equal parameters, rate {other.learning_rate.iloc[0]:g}")
    axes.plot([], [], "^", color="0.4", label="so many not by the end of the run")
    axes.legend(fontsize=7.5, loc="upper right" if clock == "updates" else "upper left")
    axes.set(ylim=(0, 1.6 * axes.get_ylim()[1]), title="first loss below all that count lamps")
    doubling_axis(axes, set().union(*(rows.depth for rows in (matched, same_width, other) if len(rows))))


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("updates").groupby(["run", "seed"]).last().reset_index()


def _distances(rows: pd.DataFrame) -> list[int]:
    return sorted(int(name.removeprefix("solved_")) for name in rows if name.startswith("solved_"))


def _solved(axes: Axes, rows: pd.DataFrame) -> None:
    distances = _distances(rows)
    for depth, own in _last(rows).groupby("depth"):
        look = depth_look(depth)
        values = own[[f"solved_{d}" for d in distances]]
        axes.plot(distances, values.mean(), lw=1.6, ms=4, **look)
        for row in values.to_numpy():
            axes.plot(distances, row, ls="", marker=look["marker"], ms=2, alpha=0.4, color=look["color"])
    axes.set(xlabel="distance (presses)", ylabel="share solved", title="solved by the greedy policy, at the end")
    axes.set_xticks(distances)


def _known(axes: Axes, data: Path) -> set[int]:
    """Every evaluation, those of equal width too: its loss by how many parities the critic knew then, beside the least loss that so many allow.
    Both from that of the best critic that counts lamps, each on its own pairs of boards. Returns the depths that have
    marks."""
    rows = measured(data, SUITES[:1], "heldout_loss", ENDED)
    rows = rows[rows.env == ENV].assign(known=known_parities)
    rows = rows.dropna(subset="known")
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
    for (is_late, depth), own in rows.assign(x=rows.known + spread).groupby([late, "depth"]):
        look = depth_look(depth) | {"linestyle": ""}
        axes.plot(own.x, own.heldout_loss - own.line_loss, ms=2.5, alpha=0.6 if is_late else 0.07, **look)
    axes.set_xticks(range(len(least)))
    axes.set_ylim(float(least.min()) - 0.1, min(1.1, float((rows.heldout_loss - rows.line_loss).max()) + 0.1))
    axes.legend(fontsize=7.5, loc="upper right")
    return set(rows.depth)


def _half(own: pd.DataFrame) -> str:
    """When half of all seeds had left, if they had."""
    middle = own.sort_values(["stepped", "updates"], ascending=[False, True]).iloc[(len(own) - 1) // 2]
    seconds = "" if np.isnan(middle.seed_seconds) else f" ({middle.seed_seconds:,.0f} s)"
    return f", half by {middle.updates:,} updates{seconds}" if middle.stepped else ""


def words(data: Path) -> Words:
    (matched, _), other = read(data), other_rate(data)
    if matched.empty:
        return Words(
            "Not yet measured here: when critics of Lights Out leave their plateau, by depth.",
            "Eight empty panels: Lights Out, not yet measured here. The paper has no such experiment.",
        )
    steps, last = first_steps(matched), _last(matched)
    by_depth = [
        f"depth {depth}: {own.stepped.sum()} of {len(own)} seeds left it{_half(own)}"
        for depth, own in steps.groupby("depth")
    ]
    losses = ", ".join(
        f"depth {depth} {value:.2f}" for depth, value in last.groupby("depth").heldout_loss.mean().items()
    )
    optimal = ", ".join(f"depth {d} {value:.2f}" for d, value in last.groupby("depth").optimal_action.mean().items())
    for depth, own in first_steps(other).groupby("depth") if len(other) else ():
        by_depth.append(
            f"depth {depth} at rate {other.learning_rate.iloc[0]:g}: {own.stepped.sum()} of {len(own)}{_half(own)}"
        )
    floors = f"the perfect critic has {matched.bayes_loss.mean():.2f}, the best that counts lamps {matched.line_loss.mean():.2f}"
    return Words(
        f"At equal parameters and {held_equal(matched)}, leaving the plateau of counting lamps: {'; '.join(by_depth)}{_cut(matched, other)}.",
        f"Eight panels, one line a depth and a thin line a seed. Held-out loss by updates and by processor seconds (of the runs that were timed, which may be others); at the end "
        f"{losses}; {floors}. First update, and second, below all critics that count lamps: {'; '.join(by_depth)}. Share of "
        f"pairs whose best-scored press is optimal, by both; at the end: {optimal}. Share solved by distance; and the loss of every evaluation by "
        f"how many of the nine parities the critic then knew{_cut(matched, other)}.",
    )
