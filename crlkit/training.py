"""Collect, relabel, update, evaluate: the training of any agent as pure functions of one state, lifted over seeds.

Random numbers come from counted streams (`seeds.stream`), so what a run computes depends on its config and seed alone,
not on how the host cuts the work into chunks.
"""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from crlkit import envs, evaluation, losses, replay
from crlkit.agents.contrastive import ACTOR_METRICS, CRITIC_METRICS, AgentState, make_agent
from crlkit.config import Config
from crlkit.envs import EnvState, GoalEnv, random_action, random_start
from crlkit.replay import Buffer
from crlkit.seeds import stream

INIT, RESET, COLLECT, UPDATE, EVALUATE, UPDATE_COLLECTOR = range(6)
NEVER = 2**31 - 1
HELD_OUT_BATCHES = 32
HELD_OUT_WALKS = 512
WATCHED = (
    "critic_loss",
    "actor_loss",
    "critic_gradient_norm",
    "actor_gradient_norm",
)  # a value that is not finite in one of these stops a run


class Collector(NamedTuple):
    """The environments that fill the buffer, `[E, ...]`."""

    env_state: EnvState
    first: Any  # the first env_state, kept only with fixed goals
    time: jax.Array  # int32, steps since the reset
    episode: jax.Array  # int32, episodes begun before this one


class Log(NamedTuple):
    """What happened since the last evaluation. A running mean, so that chunks of any length give the same numbers."""

    mean: dict  # of the agent's metrics over `count` updates
    count: jax.Array  # int32 scalar
    failed: dict  # for each name in WATCHED the first update whose value was not finite, NEVER if none


class TrainState(NamedTuple):
    """Everything a run of one seed is, between two rounds or two updates.

    behaviour: a second agent that alone fills the buffer and learns from the same batches; () without `collector_depth`.
    """

    agent: AgentState
    behaviour: Any
    log: Log
    buffer: Buffer
    collector: Collector
    seed: jax.Array  # int32 scalar
    rounds: jax.Array  # int32 scalar, rounds of collection done, those that fill the buffer included


class Training(NamedTuple):
    """init(seed) -> TrainState
    collect(state) -> state: one unroll of every environment into the buffer
    update(state, n) -> state: n gradient updates
    evaluate(state) -> state with an empty log, scores of the deterministic policy (on walks: of the critic)
    """

    init: Callable
    collect: Callable
    update: Callable
    evaluate: Callable


def reset_all(env: GoalEnv, key: jax.Array, count: int) -> EnvState:
    return jax.vmap(env.reset)(jax.random.split(key, count))


def make_training(config: Config) -> Training:
    """The programs of a run. Runs that differ only in seeds and directory get the very same functions, of which JAX keeps
    what it traced and compiled: the second run of a config in a process starts at once."""
    config = replace(config, seed=0, seeds=1, out=None, checkpoint_seconds=Config.checkpoint_seconds)
    return _make_training(config, envs.make(config.env), envs.make(config.eval_env))


@functools.lru_cache(maxsize=8)
def _make_training(config: Config, env: GoalEnv, eval_env: GoalEnv) -> Training:
    agent = make_agent(config, env)
    apart = config.collector_depth is not None
    collector_agent = make_agent(config.of_collector(), env) if apart else agent
    on_walks = config.data == "walks"

    def learn(agent_state: AgentState, batch: replay.Batch, key: jax.Array) -> tuple[AgentState, dict]:
        return agent.update_critic(agent_state, batch) if on_walks else agent.update(agent_state, batch, key)

    def init(seed: jax.Array) -> TrainState:
        env_state = reset_all(env, stream(seed, RESET, 0), config.num_envs)
        counters = jnp.zeros(config.num_envs, jnp.int32)
        agent_state = agent.init(stream(seed, INIT, 0))
        return TrainState(
            agent=agent_state,
            behaviour=collector_agent.init(stream(seed, INIT, 1)) if apart else (),
            log=empty_log(),
            buffer=replay.create(config.buffer_size, config.num_envs, env.state_size, env.action_size),
            collector=Collector(env_state, env_state if config.fixed_goals else (), counters, counters),
            seed=jnp.asarray(seed, jnp.int32),
            rounds=jnp.zeros((), jnp.int32),
        )

    def empty_log() -> Log:
        names = CRITIC_METRICS if on_walks else CRITIC_METRICS + ACTOR_METRICS
        return Log(
            mean={name: jnp.zeros((), jnp.float32) for name in names},
            count=jnp.zeros((), jnp.int32),
            failed={name: jnp.asarray(NEVER, jnp.int32) for name in WATCHED if name in names},
        )

    def restart(collector: Collector, over: jax.Array, key: jax.Array) -> Collector:
        """Begins a new episode where `over` `[E]`, with a fresh start and goal unless goals are fixed."""

        def begin(env_state):
            fresh = collector.first if config.fixed_goals else reset_all(env, key, config.num_envs)
            return jax.tree.map(
                lambda new, old: jnp.where(over.reshape(-1, *[1] * (old.ndim - 1)), new, old), fresh, env_state
            )

        env_state = jax.lax.cond(jnp.any(over), begin, lambda same: same, collector.env_state)
        return collector._replace(
            env_state=env_state, time=jnp.where(over, 0, collector.time), episode=collector.episode + over
        )

    def collect(state: TrainState) -> TrainState:
        actor = (state.behaviour if apart else state.agent).actor

        def step(collector: Collector, key: jax.Array):
            act_key, reset_key = jax.random.split(key)
            before = collector.env_state
            action = collector_agent.act(actor, act_key, before.state, before.goal)
            row = before.state, action, collector.episode
            env_state = jax.vmap(env.step)(before, action)
            time = collector.time + 1
            collector = collector._replace(env_state=env_state, time=time)
            return restart(collector, env_state.terminated | (time >= config.episode_length), reset_key), row

        keys = jax.random.split(stream(state.seed, COLLECT, state.rounds), config.unroll_length)
        collector, rows = jax.lax.scan(step, state.collector, keys)
        return state._replace(buffer=replay.insert(state.buffer, *rows), collector=collector, rounds=state.rounds + 1)

    def fill(state: TrainState) -> TrainState:
        """In the place of `collect` where the data are fixed: all walks at once."""
        walks = random_walks(env, stream(state.seed, COLLECT, 0), config.num_envs, config.episode_length)
        return state._replace(buffer=walks, rounds=state.rounds + 1)

    def update(state: TrainState, n: jax.Array) -> TrainState:
        def one(_, carry: tuple) -> tuple:
            agent_state, behaviour, log = carry
            number = agent_state.updates
            batch_key, update_key = jax.random.split(stream(state.seed, UPDATE, number))
            batch = replay.sample(state.buffer, batch_key, config.batch_size, config.discount, config.hindsight)
            agent_state, metrics = learn(agent_state, batch, update_key)
            if apart:
                behaviour, _ = collector_agent.update(behaviour, batch, stream(state.seed, UPDATE_COLLECTOR, number))
            count = log.count + 1
            mean = {name: log.mean[name] + (metrics[name] - log.mean[name]) / count for name in metrics}
            failed = {
                name: jnp.minimum(log.failed[name], jnp.where(jnp.isfinite(metrics[name]), NEVER, number))
                for name in log.failed
            }
            return agent_state, behaviour, Log(mean, count, failed)

        agent_state, behaviour, log = jax.lax.fori_loop(0, n, one, (state.agent, state.behaviour, state.log))
        return state._replace(agent=agent_state, behaviour=behaviour, log=log)

    def evaluate(state: TrainState) -> tuple[TrainState, dict]:
        scores = (score_critic if on_walks else score_policy)(state)
        return state._replace(log=empty_log()), {**state.log.mean, **scores}

    def score_policy(state: TrainState) -> dict:
        def policy(observation, goal):
            return agent.mode(state.agent.actor, observation, goal)

        key = stream(state.seed, EVALUATE, state.agent.updates)
        return evaluation.score(eval_env, policy, key, config.eval_episodes, config.episode_length)

    def score_critic(state: TrainState) -> dict:
        """On walks that are never trained on, the same at every evaluation."""
        walk_key, batch_key = jax.random.split(stream(state.seed, EVALUATE, 0))
        held_out = random_walks(env, walk_key, HELD_OUT_WALKS, config.episode_length)
        keys = jax.random.split(batch_key, HELD_OUT_BATCHES)
        draw = functools.partial(replay.sample, held_out, batch_size=config.batch_size, discount=config.discount)
        batches = jax.vmap(lambda key: draw(key, strategy=config.hindsight))(keys)

        def energy(*points):
            return agent.energy(state.agent.critic, *points)

        def loss(batch):
            logits = energy(batch.state, batch.action, batch.goal_state[:, env.goal_slice])
            return losses.LOSSES[config.loss](logits), losses.critic_diagnostics(logits)["categorical_accuracy"]

        loss_values, accuracy = jax.lax.map(loss, batches)
        scores = {"heldout_loss": jnp.mean(loss_values), "heldout_accuracy": jnp.mean(accuracy)}
        own = env.score_critic(energy, batches, config) if hasattr(env, "score_critic") else {}
        return scores | own

    return Training(init, fill if on_walks else collect, update, evaluate)


def random_walks(env: GoalEnv, key: jax.Array, count: int, length: int) -> Buffer:
    """A buffer of `count` walks of `length` random actions each, from starts all over the environment if it can."""
    start_key, step_key = jax.random.split(key)
    start = jax.vmap(functools.partial(random_start, env))(jax.random.split(start_key, count))

    def step(env_state: EnvState, key: jax.Array):
        action = jax.vmap(functools.partial(random_action, env))(jax.random.split(key, count))
        return jax.vmap(env.step)(env_state, action), (env_state.state, action)

    _, (state, action) = jax.lax.scan(step, start, jax.random.split(step_key, length))
    # What `replay.insert` of one episode a walk would make, without a scatter for the compiler to fold.
    episode = jnp.zeros((length, count), jnp.int32)
    return Buffer(state, action, episode, episode.at[0].set(length - 1), jnp.asarray(length, jnp.int32))
