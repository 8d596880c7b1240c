"""What several agents are made of: a state, policies with and without chance, twin critics, a gradient step."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.envs import REWARDS
from crlkit.networks import Networks, Stack, make_networks, residual_stack
from crlkit.replay import Batch

if TYPE_CHECKING:
    from crlkit.config import Config
    from crlkit.envs import GoalEnv


class AgentState(NamedTuple):
    """What an agent does not have is () or {}."""

    actor: dict
    critic: dict
    actor_optimiser: Any
    critic_optimiser: Any
    updates: jax.Array  # int32 scalar
    log_alpha: Any = ()
    alpha_optimiser: Any = ()
    target_actor: Any = ()  # both follow slowly
    target_critic: Any = ()


@dataclass(frozen=True)
class Agent:
    """What every agent has is said in `crlkit.agents`; shapes are those of `env`."""

    config: "Config"
    env: "GoalEnv"

    OPTIONS = {}

    @property
    def optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.learning_rate)

    @property
    def switches(self) -> dict:
        """The options that all stacks share."""
        return {name: getattr(self.config, name) for name in ("block", "norm", "activation", "residual")}

    def begin(self, actor: dict, critic: dict, **more: Any) -> AgentState:
        """The state of fresh optimisers; `more` are fields that not every agent has."""
        optimisers = self.optimiser.init(actor), self.optimiser.init(critic)
        return AgentState(actor, critic, *optimisers, jnp.zeros((), jnp.int32), **more)

    def move(self, agent: AgentState, part: str, gradient: Any) -> AgentState:
        """The agent's state after a step of its `part`, actor or critic, whose optimiser's state stands beside it."""
        params, optimiser = getattr(agent, part), f"{part}_optimiser"
        step, state = self.optimiser.update(gradient, getattr(agent, optimiser), params)
        return agent._replace(**{part: optax.apply_updates(params, step), optimiser: state})

    def descend(self, agent: AgentState, part: str, loss: Callable, *arguments) -> tuple[AgentState, Any, dict]:
        """A step of `part` down `loss(part, *arguments) -> value, extra`: the state after it, extra, and for the log value
        and norm of the gradient."""
        (value, extra), gradient = jax.value_and_grad(loss, has_aux=True)(getattr(agent, part), *arguments)
        said = {f"{part}_loss": value, f"{part}_gradient_norm": optax.tree.norm(gradient)}
        return self.move(agent, part, gradient), extra, said


class Stochastic(Agent):
    """One whose policy is a Gaussian under a tanh, its entropy held by a temperature (Haarnoja et al. 2018)."""

    @cached_property
    def networks(self) -> Networks:
        names = ("actor_depth", "critic_depth", "width", "embedding_size", "actor_head", "critic_head")
        options = {name: getattr(self.config, name) for name in names}
        env = self.env
        return make_networks(env.state_size, env.goal_size, env.action_size, **options, **self.switches)

    @property
    def alpha_optimiser(self) -> optax.GradientTransformation:
        return optax.adam(self.config.alpha_learning_rate)

    def begin(self, actor: dict, critic: dict, **more: Any) -> AgentState:
        log_alpha = jnp.asarray(self.config.log_alpha_init, jnp.float32)
        optimiser = self.alpha_optimiser.init(log_alpha)
        return super().begin(actor, critic, log_alpha=log_alpha, alpha_optimiser=optimiser, **more)

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        return losses.sample_tanh_gaussian(key, *self.networks.policy(actor, state, goal))[0]

    def mode(self, actor: dict, state: jax.Array, goal: jax.Array) -> jax.Array:
        """tanh of the mean."""
        return jnp.tanh(self.networks.policy(actor, state, goal)[0])

    def drawn(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> tuple:
        """Actions of the policy, and for temperature and log their log-densities `[B]` and the mean |tanh|."""
        mean, log_std = self.networks.policy(actor, state, goal)
        action, log_density = losses.sample_tanh_gaussian(key, mean, log_std)
        return action, (log_density, jnp.mean(jnp.abs(jnp.tanh(mean))))

    def step_temperature(self, agent: AgentState, log_density: jax.Array, saturation: jax.Array) -> tuple:
        """The state after a step of log_alpha on what was `drawn`, and what the log says of both."""
        target_entropy = self.config.target_entropy_per_action * self.env.action_size
        gradient = jax.grad(losses.temperature_loss)(agent.log_alpha, log_density, target_entropy)
        step, optimiser = self.alpha_optimiser.update(gradient, agent.alpha_optimiser)
        log_alpha = jnp.minimum(optax.apply_updates(agent.log_alpha, step), self.config.log_alpha_max)
        said = {"entropy": -jnp.mean(log_density), "alpha": jnp.exp(log_alpha), "saturation": saturation}
        return agent._replace(log_alpha=log_alpha, alpha_optimiser=optimiser), said


class Deterministic(Agent):
    """One whose policy is without chance; while it explores, noise is added (its option `noise`)."""

    @cached_property
    def policy(self) -> Stack:
        """Over state and goal; the action is its tanh."""
        c, inputs = self.config, self.env.state_size + self.env.goal_size
        return residual_stack(inputs, self.env.action_size, c.actor_depth, c.width, head=c.actor_head, **self.switches)

    def mode(self, actor: dict, state: jax.Array, goal: jax.Array) -> jax.Array:
        return jnp.tanh(self.policy.apply(actor, jnp.concatenate([state, goal], axis=-1)))

    def act(self, actor: dict, key: jax.Array, state: jax.Array, goal: jax.Array) -> jax.Array:
        return losses.noisy(key, self.mode(actor, state, goal), self.config.agent_option("noise"))


class Valued(Agent):
    """One that learns from rewards, with two critics (Fujimoto et al. 2018), all of both under a leading axis of 2."""

    TERMINALS = True

    @cached_property
    def twin(self) -> Stack:
        """One of the two, over state, action and goal."""
        c, inputs = self.config, self.env.state_size + self.env.action_size + self.env.goal_size
        return residual_stack(inputs, 1, c.critic_depth, c.width, head=c.critic_head, **self.switches)

    def init_twins(self, key: jax.Array) -> dict:
        return jax.vmap(self.twin.init)(jax.random.split(key))

    def values(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """Q(s, a, g) `[2, ...]`."""
        x = jnp.concatenate([state, action, goal], axis=-1)
        return jax.vmap(self.twin.apply, (0, None))(critic, x)[..., 0]

    def energy(self, critic: dict, state: jax.Array, action: jax.Array, goal: jax.Array) -> jax.Array:
        """min Q(s, a, g) of all pairs `[n, m]`."""
        lead = len(state), len(goal)
        state, action = (jnp.broadcast_to(x[:, None], (*lead, x.shape[-1])) for x in (state, action))
        return self.values(critic, state, action, jnp.broadcast_to(goal, (*lead, goal.shape[-1]))).min(axis=0)

    def bellman_target(self, batch: Batch, value: jax.Array) -> jax.Array:
        """What Q(s, a, g) is to become `[B]`, of the `value` `[B]` of the next state."""
        reward = REWARDS[self.config.reward](self.env, batch.next_state, batch.goal, batch.terminal)
        return losses.bellman_target(reward, self.config.discount, batch.terminal, value)

    def critic_loss(self, critic: dict, batch: Batch, target: jax.Array) -> tuple[jax.Array, jax.Array]:
        """mean (y - Q_1)^2 + mean (y - Q_2)^2 (Fujimoto et al. 2018, algorithm 1), and Q `[2, B]`."""
        values = self.values(critic, batch.state, batch.action, batch.goal)
        return jnp.sum(jnp.mean((target - values) ** 2, axis=-1)), values
