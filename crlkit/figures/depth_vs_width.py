"""Deeper or wider: score against parameters and against time

The paper's figure 4. Two ways to grow a network from depth 4: more layers at one width, or wider layers at depth 4.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from crlkit import evidence
from crlkit.analysis.statistics import Score
from crlkit.figures import scores
from crlkit.figures.panels import Figure, Finding, Row

SUITES = ("depth_vs_width", "depth")
TABLES = ("fig4_width_vs_depth", "rebuttal_depth_vs_width_cost")
SHALLOW = 4
PARAMETERS = "critic's parameters (both encoders)"
# State, goal and action sizes of a body; those of the paper's as its environments have them.
SIZES = {"point": (2, 2, 2), "ant": (29, 2, 8), "humanoid": (268, 3, 17), "arm": (17, 3, 5)}

Family = dict[tuple[int, int], Score]  # (depth, width): score


def critic_parameters(env: str, depth: int, width: int, embedding_size: int = 64) -> int:
    """How many numbers a critic learns: its two encoders, each a layer into the stack, `depth` layers of width by
    width, all with a bias and a layer norm (scale and bias), and a linear head onto the embedding."""
    state, goal, action = SIZES[env.partition("_")[0]]
    stack = depth * width * (width + 3) + width * embedding_size + embedding_size
    return 2 * stack + (state + action + 3) * width + (goal + 3) * width


def split(networks: Family) -> tuple[Family, Family]:
    """Deeper at the width that most depths have, and wider at depth 4; one network is in both."""
    widths = [width for _, width in networks]
    base = max(sorted(set(widths)), key=widths.count, default=0)
    deeper = {key: score for key, score in networks.items() if key[1] == base}
    return deeper, {key: score for key, score in networks.items() if key[0] == SHALLOW}


def published(table: pd.DataFrame, unit: float = scores.PAPER_EPISODE) -> tuple[Family, Family]:
    """The paper's."""
    networks = table.groupby(["depth", "width"])
    return split({key: next(iter(scores.published(own, "depth", unit).values())) for key, own in networks})


def _grown(axes: Axes, both: tuple[Family, Family], at: Callable, ours: bool = False, missing: str = "") -> None:
    """Both families at the places `at(depth, width)` of their networks, each point with the number that grew."""
    who, base = ("paper", "here")[ours], next(iter(both[0]))[1]
    for family, name, grown in zip(both, (f"deeper, width {base}", f"wider, depth {SHALLOW}"), (0, 1)):
        look = scores.PAPER | {"color": ("0.3", "0.55")[grown], "linestyle": ("--", ":")[grown]}
        if ours:
            look = {"color": (scores.HERE, scores.OTHER)[grown], "marker": "os"[grown], "linestyle": "-:"[grown]}
        if len(family) < 2:
            axes.plot([], [], label=f"{who}: {name}: {missing}", **look)
            continue
        points = {at(*key): score for key, score in family.items()}
        scores.draw_scores(axes, points, f"{who}: {name}", **look)
        halo = [withStroke(linewidth=2.5, foreground="white")]
        for (x, score), key in zip(points.items(), family):
            if key != (SHALLOW, base) or grown:  # of the network in both the width is enough
                text = {"fontsize": 8, "ha": "center", "color": look["color"], "zorder": 6, "path_effects": halo}
                axes.annotate(f"{key[grown]}", (x, score.iqm), (0, 6), textcoords="offset points", **text)
    axes.margins(x=0.16)
    axes.set_xscale("log")
    scores.log_axis(axes.xaxis)
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="upper left")


def _of_paper(axes: Axes, data: Path, env: str) -> None:
    """One environment of the paper's figure 4."""
    table = evidence.paper(data, TABLES[0]).query("environment == @env")
    _grown(axes, published(table), partial(critic_parameters, env))
    axes.set(title=f"paper: {env}, {table.env_steps_million.iloc[0]} M steps", xlabel=PARAMETERS)
    axes.set_ylabel(f"{scores.SHARE}\n(digitised, equal steps)")


def _hours(axes: Axes, data: Path) -> None:
    table = evidence.paper(data, TABLES[1]).query("measure == 'wall_clock'")
    _grown(axes, published(table, 1), partial(critic_parameters, "humanoid"))
    axes.set(xlabel=f"{PARAMETERS}, humanoid", ylabel="hours of a run (one A100)")
    axes.set_title("paper: what the same parameters cost in time\nmean over the three environments above")


def _here(axes: Axes, data: Path, clock: bool) -> None:
    """Ours at their parameters or at their seconds."""
    rows = scores.here(data, SUITES, "depth", "width", clock=clock)
    x = "processor seconds of a seed, whole run" if clock else PARAMETERS
    axes.set(xlabel=x, ylabel=scores.SHARE, title="here")
    if rows.empty:
        return scores.unmeasured(axes)
    seconds, env, networks = (
        rows.groupby(["depth", "width"]).seed_seconds.max(),
        rows.env.iloc[0],
        scores.by(rows, "depth", "width"),
    )
    each = f"{scores.seeds(networks.values())} each"
    if clock:
        _grown(axes, split(networks), lambda *key: seconds[key], True, "made on another processor")
        held = f"per compute, {each}{scores.machines(rows)}"
    else:
        _grown(axes, split(networks), partial(critic_parameters, env), True, scores.NOT_MEASURED)
        held = f"{env}, per parameter, {each}\n{scores.equal(rows)}"
    axes.set_title(f"here: {held}", fontsize=8.5)


def _told(both: tuple[Family, Family]) -> str:
    deeper, wider = both
    by_depth = scores.list_words({depth: score for (depth, _), score in deeper.items()})
    by_width = scores.list_words({width: score for (_, width), score in wider.items()}, "width")
    return f"deeper at width {next(iter(deeper))[1]}: {by_depth}; wider at depth {SHALLOW}: {by_width}"


def finding(data: Path) -> Finding:
    table = evidence.paper(data, TABLES[0])
    theirs = [f"{env}, {_told(published(own))}" for env, own in table.groupby("environment", sort=False)]
    theirs = f"Paper, at equal steps: {'. '.join(theirs)}"
    rows = scores.here(data, SUITES, "depth", "width")
    both = split(scores.by(rows, "depth", "width"))
    if min(map(len, both)) < 2:
        return Finding("", theirs, "any width but one" if len(both[0]) > 1 else "depth against width")
    where = f"{rows.env.iloc[0]} {scores.at_equal(rows)}, {scores.SHARE}"
    return Finding(f"Here, {where}: {_told(both)}", theirs, more=f"Ours are {scores.equal(rows, 400)}")


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
