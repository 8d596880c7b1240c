"""Training a critic alone for some updates, in the open: what the notebooks do where a whole run would be too long."""

import time
from collections.abc import Callable
from functools import partial

import jax
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from crlkit import envs, replay
from crlkit.agents import make_agent
from crlkit.agents.trained import TrainedAgent
from crlkit.config import Config
from crlkit.replay import Batch, Buffer
from crlkit.training import random_walks


@partial(jax.jit, static_argnums=(0, 1, 2))
def walks(env: str, count: int, length: int, seed: int = 0) -> Buffer:
    """`count` random walks of `length` steps, from starts all over the environment."""
    return random_walks(envs.make(env), jax.random.key(seed), count, length)


def hindsight(data: Buffer, key: jax.Array, config: Config) -> Batch:
    """The kit's batch: steps of the walks, each with a later state of its own walk as goal."""
    return replay.sample(data, key, config.batch_size, config.discount, config.hindsight)


def practise(
    config: Config, data: Buffer, updates: int, draw: Callable = hindsight, name: str = ""
) -> tuple[TrainedAgent, pd.DataFrame]:
    """Trains the critic of `config` for some updates on fixed walks, its actor not; `draw` makes each update's batch.

    Returns the agent and a table, one row an update: `update` (from 1), `loss` (contrastive, nats, before the step),
    `accuracy`, `seconds` since the first update began, without compiling."""
    agent = make_agent(config)
    batch_of = jax.jit(lambda data, key: draw(data, key, config))
    key, rows = jax.random.key(config.seed + 1), []
    state = jax.jit(agent.init)(jax.random.key(config.seed))
    update = jax.jit(agent.update_critic, donate_argnums=0).lower(state, batch_of(data, key)).compile()
    began = time.perf_counter()
    for number in tqdm(range(updates), unit="update", desc=name or f"depth {config.critic_depth}"):
        state, metrics = update(state, batch_of(data, jax.random.fold_in(key, number)))
        loss, accuracy = float(metrics["contrastive_loss"]), float(metrics["categorical_accuracy"])
        rows.append((number + 1, loss, accuracy, time.perf_counter() - began))
    table = pd.DataFrame(rows, columns=["update", "loss", "accuracy", "seconds"])
    return TrainedAgent(config, config.seed, state.actor, state.critic), table


def cell_energies(agent: TrainedAgent) -> np.ndarray:
    """Energy of every free cell for every free cell as goal `[free, free]`, at rest, in the order of `free_cells`."""
    env, maze = agent.env, agent.env.maze
    places = np.float32(maze.position(maze.free_cells))
    return agent.energy(env.states_at(places), np.zeros((len(places), env.action_size), np.float32), places)
