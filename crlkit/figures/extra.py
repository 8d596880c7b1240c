"""What no kind of panel draws: functions of the axes and the data folder, for the entries of `catalogue.py`."""

import textwrap
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from crlkit import envs, evidence
from crlkit.analysis.statistics import Score, at_best_rates, final_scores, score_of
from crlkit.analysis.thresholds import TRENDS, JumpTest, Threshold, before_the_fall, jump_test, least_score, threshold
from crlkit.config import DEPTHS
from crlkit.figures import recorded, style
from crlkit.figures.layers import Scores
from crlkit.figures.scores import (
    HERE,
    PAPER_EPISODE,
    SHARE,
    by,
    by_depth,
    doubling_axis,
    draw_paper,
    draw_scores,
    environments,
    here,
    measured,
    unmeasured,
)
from crlkit.figures.words import NOT_MEASURED, not_measured

FULL = "residual, layer norm, swish"
SWITCHES = {
    "residual": {False: "no residual connections"},
    "norm": {"none": "no norm", "rms": "RMS norm"},
    "activation": {"relu": "ReLU", "gelu": "GELU"},
}
CHANGES = [name for names in SWITCHES.values() for name in names.values()]


def network(*switches) -> str:
    """What a run lacks or has instead, against the paper's network: residual, norm and activation."""
    changed = [names[value] for names, value in zip(SWITCHES.values(), switches) if value in names]
    return ", ".join(changed) or FULL


def searched(data: Path) -> dict[int, Score]:
    """Of every depth that had all learning rates its scores, at the best of them."""
    rows = here(data, ("learning_rate",), "depth", "learning_rate")
    if rows.empty:
        return {}
    runs = [
        final_scores(run, "share").rename("score").reset_index().assign(task=0, depth=depth, learning_rate=rate)
        for (depth, rate, _), run in rows.groupby(["depth", "learning_rate", "run"])
    ]
    by_depth = at_best_rates(pd.concat(runs)).groupby("depth").score
    return {int(depth): score_of(scores) for depth, scores in by_depth}


def draw_searched(axes: Axes, data: Path) -> None:
    if scores := searched(data):
        draw_scores(axes, scores, "each depth at its best rate", color=HERE, lw=1.8)


def chance(axes: Axes, data: Path, layer: Scores) -> None:
    """The loss of a critic that knows nothing: all goals of a batch equally likely."""
    found = layer.read(data)
    for size in sorted(found.rows.batch_size.unique()) if found.measure == "heldout_loss" else ():
        bottom, top = axes.get_ylim()
        axes.set_ylim(bottom, max(top, np.log(size) + 0.05 * (np.log(size) - bottom)))
        axes.axhline(np.log(size), color="0.4", ls=(0, (1, 3)), lw=1.2)
        axes.annotate(
            f"chance: ln {size:.0f} = {np.log(size):.2f}", (1, np.log(size)), (-2, 3), textcoords="offset points",
            xycoords=("axes fraction", "data"), ha="right", fontsize=8, color="0.3",
        )  # fmt: skip


def depths_beside(axes: Axes, data: Path, layers: tuple[Scores, ...]) -> None:
    """The depth of every point beside it, where the axis is time; and chance."""
    for layer in layers:
        found = layer.read(data)
        if len(found.rows):
            seconds = found.rows.groupby([*layer.series, "depth"]).seed_seconds.max()
            for level, score in by(found.rows, *layer.series, "depth", measure=found.measure).items():
                at = (seconds[level if layer.series else level[0]], score.iqm)
                axes.annotate(f"{level[-1]}", at, (4, 4), textcoords="offset points", fontsize=7)
        chance(axes, data, layer)


def unfinished(data: Path) -> dict[int, str]:
    """Depths of the big maze without a finished run: how the run ended that was recorded, and when, or that none
    was."""
    rows = evidence.rows(data, "depth", query="env == 'point_big_maze'")
    if rows.empty:
        return {}
    ends = {}
    for depth in sorted(set(DEPTHS) - set(rows.depth[rows.status == "finished"])):
        runs = rows[rows.depth == depth]
        ended = ", ".join(sorted(runs.status.unique())) or NOT_MEASURED
        ends[depth] = ended + (f" after {runs.updates.max():,.0f} updates" if runs.updates.max() > 0 else "")
    return ends


def note_unfinished(axes: Axes, data: Path) -> None:
    ends = unfinished(data)
    doubling_axis(axes, {*axes.get_xticks(), *ends})
    for depth, how in ends.items():
        axes.text(
            depth, 0.03, how, rotation=90, transform=axes.get_xaxis_transform(), ha="center", fontsize=8,
            style="italic", color="0.3",
        )  # fmt: skip


def lost_networks(data: Path) -> str:
    """Networks of the ablations without a finished run, "no norm at depth 64 (diverged)"."""
    rows = evidence.rows(data, "ablations", query="status == status")
    if rows.empty:
        return ""
    ended = rows.groupby(["residual", "norm", "activation", "depth"]).status.agg(set)
    lost = {level: ", ".join(sorted(how)) for level, how in ended.items() if "finished" not in how}
    return "; ".join(f"{network(*level[:3])} at depth {level[3]} ({how})" for level, how in lost.items())


def close_up(axes: Axes, data: Path, layer: Scores) -> None:
    """What the others lose against the paper's network, seed by seed: critics of one seed share their walks. Networks
    far off are left out."""
    _, lines, measure = layer.read(data)
    axes.set(
        xlabel="depth (layers)", ylabel="loss minus that of the paper's network (nats)", title="here: the same close up"
    )
    if measure != "heldout_loss" or FULL not in lines or len(lines) < 3:
        return unmeasured(axes)
    apart = {
        name: {d: score.seeds - lines[FULL][d].seeds for d, score in line.items() if d in lines[FULL]}
        for name, line in lines.items()
        if name != FULL
    }
    near = {name: gaps for name, gaps in apart.items() if max(map(np.median, gaps.values())) < 0.2}
    for number, (name, gaps) in enumerate(near.items()):
        look = layer.looks.get(name, {})
        x = np.array(list(gaps)) * 1.06 ** (number - (len(near) - 1) / 2)
        axes.plot(x, [np.mean(gap) for gap in gaps.values()], label=name, **look | {"marker": None}, lw=1.2)
        for at, gap in zip(x, gaps.values()):
            axes.plot([at] * len(gap), gap, **look | {"linestyle": ""}, ms=3.5, alpha=0.7)
    axes.axhline(0, color="0.3", lw=0.8)
    doubling_axis(axes, {depth for gaps in near.values() for depth in gaps})
    far = [name for name in apart if name not in near]
    without = f"\nwithout: {', '.join(far)}" if far else ""
    axes.set_title(f"here: the same close up, a mark each seed,\nlines the means{without}", fontsize=8.5)
    axes.legend(fontsize=8)


def episode(axes: Axes, data: Path, which: int) -> None:
    """Where the first seed of the shallow or the deep (`which`: 0, -1) agent of the suite `stitching` went, with how
    many of its recorded episodes reached each distance."""
    rows = here(data, ("stitching",), "depth")
    runs = recorded.all_kept(data, "stitching", rows.env.iloc[0]) if len(rows) else {}
    depth = (recorded.shallow_and_deep(runs) if runs else recorded.PAIR)[which]
    axes.set_title(f"depth {depth}, one seed")
    if not runs:
        return unmeasured(axes)
    maze, paths = envs.make(rows.eval_env.iloc[0]).maze, runs[depth].paths
    style.draw_paths(axes, maze, paths)
    far = np.array([maze.distance(maze.start, tuple(goal)) for goal in np.rint(paths.goals).astype(int)], int)
    reached = [f"{c} cells away: {paths.success[far == c].sum()} of {(far == c).sum()} reached" for c in np.unique(far)]
    axes.set_xlabel("\n".join(reached))


def shallow_bars(axes: Axes, data: Path) -> None:
    """The paper's figure 5, left: one layer at a time."""
    table = evidence.paper(data, "fig5_depth_and_residual").query("panel == 'shallow_depths'")
    bars = axes.bar(table.depth, table.value / PAPER_EPISODE, color="0.75", edgecolor="0.4", hatch="//", width=0.7)
    axes.bar_label(bars, [f"{value / PAPER_EPISODE:.3f}" for value in table.value], fontsize=8)
    axes.set_xticks(table.depth)
    axes.set(xlabel="depth (layers)", ylabel=SHARE, title="paper: humanoid, one layer at a time (equal steps)")


class Jump(NamedTuple):
    """rise: where the log score rises most. tests: whether one step up is more than a straight and than a bent trend
    account for, where there are five depths to ask; as in the ledger without those from `falls` on, where the score
    falls."""

    rise: Threshold
    tests: list[JumpTest]
    falls: int | None = None

    @property
    def words(self) -> str:
        said = f"largest rise of the log score: from depth {self.rise.before} to {self.rise.depth}"
        said += f" (95 % interval of the place: {self.rise.low} to {self.rise.high})"
        trends = {"linear": "a straight", "quadratic": "a bent"}
        asked = [f"{trends[test.trend]} trend p = {test.p_value:.2g}" for test in self.tests]
        fallen = f" (without depth {self.falls} and deeper, where the score falls)" if self.falls else ""
        return said + (f"; a step on top of {', of '.join(asked)}{fallen}" if asked else "")


def jump(rows: pd.DataFrame) -> Jump | None:
    """Nothing where there are fewer than two depths or all scores are 0."""
    scores, floor = by_depth(rows), least_score(rows)
    seeds = [(depth, seed) for depth, score in scores.items() for seed in score.seeds]
    table = pd.DataFrame(seeds, columns=["depth", "score"])
    if len(scores) < 2 or not (table.score > 0).any():
        return None
    if len(scores) < 5 or len(table) < len(scores) + 2:
        return Jump(threshold(table, floor), [])
    rising, falls = before_the_fall(table, floor)
    return Jump(threshold(rising, floor), [jump_test(rising, trend, floor) for trend in TRENDS], falls)


def mark_jump(axes: Axes, data: Path) -> None:
    """The darker the band between two depths, the more resamples have the largest rise there."""
    rows = here(data, ("depth",), "depth", env="point_big_maze")
    found, depths = jump(rows), sorted(set(rows.depth))
    if not found:
        return
    for before, depth in zip(depths, depths[1:]):
        share = found.rise.votes.get(int(depth), 0.0)
        axes.axvspan(before, depth, color="#E69F00", alpha=0.45 * share, lw=0, zorder=0)
        if share >= 0.005:
            middle = np.sqrt(before * depth)
            axes.text(middle, 0.02, f"{share:.0%}", transform=axes.get_xaxis_transform(), ha="center", fontsize=8)
    said = textwrap.fill(f"{found.words}; shaded: share of resamples with the largest rise there", 78)
    axes.text(0.01, 0.98, said, transform=axes.transAxes, va="top", fontsize=8)


def environments_by_depth(below: SubFigure, data: Path) -> None:
    """The paper's ten environments as small multiples, ours in the panel of the same layout."""
    suites, paper = ("depth", "environments"), evidence.paper(data, "fig1_final_scores")
    ours, published = environments(measured(data, suites)), set(paper.environment)
    for axes, (env, theirs) in zip(below.subplots(2, 5).flat, paper.groupby("environment", sort=False)):
        draw_paper(axes, theirs, "depth", "paper")
        body, _, layout = env.partition("_")
        its_own = body == "ant" or (body == "humanoid" and f"ant_{layout}" not in published)  # one panel a layout
        same = [name for name in ours if its_own and name.partition("_")[2] == layout]
        depths = set(theirs.depth)
        for name, colour in zip(same, (HERE, "#009E73")):
            rows = here(data, suites, "depth", env=name)
            label = f"here: {name.partition('_')[0]}, {rows.env_steps.max() / 1e6:.1f} M steps"
            draw_scores(axes, by_depth(rows), label, color=colour)
            depths |= set(rows.depth)
        missing = body == "ant" and not same
        if missing:
            not_measured(axes, y=0.72)
        doubling_axis(axes, depths)
        axes.set_ylim(0, (1.65 if missing else 1.25 + 0.15 * len(same)) * axes.get_ylim()[1])
        axes.set_title(f"{env}, {theirs.epochs.iloc[0]} epochs", fontsize=8.5)
        axes.legend(fontsize=8, loc="upper left")
    below.supylabel(SHARE, fontsize=9)
    below.suptitle(
        f"The paper's ten environments, final score by depth: mean and standard error of {paper.runs.min()} to "
        f"{paper.runs.max()} runs, equal epochs of about a million steps\n(scales differ; for ant_u5_maze at 64 the paper's "
        "Table 1 prints 0.061), ours in mazes of the same layout",
        fontsize=9.5,
    )
