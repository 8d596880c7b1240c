"""Rollouts of the deterministic policy and the paper's measure, time at goal."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from crlkit.envs import GoalEnv, goal_distance, succeeded


def rollout(
    env: GoalEnv, policy: Callable, key: jax.Array, episodes: int, length: int, watch: Callable | None = None
) -> dict[str, jax.Array]:
    """Plays `episodes` episodes side by side with `policy(state, goal) -> action`.

    Returns `state` `[length + 1, episodes, S]`, `action` `[length, episodes, A]`, `goal` `[episodes, G]`, and after each
    step `alive` (no earlier one ended the episode), `success` and `distance` `[length, episodes]`. For films also what
    `watch(env_state)` saw at every moment: `watched`, arrays `[length + 1, episodes, ...]`."""
    look = jax.vmap(watch) if watch else lambda env_state: None
    start = jax.vmap(env.reset)(jax.random.split(key, episodes))

    def step(carry, _):
        env_state, alive = carry
        action = policy(env_state.state, env_state.goal)
        env_state = jax.vmap(env.step)(env_state, action)
        success, distance = (of(env, env_state.state, env_state.goal) for of in (succeeded, goal_distance))
        seen = env_state.state, action, alive, success, distance, look(env_state)
        # The step that ends an episode still counts, the ones after it do not (brax's EvalWrapper).
        return (env_state, alive & ~env_state.terminated), seen

    _, (state, action, *after, watched) = jax.lax.scan(step, (start, jnp.ones(episodes, bool)), None, length)
    played = dict(state=jnp.concatenate([start.state[None], state]), action=action, goal=start.goal)
    if watch:
        played["watched"] = jax.tree.map(lambda x, later: jnp.concatenate([x[None], later]), look(start), watched)
    return played | dict(zip(("alive", "success", "distance"), after))


def score(env: GoalEnv, policy: Callable, key: jax.Array, episodes: int, length: int) -> dict[str, Any]:
    """Scores a policy; every figure is a mean over `episodes` fresh starts and goals.

    time_at_goal: steps within the threshold until the episode ends, out of `length` (paper, section 4); _easy and _hard:
    with the body's looser and stricter one. success: share of episodes with at least one such step. final_distance: at
    the last step of the episode, goal units. steps_alive: until the episode ended.
    """
    played = rollout(env, policy, key, episodes, length)
    alive, success = played["alive"], played["success"] & played["alive"]
    last = jnp.sum(alive, axis=0) - 1
    scores = {
        "time_at_goal": jnp.mean(jnp.sum(success, axis=0)),
        "success": jnp.mean(jnp.any(success, axis=0)),
        "final_distance": jnp.mean(played["distance"][last, jnp.arange(episodes)]),
        "steps_alive": jnp.mean(jnp.sum(alive, axis=0)),
    }
    for name, threshold in (("easy", env.easy_threshold), ("hard", getattr(env, "hard_threshold", None))):
        if threshold is not None:
            within = (played["distance"] < threshold) & alive
            scores[f"time_at_goal_{name}"] = jnp.mean(jnp.sum(within, axis=0))
    return scores
