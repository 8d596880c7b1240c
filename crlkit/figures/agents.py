"""Pictures of recorded agents, one seed per depth: their critics' maps, their embeddings, what their blocks add.

All depths on the same states, starts and goals. Of these figures the paper has pictures or curves only, no numbers.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from crlkit import envs, evidence
from crlkit.agents.trained import TrainedAgent
from crlkit.analysis.gradients import residual_norms
from crlkit.analysis.q_maps import CriticMap, by_cell, farthest_cell
from crlkit.analysis.representations import allocation, cell_embeddings, principal_components, stretch
from crlkit.analysis.statistics import final_scores
from crlkit.analysis.topology import Topology, topology_score
from crlkit.figures import recorded, style
from crlkit.figures.panels import Finding
from crlkit.figures.scores import HERE, OTHER, doubling_axis, held_equal, here, unmeasured
from crlkit.networks import LAYERS_PER_BLOCK

ENV = "point_big_maze"
MOST_DEPTHS = 3  # whose weights are opened for a comparison: each takes a second


def with_weights(data: Path) -> dict[int, recorded.Kept]:
    """What is kept of every depth whose weights are."""
    return {depth: kept for depth, kept in recorded.all_kept(data, "depth", ENV).items() if kept.file}


def of_blocks(data: Path) -> dict[int, recorded.Kept]:
    """Of two blocks at least: one has no trend."""
    return {depth: kept for depth, kept in with_weights(data).items() if depth > LAYERS_PER_BLOCK}


def headline(figure: Drawing, data: Path, text: str, env: str = ENV, depths=(), more: str = "") -> None:
    """`text`, and what all runs (of `depths`) have in common."""
    rows = evidence.rows(data, "depth", query=f"status == 'finished' and env == {env!r}")
    rows = rows[rows.depth.isin(depths)] if depths else rows
    figure.suptitle(f"{env}{text}\nHere: one seed per depth, equal: {held_equal(rows)}{more}", fontsize=9.5)


# -- figure 9: does a critic see the maze's walls, or the straight line through them --------------------------------------

MAZES = ("point_u4_maze", "point_big_maze")  # the paper's maze, unless more depths were recorded in the other


class Seen(NamedTuple):
    """What was recorded in one maze: `maps` and `topology` by depth, both empty where nothing was."""

    env: str
    maps: dict[int, CriticMap]
    topology: dict[int, Topology]


def seen(data: Path) -> Seen:
    """Of the maze with most depths, the first of several."""
    every = {env: recorded.all_kept(data, "depth", env) for env in MAZES}
    env = max(MAZES, key=lambda env: len(every[env]))
    maze, maps = envs.make(env).maze, {depth: kept.critic_map for depth, kept in every[env].items()}
    return Seen(env, maps, {depth: topology_score(by_cell(m.values, maze), maze, m.goal) for depth, m in maps.items()})


def critics(figure: Drawing, data: Path) -> None:
    env, maps, topology = seen(data)
    maze, shown = envs.make(env).maze, recorded.shallow_and_deep(maps)
    *panels, correlations = figure.subplots(1, len(shown) + 1, width_ratios=(*[1] * len(shown), 1.5))
    values = np.concatenate([maps[depth].values.ravel() for depth in shown])
    for axes, depth in zip(panels, shown):
        rho = topology[depth]
        axes.set_title(f"critic, depth {depth}: rank correlation\nline {rho.rho_line:.2f}, path {rho.rho_path:.2f}")
        image = style.draw_critic_map(axes, maze, maps[depth], (np.nanmin(values), np.nanmax(values)))
        figure.colorbar(image, ax=axes, location="bottom", shrink=0.8, label="energy (same scale for all depths)")
    depths, rhos = zip(*topology.items())
    correlations.axhline(1 - rhos[0].ceiling, color="0.3", ls=":", label="line with path, in this maze")
    correlations.plot(depths, [rho.rho_path for rho in rhos], "o-", color=HERE, label="energy with shortest path")
    correlations.plot(depths, [rho.rho_line for rho in rhos], "s--", color=OTHER, label="energy with straight line")
    correlations.set_ylim(min(0, *(min(rho[:2]) for rho in rhos)) - 0.02, 1.02)
    correlations.set(ylabel="rank correlation over cells", title="minus the energy with both distances")
    doubling_axis(correlations, depths)
    correlations.legend(loc="lower left")
    text = ", goal G. Paper: Ant U4-Maze, depth 4 follows the line, depth 64 the path; pictures only, no numbers."
    headline(figure, data, text, env, more=lost(data, env))


def lost(data: Path, env: str) -> str:
    """ "; those of depth 128, 256 end at no goal": the first seeds, whose maps are drawn, that are never at the goal in
    the end."""
    rows = evidence.rows(data, "depth", query=f"status == 'finished' and env == {env!r}")
    rows = rows[rows.seed == rows.groupby("depth").seed.transform("min")]
    names = [f"{depth:.0f}" for depth, own in rows.groupby("depth") if not final_scores(own, "share").any()]
    return f"; those of depth {', '.join(names)} end at no goal" if names else ""


def walls(data: Path) -> Finding:
    env, _, topology = seen(data)
    scaled = ", ".join(f"{rho.score / rho.ceiling:+.2f} at depth {depth}" for depth, rho in topology.items())
    listed = "; ".join(f"depth {d}: path {rho.rho_path:.2f}, line {rho.rho_line:.2f}" for d, rho in topology.items())
    return Finding(
        f"{env}, one seed per depth: rank correlation with the path minus that with the line, scaled so that the path itself "
        f"has +1 and the line -1, is {scaled}{lost(data, env)}",
        more=f"Rank correlations: {listed}",
    )


# -- figure 10: how the critic lays states out ----------------------------------------------------------------------------

SPACES = {"spread": ("o", HERE, "spread of cells"), "stretch": ("s", OTHER, "length of one cell's step")}


def near_over_far(data: Path) -> dict[int, dict[str, list[float]]]:
    """By depth, for every goal of the evaluation: `spread` and `stretch` near the goal over far from it, thirds of the
    free cells. The goals of one agent share its weights, so they are no sample of agents."""
    kept, maze, spaces = with_weights(data), envs.make(ENV).maze, {}
    for depth in recorded.some(kept, MOST_DEPTHS):
        agent = kept[depth].agent
        of_goals = [(goal, *cell_embeddings(agent, goal)) for goal in envs.make(agent.config.eval_env).maze.goals]
        spaces[depth] = {
            "spread": [allocation(embeddings, remaining) for _, embeddings, remaining in of_goals],
            "stretch": [stretch(embeddings, maze, goal) for goal, embeddings, _ in of_goals],
        }
    return spaces


def layouts(figure: Drawing, data: Path) -> None:
    kept, spaces = with_weights(data), near_over_far(data)
    shown = recorded.shallow_and_deep(kept)
    *mazes, by_depth = figure.subplots(1, len(shown) + 1)
    for axes, depth in zip(mazes, shown):
        _over_the_maze(axes, depth, kept[depth].agent)
    by_depth.axhline(1, color="0.3", ls=":")
    for shift, (name, (marker, colour, label)) in zip((0.95, 1.05), SPACES.items()):
        for depth, values in spaces.items():
            by_depth.plot([depth * shift] * len(values[name]), values[name], marker, color=colour, ms=3.5, alpha=0.4)
        means = {depth * shift: np.mean(values[name]) for depth, values in spaces.items()}
        by_depth.plot(*zip(*means.items()), marker, ls="-", color=colour, ms=8, label=label)
    low, high = by_depth.get_ylim()
    by_depth.set_ylim(low, high + 0.3 * (high - low))
    by_depth.set_ylabel("near the goal / far from it (thirds of the maze)")
    by_depth.set_title("space around a goal, same states for all")
    doubling_axis(by_depth, spaces)
    by_depth.legend(title="mean over goals, small marks the goals", loc="upper center")
    text = ": principal components of φ(s, a), the critic's embedding. Paper: Humanoid, pictures only, no numbers."
    headline(figure, data, text)


def _over_the_maze(axes: Axes, depth: int, agent: TrainedAgent) -> None:
    """The maze as the critic sees it on the way to the farthest goal: cells, and lines between neighbours."""
    maze = agent.env.maze
    goal = farthest_cell(maze)
    embeddings, remaining = cell_embeddings(agent, goal)
    points = principal_components(embeddings, 2)
    first, second = 100 * points.explained
    for pair in np.argwhere(np.triu(maze.distances == 1)):
        axes.plot(*points.coordinates[pair].T, color="0.65", lw=0.9, zorder=1)
    dots = axes.scatter(*points.coordinates.T, c=remaining, ec="0.2", lw=0.5, cmap="cividis_r", s=44)
    axes.figure.colorbar(dots, ax=axes, label="shortest path to the goal (cells)", shrink=0.8)
    axes.set(xlabel=f"component 1 ({first:.0f} % of the variance)", ylabel=f"component 2 ({second:.0f} %)")
    style.mark(axes, points.coordinates[maze.free_cells.index(goal)][::-1], "G")
    axes.set_title(f"depth {depth}, every free cell; G the farthest goal,\nlines join neighbouring cells")


def space(data: Path) -> Finding:
    told = []
    for depth, values in near_over_far(data).items():
        told.append(f"depth {depth}: {', '.join(f'{name} {np.mean(values[name]):.2f}' for name in SPACES)}")
    said = "The space near a goal over that far from it (1 is even), means over the goals of one seed per depth"
    return Finding(f"{said}: {'; '.join(told)}")


# -- figure 17: what each residual block adds -----------------------------------------------------------------------------

STACKS = {"actor": "actor π(s, g)", "state_action": "encoder φ(s, a)", "goal": "encoder ψ(g)"}


def norms(data: Path) -> dict[int, dict[str, pd.DataFrame]]:
    """`residual_norms` by depth and stack, in the recorded episodes of the shallowest."""
    kept = of_blocks(data)
    agents = {depth: kept[depth].agent for depth in recorded.some(kept, MOST_DEPTHS)}
    first, paths = agents[min(agents)], kept[min(agents)].paths
    there = ~np.isnan(paths.cells[..., 0])
    states = first.env.states_at(first.env.maze.position(paths.cells[there]))
    goals = np.float32(first.env.maze.position(np.broadcast_to(paths.goals, paths.cells.shape)[there]))
    inputs = {"actor": (states, goals), "state_action": (states, first.act(states, goals)), "goal": (goals,)}
    return {
        depth: {
            name: residual_norms(agent.config, {"actor": agent.actor, **agent.critic}[name], np.hstack(inputs[name]))
            for name in STACKS
        }
        for depth, agent in agents.items()
    }


def blocks(figure: Drawing, data: Path) -> None:
    tables = norms(data)
    most = max(len(stacks["goal"]) for stacks in tables.values())
    panels = figure.subplots(1, 3, sharey=True)
    for axes, (name, title) in zip(panels, STACKS.items()):
        for depth, stacks in tables.items():
            axes.plot(stacks[name].block + 1, stacks[name].rms, lw=1.5, ms=4.5, **style.depth_style(depth))
        doubling_axis(axes, 2 ** np.arange(1 + int(np.log2(most))), "block (1 is next to the input)")
        axes.set_title(title)
    panels[0].set(ylabel="what a block adds: RMS of F(x)", ylim=(0, None))
    panels[0].legend()
    text = ": what a block adds to its input x. Paper: Humanoid, depths 32 to 256, curves only, no numbers."
    headline(figure, data, text, depths=list(tables), more=", the same states for all")


def added(data: Path) -> Finding:
    told = []
    for depth, stacks in norms(data).items():
        ends = (f"{name} {table.rms.iloc[0]:.2f} to {table.rms.iloc[-1]:.2f}" for name, table in stacks.items())
        told.append(f"depth {depth}: {', '.join(ends)}")
    return Finding(f"What the first and the last block add, root mean square (one seed): {'; '.join(told)}")


# -- figure 11: where agents went that were trained on near pairs -----------------------------------------------------------


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
