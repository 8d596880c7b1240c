"""Lights Out: critics stay on plateaus and leave them suddenly, and deep ones solve boards that shallow ones seldom do.

The critic alone, on fixed random walks; its greedy policy plays. How many lamps two boards differ in (its straight line)
says little; the way is a matter of nine parities, and a plateau is how many of them a critic knows.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crlkit import envs
from crlkit.analysis import plateaus
from crlkit.analysis.statistics import last_tenth
from crlkit.evidence import one_processor
from crlkit.figures import scores, style
from crlkit.figures.panels import named
from crlkit.figures.scores import at_equal, by_depth, draw_scores, held_equal, seeds
from crlkit.runs import Run
from crlkit.suites import FIRST_SEED, MATCHED

ENV = "lights_out_3x3"
FLOORS = {"line_loss": ("best that only counts lamps", ":"), "bayes_loss": ("perfect critic (Bayes)", (0, (6, 3)))}
PRESSES = (("solved_3", "#56B4E9", 0.96), ("solved_4", "#0072B2", 1.0), ("solved_5", "#D55E00", 1.04))
FAR, SOLVED = "solved_5", "share of boards solved"
CLOCKS = ("updates", "seed_seconds")
MEASURES = {FAR: "boards 5 presses away solved (share)", "known": "parities known, of nine"}


def read(data: Path, suites: tuple[str, ...], measure: str, **which) -> pd.DataFrame:
    """Rows with a column `known`: how many of the nine parities a critic knows."""
    rows = scores.measured(data, suites, measure, **which)
    return rows[rows.env == ENV].assign(known=plateaus.known_parities)


def seed_curves(axes: Axes, rows: pd.DataFrame, x: str, y: str) -> None:
    """Thick the mean of a depth at every evaluation, thin the seeds."""
    for depth, line in rows.groupby("depth"):
        look = style.depth_style(depth)
        for _, seed in line.sort_values("updates").groupby(["run", "seed"]):
            axes.plot(seed[x], seed[y], color=look["color"], ls=look["linestyle"], lw=0.6, alpha=0.5)
        mean = line.groupby("updates").agg(x=(x, "mean"), y=(y, "mean"))
        axes.plot(mean.x, mean.y, lw=1.8, markevery=max(1, len(mean) // 8), ms=4, **look)
    axes.set_xlabel(named(x))


def by_levels(rows: pd.DataFrame, column: str) -> str:
    """A column by depth: "4: 256, 16: 128"."""
    return ", ".join(f"{depth}: {value:g}" for depth, value in rows.groupby("depth")[column].first().items())


def boards(data: Path, x: str = "updates") -> pd.DataFrame:
    """Fresh seeds, every depth at the rate at which it ends best; `rates`: of how many. x: `updates`, or `seed_seconds`
    for the rows within the seconds of the cheapest depth's slowest seed."""
    rows = read(data, ("boards", "boards_rates"), FAR, clock=x == "seed_seconds")
    rows = rows[rows.seed >= FIRST_SEED]
    if rows.empty:
        return rows
    if x == "seed_seconds":
        rows = one_processor(rows)
        rows = rows[rows.seed_seconds <= rows.groupby("depth").seed_seconds.max().min()]
    level = ["depth", "learning_rate"]
    ends = rows.sort_values("updates").groupby([*level, "run", "seed"])[FAR]
    ends = ends.agg(lambda far: far.tail(last_tenth(len(far))).mean()).groupby(level).mean().groupby("depth")
    rows = rows.assign(rates=rows.depth.map(ends.size()))
    return rows[rows.learning_rate == rows.depth.map(dict(ends.idxmax().to_list()))]


def by_presses(axes: Axes, rows: pd.DataFrame) -> None:
    presses = sorted(int(name.removeprefix("solved_")) for name in rows if name.startswith("solved_"))
    solved = {n: by_depth(rows, f"solved_{n}") for n in presses}
    for depth in solved[presses[0]]:
        draw_scores(axes, {n: solved[n][depth] for n in presses}, f"depth {depth}", **scores.depth_look(depth))
    axes.set(xticks=presses, ylim=(-0.03, 1.03), title="solved by presses needed, at the end")
    axes.set(xlabel="presses needed", ylabel=SOLVED)


@style.styled
def demo(runs: list[Run]) -> Figure:
    """A shallow and a deep critic of equal size, one run per depth: boards solved by presses needed, at the end; then
    those four presses away against updates and against seconds."""
    rows = pd.concat([run.metrics.assign(run=number, depth=run.config.depth) for number, run in enumerate(runs)])
    far = "solved_4" if "solved_4" in rows else "solved_1"
    figure = style.new_figure(10.5, 3.6)
    presses, *curves = figure.subplots(1, 3)
    by_presses(presses, rows)
    for axes, x in zip(curves, ("updates", "seconds")):
        seed_curves(axes, rows, x, far)
        axes.set(ylim=(-0.03, 1.03), ylabel=f"boards {far[-1]} presses away solved", title=f"equal {x}")
    presses.legend()
    figure.suptitle(f"{runs[0].config.env}: two critics with as many parameters", fontsize=9.5)
    return figure


def held(rows: pd.DataFrame, x: str) -> str:
    return at_equal(rows) if x == "updates" else f"within {rows.seed_seconds.max():.0f} processor seconds"


def over_depth(axes: Axes, data: Path, x: str) -> None:
    if (rows := boards(data, x)).empty:
        return scores.unmeasured(axes)
    for measure, colour, shift in PRESSES:
        draw_scores(axes, by_depth(rows, measure), f"{measure[-1]} presses", shift, color=colour)
    scores.doubling_axis(axes, rows.depth)
    axes.set(ylim=(-0.03, 1.03), title=f"by depth, {held(rows, x)}", ylabel=SOLVED)
    axes.legend(title="boards away by", loc="upper left", fontsize=7.5)


def over_time(axes: Axes, data: Path, x: str, y: str) -> None:
    seed_curves(axes, boards(data, x), x, y)
    axes.set_ylabel(MEASURES[y])


def boards_title(data: Path) -> str:
    rows = boards(data)
    return (
        "Lights Out 3x3: deep critics solve boards that shallow ones of equal size seldom solve; below, thick the mean, thin the seeds\n"
        f"width by depth {by_levels(rows, 'width')}; {at_equal(rows).removeprefix('at ')}; {seeds(rows)} per depth, 95 % intervals\n"
        f"better learning rate by depth {by_levels(rows, 'learning_rate')}; rates run {by_levels(rows, 'rates')}"
    )


def solved(data: Path) -> tuple[str, str]:
    told = []
    for x in CLOCKS:
        if len(rows := boards(data, x)):
            far = (f"depth {depth} {score}" for depth, score in by_depth(rows, FAR).items())
            told.append(f"{held(rows, x)}: {', '.join(far)}")
    return f"Boards five presses away solved at equal parameters, {'; '.join(told)}", ""


def every(data: Path) -> pd.DataFrame:
    """Critics of every width; runs that were interrupted are there as far as they came."""
    return read(data, ("lights_out",), "heldout_loss", query="status in ('finished', 'interrupted')")


def matched(data: Path) -> pd.DataFrame:
    """Critics of equal parameters."""
    rows = every(data)
    return rows[rows.width == rows.depth.map(MATCHED)]


def loss(axes: Axes, data: Path) -> None:
    rows = matched(data)
    seed_curves(axes, rows, "updates", "heldout_loss")
    axes.locator_params(axis="x", nbins=5)
    for name, (text, look) in FLOORS.items():
        axes.axhline(rows[name].mean(), color="0.3", ls=look, lw=1, label=text)
    top = rows.groupby("updates").heldout_loss.mean().iloc[1:].max()
    axes.set(ylim=(rows.bayes_loss.min() - 0.1, min(4.2, top + 0.1)), ylabel="held-out InfoNCE loss (nats)")
    axes.set_title("loss; thick the mean, thin the seeds")


def known(axes: Axes, data: Path) -> None:
    """Every evaluation, those of equal width too: its loss by how many parities the critic knew then, beside the least
    loss that so many allow. Both from that of the best critic that counts lamps, each on its own pairs of boards."""
    rows = every(data).dropna(subset="known")
    first = rows.iloc[0]
    least = plateaus.levels(envs.make(ENV), first.discount, int(first.episode_length), int(first.batch_size))
    least = least - least[0]
    axes.plot(range(len(least)), least, "_", color="0.3", ms=14, mew=1.6, label="least possible with so many")
    rows = rows.assign(x=rows.known + np.random.default_rng(0).uniform(-0.25, 0.25, len(rows)))
    for depth, marks in rows.groupby("depth"):
        look = scores.depth_look(depth) | {"linestyle": "", "ms": 2.5, "alpha": 0.15}
        axes.plot(marks.x, marks.heldout_loss - marks.line_loss, **look)
    axes.set(xticks=range(len(least)), xlabel=MEASURES["known"], ylim=(float(least.min()) - 0.1, 1))
    axes.set(ylabel="loss minus that of the best\nthat only counts lamps (nats)")
    axes.set_title("loss by how many parities are known, all widths")
    axes.legend(fontsize=7.5, loc="upper right")


def plateaus_title(data: Path) -> str:
    rows = matched(data)
    return (
        f"{ENV}, critics of equal parameters (width by depth {by_levels(rows, 'width')}), {seeds(rows)} each\nequal: "
        f"{held_equal(rows)}; not an experiment of the paper; a run whose line ends early was interrupted"
    )


def left(data: Path) -> tuple[str, str]:
    """By depth how many seeds left the plateau."""
    steps = plateaus.first_steps(matched(data)).groupby("depth").stepped
    told = "; ".join(f"depth {depth}: {stepped.sum()} of {len(stepped)} seeds left it" for depth, stepped in steps)
    return f"At equal parameters, leaving the plateau of counting lamps within a run: {told}", ""
