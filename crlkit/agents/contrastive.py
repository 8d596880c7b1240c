"""Contrastive reinforcement learning, the paper's agent: init / act / update, pure functions over one state.

The critic f(s, a, g) is the energy of phi(s, a) and psi(g), trained by InfoNCE so that pairs of one trajectory score
higher than mixed ones; the actor maximises it, with entropy (Eysenbach et al. 2022; Wang et al. 2025, section 3).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from crlkit import losses
from crlkit.config import Config
from crlkit.envs import GoalEnv
from crlkit.networks import make_networks
from crlkit.replay import Batch

# What an update reports, of the critic and, where it takes its step too, of the actor.
CRITIC_METRICS = (
    *("critic_loss", "contrastive_loss", "critic_gradient_norm"),
    *("categorical_accuracy", "logits_positive", "logits_negative"),
)
ACTOR_METRICS = ("actor_loss", "entropy", "alpha", "saturation", "actor_gradient_norm")


class AgentState(NamedTuple):
    actor: dict
    critic: dict
    log_alpha: jax.Array
    actor_optimiser: Any
    critic_optimiser: Any
    alpha_optimiser: Any
    updates: jax.Array  # int32 scalar


class Agent(NamedTuple):
    """init(key) -> AgentState
    act(actor, key, state [..., S], goal [..., G]) -> action [..., A], drawn from the policy
    mode(actor, state, goal) -> action: tanh of the mean, the deterministic policy that is scored
    update(agent_state, batch, key) -> agent_state, metrics: one step of actor and temperature, then critic
    update_critic(agent_state, batch) -> agent_state, metrics: one step of the critic alone
    energy(critic, state [n, S], action [n, A], goal [m, G]) -> [n, m]
    embed(critic, state [n, S], action [n, A]) -> phi [n, E]
    """

    init: Callable
    act: Callable
    mode: Callable
    update: Callable
    update_critic: Callable
    energy: Callable
    embed: Callable


def make_agent(config: Config, env: GoalEnv) -> Agent:
    """The agent that `config` describes, for states, goals and actions of the sizes of `env`."""
    networks = make_networks(
        env.state_size,
        env.goal_size,
        env.action_size,
        actor_depth=config.actor_depth,
        critic_depth=config.critic_depth,
        width=config.width,
        embedding_size=config.embedding_size,
        norm=config.norm,
        activation=config.activation,
        residual=config.residual,
        actor_head=config.actor_head,
        critic_head=config.critic_head,
    )
    energy_of = losses.energy_function(config.energy, config.cosine_temperature)
    contrastive_loss = losses.LOSSES[config.loss]
    target_entropy = config.target_entropy_per_action * env.action_size
    optimiser = optax.adam(config.learning_rate)
    alpha_optimiser = optax.adam(config.alpha_learning_rate)

    def init(key: jax.Array) -> AgentState:
        actor_key, critic_key = jax.random.split(key)
        actor, critic = networks.init_actor(actor_key), networks.init_critic(critic_key)
        log_alpha = jnp.asarray(config.log_alpha_init, jnp.float32)
        optimisers = optimiser.init(actor), optimiser.init(critic), alpha_optimiser.init(log_alpha)
        return AgentState(actor, critic, log_alpha, *optimisers, jnp.zeros((), jnp.int32))

    def act(actor, key, state, goal):
        return losses.sample_tanh_gaussian(key, *networks.policy(actor, state, goal))[0]

    def mode(actor, state, goal):
        return jnp.tanh(networks.policy(actor, state, goal)[0])

    def embed(critic, state, action):
        return networks.encode_state_action(critic, state, action)

    def energy(critic, state, action, goal):
        return energy_of(embed(critic, state, action), networks.encode_goal(critic, goal))

    def actor_objective(actor, critic, alpha, batch: Batch, goal, key):
        mean, log_std = networks.policy(actor, batch.state, goal)
        action, log_density = losses.sample_tanh_gaussian(key, mean, log_std)
        phi, psi = embed(critic, batch.state, action), networks.encode_goal(critic, goal)
        own = jax.vmap(lambda a, b: energy_of(a[None], b[None])[0, 0])(phi, psi)
        return losses.actor_loss(alpha, log_density, own), (log_density, jnp.mean(jnp.abs(jnp.tanh(mean))))

    def critic_objective(critic, batch: Batch, goal):
        logits = energy(critic, batch.state, batch.action, goal)
        contrast = contrastive_loss(logits)
        loss = contrast + config.logsumexp_penalty * losses.logsumexp_penalty(logits)
        return loss, {"contrastive_loss": contrast, **losses.critic_diagnostics(logits)}

    def update(agent: AgentState, batch: Batch, key: jax.Array) -> tuple[AgentState, dict]:
        # The reference's order: actor and temperature first, against the critic before its own step, on one batch;
        # and its goals: those relabelled in hindsight, not the commanded ones of the paper's formula.
        goal = batch.goal_state[:, env.goal_slice]
        (actor_loss, (log_density, saturation)), gradient = jax.value_and_grad(actor_objective, has_aux=True)(
            agent.actor, agent.critic, jnp.exp(agent.log_alpha), batch, goal, key
        )
        actor_gradient_norm = optax.tree.norm(gradient)
        step, actor_optimiser = optimiser.update(gradient, agent.actor_optimiser)
        actor = optax.apply_updates(agent.actor, step)

        alpha_gradient = jax.grad(losses.temperature_loss)(agent.log_alpha, log_density, target_entropy)
        step, alpha_state = alpha_optimiser.update(alpha_gradient, agent.alpha_optimiser)
        log_alpha = jnp.minimum(optax.apply_updates(agent.log_alpha, step), config.log_alpha_max)

        agent = agent._replace(
            actor=actor, actor_optimiser=actor_optimiser, log_alpha=log_alpha, alpha_optimiser=alpha_state
        )
        agent, critic_metrics = update_critic(agent, batch)
        return agent, critic_metrics | {
            "actor_loss": actor_loss,
            "entropy": -jnp.mean(log_density),
            "alpha": jnp.exp(log_alpha),
            "saturation": saturation,
            "actor_gradient_norm": actor_gradient_norm,
        }

    def update_critic(agent: AgentState, batch: Batch) -> tuple[AgentState, dict]:
        (critic_loss, diagnostics), gradient = jax.value_and_grad(critic_objective, has_aux=True)(
            agent.critic, batch, batch.goal_state[:, env.goal_slice]
        )
        step, critic_optimiser = optimiser.update(gradient, agent.critic_optimiser)
        critic = optax.apply_updates(agent.critic, step)
        metrics = {"critic_loss": critic_loss, **diagnostics, "critic_gradient_norm": optax.tree.norm(gradient)}
        return agent._replace(critic=critic, critic_optimiser=critic_optimiser, updates=agent.updates + 1), metrics

    return Agent(init, act, mode, update, update_critic, energy, embed)
