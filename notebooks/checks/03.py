"""What the answers of notebook 03 are compared with: the residual block, the parameters of a stack."""

import numpy as np

from crlkit.course.checks import Check

EPSILON = 1e-6
# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off


def normed(x):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt(x.var(axis=-1, keepdims=True) + EPSILON)


def swish(x):
    return x / (1 + np.exp(-x))


def layer(x, weights):
    W, b, scale, shift = weights
    return swish(normed(x @ W + b) * scale + shift)


def norm_last(x, weights):
    W, b, scale, shift = weights
    return normed(swish(x @ W + b)) * scale + shift


def right_block(x, layers, layer=layer):
    y = x
    for weights in layers:
        y = layer(y, weights)
    return x + y


def identity_in_every_layer(x, layers):
    for weights in layers:
        x = x + layer(x, weights)
    return x


def block_input(seed: int):
    rng = np.random.default_rng(seed)
    draws = [(rng.normal(size=(6, 6)) / np.sqrt(6), *rng.normal(size=(3, 6))) for _ in range(4)]
    return rng.normal(size=(3, 6)), draws


block = Check(
    "my_block",
    right_block,
    [block_input(0), block_input(1)],
    {
        "the identity is missing: add the block's input at the end": lambda x, w: right_block(x, w) - x,
        "one identity around all four layers expected, yours has one around each": identity_in_every_layer,
        "each layer takes the output of the one before, yours all take the block's input":
            lambda x, w: x + sum(layer(x, weights) for weights in w),
        "Dense, then norm, then swish; yours has norm after swish": lambda x, w: right_block(x, w, norm_last),
        "the layer norm is missing":
            lambda x, w: right_block(x, w, lambda y, p: swish((y @ p[0] + p[1]) * p[2] + p[3])),
        "the scale and the shift of the layer norm are missing":
            lambda x, w: right_block(x, w, lambda y, p: swish(normed(y @ p[0] + p[1]))),
        "the bias is missing": lambda x, w: right_block(x, w, lambda y, p: swish(normed(y @ p[0]) * p[2] + p[3])),
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
