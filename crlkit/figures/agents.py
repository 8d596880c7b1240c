"""Pictures of recorded agents, one seed per depth: their episodes, their critics' maps, their embeddings, what their
blocks add.

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
from crlkit.analysis.q_maps import CriticMap, Paths, by_cell, farthest_cell
from crlkit.analysis.representations import allocation, cell_embeddings, principal_components, stretch
from crlkit.analysis.statistics import final_scores
from crlkit.analysis.topology import Topology, topology_score
from crlkit.envs.base import goal_at
from crlkit.envs.mazes import Maze
from crlkit.figures import recorded, style
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.scores import HERE, OTHER, doubling_axis
from crlkit.figures.words import held_equal, not_measured
from crlkit.networks import LAYERS_PER_BLOCK

ENV = "point_big_maze"
MOST_DEPTHS = 3  # whose weights are opened for a comparison: each takes a second


def of_env(data: Path, env: str) -> pd.DataFrame:
    return evidence.rows(data, "depth", query=f"status == 'finished' and env == {env!r}")


def _equal(data: Path, env: str, depths=()) -> str:
    rows = of_env(data, env)
    return held_equal(rows[rows.depth.isin(depths)] if depths else rows)


# -- figure 3: what the policies do -------------------------------------------------------------------------------------

MOMENTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)  # of an episode: most of the way is made at its beginning


def episodes(data: Path) -> dict[int, Paths]:
    """The recorded episodes of at most six depths, shallow first."""
    runs = recorded.runs(data, "depth", ENV)
    shown = recorded.some(runs, 6) if runs else []
    return {depth: recorded.walked(evidence.arrays(data, runs[depth])) for depth in shown}


def _strips(figure: Drawing, data: Path) -> None:
    shown, maze = episodes(data), envs.make(ENV).maze
    figure.set_figheight(1.0 + 2.0 * max(len(shown), 1))
    grid = figure.subplots(max(len(shown), 1), len(MOMENTS), squeeze=False)
    for row, (depth, paths) in zip(grid, shown.items()):
        for axes, moment in zip(row, MOMENTS):
            step = round(moment * (len(paths.cells) - 1))
            _frame(axes, maze, paths, step)
            axes.set_title(f"step {step}" if depth == min(shown) else "")
        row[0].set_ylabel(f"depth {depth}", size=12, weight="bold")
        row[-1].set_xlabel(f"{paths.success.sum()} of {len(paths.success)} episodes arrived", size=9)
    title = f"{ENV}, one seed per depth, the same starts and goals for all (moving pictures: crlkit render)"
    if shown:
        looks = "Blue, solid: reached its goal (star) by the end; orange, dotted: did not."
        title += f"\nequal: {_equal(data, ENV, shown)}. {looks}"
    for axes in () if shown else grid.flat:
        style.draw_maze(axes, maze)
        not_measured(axes)
    figure.suptitle(title, fontsize=9.5)


def _frame(axes: Axes, maze: Maze, paths: Paths, step: int) -> None:
    """All episodes until `step`: ways, and a dot where each body is; an ended episode keeps its last place."""
    style.draw_paths(axes, maze, paths._replace(cells=paths.cells[: step + 1]))
    for k, way in enumerate(np.moveaxis(paths.cells[: step + 1], 1, 0)):
        row, column = way[~np.isnan(way[:, 0])][-1]
        colour = style.REACHED if paths.success[k] else style.MISSED
        axes.plot(column, row, "o" if paths.success[k] else "s", ms=5, mfc=colour, mec="white", mew=0.6, zorder=5)
    rows, columns = maze.walls.shape
    axes.set(xlim=(0.3, columns - 1.3), ylim=(rows - 1.3, 0.3))  # half of the outer wall says as much as all of it


def _arrived(data: Path) -> Finding:
    reached = [f"depth {d} {paths.success.sum()} of {len(paths.success)}" for d, paths in episodes(data).items()]
    if not reached:
        return Finding(missing="which ways agents of each depth take")
    few = "Too few to rank depths by; the final scores of all seeds do that"
    return Finding(f"Episodes of one seed per depth that reached their goal: {', '.join(reached)}. {few}")


BEHAVIOURS = Figure(
    "Figure 3: what the policies do, in film strips, one row a depth",
    f"Film strips of {ENV} from above: start S, goals as stars, the way of every recorded episode so far and a mark "
    "where each body "
    f"is, at {len(MOMENTS)} moments from left to right",
    _arrived,
    (_strips,),
    (12, 8),
    reads=("depth",),
)

# -- figure 9: does a critic see the maze's walls, or the straight line through them --------------------------------------

MAZES = ("point_u4_maze", "point_big_maze")  # the paper's maze, unless more depths were recorded in the other
ANTS = ("ant_u4_maze", "ant_big_maze")


class Seen(NamedTuple):
    """What was recorded in one maze: `maps` and `topology` by depth, both empty where nothing was."""

    env: str
    maps: dict[int, CriticMap]
    topology: dict[int, Topology]


def seen(data: Path, choices: tuple[str, ...] = MAZES) -> Seen:
    """Of the maze with most depths, the first of several."""
    env, runs = max(((env, recorded.runs(data, "depth", env)) for env in choices), key=lambda choice: len(choice[1]))
    maze, maps = envs.make(env).maze, {}
    for depth, run in runs.items():
        arrays = evidence.arrays(data, run)
        maps[depth] = CriticMap(arrays["critic_map"].astype(float), tuple(map(int, arrays["goal"])))
    return Seen(env, maps, {depth: topology_score(by_cell(m.values, maze), maze, m.goal) for depth, m in maps.items()})


def distances(maze: Maze, goal) -> dict[str, np.ndarray]:
    """Distance of every cell to the goal, in cells `[rows, columns]`, NaN in walls, by straight line and by path."""
    cells = np.stack(np.indices(maze.walls.shape), axis=-1)
    both = np.linalg.norm(cells - np.array(goal), axis=-1), maze.distances_from(goal)
    return {name: np.where(maze.walls, np.nan, cells) for name, cells in zip(("straight-line", "shortest-path"), both)}


def _critics(figure: Drawing, data: Path) -> None:
    point, ant = seen(data), seen(data, ANTS)
    places = figure.subfigures(2, 1) if ant.maps else [figure]
    figure.set_figheight(8.4 if ant.maps else 4.6)
    maze = envs.make(point.env).maze
    goal = next(iter(point.maps.values())).goal if point.maps else farthest_cell(maze)
    shown = recorded.shallow_and_deep(point.maps) if point.maps else recorded.PAIR
    *panels, correlations = _maps(places[0], point, shown, 2)
    for axes, (name, cells) in zip(panels, distances(maze, goal).items()):
        image = style.draw_critic_map(axes, maze, CriticMap(-cells, goal))
        axes.set_title(f"{name} distance\nof each cell to the goal")
        bar = places[0].colorbar(image, ax=axes, location="bottom", shrink=0.8, label="cells to the goal")
        bar.formatter = lambda value, _: f"{abs(value):g}"
    _correlations(correlations, point.topology)
    title = f"{point.env}, goal G. Paper: Ant U4-Maze, depth 4 follows the line, depth 64 the path; pictures only, no numbers."
    if point.maps:
        title += f"\nHere: one seed per depth, equal: {_equal(data, point.env)}{lost(data, point.env)}"
    places[0].suptitle(title, fontsize=9.5)
    if ant.maps:
        _correlations(*_maps(places[1], ant, recorded.some(ant.maps, 3), 0), ant.topology)
        rows = of_env(data, ant.env)
        title = f"An ant at rest at every place: {ant.env}, one seed per depth, equal: {held_equal(rows)}"
        if "success" in rows and not rows.success.any():
            title += (
                "\nThese ants reached no goal and hardly left their start: most of each map is beyond what they saw"
            )
        places[1].suptitle(title, fontsize=9.5)


def _maps(place, seen: Seen, shown, more: int) -> np.ndarray:
    """The maps of the shown depths on one scale of colours; returns the `more` and one panels beside them."""
    panels = place.subplots(1, len(shown) + more + 1, width_ratios=(*[1] * (len(shown) + more), 1.3))
    maze = envs.make(seen.env).maze
    values = np.concatenate([seen.maps[depth].values.ravel() for depth in shown if seen.maps] or [[0.0]])
    for axes, depth in zip(panels, shown):
        if not seen.maps:
            axes.set_title(f"critic, depth {depth}")
            style.draw_maze(axes, maze)
            not_measured(axes)
            continue
        rho, limits = seen.topology[depth], (np.nanmin(values), np.nanmax(values))
        axes.set_title(f"critic, depth {depth}: rank correlation\nline {rho.rho_line:.2f}, path {rho.rho_path:.2f}")
        image = style.draw_critic_map(axes, maze, seen.maps[depth], limits)
        place.colorbar(image, ax=axes, location="bottom", shrink=0.8, label="energy (same scale for all depths)")
    return panels[len(shown) :]


def _correlations(axes: Axes, topology: dict[int, Topology]) -> None:
    """How well each depth orders the cells by path and by line; dotted: how well one of them orders by the other."""
    axes.set(ylabel="rank correlation over cells", title="minus the energy with both distances")
    doubling_axis(axes, topology or recorded.PAIR)
    if not topology:
        return not_measured(axes)
    every = topology.values()
    axes.axhline(1 - next(iter(every)).ceiling, color="0.3", ls=":", label="line with path, in this maze")
    axes.plot(list(topology), [rho.rho_path for rho in every], "o-", color=HERE, label="energy with shortest path")
    axes.plot(list(topology), [rho.rho_line for rho in every], "s--", color=OTHER, label="energy with straight line")
    axes.set_ylim(min(0, *(min(rho[:2]) for rho in every)) - 0.02, 1.02)
    axes.legend(loc="lower left")


def lost(data: Path, env: str) -> str:
    """ "; those of depth 128, 256 end at no goal": the first seeds, whose maps are drawn, that are never at the goal in
    the end."""
    rows = of_env(data, env)
    if "share" not in rows:
        return ""
    ends = {
        depth: final_scores(runs[runs.seed == runs.seed.min()], "share").max() for depth, runs in rows.groupby("depth")
    }
    names = [f"{depth:.0f}" for depth, score in ends.items() if score == 0]
    return f"; those of depth {', '.join(names)} end at no goal" if names else ""


def _walls(data: Path) -> Finding:
    env, maps, topology = seen(data)
    if not maps:
        return Finding(missing="whether deep critics follow the walls")

    def listed(topology: dict[int, Topology]) -> str:
        return "; ".join(f"depth {d}: path {rho.rho_path:.2f}, line {rho.rho_line:.2f}" for d, rho in topology.items())

    ceiling = topology[recorded.shallow_and_deep(maps)[0]].ceiling
    scores = ", ".join(f"{rho.score / ceiling:+.2f} at depth {depth}" for depth, rho in topology.items())
    ant = seen(data, ANTS)
    also = f". Below, the same of {ant.env}: {listed(ant.topology)}" if ant.maps else ""
    return Finding(
        f"{env}, one seed per depth: rank correlation with the path minus that with the line, scaled so that the path itself "
        f"has +1 and the line -1, is {scores}{lost(data, env)}",
        more=f"Rank correlations: {listed(topology)}{also}",
    )


CRITIC_MAPS = Figure(
    "Figure 9: does a critic see the maze's walls, or the straight line through them?",
    "Maps of a maze: energy of a shallow and a deep critic at every place for one goal, brighter is nearer, beside maps of "
    "straight-line and of shortest-path distance to that goal, and the rank correlation with both by depth",
    _walls,
    (_critics,),
    (13, 8),
    reads=("depth",),
)

# -- figure 10: how the critic lays states out ----------------------------------------------------------------------------

STANDS = 0.05  # cells a step: a body that moves less stands still
SPACES = {"spread": ("o", HERE, "spread of cells"), "stretch": ("s", OTHER, "length of one cell's step")}


class Walk(NamedTuple):
    """One episode of an agent: cells `[time, 2]` until it ended, its embeddings `[time, E]`, whether it reached the
    goal."""

    cells: np.ndarray
    embeddings: np.ndarray
    reached: bool


def walks_to_one_goal(data: Path, runs: dict[int, str], shown) -> dict[int, Walk]:
    """Of every depth shown the first recorded episode whose goal all of them reached, its embeddings recomputed from
    the weights on the recorded ways; the first episode, with its recorded ones, where there is none such or no
    weights."""
    paths = {depth: recorded.walked(evidence.arrays(data, runs[depth])) for depth in shown}
    files = {depth: recorded.weights(data, runs[depth]) for depth in shown}
    reached = np.logical_and.reduce([of_depth.success for of_depth in paths.values()])
    episode = int(reached.argmax()) if all(files.values()) else 0
    walks = {}
    for depth, of_depth in paths.items():
        cells = of_depth.cells[:-1, episode]
        if episode:
            lasted, agent = ~np.isnan(cells).any(axis=1), recorded.load(files[depth])
            goal = goal_at(agent.env, agent.env.maze.position(of_depth.goals[episode]))
            states = agent.env.states_at(agent.env.maze.position(cells[lasted]), goal)
            embeddings = agent.embed(states, agent.act(states, np.broadcast_to(goal, (len(states), len(goal)))))
        else:
            embeddings = evidence.arrays(data, runs[depth])["embeddings"]
            lasted = ~np.isnan(embeddings).any(axis=1)
            embeddings = embeddings[lasted]
        walks[depth] = Walk(cells[lasted], np.asarray(embeddings, float), bool(of_depth.success[episode]))
    return walks


def near_over_far(data: Path) -> dict[int, dict[str, list[float]]]:
    """By depth, for every goal of the evaluation: `spread` and `stretch` near the goal over far from it, thirds of the
    free cells. The goals of one agent share its weights, so they are no sample of agents."""
    runs, maze, spaces = recorded.runs(data, "depth", ENV), envs.make(ENV).maze, {}
    kept = {depth: file for depth, run in runs.items() if (file := recorded.weights(data, run))}
    for depth in recorded.some(kept, MOST_DEPTHS) if kept else []:
        agent = recorded.load(kept[depth])
        of_goals = [(goal, *cell_embeddings(agent, goal)) for goal in envs.make(agent.config.eval_env).maze.goals]
        spaces[depth] = {
            "spread": [allocation(embeddings, remaining) for _, embeddings, remaining in of_goals],
            "stretch": [stretch(embeddings, maze, goal) for goal, embeddings, _ in of_goals],
        }
    return spaces


def moving_steps(cells: np.ndarray) -> int:
    """The number of steps after which the body stands still for good; cells `[time, 2]`."""
    moves = np.linalg.norm(np.diff(cells, axis=0), axis=1) > STANDS
    return int(np.flatnonzero(moves).max()) + 1 if moves.any() else 0


def _layouts(figure: Drawing, data: Path) -> None:
    runs = recorded.runs(data, "depth", ENV)
    shown = recorded.shallow_and_deep(runs) if runs else recorded.PAIR
    grid = figure.add_gridspec(2, 3, width_ratios=(1, 1, 1.05))
    walks = walks_to_one_goal(data, runs, shown) if runs else {}
    for column, depth in enumerate(shown):
        above, below = figure.add_subplot(grid[0, column]), figure.add_subplot(grid[1, column])
        above.set_title(f"depth {depth}, one episode")
        below.set_title(f"depth {depth}, every free cell")
        file = recorded.weights(data, runs[depth]) if runs else None
        _along_a_path(above, walks[depth]) if walks else not_measured(above)
        _over_the_maze(below, recorded.load(file)) if file else not_measured(below)
    _by_depth(figure.add_subplot(grid[:, 2]), near_over_far(data))
    title = (
        f"{ENV}: principal components of φ(s, a), the critic's embedding. Paper: Humanoid, pictures only, no numbers."
    )
    figure.suptitle(title + (f"\nHere: one seed per depth, equal: {_equal(data, ENV)}" if runs else ""), fontsize=9.5)


def _scatter(axes: Axes, embeddings: np.ndarray, colours: np.ndarray, label: str, lines: np.ndarray, **look):
    """Points on the first two principal components, and lines between pairs of them; returns the points `[n, 2]`."""
    points = principal_components(embeddings, 2)
    first, second = 100 * points.explained
    for pair in lines:
        axes.plot(*points.coordinates[pair].T, color="0.65", lw=0.9, zorder=1)
    dots = axes.scatter(*points.coordinates.T, c=colours, ec="0.2", lw=0.5, **look)
    axes.figure.colorbar(dots, ax=axes, label=label, shrink=0.8)
    axes.set(xlabel=f"component 1 ({first:.0f} % of the variance)", ylabel=f"component 2 ({second:.0f} %)")
    return points.coordinates


def _along_a_path(axes: Axes, walk: Walk) -> None:
    steps, times = moving_steps(walk.cells), np.arange(len(walk.cells))
    colours = np.minimum(times, steps)
    _scatter(axes, walk.embeddings, colours, f"step, up to {steps}", [times], cmap="viridis", s=30)
    end = "goal reached" if walk.reached else "goal not reached"
    axes.set_title(f"{axes.get_title()}: {end},\nstands still from step {steps} of {len(walk.cells)} on")


def _over_the_maze(axes: Axes, agent: TrainedAgent) -> None:
    """The maze as the critic sees it on the way to the farthest goal: cells, and lines between neighbours."""
    maze = agent.env.maze
    goal = farthest_cell(maze)
    embeddings, remaining = cell_embeddings(agent, goal)
    neighbours = np.argwhere(np.triu(maze.distances == 1))
    label = "shortest path to the goal (cells)"
    points = _scatter(axes, embeddings, remaining, label, neighbours, cmap="cividis_r", s=44)
    box = {"fc": "white", "ec": "none", "alpha": 0.8, "pad": 0.8}
    at = points[maze.free_cells.index(goal)]
    axes.annotate("G", at, xytext=(7, 7), textcoords="offset points", weight="bold", bbox=box)
    axes.set_title(f"{axes.get_title()}; G the farthest goal,\nlines join neighbouring cells")


def _by_depth(axes: Axes, spaces: dict[int, dict[str, list[float]]]) -> None:
    axes.set(
        ylabel="near the goal / far from it (thirds of the maze)", title="space around a goal, same states for all"
    )
    axes.axhline(1, color="0.3", ls=":")
    doubling_axis(axes, spaces or recorded.PAIR)
    if not spaces:
        return not_measured(axes, y=0.3)
    for shift, (name, (marker, colour, label)) in zip((0.95, 1.05), SPACES.items()):
        for depth, values in spaces.items():
            axes.plot([depth * shift] * len(values[name]), values[name], marker, color=colour, ms=3.5, alpha=0.4)
        means = {depth * shift: np.mean(values[name]) for depth, values in spaces.items()}
        axes.plot(*zip(*means.items()), marker, ls="-", color=colour, ms=8, label=label)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.2 * (high - low))
    axes.legend(title="mean over goals, small marks the goals", loc="upper center")


def _space(data: Path) -> Finding:
    spaces, runs = near_over_far(data), recorded.runs(data, "depth", ENV)
    if not runs:
        return Finding(missing="how much space a critic gives to the goal")
    walks = walks_to_one_goal(data, runs, recorded.shallow_and_deep(runs)).items()
    explained = [f"{principal_components(w.embeddings, 2).explained.sum():.0%} at depth {depth}" for depth, w in walks]
    axes = f"The two axes show {', '.join(explained)} of the variance along the episode"
    if not spaces:
        return Finding(
            "Space near a goal against far from it: not yet measured here, as no weights were kept", more=axes
        )
    listed = "; ".join(
        f"depth {depth}: spread {np.mean(values['spread']):.2f}, step {np.mean(values['stretch']):.2f}"
        for depth, values in spaces.items()
    )
    space = "The space near a goal over that far from it (1 is even), means over the goals of one seed per depth"
    return Finding(f"{space}: {listed}", more=axes)


EMBEDDINGS = Figure(
    "Figure 10: how the critic lays states out: along a path, over the whole maze, near a goal against far from it",
    f"Scatter plots of the two first principal components of the critic's embeddings in {ENV}, shallow and deep: along one "
    "episode, coloured by time, and in every free cell, coloured by distance to the goal, neighbours joined by lines. Beside "
    "them by depth: spread of the embeddings near a goal over that far from it, and the same for the length of one cell's "
    "step; 1 is even, dotted",
    _space,
    (_layouts,),
    (12, 7.2),
    reads=("depth",),
)

# -- figure 17: what each residual block adds -----------------------------------------------------------------------------

STACKS = {"actor": "actor π(s, g)", "state_action": "encoder φ(s, a)", "goal": "encoder ψ(g)"}
NORMS = {"rms": "what a block adds: RMS of F(x)", "relative": "relative to its input: ‖F(x)‖ / ‖x‖"}


def norms(data: Path) -> dict[int, dict[str, pd.DataFrame]]:
    """`residual_norms` by depth and stack, in the recorded episodes of the shallowest; empty where no weights were
    kept."""
    runs = recorded.runs(data, "depth", ENV)
    files = {depth: recorded.weights(data, run) for depth, run in runs.items() if depth > LAYERS_PER_BLOCK}
    kept = [depth for depth, file in files.items() if file]  # of two blocks at least: one has no trend
    if not kept:
        return {}
    agents = {depth: recorded.load(files[depth]) for depth in recorded.some(kept, MOST_DEPTHS)}
    first = next(iter(agents.values()))
    paths, maze = recorded.walked(evidence.arrays(data, runs[next(iter(agents))])), first.env.maze
    there = ~np.isnan(paths.cells[..., 0])
    states = first.env.states_at(maze.position(paths.cells[there]))
    goals = np.float32(maze.position(np.broadcast_to(paths.goals, paths.cells.shape)[there]))
    actions = first.act(states, goals)
    inputs = {"actor": (states, goals), "state_action": (states, actions), "goal": (goals,)}
    return {
        depth: {
            name: residual_norms(agent.config, {"actor": agent.actor, **agent.critic}[name], np.hstack(inputs[name]))
            for name in STACKS
        }
        for depth, agent in agents.items()
    }


def _blocks(figure: Drawing, data: Path) -> None:
    tables = norms(data)
    grid = figure.subplots(2, 3, sharex=True, sharey="row")
    most = max((len(stacks["goal"]) for stacks in tables.values()), default=2)
    for row, (measure, label) in zip(grid, NORMS.items()):
        for axes, name in zip(row, STACKS):
            for depth, stacks in tables.items():
                axes.plot(stacks[name].block + 1, stacks[name][measure], lw=1.5, ms=4.5, **style.depth_style(depth))
            if not tables:
                not_measured(axes)
            doubling_axis(axes, 2 ** np.arange(1 + int(np.log2(most))), "block (1 is next to the input)")
            axes.set_ylabel(label)
            axes.label_outer()
        row[0].set_ylim(bottom=0)
    for axes, name in zip(grid[0], STACKS.values()):
        axes.set_title(name)
    title = f"{ENV}: what a block adds to its input x. Paper: Humanoid, depths 32 to 256, curves only, no numbers."
    if tables:
        title += f"\nHere: one seed per depth, the same states for all, equal: {_equal(data, ENV, tables)}"
        grid[0, 0].legend()
    figure.suptitle(title, fontsize=9.5)


def _added(data: Path) -> Finding:
    tables = norms(data)
    if not tables:
        return Finding(missing="what the blocks of deep networks add")
    ends = {
        depth: {name: t.rms.iloc[[0, -1]].to_numpy() for name, t in stacks.items()} for depth, stacks in tables.items()
    }
    deepest = max(ends)
    ratios = ", ".join(f"{STACKS[name]} {last / first:.2f}" for name, (first, last) in ends[deepest].items())
    every = "; ".join(
        f"depth {depth}: " + ", ".join(f"{name} {first:.2f} to {last:.2f}" for name, (first, last) in stacks.items())
        for depth, stacks in ends.items()
    )
    times = f"At depth {deepest} the last block adds this many times what the first adds (one seed)"
    return Finding(f"{times}: {ratios}", more=f"First block to last: {every}")


RESIDUAL_NORMS = Figure(
    "Figure 17: what each residual block adds to what passes through it",
    "Six panels, for the actor and both encoders of the critic: the root mean square of what each residual block adds to its "
    f"input, and its norm relative to the input's, against the number of the block, one line a depth, {ENV}",
    _added,
    (_blocks,),
    (12, 6.6),
    reads=("depth",),
)
