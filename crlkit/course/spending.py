"""Notebook 08: networks of equal price, toy tables of actor and critic, what a batch can show, and a fair choice of rates."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crlkit.analysis.statistics import interquartile_mean, probability_of_improvement
from crlkit.figures import style
from crlkit.figures.depth_vs_width import critic_parameters, families
from crlkit.figures.panels import heat_map
from crlkit.figures.scores import HERE, OTHER, by, depth_look, doubling_axis, draw_scores, here, unmeasured
from crlkit.figures.words import Score

DEPTHS = (4, 8, 16, 32, 64)


def shapes(env: str, budget: int, depths: tuple[int, ...] = DEPTHS) -> pd.DataFrame:
    """Of every depth the widest critic with at most `budget` parameters: `depth, width, parameters`, and `kept`, the
    numbers that one example leaves in the layers of one encoder, depth times width."""
    rows = []
    for depth in depths:
        width = 1
        while critic_parameters(env, depth, width + 1) <= budget:
            width += 1
        rows.append((depth, width, critic_parameters(env, depth, width), depth * width))
    return pd.DataFrame(rows, columns=["depth", "width", "parameters", "kept"])


@style.styled
def draw_shapes(env: str, budget: int) -> Figure:
    """Critics with the same number of parameters: left as blocks, one layer broad and one unit high for every layer and
    unit; right what one example leaves in their layers."""
    table = shapes(env, budget)
    figure = style.new_figure(9.6, 3.2)
    left, right = figure.subplots(1, 2, width_ratios=(2.2, 1))
    at = 0.0
    for row in table.itertuples():
        look = depth_look(row.depth)
        left.add_patch(Rectangle((at, 0), row.depth, row.width, color=look["color"], alpha=0.8))
        left.text(at + row.depth / 2, row.width, f"{row.depth} x {row.width}", ha="center", va="bottom", fontsize=8)
        at += row.depth + 9
    left.set(xlim=(-8, at - 4), ylim=(0, 1.15 * table.width.max()), xticks=[], xlabel="layers, side by side")
    left.set(ylabel="units of a layer", title=f"at most {budget:,} parameters: depth x width")
    colours = [depth_look(depth)["color"] for depth in table.depth]
    right.bar([str(depth) for depth in table.depth], table.kept, color=colours, alpha=0.8)
    right.set(xlabel="depth (layers)", ylabel="depth x width", title="numbers in the layers, one example")
    return figure


def worlds(depths: tuple[int, ...] = (4, 16, 64)) -> dict[str, pd.DataFrame]:
    """Made-up scores of three worlds, critic's depth down and actor's depth across."""
    reached = np.linspace(0.1, 0.7, len(depths))
    critic, actor = reached[:, None], reached[None]
    tables = {
        "the critic decides": critic + 0 * actor,
        "each helps by itself": (critic + actor) / 2,
        "the weaker one decides": np.minimum(critic, actor),
    }
    return {name: pd.DataFrame(table, index=depths, columns=depths) for name, table in tables.items()}


@style.styled
def draw_grids(tables: dict[str, pd.DataFrame], colours: str = "Greens") -> Figure:
    """Heat maps side by side, critic's depth upwards, actor's depth across."""
    figure = style.new_figure(3.9 * len(tables), 2.9)
    for axes, (name, cells) in zip(figure.subplots(1, len(tables), squeeze=False)[0], tables.items()):
        heat_map(axes, cells, cells.map("{:.2f}".format), colours)
        axes.set_title(name)
    return figure


class Corners(NamedTuple):
    """What a grid's corners say, over its shallowest pair. actor, critic: gained by deepening one alone. both: by
    deepening both. interaction: how much of `both` is not the sum of the two."""

    actor: float
    critic: float
    both: float
    interaction: float

    def __str__(self) -> str:
        return f"actor alone {self.actor:+.2f}, critic alone {self.critic:+.2f}, both {self.both:+.2f}, interaction {self.interaction:+.2f}"


def corners(cells: pd.DataFrame) -> Corners:
    """`cells`: critic's depth down, actor's depth across."""
    cells = cells.sort_index().sort_index(axis=1)
    (neither, actor), (critic, both) = cells.iloc[[0, -1], [0, -1]].to_numpy()
    gains = actor - neither, critic - neither, both - neither
    return Corners(*map(float, gains), float(both - actor - critic + neither))


def margins(cells: pd.DataFrame) -> tuple[float, float]:
    """From the shallowest to the deepest actor, mean over all critics; and the same of the critic, mean over all actors."""
    actor, critic = cells.mean(axis=0).sort_index(), cells.mean(axis=1).sort_index()
    return float(actor.iloc[-1] - actor.iloc[0]), float(critic.iloc[-1] - critic.iloc[0])


def knowable(joint: np.ndarray) -> float:
    """The information that s holds about g, nats, for a table p(s, g) `[places, goals]`: what no critic can exceed."""
    ratio = joint / np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return float(np.sum(joint[joint > 0] * np.log(ratio[joint > 0])))


def shown(joint: np.ndarray, batch: int, batches: int = 400, seed: int = 0) -> float:
    """log(batch) minus the InfoNCE loss of the *perfect* critic of p(s, g), nats, mean over random batches."""
    rng = np.random.default_rng(seed)
    with np.errstate(divide="ignore"):
        best = np.log(joint / np.outer(joint.sum(axis=1), joint.sum(axis=0)))
    drawn = rng.choice(joint.size, size=(batches, batch), p=joint.ravel())
    here_, goal = np.unravel_index(drawn, joint.shape)
    ratios = np.exp(best[here_[:, :, None], goal[:, None, :]])
    own = np.take_along_axis(ratios, np.arange(batch)[None, :, None], axis=2)[..., 0]
    return float(np.log(batch) + np.mean(np.log(own) - np.log(ratios.sum(axis=2))))


def chosen_by_the_others(scores) -> np.ndarray:
    """Of a table `[settings, seeds]` (higher is better) the score of every seed at the setting that is best on the mean of
    the *other* seeds: a score that its own luck did not choose."""
    scores = np.asarray(scores, float)
    others = (scores.sum(axis=1, keepdims=True) - scores) / (scores.shape[1] - 1)
    return scores[others.argmax(axis=0), np.arange(scores.shape[1])]


def by_rate(
    data: Path, *suites: str, measure: str = "share", least: int = 2, **which: bool
) -> dict[int, dict[float, Score]]:
    """Final scores by depth and learning rate, of the depths that were run at `least` rates or more; empty if none were.
    `which`: `clock` and `sizes` of `evidence.rows`."""
    rows = here(data, suites, "depth", "learning_rate", measure=measure, **which)
    found = {}
    for (depth, rate), score in by(rows, "depth", "learning_rate", measure=measure).items():
        found.setdefault(int(depth), {})[float(rate)] = score
    return {depth: scores for depth, scores in found.items() if len(scores) >= least}


def tuned(table: dict[int, dict[float, Score]]) -> dict[int, np.ndarray]:
    """Of every depth its seeds, each at the rate that the others choose, among the rates at which all its seeds were run."""
    seeds = {depth: [score.seeds for score in rates.values()] for depth, rates in table.items()}
    most = {depth: max(map(len, of)) for depth, of in seeds.items()}
    whole = {depth: [one for one in of if len(one) == most[depth]] for depth, of in seeds.items()}
    return {depth: chosen_by_the_others(of) for depth, of in whole.items() if most[depth] > 1}


def draw_by_rate(axes: Axes, table: dict[int, dict[float, Score]], label: str) -> None:
    """A line a depth over the learning rate, with intervals and seeds; says so where nothing is recorded."""
    axes.set(xlabel="learning rate", ylabel=label)
    if not table:
        return unmeasured(axes)
    for number, (depth, rates) in enumerate(table.items()):
        draw_scores(axes, rates, f"depth {depth}", 1.05 ** (number - (len(table) - 1) / 2), **depth_look(depth))
    ticks = sorted({rate for rates in table.values() for rate in rates})
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{rate:g}" for rate in ticks])
    axes.minorticks_off()
    axes.legend(fontsize=8)


def draw_by_depth(axes: Axes, table: dict[int, dict[float, Score]], label: str) -> None:
    """A line a learning rate over depth, with intervals and seeds; says so where nothing is recorded."""
    axes.set(xlabel="depth (layers)", ylabel=label)
    if not table:
        return unmeasured(axes)
    rates = sorted({rate for of in table.values() for rate in of})
    looks = ({"color": HERE}, {"color": OTHER, "marker": "s", "linestyle": "--"}, {"color": "#009E73", "marker": "^"})
    for number, rate in enumerate(rates):
        line = {depth: of[rate] for depth, of in table.items() if rate in of}
        draw_scores(axes, line, f"learning rate {rate:g}", 1.04 ** (number - (len(rates) - 1) / 2), **looks[number % 3])
    doubling_axis(axes, table)
    axes.legend(fontsize=8)


def pairs(rows: pd.DataFrame, alike: float = 1.5) -> pd.DataFrame:
    """Every recorded wider network of depth 4 beside the deeper one nearest to it in parameters, where those differ by no
    more than the factor `alike`: scores, and P that a seed of the deep one is ahead. Empty if there are none."""
    deeper, wider = families(rows)
    found = []
    for wide in list(wider)[1:]:
        size = {key: critic_parameters(rows.env.iloc[0], *key) for key in (wide, *list(deeper)[1:])}
        deep = min(list(deeper)[1:], key=lambda key: abs(np.log(size[key] / size[wide])), default=None)
        if deep is None or not 1 / alike <= size[deep] / size[wide] <= alike:
            continue
        p = probability_of_improvement([deeper[deep].seeds], [wider[wide].seeds])
        found.append(
            {
                "deep": f"{deep[0]} x {deep[1]}", "wide": f"{wide[0]} x {wide[1]}",
                "parameters, deep/wide": round(size[deep] / size[wide], 2),
                "score deep": str(deeper[deep]), "score wide": str(wider[wide]),
                "P(deep ahead)": f"{p.value:.2f} ({p.low:.2f} to {p.high:.2f})",
            }
        )  # fmt: skip
    return pd.DataFrame(found)


def corner_intervals(
    scores: dict[tuple[int, int], Score], resamples: int = 2000
) -> dict[str, tuple[float, float, float]]:
    """`corners` of recorded cells (critic's depth, actor's depth), each with its 95 % interval over resamples of seeds;
    empty where a corner is not recorded."""
    critics, actors = (sorted({key[k] for key in scores}) for k in (0, 1))
    if len(critics) < 2 or len(actors) < 2:
        return {}
    keys = [(c, a) for c in (critics[0], critics[-1]) for a in (actors[0], actors[-1])]
    if not set(keys) <= set(scores):
        return {}
    rng, drawn = np.random.default_rng(0), []
    for key in keys:
        seeds = scores[key].seeds
        again = interquartile_mean(seeds[rng.integers(len(seeds), size=(resamples, len(seeds)))], axis=1)
        drawn.append(np.concatenate([[scores[key].iqm], again]))
    neither, actor, critic, both = drawn
    gains = (actor - neither, critic - neither, both - neither, both - actor - critic + neither)
    return {
        name: (float(gain[0]), *map(float, np.quantile(gain[1:], [0.025, 0.975])))
        for name, gain in zip(Corners._fields, gains)
    }
