"""A trained agent as a person uses it: ask it for an action, for its opinion of a pair, for its way to a goal."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crlkit import envs, evaluation
from crlkit.agents import make_agent
from crlkit.config import Config
from crlkit.errors import UserError


@functools.lru_cache(maxsize=128)
def _function(ask: str, config: Config, parts: tuple, own: envs.GoalEnv, env: envs.GoalEnv) -> Callable:
    """act, energy, embed, rollout or score of what was trained in `own` and plays in `env`, compiled for all agents of
    equal config and parts. Raises UserError for what the agent cannot be asked."""
    agent = make_agent(config, own)
    if ask == "act":
        return jax.jit(_policy(config, agent))
    if ask in ("energy", "embed"):
        if not hasattr(agent, ask):
            raise UserError(f"agent {config.agent!r}: has no {ask}; nearest: crl")
        return jax.jit(getattr(agent, ask))

    def play(actor, critic, key, episodes, length, **watch):
        policy = functools.partial(_policy(config, agent), actor, critic)
        return getattr(evaluation, ask)(env, policy, key, episodes, length, **watch)

    return jax.jit(play, static_argnums=(3, 4), static_argnames=("watch",))


def _policy(config: Config, agent: Any) -> Callable:
    """policy(actor, critic, state [..., S], goal [..., G]) -> action [..., A], without chance: the mode of the actor;
    where the critic was trained alone and actions can be counted, as in Lights Out, the action of highest energy."""
    actions = envs.make(config.env).every_action
    if config.data == "online" or actions is None:
        return lambda actor, critic, state, goal: agent.mode(actor, state, goal)

    def greedy(critic, state, goal):
        states = jnp.broadcast_to(state, (len(actions), *state.shape))
        energies = agent.energy(critic, states, jnp.asarray(actions), goal[None])[:, 0]  # [actions]
        return jnp.asarray(actions)[jnp.argmax(energies)]

    vectorised = jnp.vectorize(greedy, excluded=(0,), signature="(s),(g)->(a)")
    return lambda actor, critic, state, goal: vectorised(critic, state, goal)


class TrainedAgent:
    """Weights (`actor`, `critic`: nested dictionaries of arrays) with the Config and seed of their training; arrays in,
    NumPy arrays out."""

    def __init__(self, config: Config, seed: int, actor: dict, critic: dict):
        self.config, self.seed, self.actor, self.critic = config, seed, actor, critic

    @property
    def env(self) -> envs.GoalEnv:
        return envs.make(self.config.env)

    def _ask(self, what: str, env: str | None = None) -> Callable:
        return _function(what, self.config, self.config.parts, self.env, envs.make(env or self.config.eval_env))

    def act(self, state, goal) -> np.ndarray:
        """The action without chance `[..., A]` (see `_policy`) for `state` `[..., S]` and `goal` `[..., G]`."""
        return np.asarray(self._ask("act")(self.actor, self.critic, jnp.asarray(state), jnp.asarray(goal)))

    def energy(self, state, action, goal) -> np.ndarray:
        """f(s, a, g) of all pairs `[n, m]`: `state` `[n, S]`, `action` `[n, A]`, `goal` `[m, G]`."""
        return np.asarray(self._ask("energy")(self.critic, *map(jnp.asarray, (state, action, goal))))

    def embed(self, state, action) -> np.ndarray:
        """phi(s, a) `[n, E]`."""
        return np.asarray(self._ask("embed")(self.critic, jnp.asarray(state), jnp.asarray(action)))

    def rollout(
        self,
        env: str | None = None,
        episodes: int = 16,
        seed: int = 0,
        length: int | None = None,
        watch: Callable | None = None,
    ) -> dict[str, np.ndarray]:
        """Plays episodes of `length` steps, by default those of the config in the environment it is scored in; see
        `evaluation.rollout` for what comes back and for `watch`."""
        play, length = self._ask("rollout", env), length or self.config.episode_length
        played = play(self.actor, self.critic, jax.random.key(seed), episodes, length, watch=watch)
        return jax.tree.map(np.asarray, played)

    def score(self, env: str | None = None, episodes: int | None = None, seed: int = 0) -> dict[str, float]:
        """Time at goal and success; see `evaluation.score`."""
        play, episodes = self._ask("score", env), episodes or self.config.eval_episodes
        scores = play(self.actor, self.critic, jax.random.key(seed), episodes, self.config.episode_length)
        return {name: float(value) for name, value in scores.items()}


def untrained(config: Config, seed: int | None = None) -> TrainedAgent:
    """An agent as it is before its first update, by default with the seed of `config`."""
    seed = config.seed if seed is None else seed
    state = jax.jit(make_agent(config).init)(jax.random.key(seed))
    return TrainedAgent(config, seed, state.actor, state.critic)
