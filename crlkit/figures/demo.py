"""The first figure: two depths side by side, learning, what the critic sees, where the agent goes."""

import numpy as np
from matplotlib.figure import Figure

from crlkit.analysis.q_maps import critic_map, paths
from crlkit.figures import style
from crlkit.runs import Run


@style.styled
def draw(runs: list[Run]) -> Figure:
    """`runs`: one run a depth, in the same maze. Top: success against updates and against seconds, a line the mean
    over seeds, dots the seeds. Below: critic maps and paths of the first seed of each."""
    figure = style.new_figure(2.9 * 2 * len(runs), 6.6)
    grid = figure.add_gridspec(2, 2 * len(runs), height_ratios=(1, 1.1))
    left, right = figure.add_subplot(grid[0, : len(runs)]), figure.add_subplot(grid[0, len(runs) :])
    for run in runs:
        _learning_curve(left, run, "updates", "gradient updates")
        _learning_curve(right, run, "seconds", "seconds of training (all seeds together)")
    left.legend(loc="upper left")
    maps = [critic_map(run.agents[0]) for run in runs]
    for column, (run, values) in enumerate(zip(runs, maps)):
        maze, depth = run.agents[0].env.maze, run.config.depth
        axes = figure.add_subplot(grid[1, column])
        image = style.draw_critic_map(axes, maze, values)
        axes.set_title(f"depth {depth}: critic's map, first seed")
        figure.colorbar(image, ax=axes, shrink=0.7, location="bottom", label="energy f(s, a, g)")
        axes = figure.add_subplot(grid[1, len(runs) + column])
        walked = paths(run.agents[0])
        style.draw_paths(axes, maze, walked)
        reached = int(walked.success.sum())
        axes.set_title(f"depth {depth}, first seed:\n{reached} of {len(walked.success)} reached")
        axes.set_xlabel("solid: goal reached, dotted: not")
    return figure


def _learning_curve(axes, run: Run, x: str, label: str) -> None:
    look = style.depth_style(run.config.depth)
    table = run.metrics.pivot(index="updates", columns="seed", values="success")
    at = run.metrics.groupby("updates")[x].first() if x != "updates" else table.index
    axes.plot(at, table.mean(axis=1), lw=1.8, **look)
    axes.plot(np.asarray(at), table, ls="", marker=look["marker"], color=look["color"], ms=3, alpha=0.4)
    axes.set(xlabel=label, ylabel="success (share of far goals)", ylim=(-0.03, 1.03))
    axes.set_title(f"{run.config.env}: mean and every one of {run.config.seeds} seeds")
