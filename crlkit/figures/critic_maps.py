"""Figure 9: does a critic see the maze's walls, or the straight line through them?

The recorded critic maps of one seed, shallow and deep, beside the two distances they could follow, and the rank
correlation of every recorded depth with both; below, those of an ant. The paper: Ant U4-Maze, depth 4 and 64, pictures
only.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from crlkit import envs, evidence
from crlkit.analysis.q_maps import CriticMap, by_cell, farthest_cell
from crlkit.analysis.statistics import final_scores
from crlkit.analysis.topology import Topology, topology_score
from crlkit.envs.mazes import Maze
from crlkit.figures import recorded, style
from crlkit.figures.panels import Figure, Finding
from crlkit.figures.scores import doubling_axis
from crlkit.figures.words import held_equal, not_measured

PATH, LINE = "#0072B2", "#D55E00"
ENVS = ("point_u4_maze", "point_big_maze")  # the paper's maze, unless more depths were recorded in the other
ANTS = ("ant_u4_maze", "ant_big_maze")


class Seen(NamedTuple):
    """What was recorded in one maze: `maps` and `topology` by depth, both empty where nothing was."""

    env: str
    maps: dict[int, CriticMap]
    topology: dict[int, Topology]


def seen(data: Path, choices: tuple[str, ...] = ENVS) -> Seen:
    """Of the maze with most depths, the first of several."""
    env, runs = max(((env, recorded.runs(data, "depth", env)) for env in choices), key=lambda found: len(found[1]))
    maze, maps = envs.make(env).maze, {}
    for depth, run in runs.items():
        arrays = evidence.arrays(data, run)
        maps[depth] = CriticMap(arrays["critic_map"].astype(float), tuple(map(int, arrays["goal"])))
    return Seen(env, maps, {depth: topology_score(by_cell(m.values, maze), maze, m.goal) for depth, m in maps.items()})


def _draw(figure: Drawing, data: Path) -> None:
    env, maps, topology = seen(data)
    maze = envs.make(env).maze
    goal = next(iter(maps.values())).goal if maps else farthest_cell(maze)
    shown = recorded.shallow_and_deep(maps) if maps else recorded.PAIR
    ant = seen(data, ANTS)
    figure.set_figheight(12.4 if ant.maps else 8.4)
    above, below, *rest = figure.subfigures(
        3 if ant.maps else 2, 1, height_ratios=(1.4, 1, 1.1)[: 3 if ant.maps else 2]
    ).flat
    panels = above.subplots(1, len(shown) + 2)
    _maps(above, panels, maze, {depth: maps.get(depth) for depth in shown}, topology)
    straight, path = distances(maze, goal)
    _distance(above, panels[-2], maze, straight, goal, "straight-line distance")
    _distance(above, panels[-1], maze, path, goal, "shortest-path distance")
    by_depth, along_line, along_path = below.subplots(1, 3, width_ratios=(1.3, 1, 1))
    _correlations(by_depth, topology)
    for axes, distance, name in ((along_line, straight, "straight line"), (along_path, path, "shortest path")):
        _against(axes, maze, {depth: maps.get(depth) for depth in shown}, distance, name)
    said = f"{env}, goal G. Paper: Ant U4-Maze, depth 4 follows the line, depth 64 the path; pictures only, no numbers."
    if maps:
        said += f"\nHere: one seed per depth, equal: {held_equal(of_env(data, env))}{lost(data, env)}"
    above.suptitle(said, fontsize=9.5)
    for part in rest:
        shown = recorded.some(ant.maps, 3)
        panels = part.subplots(1, len(shown) + 1, width_ratios=(*[1] * len(shown), 1.3))
        _maps(part, panels, envs.make(ant.env).maze, {depth: ant.maps[depth] for depth in shown}, ant.topology)
        _correlations(panels[-1], ant.topology)
        rows = of_env(data, ant.env)
        said = f"An ant at rest at every place: {ant.env}, one seed per depth, equal: {held_equal(rows)}"
        if "success" in rows and not rows.success.any():
            said += "\nThese ants reached no goal and hardly left their start: most of each map is beyond what they saw"
        part.suptitle(said, fontsize=9.5)


def lost(data: Path, env: str) -> str:
    """ "; those of depth 128, 256 end at no goal": the first seeds, whose maps are drawn, that are never at the goal in the end."""
    rows = of_env(data, env)
    ends = {
        depth: final_scores(own[own.seed == own.seed.min()], "share").max()
        for depth, own in (rows.groupby("depth") if "share" in rows else ())
    }
    names = [f"{depth:.0f}" for depth, score in ends.items() if score == 0]
    return f"; those of depth {', '.join(names)} end at no goal" if names else ""


def of_env(data: Path, env: str) -> pd.DataFrame:
    return evidence.rows(data, "depth", query=f"status == 'finished' and env == {env!r}")


def _maps(figure: Drawing, panels, maze: Maze, maps: dict[int, CriticMap | None], topology: dict) -> None:
    """The maps of the shown depths on one scale of colours."""
    values = np.concatenate([m.values.ravel() for m in maps.values() if m] or [[0.0]])
    limits = np.nanmin(values), np.nanmax(values)
    for axes, (depth, critic_map) in zip(panels, maps.items()):
        if critic_map is None:
            axes.set_title(f"critic, depth {depth}")
            style.draw_maze(axes, maze)
            not_measured(axes)
            continue
        rho = topology[depth]
        axes.set_title(f"critic, depth {depth}: rank correlation\nline {rho.rho_line:.2f}, path {rho.rho_path:.2f}")
        image = style.draw_critic_map(axes, maze, critic_map, limits)
        figure.colorbar(image, ax=axes, location="bottom", shrink=0.8, label="energy (same scale for all depths)")


def distances(maze: Maze, goal) -> tuple[np.ndarray, np.ndarray]:
    """Straight-line and shortest-path distance of every cell to the goal, in cells `[rows, columns]`, NaN in walls."""
    cells = np.stack(np.indices(maze.walls.shape), axis=-1)
    straight, path = np.linalg.norm(cells - np.array(goal), axis=-1), maze.distances_from(goal)
    return np.where(maze.walls, np.nan, straight), np.where(maze.walls, np.nan, path)


def _distance(figure: Drawing, axes: Axes, maze: Maze, cells: np.ndarray, goal, title: str) -> None:
    image = style.draw_critic_map(axes, maze, CriticMap(-cells, goal))
    axes.set_title(f"{title}\nof each cell to the goal")
    bar = figure.colorbar(image, ax=axes, location="bottom", shrink=0.8, label="cells to the goal")
    bar.formatter = lambda value, _: f"{abs(value):g}"


def _correlations(axes: Axes, topology: dict[int, Topology]) -> None:
    """How well each depth orders the cells by path and by line; dotted: how well one of them orders by the other."""
    axes.set(ylabel="rank correlation over cells", title="minus the energy with both distances")
    if not topology:
        not_measured(axes)
        doubling_axis(axes, recorded.PAIR)
        return
    depths, every = list(topology), topology.values()
    axes.axhline(1 - next(iter(every)).ceiling, color="0.3", ls=":", label="line with path, in this maze")
    axes.plot(depths, [rho.rho_path for rho in every], "o-", color=PATH, label="energy with shortest path")
    axes.plot(depths, [rho.rho_line for rho in every], "s--", color=LINE, label="energy with straight line")
    doubling_axis(axes, depths)
    axes.set_ylim(min(0, *(min(rho[:2]) for rho in every)) - 0.02, 1.02)
    axes.legend(loc="lower left")


def _against(axes: Axes, maze: Maze, maps: dict[int, CriticMap | None], distance: np.ndarray, name: str) -> None:
    """Every free cell as a mark: its energy over its distance to the goal."""
    axes.set(xlabel=f"{name} to the goal (cells)", ylabel="energy in the middle of a cell")
    for depth, critic_map in maps.items():
        if critic_map is None:
            not_measured(axes)
            return
        look = style.depth_style(depth) | {"linestyle": ""}
        axes.plot(
            distance[tuple(np.transpose(maze.free_cells))], by_cell(critic_map.values, maze), ms=5, alpha=0.8, **look
        )
    axes.set_title("every free cell")
    axes.legend(loc="lower left")


def finding(data: Path) -> Finding:
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
        more=f"{env}. Rank correlations: {listed(topology)}{also}",
    )


FIGURE = Figure(
    __doc__.splitlines()[0],
    "Maps of a maze: energy of a shallow and a deep critic at every place for one goal, brighter is nearer, beside maps of "
    "straight-line and of shortest-path distance to that goal; below, rank correlation with both by depth",
    finding,
    (_draw,),
    (12, 8),
    reads=("depth",),
)
