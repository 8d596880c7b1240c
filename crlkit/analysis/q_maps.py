"""What the critic thinks of every place in a maze (the paper's figure 9), and the ways the policy takes."""

from typing import NamedTuple

import numpy as np

from crlkit.agents.trained import TrainedAgent
from crlkit.envs.mazes import Cell, Maze
from crlkit.errors import UserError


class CriticMap(NamedTuple):
    """values: f(s, pi(s, g), g) `[rows * resolution, columns * resolution]`, NaN inside walls. goal: its cell."""

    values: np.ndarray
    goal: Cell


def critic_map(agent: TrainedAgent, goal: Cell | None = None, resolution: int = 8) -> CriticMap:
    """Energy of every place for one goal (a cell, by default the farthest), with the body at rest in its start pose and
    the action that the policy would take there; `resolution` places along one side of a cell."""
    maze, goal = agent.env.maze, goal or farthest_cell(agent.env.maze)
    fraction = (np.arange(resolution) + 0.5) / resolution - 0.5
    rows, columns = maze.walls.shape
    sides = [(np.arange(count)[:, None] + fraction).ravel() for count in (rows, columns)]
    places = np.stack(np.meshgrid(*sides, indexing="ij"), axis=-1)  # [rows * resolution, columns * resolution, 2]
    energies = agent.energy(*at_rest(agent, places.reshape(-1, 2), goal))[:, 0]
    inside = maze.walls.repeat(resolution, axis=0).repeat(resolution, axis=1)
    return CriticMap(np.where(inside, np.nan, energies.reshape(inside.shape)), goal)


def at_rest(agent: TrainedAgent, cells, goal: Cell) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The states `[n, S]` of the body at rest in its start pose at each of `cells` `[n, 2]`, what the policy does there
    `[n, A]`, and the goal `[1, G]`. Raises UserError for a body without `states_at`."""
    env = agent.env
    if env.states_at is None:
        raise UserError(f"critic map: not of {env.name}; nearest: an ant's or a point's")
    states, wanted = env.states_at(env.maze.position(cells)), np.float32(env.maze.position(goal))
    return states, agent.act(states, np.broadcast_to(wanted, (len(states), len(wanted)))), wanted[None]


def farthest_cell(maze) -> Cell:
    """The free cell with the longest shortest path from the start."""
    distance = maze.distances[maze.free_cells.index(maze.start)]
    return maze.free_cells[int(np.argmax(distance))]


class Paths(NamedTuple):
    """cells: where the body was, in cells `[length + 1, episodes, 2]`, NaN after the episode ended.
    goals: in cells `[episodes, 2]`. success: whether the goal was ever reached `[episodes]`."""

    cells: np.ndarray
    goals: np.ndarray
    success: np.ndarray


def paths(agent: TrainedAgent, episodes: int = 16, seed: int = 0, env: str | None = None) -> Paths:
    """Plays episodes and returns them in cell coordinates."""
    played = agent.rollout(env, episodes, seed)
    maze, where = agent.env.maze, played["state"][..., agent.env.goal_slice]
    where, goals = ((places[..., :2] - np.asarray(maze.origin)) / maze.cell_size for places in (where, played["goal"]))
    alive = np.concatenate([np.ones((1, episodes), bool), played["alive"]])
    success = (played["success"] & played["alive"]).any(axis=0)
    return Paths(np.where(alive[..., None], where, np.nan), goals, success)


def by_cell(values: np.ndarray, maze: Maze) -> np.ndarray:
    """A map `[rows * r, columns * r]` at the middle of each free cell `[free]`: the mean of the places around it."""
    rows, columns = maze.walls.shape
    r = len(values) // rows
    middle = slice((r - 1) // 2, r // 2 + 1)
    cells = values.reshape(rows, r, columns, r)[:, middle, :, middle].mean(axis=(1, 3))
    return cells[tuple(np.transpose(maze.free_cells))]
