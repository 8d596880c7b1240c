"""Deeper or wider: score against parameters and against time

The paper's figure 4. Two ways to grow a network from depth 4: more layers at one width, or wider layers at depth 4.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from crlkit import evidence
from crlkit.figures import style
from crlkit.figures.scores import (
    HERE,
    OTHER,
    PAPER_EPISODE,
    SHARE,
    at_equal,
    by,
    draw_paper,
    draw_scores,
    equal,
    here,
    log_axis,
    machines,
    seeds_in_words,
    unmeasured,
)
from crlkit.figures.words import NOT_MEASURED, Score, Words

SUITES = ("depth_vs_width", "depth")
PAPER = ("fig4_width_vs_depth", "rebuttal_depth_vs_width_cost")
SHALLOW, PAPER_WIDTH = 4, 256
PARAMETERS = "critic's parameters (both encoders)"
# State, goal and action sizes of a body; those of the paper's as its environments have them.
SIZES = {"point": (2, 2, 2), "ant": (29, 2, 8), "humanoid": (268, 3, 17), "arm": (17, 3, 5)}


def critic_parameters(env: str, depth: int, width: int, embedding_size: int = 64) -> int:
    """How many numbers a critic learns: its two encoders, each a layer into the stack, `depth` layers of width by
    width, all with a bias and a layer norm (scale and bias), and a linear head onto the embedding."""
    state, goal, action = SIZES[env.partition("_")[0]]
    stack = depth * width * (width + 3) + width * embedding_size + embedding_size
    return 2 * stack + (state + action + 3) * width + (goal + 3) * width


Family = dict[tuple[int, int], Score]  # (depth, width): score


def families(rows: pd.DataFrame) -> tuple[Family, Family]:
    """Deeper at the width that most depths were trained at, and wider at depth 4; both begin with the same network."""
    scores = by(rows, "depth", "width")
    if not scores:
        return {}, {}
    base = rows.groupby("width").depth.nunique().idxmax()
    deeper = {key: score for key, score in scores.items() if key[1] == base}
    wider = {key: score for key, score in scores.items() if key[0] == SHALLOW and key[1] >= base}
    return deeper, wider


@style.styled
def draw(data: Path) -> Figure:
    """Above the paper's three environments, below this kit's maze and the paper's hours."""
    table = evidence.paper(data, "fig4_width_vs_depth")
    figure = style.new_figure(12, 7.2)
    grid = figure.subplots(2, 3)
    for axes, (env, own) in zip(grid[0], table.groupby("environment", sort=False)):
        draw_of_paper(axes, own.assign(x=counts(own, env)), PAPER_EPISODE)
        axes.set(title=f"paper: {env}, {own.env_steps_million.iloc[0]} M steps", xlabel=PARAMETERS)
        axes.set_ylabel(f"{SHARE}\n(digitised, equal steps)")
    rows = here(data, SUITES, "depth", "width")
    draw_here(grid[1, 0], rows, PARAMETERS, lambda depth, width: critic_parameters(rows.env.iloc[0], depth, width))
    timed = here(data, SUITES, "depth", "width", clock=True)
    seconds = {} if timed.empty else timed.groupby(["depth", "width"]).seed_seconds.max()
    draw_here(
        grid[1, 1],
        timed,
        "processor seconds of a seed, whole run",
        lambda depth, width: seconds[depth, width],
        "made on another processor",
    )
    if len(rows):
        each = seeds_in_words(by(rows, "depth", "width").values())
        grid[1, 0].set_title(f"here: {rows.env.iloc[0]}, per parameter, {each}\n{equal(rows)}", fontsize=8.5)
    if len(timed):
        each = seeds_in_words(by(timed, "depth", "width").values())
        grid[1, 1].set_title(f"here: per compute, {each}{machines(timed)}", fontsize=8.5)
    hours = evidence.paper(data, "rebuttal_depth_vs_width_cost").query("measure == 'wall_clock'")
    draw_of_paper(grid[1, 2], hours.assign(x=counts(hours, "humanoid")), 1)
    grid[1, 2].set(
        title="paper: what the same parameters cost in time\nmean over the three environments above",
        xlabel=f"{PARAMETERS}, humanoid",
        ylabel="hours of a run (one A100)",
    )
    return figure


def counts(table: pd.DataFrame, env: str) -> list[int]:
    return [critic_parameters(env, depth, width) for depth, width in zip(table.depth, table.width)]


def draw_of_paper(axes: Axes, table: pd.DataFrame, unit: float) -> None:
    """Both families, each point with the number that grew; `x` is where it stands."""
    wide, deep = table[table.depth == SHALLOW], table[table.width == PAPER_WIDTH]
    for part, label, grown, look in (
        (wide, f"wider, depth {SHALLOW}", "width", {"linestyle": ":", "color": "0.55"}),
        (deep, f"deeper, width {PAPER_WIDTH}", "depth", {"color": "0.3"}),
    ):
        draw_paper(axes, part, "x", f"paper: {label}", unit, **look)
        for x, y, number in zip(part.x, part.value / unit, part[grown]):
            number_at(axes, number, x, y, look["color"], right=grown == "depth")
    axes.margins(x=0.12)
    axes.set_xscale("log")
    log_axis(axes.xaxis)
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="upper left")


def number_at(axes: Axes, number: int, x: float, y: float, colour: str, right: bool) -> None:
    """The depth or width of a point beside it."""
    if right and number == SHALLOW:
        return  # where both families begin the width is enough
    place, side = ((6, -5), "left") if right else ((-5, 3), "right")
    halo = [withStroke(linewidth=2.5, foreground="white")]
    axes.annotate(
        f"{number}", (x, y), place, textcoords="offset points", fontsize=8, ha=side, color=colour, path_effects=halo,
        zorder=6,
    )  # fmt: skip


def draw_here(
    axes: Axes, rows: pd.DataFrame, label: str, x: Callable[[int, int], float], missing: str = NOT_MEASURED
) -> None:
    """Ours: the two families of `families`, `x(depth, width)` being where they stand; a family without runs is `missing`."""
    axes.set(xlabel=label, ylabel=SHARE)
    if rows.empty:
        return unmeasured(axes)
    deeper, wider = families(rows)
    base = next(iter(deeper))[1]
    for family, name, grown, look in (
        (wider, f"wider, depth {SHALLOW}", 1, {"color": OTHER, "marker": "s", "linestyle": ":"}),
        (deeper, f"deeper, width {base}", 0, {"color": HERE, "marker": "o", "linestyle": "-"}),
    ):
        if len(family) < 2:
            axes.plot([], [], label=f"here: {name}: {missing}", **look)
            continue
        points = {x(*key): score for key, score in family.items()}
        draw_scores(axes, points, f"here: {name}", **look)
        for (at, score), key in zip(points.items(), family):
            number_at(axes, key[grown], at, score.iqm, look["color"], right=grown == 0)
    axes.margins(x=0.14)
    axes.set_xscale("log")
    log_axis(axes.xaxis)
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="upper left")


def words(data: Path) -> Words:
    table = evidence.paper(data, "fig4_width_vs_depth")
    said = []
    for env, own in table.groupby("environment", sort=False):
        wide, deep = own[own.depth == SHALLOW], own[(own.width == PAPER_WIDTH) & (own.depth > SHALLOW)]
        best, widest = deep.loc[deep.depth.idxmax()], wide.loc[wide.width.idxmax()]
        times = critic_parameters(env, SHALLOW, widest.width) / critic_parameters(env, best.depth, PAPER_WIDTH)
        said.append(
            f"{env} {best.value / PAPER_EPISODE:.2f} at depth {best.depth} against {widest.value / PAPER_EPISODE:.2f} at width "
            f"{widest.width} with {times:.0f} times the parameters"
        )
    theirs = f"Paper, at equal steps: {'; '.join(said)}"
    drawn = (
        "Score against the critic's parameters on a logarithmic axis, one line for deeper networks, one for wider ones; "
        "also against processor seconds, and the paper's hours against parameters"
    )
    rows = here(data, SUITES, "depth", "width")
    deeper, wider = families(rows)
    if len(wider) < 2 or len(deeper) < 2:
        missing = "any width but one" if len(deeper) > 1 else "depth against width"
        return Words(
            f"Not yet measured here: {missing}. {theirs}.", f"Not yet measured here: {missing}. {drawn}. {theirs}."
        )
    listed = "; ".join(f"depth {depth} width {width} {score}" for (depth, width), score in (deeper | wider).items())
    grown = (("deeper", deeper), ("wider", wider))  # both begin with the same network, which is neither
    best = {name: max(list(family)[1:], key=lambda key: family[key].iqm) for name, family in grown}
    env = rows.env.iloc[0]
    ours = ", ".join(
        f"the best {name} one (depth {depth}, width {width}, {critic_parameters(env, depth, width):,} parameters) scores "
        f"{(deeper | wider)[depth, width]}"
        for name, (depth, width) in best.items()
    )
    size = critic_parameters(env, *best["deeper"])
    depth, width = min(wider, key=lambda key: abs(np.log(critic_parameters(env, *key) / size)))
    ours += f"; at about the size of that deeper one, width {width} ({critic_parameters(env, depth, width):,}) {wider[depth, width]}"
    return Words(
        f"Here, {env}, {at_equal(rows)}: {ours}. {theirs}.", f"{drawn}. Here, {equal(rows, 400)}: {listed}. {theirs}."
    )
