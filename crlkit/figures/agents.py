"""Pictures of recorded agents, one seed per depth: their critics' maps, their embeddings, what their blocks add.

All depths on the same states, starts and goals. Of these figures the paper has pictures or curves only, no numbers.
"""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from crlkit import envs
from crlkit.analysis.gradients import residual_norms
from crlkit.analysis.q_maps import CriticMap, by_cell, farthest_cell
from crlkit.analysis.representations import allocation, cell_embeddings, principal_components, stretch
from crlkit.analysis.topology import Topology, topology_score
from crlkit.figures import recorded, style
from crlkit.figures.scores import HERE, OTHER, doubling_axis, held_equal, here
from crlkit.networks import LAYERS_PER_BLOCK

ENV = "point_big_maze"


def with_weights(data: Path, least: int = LAYERS_PER_BLOCK) -> dict[int, recorded.Kept]:
    """What is kept of every depth from `least` on whose weights are."""
    every = recorded.all_kept(data, "depth", ENV)
    return {depth: kept for depth, kept in every.items() if kept.file and depth >= least}


of_blocks = partial(with_weights, least=2 * LAYERS_PER_BLOCK)  # one block has no trend


def headline(data: Path, text: str) -> str:
    """A title: the maze, `text`, and what all its runs have in common."""
    equal = held_equal(here(data, ("depth",), "depth", env=ENV))
    return f"{ENV}: {text}\nHere: one seed per depth, equal: {equal}"


def maps(data: Path) -> dict[int, CriticMap]:
    return {depth: kept.critic_map for depth, kept in recorded.all_kept(data, "depth", ENV).items()}


def topology(data: Path) -> dict[int, Topology]:
    maze = envs.make(ENV).maze
    return {depth: topology_score(by_cell(m.values, maze), maze, m.goal) for depth, m in maps(data).items()}


def critic(axes: Axes, data: Path, which: int) -> None:
    """The map of the shallow or the deep critic (`which`: 0, -1), on one scale of colours."""
    every = maps(data)
    shown = recorded.shallow_and_deep(every)
    depth, values = shown[which], np.concatenate([every[depth].values.ravel() for depth in shown])
    image = style.draw_critic_map(axes, envs.make(ENV).maze, every[depth], (np.nanmin(values), np.nanmax(values)))
    axes.figure.colorbar(image, ax=axes, location="bottom", shrink=0.8, label="energy (same scale for all depths)")
    rho = topology(data)[depth]
    axes.set_title(f"critic, depth {depth}: rank correlation\nline {rho.rho_line:.2f}, path {rho.rho_path:.2f}")


def correlations(axes: Axes, data: Path) -> None:
    depths, rhos = zip(*topology(data).items())
    axes.axhline(1 - rhos[0].ceiling, color="0.3", ls=":", label="line with path, in this maze")
    axes.plot(depths, [rho.rho_path for rho in rhos], "o-", color=HERE, label="energy with shortest path")
    axes.plot(depths, [rho.rho_line for rho in rhos], "s--", color=OTHER, label="energy with straight line")
    axes.set_ylim(min(0, *(min(rho[:2]) for rho in rhos)) - 0.02, 1.02)
    axes.set(ylabel="rank correlation over cells", title="minus the energy with both distances")
    doubling_axis(axes, depths)
    axes.legend(loc="lower left")


def walls(data: Path) -> tuple[str, str]:
    scaled = ", ".join(f"{rho.score / rho.ceiling:+.2f} at depth {depth}" for depth, rho in topology(data).items())
    said = "rank correlation with the path minus that with the line, scaled so that the path itself has +1 and the line -1, is"
    return f"{ENV}, one seed per depth, also of depths that end at no goal: {said} {scaled}", ""


def near_over_far(data: Path) -> dict[int, dict[str, list[float]]]:
    """By depth, for every goal of the evaluation: `spread` and `stretch` near the goal over far from it, in thirds."""
    kept, maze, spaces = with_weights(data), envs.make(ENV).maze, {}
    for depth, agent in ((depth, one.agent) for depth, one in kept.items()):
        of_goals = [(goal, *cell_embeddings(agent, goal)) for goal in envs.make(agent.config.eval_env).maze.goals]
        spaces[depth] = {
            "spread": [allocation(embeddings, remaining) for _, embeddings, remaining in of_goals],
            "stretch": [stretch(embeddings, maze, goal) for goal, embeddings, _ in of_goals],
        }
    return spaces


def layout(axes: Axes, data: Path, which: int) -> None:
    """The maze as the shallow or the deep critic (`which`: 0, -1) sees it on the way to the farthest goal: cells, and
    lines between neighbours."""
    kept = with_weights(data)
    depth = recorded.shallow_and_deep(kept)[which]
    maze = kept[depth].agent.env.maze
    goal = farthest_cell(maze)
    embeddings, remaining = cell_embeddings(kept[depth].agent, goal)
    points = principal_components(embeddings)
    first, second = 100 * points.explained
    for pair in np.argwhere(np.triu(maze.distances == 1)):
        axes.plot(*points.coordinates[pair].T, color="0.65", lw=0.9, zorder=1)
    dots = axes.scatter(*points.coordinates.T, c=remaining, ec="0.2", lw=0.5, cmap="cividis_r", s=44)
    axes.figure.colorbar(dots, ax=axes, label="shortest path to the goal (cells)", shrink=0.8)
    axes.set(xlabel=f"component 1 ({first:.0f} % of the variance)", ylabel=f"component 2 ({second:.0f} %)")
    style.mark(axes, points.coordinates[maze.free_cells.index(goal)][::-1], "G")
    axes.set_title(f"depth {depth}, every free cell; G the farthest goal,\nlines join neighbouring cells")


def space(data: Path) -> tuple[str, str]:
    told = []
    for depth, values in near_over_far(data).items():
        told.append(f"depth {depth}: " + ", ".join(f"{name} {np.mean(own):.2f}" for name, own in values.items()))
    said = "spread of cells and stretch of one step near a goal over those far from it (1 is even), means over goals"
    return f"Here, one seed per depth, {said}: {'; '.join(told)}", ""


STACKS = {"actor": "actor π(s, g)", "state_action": "encoder φ(s, a)", "goal": "encoder ψ(g)"}


def norms(data: Path) -> dict[int, dict[str, pd.DataFrame]]:
    """`residual_norms` by depth and stack, in the recorded episodes of the shallowest."""
    kept = of_blocks(data)
    agents = {depth: one.agent for depth, one in kept.items()}
    first, paths = agents[min(agents)], kept[min(agents)].paths
    there = ~np.isnan(paths.cells[..., 0])
    states = first.env.states_at(first.env.maze.position(paths.cells[there]))
    goals = np.float32(first.env.maze.position(np.broadcast_to(paths.goals, paths.cells.shape)[there]))
    inputs = {"actor": (states, goals), "state_action": (states, first.act(states, goals)), "goal": (goals,)}
    tables = {}
    for depth, agent in agents.items():
        stacks = {"actor": agent.actor, **agent.critic}
        tables[depth] = {name: residual_norms(agent.config, stacks[name], np.hstack(inputs[name])) for name in STACKS}
    return tables


def blocks(axes: Axes, data: Path, stack: str) -> None:
    tables = {depth: stacks[stack] for depth, stacks in norms(data).items()}
    for depth, table in tables.items():
        axes.plot(table.block + 1, table.rms, lw=1.5, ms=4.5, **style.depth_style(depth))
    most = max(len(table) for table in tables.values())
    doubling_axis(axes, 2 ** np.arange(1 + int(np.log2(most))), "block (1 is next to the input)")
    axes.set(title=STACKS[stack], ylabel="what a block adds: RMS of F(x)")
    axes.autoscale(axis="y")  # shared with the panels before
    axes.set_ylim(bottom=0)
    axes.legend()


def added(data: Path) -> tuple[str, str]:
    told = []
    for depth, stacks in norms(data).items():
        ends = (f"{name} {table.rms.iloc[0]:.2f} to {table.rms.iloc[-1]:.2f}" for name, table in stacks.items())
        told.append(f"depth {depth}: {', '.join(ends)}")
    return f"What the first and the last block add, root mean square (one seed): {'; '.join(told)}", ""
