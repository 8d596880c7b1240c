"""Checks of notebook 03: layer normalisation, the residual block, counting parameters, a stack as a scan."""

import jax
import jax.numpy as jnp
import numpy as np

from crlkit.course.checks import Check, Mistake

EPSILON = 1e-6


def _normalise(x: np.ndarray, axis: int = -1) -> np.ndarray:
    x = x - x.mean(axis=axis, keepdims=True)
    return x / np.sqrt(x.var(axis=axis, keepdims=True) + EPSILON)


def _activations(rows: int, columns: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, columns)) * rng.uniform(0.5, 4, (rows, 1)) + rng.uniform(-3, 3, (rows, 1))


check_layer_norm = Check(
    "my_layer_norm",
    _normalise,
    [(_activations(5, 8, 0),), (_activations(3, 16, 1),)],
    [
        Mistake(
            "mean and spread of each row expected, yours are of each column (the batch)", lambda x: _normalise(x, 0)
        ),
        Mistake(
            "divide by the standard deviation, yours divides by the variance",
            lambda x: (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + EPSILON),
        ),
        Mistake(
            "subtract the mean first, yours only divides (that is RMS normalisation)",
            lambda x: x / np.sqrt((x**2).mean(-1, keepdims=True) + EPSILON),
        ),
        Mistake(
            "subtract the mean first, yours only divides by the standard deviation",
            lambda x: x / np.sqrt(x.var(-1, keepdims=True) + EPSILON),
        ),
        Mistake(
            "divide by the standard deviation too, yours only subtracts the mean",
            lambda x: x - x.mean(-1, keepdims=True),
        ),
        Mistake(
            "each row on its own expected, yours has one mean and spread for the whole table",
            lambda x: (x - x.mean()) / np.sqrt(x.var() + EPSILON),
        ),
        Mistake(
            "divide by the standard deviation, yours divides by the row's length",
            lambda x: (
                (x - x.mean(-1, keepdims=True)) / np.linalg.norm(x - x.mean(-1, keepdims=True), axis=-1, keepdims=True)
            ),
        ),
    ],
    tolerance=1e-3,
)


def swish(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-x))


def _layer(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return swish(_normalise(x @ weight))


def _block(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    y = x
    for weight in weights:
        y = _layer(y, weight)
    return x + y


def _identity_in_every_layer(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    for weight in weights:
        x = x + _layer(x, weight)
    return x


def _parallel(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return x + sum(_layer(x, weight) for weight in weights)


def _norm_last(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    y = x
    for weight in weights:
        y = _normalise(swish(y @ weight))
    return x + y


def _no_norm(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    y = x
    for weight in weights:
        y = swish(y @ weight)
    return x + y


def _block_input(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 6)), rng.normal(size=(4, 6, 6)) / np.sqrt(6)


check_block = Check(
    "my_block",
    _block,
    [_block_input(0), _block_input(1)],
    [
        Mistake("the identity is missing: add the block's input at the end", lambda x, w: _block(x, w) - x),
        Mistake("one identity around all four layers expected, yours has one around each", _identity_in_every_layer),
        Mistake("each layer takes the output of the one before, yours all take the block's input", _parallel),
        Mistake("Dense, then norm, then swish; yours has norm after swish", _norm_last),
        Mistake("the layer norm is missing", _no_norm),
        Mistake("four layers expected, yours uses the first one only", lambda x, w: x + _layer(x, w[0])),
        Mistake("four layers expected, yours uses the last one only", lambda x, w: x + _layer(x, w[-1])),
        Mistake("add the input last, yours sends the sum through swish again", lambda x, w: swish(_block(x, w))),
    ],
    tolerance=1e-3,
)


def parameter_count(inputs: int, outputs: int, depth: int, width: int) -> int:
    """Parameters of one stack: first layer, `depth` layers of `width` units, linear head."""
    return inputs * width + 3 * width + depth * (width * width + 3 * width) + width * outputs + outputs


def _count(
    inputs: int, outputs: int, depth: int, width: int, extra: int = 3, layers: float = 1, ends: bool = True
) -> float:
    """The count with `extra` vectors a layer beside its matrix, `layers` layers per unit of depth, and both ends or none."""
    both = inputs * width + extra * width + width * outputs + (outputs if extra else 0)
    return both * ends + depth * layers * (width * width + extra * width)


check_parameter_count = Check(
    "my_parameter_count",
    parameter_count,
    [(4, 64, 32, 32), (2, 64, 1024, 256), (31, 3, 4, 16)],
    [
        Mistake("biases and the layer norm's two vectors are missing", lambda *a: _count(*a, extra=0)),
        Mistake("the layer norm's scale and shift are missing", lambda *a: _count(*a, extra=1)),
        Mistake("the layer norm has a scale and a shift, yours counts one of them", lambda *a: _count(*a, extra=2)),
        Mistake("the first layer and the head are missing", lambda *a: _count(*a, ends=False)),
        Mistake("depth counts layers, yours takes it for blocks of four", lambda *a: _count(*a, layers=4)),
        Mistake("a block has four layers, yours counts one a block", lambda *a: _count(*a, layers=1 / 4)),
        Mistake("the head's bias is missing", lambda i, o, d, w: parameter_count(i, o, d, w) - o),
        Mistake("the head is missing", lambda i, o, d, w: parameter_count(i, o, d, w) - w * o - o),
        Mistake("the first layer is missing", lambda i, o, d, w: parameter_count(i, o, d, w) - i * w - 3 * w),
        Mistake(
            "one layer too few: the first layer comes on top of the depth",
            lambda i, o, d, w: parameter_count(i, o, d - 1, w),
        ),
    ],
    tolerance=1e-12,
)


def _one(x: jax.Array, weight: jax.Array) -> jax.Array:
    return x + jnp.tanh(x @ weight)


def stack(x, weights):
    """Blocks x + tanh(x W) one after the other, `weights` `[blocks, width, width]`, as a scan."""
    return jax.lax.scan(lambda x, weight: (_one(x, weight), None), x, weights)[0]


def _stack_input(blocks: int, seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    return jnp.asarray(rng.normal(size=(2, 3))), jnp.asarray(rng.normal(size=(blocks, 3, 3)))


check_stack = Check(
    "my_stack",
    stack,
    [_stack_input(5, 0), _stack_input(3, 1)],
    [
        Mistake(
            "every block has its own weights, yours uses the first block's again and again",
            lambda x, w: stack(x, jnp.broadcast_to(w[:1], w.shape)),
        ),
        Mistake(
            "every block has its own weights, yours uses the last block's again and again",
            lambda x, w: stack(x, jnp.broadcast_to(w[-1:], w.shape)),
        ),
        Mistake("the first block comes first, yours runs from the last to the first", lambda x, w: stack(x, w[::-1])),
        Mistake("the output after the last block expected, yours is one block short", lambda x, w: stack(x, w[:-1])),
        Mistake(
            "the identity is missing in each block",
            lambda x, w: jax.lax.scan(lambda x, v: (jnp.tanh(x @ v), None), x, w)[0],
        ),
        Mistake(
            "each block takes the output of the one before, yours all take the first input",
            lambda x, w: x + jnp.tanh(x @ w).sum(axis=0),
        ),
        Mistake(
            "one output expected, yours has that of every block: scan returns (carry, outputs)",
            lambda x, w: jax.lax.scan(lambda x, v: (_one(x, v),) * 2, x, w)[1],
        ),
    ],
)
