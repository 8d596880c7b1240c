"""Deeper or wider: score against parameters and against time

The paper's figure 4. Two ways to grow a network from depth 4: more layers at one width, or wider layers at depth 4.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from crlkit import evidence
from crlkit.analysis.statistics import Score
from crlkit.figures.panels import Figure, Finding, Row
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
)  # fmt: skip
from crlkit.figures.words import NOT_MEASURED

SUITES = ("depth_vs_width", "depth")
TABLES = ("fig4_width_vs_depth", "rebuttal_depth_vs_width_cost")
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


def _of_paper(axes: Axes, data: Path, env: str) -> None:
    """One environment of the paper's figure 4."""
    table = evidence.paper(data, "fig4_width_vs_depth").query("environment == @env")
    _published(axes, table, env, PAPER_EPISODE)
    axes.set(title=f"paper: {env}, {table.env_steps_million.iloc[0]} M steps", xlabel=PARAMETERS)
    axes.set_ylabel(f"{SHARE}\n(digitised, equal steps)")


def _hours(axes: Axes, data: Path) -> None:
    table = evidence.paper(data, "rebuttal_depth_vs_width_cost").query("measure == 'wall_clock'")
    _published(axes, table, "humanoid", 1)
    axes.set(xlabel=f"{PARAMETERS}, humanoid", ylabel="hours of a run (one A100)")
    axes.set_title("paper: what the same parameters cost in time\nmean over the three environments above")


def _published(axes: Axes, table: pd.DataFrame, env: str, unit: float) -> None:
    """Both families at the parameters of their critics, each point with the number that grew."""
    table = table.assign(x=[critic_parameters(env, *size) for size in zip(table.depth, table.width)])
    for line, label, grown, look in (
        (table[table.depth == SHALLOW], f"wider, depth {SHALLOW}", "width", {"linestyle": ":", "color": "0.55"}),
        (table[table.width == PAPER_WIDTH], f"deeper, width {PAPER_WIDTH}", "depth", {"color": "0.3"}),
    ):
        draw_paper(axes, line, "x", f"paper: {label}", unit, **look)
        for x, y, number in zip(line.x, line.value / unit, line[grown]):
            _number_at(axes, number, x, y, look["color"], right=grown == "depth")
    _finish(axes)


def _here(axes: Axes, data: Path, clock: bool) -> None:
    """Ours at their parameters or at their seconds, the two families of `families`."""
    rows = here(data, SUITES, "depth", "width", clock=clock)
    axes.set(xlabel="processor seconds of a seed, whole run" if clock else PARAMETERS, ylabel=SHARE, title="here")
    if rows.empty:
        return unmeasured(axes)
    deeper, wider = families(rows)
    seconds, env, base = rows.groupby(["depth", "width"]).seed_seconds.max(), rows.env.iloc[0], next(iter(deeper))[1]
    for family, name, grown, look in (
        (wider, f"wider, depth {SHALLOW}", 1, {"color": OTHER, "marker": "s", "linestyle": ":"}),
        (deeper, f"deeper, width {base}", 0, {"color": HERE, "marker": "o", "linestyle": "-"}),
    ):
        if len(family) < 2:
            missing = "made on another processor" if clock else NOT_MEASURED
            axes.plot([], [], label=f"here: {name}: {missing}", **look)
            continue
        points = {seconds[key] if clock else critic_parameters(env, *key): score for key, score in family.items()}
        draw_scores(axes, points, f"here: {name}", **look)
        for (x, score), key in zip(points.items(), family):
            _number_at(axes, key[grown], x, score.iqm, look["color"], right=grown == 0)
    _finish(axes)
    each = seeds_in_words(by(rows, "depth", "width").values())
    held = f"per compute, {each}{machines(rows)}" if clock else f"{env}, per parameter, {each}\n{equal(rows)}"
    axes.set_title(f"here: {held}", fontsize=8.5)


def _finish(axes: Axes) -> None:
    axes.margins(x=0.13)
    axes.set_xscale("log")
    log_axis(axes.xaxis)
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="upper left")


def _number_at(axes: Axes, number: int, x: float, y: float, colour: str, right: bool) -> None:
    """The depth or width of a point beside it."""
    if right and number == SHALLOW:
        return  # where both families begin the width is enough
    place, side = ((6, -5), "left") if right else ((-5, 3), "right")
    look = {"fontsize": 8, "ha": side, "color": colour, "zorder": 6}
    halo = [withStroke(linewidth=2.5, foreground="white")]
    axes.annotate(f"{number}", (x, y), place, textcoords="offset points", path_effects=halo, **look)


def finding(data: Path) -> Finding:
    theirs = []
    for env, table in evidence.paper(data, "fig4_width_vs_depth").groupby("environment", sort=False):
        wide, deep = table[table.depth == SHALLOW], table[(table.width == PAPER_WIDTH) & (table.depth > SHALLOW)]
        best, widest = deep.loc[deep.depth.idxmax()], wide.loc[wide.width.idxmax()]
        times = critic_parameters(env, SHALLOW, widest.width) / critic_parameters(env, best.depth, PAPER_WIDTH)
        theirs.append(
            f"{env} {best.value / PAPER_EPISODE:.2f} at depth {best.depth} against {widest.value / PAPER_EPISODE:.2f} at "
            f"width {widest.width} with {times:.0f} times the parameters"
        )
    theirs = f"Paper, at equal steps: {'; '.join(theirs)}"
    rows = here(data, SUITES, "depth", "width")
    deeper, wider = families(rows)
    if len(wider) < 2 or len(deeper) < 2:
        return Finding("", theirs, "any width but one" if len(deeper) > 1 else "depth against width")
    scores, env = deeper | wider, rows.env.iloc[0]

    def told(size: tuple[int, int], text: str) -> str:
        depth, width = size
        return text.format(depth=depth, width=width, parameters=critic_parameters(env, *size), score=scores[size])

    # Both families begin with the same network, which is neither deeper nor wider.
    best = {name: max(list(family)[1:], key=lambda size: family[size].iqm)  # noqa: B023
            for name, family in (("deeper", deeper), ("wider", wider))}  # fmt: skip
    text = "(depth {depth}, width {width}, {parameters:,} parameters) scores {score}"
    ours = ", ".join(f"the best {name} one {told(size, text)}" for name, size in best.items())
    target = np.log(critic_parameters(env, *best["deeper"]))
    as_large = min(wider, key=lambda size: abs(np.log(critic_parameters(env, *size)) - target))
    ours += f"; at about the size of that deeper one, {told(as_large, 'width {width} ({parameters:,}) {score}')}"
    listed = "; ".join(told(size, "depth {depth} width {width} {score}") for size in scores)
    return Finding(f"Here, {env}, {at_equal(rows)}: {ours}", theirs, more=f"Here, {equal(rows, 400)}: {listed}")


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Score against the critic's parameters on a logarithmic axis, one line for deeper networks, one for wider ones; also "
    "against processor seconds, and the paper's hours against parameters",
    finding,
    (
        Row(tuple(partial(_of_paper, env=env) for env in ("humanoid", "ant_big_maze", "arm_push_easy"))),
        Row((partial(_here, clock=False), partial(_here, clock=True), _hours)),
    ),
    (12, 7.2),
    reads=(*SUITES, *(f"paper/{table}" for table in TABLES)),
)
