"""A trajectory buffer and hindsight goal sampling, pure functions over one `Buffer`.

Each of E environments has a ring of T steps. Step number i (counted from the start of the run) of every environment
lies in slot i mod T. A step knows its episode by number; a table remembers the last step stored of every episode, so
that "how many later steps of my own episode are in the buffer" is one look-up and a batch costs O(1) a row.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

CANDIDATES = 8  # draws a row; the first that has a future is taken


class Buffer(NamedTuple):
    state: jax.Array  # [T, E, S]
    action: jax.Array  # [T, E, A]
    goal: jax.Array  # [T, E, G], the commanded one
    episode: jax.Array  # [T, E] int32, the number of the episode within its environment
    last_step: jax.Array  # [T, E] int32, step number of the last step stored of episode k, in slot k mod T
    size: jax.Array  # int32 scalar, steps ever inserted in each environment


class Batch(NamedTuple):
    """What an agent does not use is never gathered: the compiler drops it."""

    state: jax.Array  # [B, S]
    action: jax.Array  # [B, A]
    next_state: jax.Array  # [B, S], at terminal steps the state itself: nobody stored the next
    goal: jax.Array  # [B, G], reached later in the episode; without hindsight and at terminal steps the commanded one
    terminal: jax.Array | bool = False  # bool [B]: the body fell at this step


def create(capacity: int, num_envs: int, state_size: int, action_size: int, goal_size: int) -> Buffer:
    """An empty buffer of `capacity` steps in each of `num_envs` environments."""
    rows = (jnp.zeros((capacity, num_envs, size)) for size in (state_size, action_size, goal_size))
    episode, last_step = jnp.zeros((2, capacity, num_envs), jnp.int32)
    return Buffer(*rows, episode, last_step, size=jnp.zeros((), jnp.int32))


def insert(buffer: Buffer, state: jax.Array, action: jax.Array, goal: jax.Array, episode: jax.Array) -> Buffer:
    """Appends U steps of every environment over the oldest: `[U, E, S]`, `[U, E, A]`, `[U, E, G]`, `[U, E]`; `episode`
    numbers those of an environment from 0 upwards without gaps. U must not exceed the capacity."""
    capacity, num_envs = buffer.episode.shape
    steps = buffer.size + jnp.arange(state.shape[0])
    slots = steps % capacity
    old, new = (buffer.state, buffer.action, buffer.goal, buffer.episode), (state, action, goal, episode)
    rows = (ring.at[slots].set(values) for ring, values in zip(old, new, strict=True))
    # Several steps of one episode fall on one entry: the highest step number must win, hence max.
    last_step = buffer.last_step.at[episode % capacity, jnp.arange(num_envs)[None]].max(steps[:, None])
    return Buffer(*rows, last_step, buffer.size + state.shape[0])


def future(buffer: Buffer, step: jax.Array, env: jax.Array) -> jax.Array:
    """How many later steps of its own episode are stored for step number `step` of environment `env`; any shape."""
    capacity = buffer.episode.shape[0]
    return buffer.last_step[buffer.episode[step % capacity, env] % capacity, env] - step


def terminal(buffer: Buffer, step: jax.Array, env: jax.Array, limit: int) -> jax.Array:
    """Whether an episode shorter than `limit` ended with step number `step` of environment `env`; any shape."""
    capacity = buffer.episode.shape[0]
    episode = buffer.episode[step % capacity, env]
    before = jnp.where(episode > 0, buffer.last_step[(episode - 1) % capacity, env], -1)  # end of the episode before
    over = (future(buffer, step, env) == 0) & (step + 1 < buffer.size)
    return over & (step - before < limit)


def geometric_offset(u: jax.Array, remaining: jax.Array, discount: float) -> jax.Array:
    """k in 1..R with probability proportional to discount^k, from u uniform on [0, 1): F(k) = (1 - discount^k) / (1 -
    discount^R) inverted. The reference builds the same distribution as a 1000 x 1000 matrix for each trajectory."""
    log_discount = jnp.minimum(jnp.log(discount), -1e-7)  # single precision may take a discount near 1 for 1
    mass = -jnp.expm1(remaining * log_discount)  # 1 - discount^R without cancellation
    k = 1 + jnp.floor(jnp.log1p(-u * mass) / log_discount)
    return jnp.clip(k, 1, jnp.maximum(remaining, 1)).astype(jnp.int32)


def hindsight_offset(strategy: str, key: jax.Array, remaining: jax.Array, discount: float) -> jax.Array:
    """How many steps ahead the relabelled goal lies, in 1..R, for each R of `remaining` `[B]`: geometric (the paper);
    uniform, every later step alike; final, the last."""
    if strategy == "final":
        return remaining
    u = jax.random.uniform(key, remaining.shape)
    if strategy == "uniform":
        return jnp.clip(1 + jnp.floor(u * remaining), 1, remaining).astype(jnp.int32)
    return geometric_offset(u, remaining, discount)


def sample(
    buffer: Buffer,
    key: jax.Array,
    batch_size: int,
    discount: float,
    strategy: str = "geometric",
    goal_slice: slice = slice(None),
    limit: int | None = None,
) -> Batch:
    """Draws steps uniformly among those with a future, and for each a later state of its own episode, whose
    `goal_slice` is the goal; with strategy `none` the goal is the commanded one. With `limit`, the time limit of
    episodes, those that ended an episode before it are drawn as well. A row whose `CANDIDATES` have no future, one in
    L^8 for episodes of L steps, keeps its own state as goal, as the reference does for every last step."""
    capacity, num_envs = buffer.episode.shape
    row_key, offset_key = jax.random.split(key)
    stored = jnp.minimum(buffer.size, capacity)
    rows = jax.random.randint(row_key, (CANDIDATES, batch_size), 0, stored * num_envs)
    envs, steps = rows % num_envs, buffer.size - stored + rows // num_envs  # [8, B]: whose step, and its number
    remaining = future(buffer, steps, envs)  # [8, B] later steps of the same episode
    fell = jnp.zeros_like(remaining, bool) if limit is None else terminal(buffer, steps, envs, limit)
    choice = jnp.argmax((remaining > 0) | fell, axis=0)  # [B] the first candidate that has a future
    env, step, remaining, fell = (x[choice, jnp.arange(batch_size)] for x in (envs, steps, remaining, fell))  # [B]
    slot, next_slot = step % capacity, (step + jnp.minimum(remaining, 1)) % capacity
    if strategy == "none":
        goal = buffer.goal[slot, env]
    else:
        offset = jnp.minimum(hindsight_offset(strategy, offset_key, remaining, discount), remaining)
        goal = buffer.state[(step + offset) % capacity, env][:, goal_slice]
        goal = goal if limit is None else jnp.where(fell[:, None], buffer.goal[slot, env], goal)
    return Batch(buffer.state[slot, env], buffer.action[slot, env], buffer.state[next_slot, env], goal, fell)
