"""What the answers of notebook 04 are compared with: other choices than the paper's, compiled, because there they train."""

import jax
import jax.numpy as jnp

from crlkit import losses
from crlkit.course.checks import Check, checks_of

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


class Compiled(Check):
    """Asks the answer as `jax.jit` would: a function in `np` cannot be trained."""

    def diagnose(self, answer):
        reason = super().diagnose(jax.jit(answer) if callable(answer) else answer)
        return f"{reason}; write jnp for np" if reason and "TracerArray" in reason else reason


def right_infonce(logits):
    """The mean of the loss over rows and over columns."""
    return losses.symmetric_infonce(logits) / 2


infonce = Compiled(
    "my_infonce",
    right_infonce,
    checks_of("01").infonce.inputs,
    {
        "the mean of rows and columns expected, yours is over rows alone": losses.forward_infonce,
        "the mean of rows and columns expected, yours is over columns alone": losses.backward_infonce,
        "the mean of the two losses expected, yours is their sum": losses.symmetric_infonce,
        "a loss to make smaller expected, yours lacks the minus sign": lambda f: -right_infonce(f),
    },
)


def right_offset(u, remaining, discount):
    """k in 1..R, each as likely."""
    return 1 + jnp.floor(u * remaining)


offset = Compiled(
    "my_offset",
    right_offset,
    checks_of("02").offset.inputs,
    {
        "a goal lies at least one step ahead, yours starts at 0: add 1": lambda u, R, y: right_offset(u, R, y) - 1,
        "whole steps expected, yours has no floor": lambda u, R, y: 1 + u * R,
        "all later steps alike expected, yours is the page's draw, where near ones are likelier":
            lambda u, R, y: 1 + jnp.floor(jnp.log(1 - u * (1 - y**R)) / jnp.log(y)),
        "k up to R expected, yours never gets to the last step": lambda u, R, y: 1 + jnp.floor(u * (R - 1)),
    },
)


def normed(x):
    return (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-6)


def layer(x, weights):
    W, b, scale, shift = weights
    return jax.nn.swish(normed(x @ W + b) * scale + shift)


def chain(x, layers, layer=layer):
    for weights in layers:
        x = layer(x, weights)
    return x


def right_block(x, layers, layer=layer):
    """A shortcut around every layer."""
    return chain(x, layers, lambda x, weights: x + layer(x, weights))


block = Compiled(
    "my_block",
    right_block,
    checks_of("03").block.inputs,
    {
        "a shortcut around every layer expected, yours has one around all four": lambda x, w: x + chain(x, w),
        "every layer adds to what it was given, yours has no shortcut": chain,
        "a shortcut around every layer expected, and no more: yours adds the block's input once again":
            lambda x, w: x + right_block(x, w),
        "every layer takes what the one before gave, yours all take the block's input":
            lambda x, w: x + sum(layer(x, weights) for weights in w),
        "the layer norm is missing": lambda x, w:
            right_block(x, w, lambda y, p: jax.nn.swish((y @ p[0] + p[1]) * p[2] + p[3])),
        "the scale and the shift of the layer norm are missing":
            lambda x, w: right_block(x, w, lambda y, p: jax.nn.swish(normed(y @ p[0] + p[1]))),
    },
    tolerance=1e-3,
)
