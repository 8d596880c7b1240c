"""The pictures of this kit for runs of your own: learning curves, final scores with their seeds, what the critics
see."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from crlkit.analysis.q_maps import critic_map
from crlkit.analysis.statistics import final_scores, score_of
from crlkit.config import Config
from crlkit.errors import UserError, nearest_name
from crlkit.evidence import NAMES
from crlkit.figures import style
from crlkit.figures.panels import PALETTE, draw_curve, forest, learning_curve, named
from crlkit.figures.scores import depth_look, seeds
from crlkit.runs import Run, open_run

MOST_MAPS = 4
NEAREST = "nearest: crlkit.plot(crlkit.train(depth=4))"


@style.styled
def plot(runs: Run | str | Path | Sequence[Run | str | Path], measure: str = "", maps: bool = True) -> Figure:
    """Learning curves and final scores of one run or several and, of agents in a maze, what their critics see.

    runs: runs, or their directories; each is named after the options in which they differ. measure: a column of their
    `metrics`; by default the share of the episode at the goal or, of critics alone, the held-out loss. maps: whether to
    draw the critics of the first four runs, first seed. Curves and marks: interquartile means over seeds, 95 %
    bootstrap intervals. Raises UserError for what is no run, a run without an evaluation, and an unknown measure.
    """
    opened = _opened(runs)
    tables = [_rows(run) for run in opened]
    measure = _measure(tables, measure)
    names = labels([run.config for run in opened])
    kept = [run for run in opened if maps and run.agents[0].env.states_at and run.agents[0].env.maze][:MOST_MAPS]
    figure = style.new_figure(12, 8 if kept else 4.2)
    above, *below = figure.subfigures(2, 1) if kept else [figure]
    curves, ends = above.subplots(1, 2)
    only_depth = all(name.startswith("depth ") and name.count(" ") == 1 for name in names)
    scores, looks = {}, {}
    for number, (name, run, rows) in enumerate(zip(names, opened, tables)):
        looks[name] = depth_look(run.config.depth) if only_depth else PALETTE[number % len(PALETTE)]
        draw_curve(curves, learning_curve(rows, "updates", measure), looks[name] | {"label": name})
        scores[name] = {run.config.depth: score_of(final_scores(rows, measure))}
    curves.set(xlabel=named("updates"), ylabel=named(measure).removesuffix(" in the last tenth of training"))
    curves.legend(fontsize=8)
    forest(ends, scores, looks)
    ends.set_xlabel(named(measure))
    ends.set_title("at the end: mean of the last tenth of a seed's evaluations", fontsize=8.5)
    envs = ", ".join(dict.fromkeys(run.config.env for run in opened))
    many = seeds(score for line in scores.values() for score in line.values())
    above.suptitle(f"{envs}: {many}; interquartile mean, 95 % interval, dots the seeds", fontsize=9.5)
    for place in below:
        place.suptitle("critic of the first seed: energy of every place for the goal G, bright is near", fontsize=9.5)
        for axes, run in zip(place.subplots(1, len(kept), squeeze=False)[0], kept):
            agent = run.agents[0]
            image = style.draw_critic_map(axes, agent.env.maze, critic_map(agent))
            axes.set_title(names[opened.index(run)])
            place.colorbar(image, ax=axes, shrink=0.8, label="energy f(s, a, g)")
    return figure


def labels(configs: Sequence[Config]) -> list[str]:
    """What tells runs apart, in words: "depth 4", "depth 16, batch size 64"; numbers where nothing does."""
    options = [field.name for field in fields(Config) if field.name not in NAMES]
    differing = [name for name in options if len({getattr(config, name) for config in configs}) > 1]
    if all(config.actor_depth == config.critic_depth == config.depth for config in configs):
        differing = [name for name in differing if name not in ("actor_depth", "critic_depth")]
    differing = differing or ["depth"]
    names = [", ".join(f"{name.replace('_', ' ')} {getattr(config, name)}" for name in differing) for config in configs]
    return [f"{name}, run {k}" if names.count(name) > 1 else name for k, name in enumerate(names, start=1)]


def _opened(runs) -> list[Run]:
    every = [runs] if isinstance(runs, Run | str | Path) else list(runs) if isinstance(runs, Iterable) else []
    if not every or not all(isinstance(run, Run | str | Path) for run in every):
        raise UserError(f"runs {runs!r}: must be a run, its directory, or a list of one run or several; {NEAREST}")
    return [run if isinstance(run, Run) else open_run(run) for run in every]


def _rows(run: Run) -> pd.DataFrame:
    rows = run.metrics
    if rows.empty:
        raise UserError(f"{run!r}: has no evaluation yet; nearest: plot it after its first")
    return rows.assign(share=rows.time_at_goal / run.config.episode_length) if "time_at_goal" in rows else rows


def _measure(tables: list[pd.DataFrame], measure: str) -> str:
    """`measure`, or the usual one, where all tables have it."""
    known = [name for name in tables[0].select_dtypes("number") if all(name in table for table in tables)]
    measure = measure or ("share" if "share" in known else "heldout_loss")
    if measure not in known:
        close = nearest_name(measure, known)
        raise UserError(f"measure {measure!r}: must be a column of the metrics of all runs; nearest: {close}")
    return measure
