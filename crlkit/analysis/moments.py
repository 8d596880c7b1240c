"""What an agent was like at one moment of its training, small enough to keep many of."""

from typing import NamedTuple

from crlkit.analysis.q_maps import CriticMap, Paths, critic_map, paths
from crlkit.envs.mazes import Maze
from crlkit.runs import Run


class Moment(NamedTuple):
    """updates: gradient updates done. scores: that evaluation's row of `run.metrics`, for one seed."""

    updates: int
    scores: dict
    maze: Maze
    critic_map: CriticMap
    paths: Paths


def moment(run: Run, seed_index: int = 0, episodes: int = 12) -> Moment:
    """The present moment of one seed of a run; made to be called from `train`'s callback."""
    agent = run.agents[seed_index]
    scores = next(row for row in reversed(run.rows) if row["seed"] == agent.seed)
    return Moment(scores["updates"], scores, agent.env.maze, critic_map(agent), paths(agent, episodes))
