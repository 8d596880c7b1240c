"""Collect, relabel, update, evaluate: the training of any agent as pure functions of one state, lifted over seeds.

Random numbers come from counted streams (`seeds.stream`), so what a run computes depends on its config and seed alone,
not on how the host cuts the work into chunks.
"""

import functools
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from crlkit import envs, evaluation, replay
from crlkit.agents import make_agent
from crlkit.config import Config
from crlkit.envs import EnvState, GoalEnv
from crlkit.replay import Batch, Buffer
from crlkit.seeds import stream

INIT, RESET, COLLECT, UPDATE, EVALUATE, UPDATE_COLLECTOR = range(6)
NEVER = 2**31 - 1
HELD_OUT_BATCHES = 32
HELD_OUT_WALKS = 512


class Worlds(NamedTuple):
    """The environments that fill the buffer, `[E, ...]`."""

    env_state: EnvState
    first: Any  # the first env_state, kept only with fixed goals
    time: jax.Array  # int32, steps since the reset
    episode: jax.Array  # int32, episodes begun before this one


class Log(NamedTuple):
    """What happened since the last evaluation. A running mean, so that chunks of any length give the same numbers."""

    mean: dict  # of the agent's metrics over `count` updates
    count: jax.Array  # int32 scalar
    failed: dict  # for each loss and gradient norm the first update whose value was not finite, NEVER if none


class TrainState(NamedTuple):
    """Everything a run of one seed is, between two rounds or two updates."""

    agent: Any  # as the agent's `init` makes it
    collector: Any  # a second agent that alone fills the buffer, from the same batches; () without `collector_depth`
    log: Log
    buffer: Buffer
    worlds: Worlds
    seed: jax.Array  # int32 scalar
    rounds: jax.Array  # int32 scalar, rounds of collection done, those that fill the buffer included


def make_training(config: Config) -> "Training":
    """The programs of a run. Runs that differ only in seeds and directory get the very same functions, so that the second
    run of a config in a process starts at once."""
    config = replace(config, seed=0, seeds=1, out=None, checkpoint_seconds=Config.checkpoint_seconds)
    kind = Walks if config.data == "walks" else Training
    return _make(kind, config, config.parts, envs.make(config.env), envs.make(config.eval_env))


@functools.lru_cache(maxsize=8)
def _make(kind: type, config: Config, parts: tuple, env: GoalEnv, eval_env: GoalEnv) -> "Training":
    collector = make_agent(config.of_collector(), env) if config.collector_depth else None
    return kind(config, env, eval_env, make_agent(config, env), collector)


@dataclass(frozen=True, eq=False)
class Training:
    """Online: the agent, or the collector where there is one, fills the buffer it learns from."""

    config: Config
    env: GoalEnv
    eval_env: GoalEnv
    agent: Any
    collector: Any | None

    def __post_init__(self):
        for program in ("init", "collect", "update", "evaluate"):  # one object each: by it JAX keeps what it compiled
            object.__setattr__(self, program, getattr(self, program))

    def init(self, seed: jax.Array) -> TrainState:
        config, env = self.config, self.env
        env_state = self.reset_all(stream(seed, RESET, 0))
        counters = jnp.zeros(config.num_envs, jnp.int32)
        sizes = env.state_size, env.action_size, env.goal_size
        return TrainState(
            agent=self.agent.init(stream(seed, INIT, 0)),
            collector=self.collector.init(stream(seed, INIT, 1)) if self.collector else (),
            log=self.empty_log(),
            buffer=replay.create(config.buffer_size, config.num_envs, *sizes),
            worlds=Worlds(env_state, env_state if config.fixed_goals else (), counters, counters),
            seed=jnp.asarray(seed, jnp.int32),
            rounds=jnp.zeros((), jnp.int32),
        )

    def reset_all(self, key: jax.Array) -> EnvState:
        return jax.vmap(self.env.reset)(jax.random.split(key, self.config.num_envs))

    # -- collect ------------------------------------------------------------------------------------------------------

    def collect(self, state: TrainState) -> TrainState:
        """One unroll of every environment into the buffer."""
        config = self.config
        act = functools.partial((self.collector or self.agent).act, (state.collector or state.agent).actor)

        def step(worlds: Worlds, key: jax.Array):
            act_key, reset_key = jax.random.split(key)
            before = worlds.env_state
            action = act(act_key, before.state, before.goal)  # [E, A]
            row = before.state, action, before.goal, worlds.episode
            worlds = worlds._replace(env_state=jax.vmap(self.env.step)(before, action), time=worlds.time + 1)
            over = worlds.env_state.terminated | (worlds.time >= config.episode_length)
            return self.restart(worlds, over, reset_key), row

        keys = jax.random.split(stream(state.seed, COLLECT, state.rounds), config.unroll_length)
        worlds, rows = jax.lax.scan(step, state.worlds, keys)
        return state._replace(buffer=replay.insert(state.buffer, *rows), worlds=worlds, rounds=state.rounds + 1)

    def restart(self, worlds: Worlds, over: jax.Array, key: jax.Array) -> Worlds:
        """Begins a new episode where `over` `[E]`, with a fresh start and goal unless goals are fixed."""

        def begin(env_state):
            fresh = worlds.first if self.config.fixed_goals else self.reset_all(key)
            pick = jax.vmap(jnp.where)  # of each environment
            return jax.tree.map(lambda new, old: pick(over, new, old), fresh, env_state)

        env_state = jax.lax.cond(jnp.any(over), begin, lambda same: same, worlds.env_state)
        return worlds._replace(env_state=env_state, time=jnp.where(over, 0, worlds.time), episode=worlds.episode + over)

    # -- update -------------------------------------------------------------------------------------------------------

    def update(self, state: TrainState, n: jax.Array) -> TrainState:
        """n gradient updates, each on a batch of its own."""

        def one(_, carry: tuple) -> tuple:
            agent, collector, log = carry
            number = agent.updates
            batch_key, update_key = jax.random.split(stream(state.seed, UPDATE, number))
            batch = self.sample(state.buffer, batch_key)
            agent, metrics = self.learn(agent, batch, update_key)
            if self.collector:
                collector, _ = self.collector.update(collector, batch, stream(state.seed, UPDATE_COLLECTOR, number))
            count = log.count + 1
            mean = {name: log.mean[name] + (metrics[name] - log.mean[name]) / count for name in metrics}
            wrong = {name: jnp.where(jnp.isfinite(metrics[name]), NEVER, number) for name in log.failed}
            return agent, collector, Log(mean, count, jax.tree.map(jnp.minimum, log.failed, wrong))

        agent, collector, log = jax.lax.fori_loop(0, n, one, (state.agent, state.collector, state.log))
        return state._replace(agent=agent, collector=collector, log=log)

    def sample(self, buffer: Buffer, key: jax.Array) -> Batch:
        c, limit = self.config, self.config.episode_length if getattr(self.agent, "TERMINALS", False) else None
        return replay.sample(buffer, key, c.batch_size, c.discount, c.hindsight, self.env.goal_slice, limit)

    def learn(self, agent: Any, batch: Batch, key: jax.Array) -> tuple[Any, dict]:
        return self.agent.update(agent, batch, key)

    def empty_log(self) -> Log:
        """Its names are those of what the agent's update reports."""

        def once(key):
            batch = self.sample(replay.create(2, 1, env.state_size, env.action_size, env.goal_size), key)
            return self.learn(self.agent.init(key), batch, key)[1]

        env = self.env
        names = jax.eval_shape(once, jax.random.key(0))
        watched = [name for name in names if name.endswith(("_loss", "_gradient_norm"))]
        never = {name: jnp.asarray(NEVER, jnp.int32) for name in watched}
        return Log({name: jnp.zeros((), jnp.float32) for name in names}, jnp.zeros((), jnp.int32), never)

    # -- score --------------------------------------------------------------------------------------------------------

    def evaluate(self, state: TrainState) -> tuple[TrainState, dict]:
        """The state with an empty log, and what it said together with the scores of the policy."""
        return state._replace(log=self.empty_log()), {**state.log.mean, **self.score(state)}

    def score(self, state: TrainState) -> dict:
        """Of the deterministic policy, in fresh episodes."""
        policy = functools.partial(self.agent.mode, state.agent.actor)
        key = stream(state.seed, EVALUATE, state.agent.updates)
        return evaluation.score(self.eval_env, policy, key, self.config.eval_episodes, self.config.episode_length)


@dataclass(frozen=True, eq=False)
class Walks(Training):
    """The critic alone learns, from random walks that are made once, and is scored on others."""

    def collect(self, state: TrainState) -> TrainState:
        """All walks at once."""
        sizes = self.config.num_envs, self.config.episode_length
        walks = random_walks(self.env, stream(state.seed, COLLECT, 0), *sizes)
        return state._replace(buffer=walks, rounds=state.rounds + 1)

    def learn(self, agent: Any, batch: Batch, key: jax.Array) -> tuple[Any, dict]:
        return self.agent.update_critic(agent, batch)

    def score(self, state: TrainState) -> dict:
        """Of the critic, on walks that are never trained on, the same at every evaluation."""
        walk_key, batch_key = jax.random.split(stream(state.seed, EVALUATE, 0))
        held_out = random_walks(self.env, walk_key, HELD_OUT_WALKS, self.config.episode_length)
        batches = jax.vmap(functools.partial(self.sample, held_out))(jax.random.split(batch_key, HELD_OUT_BATCHES))

        said = jax.lax.map(lambda batch: self.agent.critic_loss(state.agent.critic, batch)[1], batches)
        names = {"heldout_loss": "contrastive_loss", "heldout_accuracy": "categorical_accuracy"}
        scores = {name: jnp.mean(said[of_batch]) for name, of_batch in names.items()}
        if not hasattr(self.env, "score_critic"):
            return scores
        energy = functools.partial(self.agent.energy, state.agent.critic)
        return scores | self.env.score_critic(energy, batches, self.config)


def random_walks(env: GoalEnv, key: jax.Array, count: int, length: int) -> Buffer:
    """A buffer of `count` walks of `length` random actions each, from starts all over the environment if it can."""
    start_key, step_key = jax.random.split(key)
    start = jax.vmap(env.random_start)(jax.random.split(start_key, count))

    def step(env_state: EnvState, key: jax.Array):
        action = jax.vmap(env.random_action)(jax.random.split(key, count))
        return jax.vmap(env.step)(env_state, action), (env_state.state, action, env_state.goal)

    _, (state, action, goal) = jax.lax.scan(step, start, jax.random.split(step_key, length))
    # What `replay.insert` of one episode a walk would make, without a scatter for the compiler to fold.
    episode = jnp.zeros((length, count), jnp.int32)
    return Buffer(state, action, goal, episode, episode.at[0].set(length - 1), jnp.asarray(length, jnp.int32))
