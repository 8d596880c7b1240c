"""What the answers of notebook 03 are compared with: layer norm, the residual block, parameters, a stack as a scan."""

import jax
import jax.numpy as jnp
import numpy as np

from crlkit.course.checks import Check

EPSILON = 1e-6
# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def right_layer_norm(x, axis: int = -1):
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt(x.var(axis=axis, keepdims=True) + EPSILON)


def centred(x):
    return x - x.mean(axis=-1, keepdims=True)


def variance(x):
    return x.var(axis=-1, keepdims=True) + EPSILON


def activations(rows: int, columns: int, seed: int):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, columns)) * rng.uniform(0.5, 4, (rows, 1)) + rng.uniform(-3, 3, (rows, 1))


layer_norm = Check(
    "my_layer_norm",
    right_layer_norm,
    [(activations(5, 8, 0),), (activations(3, 16, 1),)],
    {
        "mean and spread of each row expected, yours are of each column (the batch)":
            lambda x: right_layer_norm(x, axis=0),
        "divide by the standard deviation, yours divides by the variance": lambda x: centred(x) / variance(x),
        "subtract the mean first, yours only divides (that is RMS normalisation)":
            lambda x: x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + EPSILON),
        "subtract the mean first, yours only divides by the standard deviation": lambda x: x / np.sqrt(variance(x)),
        "divide by the standard deviation too, yours only subtracts the mean": centred,
        "each row on its own expected, yours has one mean and spread for the whole table":
            lambda x: (x - x.mean()) / np.sqrt(x.var() + EPSILON),
        "divide by the standard deviation, yours divides by the row's length":
            lambda x: centred(x) / np.linalg.norm(centred(x), axis=-1, keepdims=True),
    },
    tolerance=1e-3,
)


def swish(x):
    return x / (1 + np.exp(-x))


def layer(x, weight):
    return swish(right_layer_norm(x @ weight))


def right_block(x, weights, layer=layer):
    y = x
    for weight in weights:
        y = layer(y, weight)
    return x + y


def identity_in_every_layer(x, weights):
    for weight in weights:
        x = x + layer(x, weight)
    return x


def block_input(seed: int):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 6)), rng.normal(size=(4, 6, 6)) / np.sqrt(6)


block = Check(
    "my_block",
    right_block,
    [block_input(0), block_input(1)],
    {
        "the identity is missing: add the block's input at the end": lambda x, w: right_block(x, w) - x,
        "one identity around all four layers expected, yours has one around each": identity_in_every_layer,
        "each layer takes the output of the one before, yours all take the block's input":
            lambda x, w: x + sum(layer(x, weight) for weight in w),
        "Dense, then norm, then swish; yours has norm after swish":
            lambda x, w: right_block(x, w, lambda y, weight: right_layer_norm(swish(y @ weight))),
        "the layer norm is missing": lambda x, w: right_block(x, w, lambda y, weight: swish(y @ weight)),
        "four layers expected, yours uses the first one only": lambda x, w: x + layer(x, w[0]),
        "four layers expected, yours uses the last one only": lambda x, w: x + layer(x, w[-1]),
        "add the input last, yours sends the sum through swish again": lambda x, w: swish(right_block(x, w)),
    },
    tolerance=1e-3,
)


def count(inputs, outputs, depth, width, extra: int = 3, layers: float = 1, ends: bool = True) -> float:
    """Parameters of one stack: first layer, `depth` layers of `width` units, linear head.

    Mistakes are made with `extra` vectors a layer beside its matrix, `layers` layers per unit of depth, without `ends`.
    """
    both = inputs * width + extra * width + width * outputs + (outputs if extra else 0)
    return both * ends + depth * layers * (width * width + extra * width)


parameter_count = Check(
    "my_parameter_count",
    count,
    [(4, 64, 32, 32), (2, 64, 1024, 256), (31, 3, 4, 16)],
    {
        "biases and the layer norm's two vectors are missing": lambda *a: count(*a, extra=0),
        "the layer norm's scale and shift are missing": lambda *a: count(*a, extra=1),
        "the layer norm has a scale and a shift, yours counts one of them": lambda *a: count(*a, extra=2),
        "the first layer and the head are missing": lambda *a: count(*a, ends=False),
        "depth counts layers, yours takes it for blocks of four": lambda *a: count(*a, layers=4),
        "a block has four layers, yours counts one a block": lambda *a: count(*a, layers=1 / 4),
        "the head's bias is missing": lambda i, o, d, w: count(i, o, d, w) - o,
        "the head is missing": lambda i, o, d, w: count(i, o, d, w) - w * o - o,
        "the first layer is missing": lambda i, o, d, w: count(i, o, d, w) - i * w - 3 * w,
        "one layer too few: the first layer comes on top of the depth": lambda i, o, d, w: count(i, o, d - 1, w),
    },
    tolerance=1e-12,
)


def one_block(x, weight):
    return x + jnp.tanh(x @ weight)


def right_stack(x, weights):
    """Blocks x + tanh(x W) one after the other, `weights` `[blocks, width, width]`, as a scan."""
    return jax.lax.scan(lambda x, weight: (one_block(x, weight), None), x, weights)[0]


def stack_input(blocks: int, seed: int):
    rng = np.random.default_rng(seed)
    return jnp.asarray(rng.normal(size=(2, 3))), jnp.asarray(rng.normal(size=(blocks, 3, 3)))


stack = Check(
    "my_stack",
    right_stack,
    [stack_input(5, 0), stack_input(3, 1)],
    {
        "every block has its own weights, yours uses the first block's again and again":
            lambda x, w: right_stack(x, jnp.broadcast_to(w[:1], w.shape)),
        "every block has its own weights, yours uses the last block's again and again":
            lambda x, w: right_stack(x, jnp.broadcast_to(w[-1:], w.shape)),
        "the first block comes first, yours runs from the last to the first": lambda x, w: right_stack(x, w[::-1]),
        "the output after the last block expected, yours is one block short": lambda x, w: right_stack(x, w[:-1]),
        "the identity is missing in each block":
            lambda x, w: jax.lax.scan(lambda x, v: (jnp.tanh(x @ v), None), x, w)[0],
        "each block takes the output of the one before, yours all take the first input":
            lambda x, w: x + jnp.tanh(x @ w).sum(axis=0),
        "one output expected, yours has that of every block: scan returns (carry, outputs)":
            lambda x, w: jax.lax.scan(lambda x, v: (one_block(x, v),) * 2, x, w)[1],
    },
)
