"""The residual networks of the paper (section 3, Fig. 2): state-action encoder, goal encoder and actor.

A stack of depth D is: Dense, norm, activation; then D/4 residual blocks, each four times (Dense, norm, activation) with
the identity added after the last activation; then a linear head. So "depth" counts the Dense layers inside blocks. What
the head sees is an option (`HEADS`): the paper's code hands it the residual stream as it is, which grows with depth.

Blocks are ONE module whose parameters carry a leading axis `[blocks, ...]`, run by a scan: compile time and, with
rematerialisation, memory do not grow with depth. Each block keeps its own weights. This is the only file that knows
flax; the rest of the kit sees `init(key) -> params` and `apply(params, ...)` over plain dictionaries of arrays.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from flax import nnx

from crlkit import written_out
from crlkit.registration import Registry
from crlkit.written_out import EPSILON

LAYERS_PER_BLOCK = 4
KEPT_BYTES = 2**26  # of activations that one stack holds for its backward pass; beyond, it computes them again
LOG_STD_MIN, LOG_STD_MAX = -5.0, 2.0

ACTIVATIONS = Registry("activation", {"swish": nnx.swish, "relu": nnx.relu, "gelu": nnx.gelu})
NORMS = Registry(
    "norm",
    {
        "layer": lambda width, rngs: nnx.LayerNorm(width, epsilon=EPSILON, rngs=rngs),
        "rms": lambda width, rngs: nnx.RMSNorm(width, epsilon=EPSILON, rngs=rngs),
        "none": lambda width, rngs: lambda x: x,
    },
)


def standardise(x: jax.Array) -> jax.Array:
    """Mean 0 and variance 1 over the width `[..., width]`: layer normalisation (Ba et al. 2016) without its scale and
    shift, which a linear head has already."""
    x = x - jnp.mean(x, axis=-1, keepdims=True)
    return x * jax.lax.rsqrt(jnp.mean(x**2, axis=-1, keepdims=True) + EPSILON)


# What the linear head sees of the stream x `[..., width]` after so many blocks. Every block adds an activation of
# positive mean: past 64 layers a plain head gives a saturated policy and large energies before the first update.
HEADS: dict[str, Callable] = {
    "plain": lambda x, blocks: x,  # the paper's code
    "norm": lambda x, blocks: standardise(x),  # as transformers with norms inside their blocks end (Xiong et al. 2020)
    "scaled": lambda x, blocks: x / math.sqrt(blocks),
    "zero": lambda x, blocks: x,  # its weights begin at zero (as a block's last scale does in Goyal et al. 2017)
}


class Layer(nnx.Module):
    """Dense, norm, activation."""

    def __init__(self, inputs: int, width: int, norm: str, activation: str, rngs: nnx.Rngs):
        self.dense = nnx.Linear(inputs, width, rngs=rngs)
        self.norm = NORMS[norm](width, rngs)
        self.activation = ACTIVATIONS[activation]

    def __call__(self, x):
        return self.activation(self.norm(self.dense(x)))


class Block(nnx.Module):
    """Four layers and the identity around them; `residual=False` leaves the identity out (an ablation)."""

    def __init__(self, width: int, norm: str, activation: str, residual: bool, rngs: nnx.Rngs):
        self.layers = nnx.List([Layer(width, width, norm, activation, rngs) for _ in range(LAYERS_PER_BLOCK)])
        self.residual = residual

    def __call__(self, x):
        y = x
        for layer in self.layers:
            y = layer(y)
        return x + y if self.residual else y


class Gated(Block):
    """x + sigmoid(gate - 2) F(x), F the four layers of `Block`, a gate per unit: a fresh network is nearly the identity
    (as in highway networks, Srivastava et al. 2015)."""

    def __init__(self, width: int, norm: str, activation: str, residual: bool, rngs: nnx.Rngs):
        super().__init__(width, norm, activation, False, rngs)
        self.gate = nnx.Param(jnp.zeros(width))

    def __call__(self, x):
        return x + nnx.sigmoid(self.gate[...] - 2.0) * super().__call__(x)


# What a stack repeats: block(width, norm, activation, residual, rngs) is a module from [..., width] to [..., width].
BLOCKS = Registry("block", {"residual": Block, "gated": Gated})


class Stack(NamedTuple):
    """A residual stack as pure functions."""

    init: Callable[[jax.Array], dict]  # of a key; under "blocks" everything has the leading axis [depth / 4, ...]
    apply: Callable[[dict, jax.Array], jax.Array]  # params, x [..., inputs] -> [..., outputs]
    taps: Callable[[dict, jax.Array], jax.Array]  # ... -> [1 + depth / 4, ..., width], after the first layer and blocks


def _call(graph: Any, params: dict, x: jax.Array) -> jax.Array:
    return nnx.merge(graph, nnx.State(params))(x)


def _initial(shapes: Any, lead: tuple[int, ...], key: jax.Array) -> Any:
    """Initial values for a tree of shapes, each with the axes `lead` in front: a `kernel` is drawn, a `scale` one, all
    else zero. All kernels are cut from one draw: a draw for each costs seconds of compile time."""
    leaves, structure = jax.tree.flatten_with_path(shapes)
    kernels = [leaf.shape for path, leaf in leaves if path[-1].key == "kernel"]
    cuts = [math.prod((*lead, *shape)) for shape in kernels]
    draws = iter(jnp.split(jax.random.uniform(key, (sum(cuts),), minval=-1.0), list(accumulate(cuts))[:-1]))

    def value(name: str, shape: tuple[int, ...]) -> jax.Array:
        if name == "kernel":
            return next(draws).reshape(*lead, *shape) / math.sqrt(shape[0])
        return jnp.full((*lead, *shape), 1.0 if name == "scale" else 0.0, jnp.float32)

    return jax.tree.unflatten(structure, [value(path[-1].key, leaf.shape) for path, leaf in leaves])


@lru_cache(maxsize=64)
def _outline(part: str, inputs: int, outputs: int, block: Any, norm: str, activation: str, residual: bool):
    """Structure and shapes of a part of a stack. Kept, because the three networks of an agent differ in few of them."""
    parts = {
        "first": lambda: Layer(inputs, outputs, norm, activation, nnx.Rngs(0)),
        "blocks": lambda: block(outputs, norm, activation, residual, nnx.Rngs(0)),
        "head": lambda: nnx.Linear(inputs, outputs, rngs=nnx.Rngs(0)),
    }
    graph, state = nnx.split(nnx.eval_shape(parts[part]))
    return graph, nnx.to_pure_dict(state)


def residual_stack(
    inputs: int,
    outputs: int,
    depth: int,
    width: int,
    *,
    block: str = "residual",
    norm: str = "layer",
    activation: str = "swish",
    residual: bool = True,
    head: str = "plain",
) -> Stack:
    """The stack described at the top of this file; the options are names of the registries above."""
    sizes = {"first": (inputs, width), "blocks": (width, width), "head": (width, outputs)}
    outlines = {part: _outline(part, *size, BLOCKS[block], norm, activation, residual) for part, size in sizes.items()}
    graphs, shapes = ({part: outline[k] for part, outline in outlines.items()} for k in (0, 1))
    by_hand = (block, norm, activation, residual) == ("residual", "layer", "swish", True)

    def init(key: jax.Array) -> dict:
        """The reference's initial weights: kernels uniform of variance 1/(3 inputs), biases 0, norms 1."""
        leads = {"first": (), "blocks": (depth // LAYERS_PER_BLOCK,), "head": ()}
        params = {part: _initial(shapes[part], leads[part], own) for part, own in zip(leads, jax.random.split(key, 3))}
        return params | {"head": jax.tree.map(jnp.zeros_like, params["head"])} if head == "zero" else params

    def stream(params: dict, x: jax.Array, tap: bool) -> tuple[jax.Array, jax.Array | None]:
        @jax.checkpoint  # keep one activation a block and recompute the rest in the backward pass
        def one(x, block_params):
            x = _call(graphs["blocks"], block_params, x)
            return x, x if tap else None

        first = _call(graphs["first"], params["first"], x)
        x, after = jax.lax.scan(one, first, params["blocks"])
        return x, jnp.concatenate([first[None], after]) if tap else None

    def body(params: dict, x: jax.Array) -> jax.Array:
        if not by_hand or jax.default_backend() != "cpu":
            return stream(params, x, tap=False)[0]
        rows = x.reshape(-1, inputs)
        keep = 2 * depth * width * len(rows) * x.dtype.itemsize <= KEPT_BYTES
        rows = written_out.stream({"first": params["first"], "blocks": params["blocks"]}, rows, keep)
        return rows.reshape(*x.shape[:-1], width)

    def apply(params: dict, x: jax.Array) -> jax.Array:
        return _call(graphs["head"], params["head"], HEADS[head](body(params, x), depth // LAYERS_PER_BLOCK))

    return Stack(init, apply, lambda params, x: stream(params, x, tap=True)[1])


def parameter_count(params: Any) -> int:
    """How many numbers a tree of parameters, or of their shapes, holds."""
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(params))


def byte_count(tree: Any) -> int:
    """The bytes of a tree of arrays, or of their shapes."""
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))


class Networks(NamedTuple):
    """The three networks of a contrastive agent; `params` are plain dictionaries of arrays."""

    state_action: Stack
    goal: Stack
    actor: Stack

    def init_critic(self, key: jax.Array) -> dict:
        state_action_key, goal_key = jax.random.split(key)
        return {"state_action": self.state_action.init(state_action_key), "goal": self.goal.init(goal_key)}

    def init_actor(self, key: jax.Array) -> dict:
        return self.actor.init(key)

    def encode_state_action(self, params: dict, state: jax.Array, action: jax.Array) -> jax.Array:
        """phi `[..., E]`."""
        return self.state_action.apply(params["state_action"], jnp.concatenate([state, action], axis=-1))

    def encode_goal(self, params: dict, goal: jax.Array) -> jax.Array:
        """psi `[..., E]`."""
        return self.goal.apply(params["goal"], goal)

    def policy(self, params: dict, state: jax.Array, goal: jax.Array) -> tuple[jax.Array, jax.Array]:
        """Mean and log of the standard deviation `[..., A]`, before the tanh of the action; the latter is squashed into
        [-5, 2] by a tanh, as in the reference."""
        mean, raw = jnp.split(self.actor.apply(params, jnp.concatenate([state, goal], axis=-1)), 2, axis=-1)
        return mean, LOG_STD_MIN + 0.5 * (LOG_STD_MAX - LOG_STD_MIN) * (jnp.tanh(raw) + 1)


def make_networks(
    state_size: int,
    goal_size: int,
    action_size: int,
    *,
    actor_depth: int,
    critic_depth: int,
    width: int,
    embedding_size: int = 64,
    actor_head: str = "plain",
    critic_head: str = "plain",
    **switches: Any,
) -> Networks:
    """`switches` are the options that all three stacks share: block, norm, activation, residual."""
    critic = {**switches, "head": critic_head}
    return Networks(
        residual_stack(state_size + action_size, embedding_size, critic_depth, width, **critic),
        residual_stack(goal_size, embedding_size, critic_depth, width, **critic),
        residual_stack(state_size + goal_size, 2 * action_size, actor_depth, width, **switches, head=actor_head),
    )
