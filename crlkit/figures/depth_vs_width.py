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
from crlkit.figures.panels import Finding

SUITES = ("depth_vs_width", "depth")
TABLES = ("fig4_width_vs_depth", "rebuttal_depth_vs_width_cost")
SHALLOW = 4
PARAMETERS = "critic's parameters (both encoders)"
# State, goal and action sizes of a body; those of the paper's as its environments have them.
SIZES = {"point": (2, 2, 2), "ant": (29, 2, 8), "humanoid": (268, 3, 17), "arm": (17, 3, 5)}

Networks = dict[tuple[int, int], Score]  # (depth, width): score


def critic_parameters(env: str, depth: int, width: int, embedding_size: int = 64) -> int:
    """How many numbers a critic learns: its two encoders, each a layer into the stack, `depth` layers of width by
    width, all with a bias and a layer norm (scale and bias), and a linear head onto the embedding."""
    state, goal, action = SIZES[env.partition("_")[0]]
    stack = depth * width * (width + 3) + width * embedding_size + embedding_size
    return 2 * stack + (state + action + 3) * width + (goal + 3) * width


def families(networks: Networks) -> dict[str, Networks]:
    """Deeper at the width that most depths have, and wider at depth 4; one network is in both."""
    widths = [width for _, width in networks]
    base = max(sorted(set(widths)), key=widths.count, default=0)
    deeper = {key: score for key, score in networks.items() if key[1] == base}
    wider = {key: score for key, score in networks.items() if key[0] == SHALLOW}
    return {f"deeper, width {base}": deeper, f"wider, depth {SHALLOW}": wider}


def published(table: pd.DataFrame, unit: float = scores.PAPER_EPISODE) -> Networks:
    """The paper's."""
    every = ((key, scores.published(own, "depth", unit)) for key, own in table.groupby(["depth", "width"]))
    return {key: score for key, own in every for score in own.values()}


def _grown(axes: Axes, networks: Networks, at: Callable, missing: str = "") -> None:
    """Both families at the places `at(depth, width)` of their networks, each point with the number that grew. missing:
    of a family of which there is but one; the paper's families are whole."""
    for grown, (name, family) in enumerate(families(networks).items()):
        who, look = "paper", scores.PAPER | {"color": ("0.3", "0.55")[grown], "linestyle": ("--", ":")[grown]}
        if missing:
            look = {"color": (scores.HERE, scores.OTHER)[grown], "marker": "os"[grown], "linestyle": "-:"[grown]}
            who = "here"
        if len(family) < 2:
            axes.plot([], [], label=f"{who}: {name}: {missing}", **look)
            continue
        scores.draw_scores(axes, {at(*key): score for key, score in family.items()}, f"{who}: {name}", **look)
        text = {"fontsize": 8, "ha": "center", "color": look["color"], "zorder": 6, "textcoords": "offset points"}
        halo = [withStroke(linewidth=2.5, foreground="white")]
        for key, score in family.items():
            if grown or key[0] > SHALLOW:  # of the network in both the width is enough
                axes.annotate(f"{key[grown]}", (at(*key), score.iqm), (0, 6), path_effects=halo, **text)
    axes.margins(x=0.16)
    axes.set_xscale("log")
    scores.log_axis(axes.xaxis)
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    axes.legend(fontsize=8, loc="upper left")


def of_paper(axes: Axes, data: Path, env: str) -> None:
    """One environment of the paper's figure 4."""
    table = evidence.paper(data, TABLES[0]).query("environment == @env")
    _grown(axes, published(table), partial(critic_parameters, env))
    axes.set(title=f"paper: {env}, {table.env_steps_million.iloc[0]} M steps", xlabel=PARAMETERS)
    axes.set_ylabel(f"{scores.SHARE}\n(digitised, equal steps)")


def hours(axes: Axes, data: Path) -> None:
    table = evidence.paper(data, TABLES[1]).query("measure == 'wall_clock'")
    _grown(axes, published(table, 1), partial(critic_parameters, "humanoid"))
    axes.set(xlabel=f"{PARAMETERS}, humanoid", ylabel="hours of a run (one A100)")
    axes.set_title("paper: what the same parameters cost in time\nmean over the three environments above")


def ours(axes: Axes, data: Path, clock: bool) -> None:
    """Ours at their parameters or at their seconds."""
    rows = scores.here(data, SUITES, "depth", "width", clock=clock)
    x = "processor seconds of a seed, whole run" if clock else PARAMETERS
    axes.set(xlabel=x, ylabel=scores.SHARE, title="here")
    if rows.empty:
        return scores.unmeasured(axes)
    networks, env = scores.by(rows, "depth", "width"), rows.env.iloc[0]
    seconds, each = rows.groupby(["depth", "width"]).seed_seconds.max(), f"{scores.seeds(networks.values())} each"
    if clock:
        _grown(axes, networks, lambda *key: seconds[key], "made on another processor")
        held = f"per compute, {each}{scores.machines(rows)}"
    else:
        _grown(axes, networks, partial(critic_parameters, env), scores.NOT_MEASURED)
        held = f"{env}, per parameter, {each}\n{scores.equal(rows)}"
    axes.set_title(f"here: {held}", fontsize=8.5)


def _told(networks: Networks) -> str:
    (deep, deeper), (wide, wider) = families(networks).items()
    by_depth = scores.list_words({depth: score for (depth, _), score in deeper.items()})
    by_width = scores.list_words({width: score for (_, width), score in wider.items()}, "width")
    return f"{deep.replace(',', ' at')}: {by_depth}; {wide.replace(',', ' at')}: {by_width}"


def finding(data: Path) -> Finding:
    table = evidence.paper(data, TABLES[0])
    theirs = [f"{env}, {_told(published(own))}" for env, own in table.groupby("environment", sort=False)]
    theirs = f"Paper, at equal steps: {'. '.join(theirs)}"
    rows = scores.here(data, SUITES, "depth", "width")
    networks = scores.by(rows, "depth", "width")
    deeper, wider = families(networks).values()
    if min(len(deeper), len(wider)) < 2:
        return Finding("", theirs, "any width but one" if len(deeper) > 1 else "depth against width")
    where = f"{rows.env.iloc[0]} {scores.at_equal(rows)}, {scores.SHARE}"
    return Finding(f"Here, {where}: {_told(networks)}", theirs, more=f"Ours are {scores.equal(rows, 400)}")
