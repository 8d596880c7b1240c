"""Notebook 03: a residual stack in plain arrays, what travels through it, and what it costs to compile."""

import time
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
from jax.experimental.compilation_cache import compilation_cache
from matplotlib.figure import Figure
from tqdm.auto import tqdm

from crlkit import envs
from crlkit.agents.trained import untrained
from crlkit.analysis.gradients import gradient_norms
from crlkit.config import Config
from crlkit.figures import style
from crlkit.networks import ACTIVATIONS, residual_stack
from crlkit.replay import Batch

LOOKS = {
    "as in the paper": {"color": "#0072B2", "ls": "-", "marker": "o"},
    "no residual": {"color": "#D55E00", "ls": "--", "marker": "s"},
    "no layer norm": {"color": "#009E73", "ls": "-.", "marker": "^"},
    "neither": {"color": "black", "ls": ":", "marker": "x"},
    "ReLU": {"color": "#CC79A7", "ls": (0, (5, 1)), "marker": "D"},
}
CHANGES = {
    "as in the paper": {},
    "no residual": {"residual": False},
    "no layer norm": {"norm": "none"},
    "neither": {"residual": False, "norm": "none"},
    "ReLU": {"activation": "relu"},
}


def variants(config: Config, critic_depth: int, *names: str) -> dict[str, Config]:
    """`config` at a critic depth with one part removed or exchanged, by the names of `CHANGES` (all by default)."""
    return {name: replace(config, critic_depth=critic_depth, **CHANGES[name]) for name in names or CHANGES}


def plain_layer(params: dict, x: jax.Array, norm: str = "layer", activation: str = "swish") -> jax.Array:
    """Dense, norm, activation: x `[batch, in]` -> `[batch, out]`, params of one layer of a stack."""
    x = x @ params["dense"]["kernel"] + params["dense"]["bias"]
    if norm == "layer":
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / jnp.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)
        x = x * params["norm"]["scale"] + params["norm"]["bias"]
    return ACTIVATIONS[activation](x)


def plain_block(params: dict, x: jax.Array, norm: str = "layer", activation: str = "swish", residual: bool = True):
    """Four layers and the identity around them; params of one block."""
    y = x
    for layer in jax.tree.leaves(params["layers"], is_leaf=lambda node: "dense" in node):
        y = plain_layer(layer, y, norm, activation)
    return x + y if residual else y


def block_of(params: dict, number: int) -> dict:
    """The parameters of one block of a stack, whose blocks lie on the leading axis."""
    return jax.tree.map(lambda leaf: leaf[number], params["blocks"])


def activations(config: Config, params: dict, x) -> jax.Array:
    """What comes out of the first layer and of every block, `[1 + blocks, batch, width]`, for inputs `[batch, in]`."""
    parts = {"norm": config.norm, "activation": config.activation}

    def block(x, own):
        x = plain_block(own, x, **parts, residual=config.residual)
        return x, x

    x = plain_layer(params["first"], x, **parts)
    _, after = jax.lax.scan(block, x, params["blocks"])
    return jnp.concatenate([x[None], after])


def readable(vectors, inputs) -> np.ndarray:
    """How much of the inputs a linear layer can read back from the lists of each place: the share of their variance it
    explains on the half of the batch that it was not fitted to, cut at 0; `[places, batch, width]`, `[batch, in]` -> `[places]`.

    Lists are standardised first, so that only what they say counts, not how large they are.
    """
    inputs, shares = np.asarray(inputs, np.float64), []
    half = len(inputs) // 2
    centred = inputs - inputs[:half].mean(axis=0)
    for place in np.asarray(vectors, np.float64):
        spread = place[:half].std(axis=0)
        known = np.where(spread > 0, (place - place[:half].mean(axis=0)) / np.where(spread > 0, spread, 1), 0.0)
        ridge = known[:half].T @ known[:half] + 1e-2 * half * np.eye(known.shape[1])
        guess = known[half:] @ np.linalg.solve(ridge, known[:half].T @ centred[:half])
        shares.append(1 - ((centred[half:] - guess) ** 2).sum() / (centred[half:] ** 2).sum())
    return np.clip(shares, 0, 1)


def at_the_start(config: Config, depths: tuple[int, ...], batch: Batch, *names: str, seed: int = 0) -> pd.DataFrame:
    """Gradients and signals in fresh state-action encoders, one row a variant, depth and block; with a progress bar.

    Columns: `variant`, `depth`, `block` (1 is next to the input), `gradient` (norm over the block's parameters),
    `readable` (how much of the inputs a linear layer can read from what the block puts out).
    """
    rows = []
    inputs = jnp.concatenate([batch.state, batch.action], axis=-1)
    jobs = [(depth, name, own) for depth in depths for name, own in variants(config, depth, *names).items()]
    for depth, name, own in tqdm(jobs, desc="fresh critics", unit="critic"):
        critic = untrained(own, seed).critic
        table = gradient_norms(own, critic, batch).query("encoder == 'state_action' and part == 'block'")
        signal = readable(activations(own, critic["state_action"], inputs), inputs)[1:]
        rows.append(
            pd.DataFrame(
                {
                    "variant": name,
                    "depth": depth,
                    "block": table.block.to_numpy() + 1,
                    "gradient": table.gradient.to_numpy(),
                    "readable": signal,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


@style.styled
def draw_start(table: pd.DataFrame, depth: int) -> Figure:
    """Rows of `at_the_start` of one depth: the gradient's norm and how readable the inputs are, by block."""
    figure = style.new_figure(9, 3.3)
    left, right = figure.subplots(1, 2)
    lowest = 1e-12
    for name, part in table[table.depth == depth].groupby("variant", sort=False):
        look = LOOKS[name] | {"ms": 3.5, "markevery": max(1, len(part) // 16), "lw": 1.4}
        left.semilogy(part.block, np.maximum(part.gradient, lowest), label=name, **look)
        right.plot(part.block, part.readable, **look)
    left.set(xlabel="block (1 is next to the input)", ylabel="norm of the gradient", ylim=(lowest / 3, 3e4))
    left.set_title(f"depth {depth}: gradient of the loss, untrained")
    left.text(0.01, 0.1, "at the bottom: 1e-12 or less", transform=left.transAxes, size=7.5, color="0.3")
    right.set(xlabel="block (1 is next to the input)", ylabel="share read back by a linear layer", ylim=(-0.05, 1.05))
    right.set_title("what is left of the inputs")
    figure.legend(loc="outside right center")
    return figure


def compile_costs(config: Config, depths: tuple[int, ...]) -> pd.DataFrame:
    """What the gradient through one encoder costs before its first step, as a Python loop over blocks, as a scan, and as
    a scan that recomputes (`jax.checkpoint`). Columns: `depth`, `way`, `lines` of the program, `seconds` to trace and
    compile, `memory` (MB of scratch space)."""
    rows = []
    env = envs.make(config.env)
    x = jnp.zeros((config.batch_size, env.state_size + env.action_size))
    cached = jax.config.jax_enable_compilation_cache
    _use_cache(False)  # a program from the cache would seem to cost nothing
    try:
        for depth in depths:
            own = replace(config, critic_depth=depth)
            params = untrained(own, 0).critic["state_action"]
            for way in ("loop", "scan", "scan, recomputing"):
                began = time.perf_counter()
                lowered = jax.jit(jax.grad(_summed(way, depth // 4))).lower(params, x)
                memory = lowered.compile().memory_analysis()
                seconds = time.perf_counter() - began
                scratch = memory.temp_size_in_bytes / 1e6 if memory else np.nan
                rows.append((depth, way, len(lowered.as_text().splitlines()), seconds, scratch))
    finally:
        _use_cache(cached)
    return pd.DataFrame(rows, columns=["depth", "way", "lines", "seconds", "memory"])


def _use_cache(wanted: bool) -> None:
    jax.config.update("jax_enable_compilation_cache", wanted)
    compilation_cache.reset_cache()  # JAX looks at the option once, and again after this


def _summed(way: str, blocks: int):
    """sum(head(stack(x))), written in one of the three ways."""

    def run(params, x):
        x = plain_layer(params["first"], x)
        if way == "loop":
            for number in range(blocks):
                x = plain_block(block_of(params, number), x)
        else:
            body = jax.checkpoint(plain_block) if "recomputing" in way else plain_block
            x, _ = jax.lax.scan(lambda x, own: (body(own, x), None), x, params["blocks"])
        return jnp.sum(x @ params["head"]["kernel"] + params["head"]["bias"])

    return run


def count(params) -> int:
    """How many numbers a tree of parameters holds."""
    return sum(leaf.size for leaf in jax.tree.leaves(params))


def counts(config: Config, depths: tuple[int, ...], widths: tuple[int, ...]) -> pd.DataFrame:
    """Parameters of the critic (both encoders) for every depth and width; nothing is allocated."""
    env, rows = envs.make(config.env), []
    for depth in depths:
        for width in widths:
            ends = (env.state_size + env.action_size, env.goal_size)
            stacks = [residual_stack(inputs, config.embedding_size, depth, width) for inputs in ends]
            shapes = [jax.eval_shape(stack.init, jax.random.key(0)) for stack in stacks]
            rows.append((depth, width, count(shapes)))
    return pd.DataFrame(rows, columns=["depth", "width", "parameters"])
