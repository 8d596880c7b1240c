"""The scanned networks against a loop over blocks that can be read aloud, closed formulas and the paper's sizes."""

import functools
import math
import operator

import jax
import jax.numpy as jnp
import jax.test_util
import numpy as np
import pytest
from scipy import stats

from crlkit import networks
from crlkit.networks import make_networks, residual_stack

INPUTS, OUTPUTS, WIDTH = 5, 7, 16


def normalised(kind: str, p: dict, x, xp):
    if kind == "layer":
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        return centred / xp.sqrt(variance + 1e-6) * p["norm"]["scale"] + p["norm"]["bias"]
    if kind == "rms":
        return x / xp.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6) * p["norm"]["scale"]
    return x


def activated(kind: str, x, xp):
    if kind == "swish":
        return x / (1 + xp.exp(-x))
    if kind == "gelu":
        return 0.5 * x * (1 + xp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return xp.maximum(x, 0)


def looped(params: dict, x, xp=jnp, norm="layer", activation="swish", residual=True, head="plain"):
    """The stack of the paper's Fig. 2, one block after the other."""

    def layer(p, x):
        return activated(activation, normalised(norm, p, x @ p["dense"]["kernel"] + p["dense"]["bias"], xp), xp)

    x = layer(params["first"], x)
    blocks = params["blocks"]["layers"]
    for b in range(len(blocks[0]["dense"]["bias"])):
        own = jax.tree.map(operator.itemgetter(b), blocks)
        before = x
        for i in range(4):
            x = layer(own[i], x)
        if residual:
            x = before + x
    if head == "norm":
        x = (x - x.mean(axis=-1, keepdims=True)) / xp.sqrt(x.var(axis=-1, keepdims=True) + 1e-6)
    if head == "scaled":
        x = x / math.sqrt(len(blocks[0]["dense"]["bias"]))
    return x @ params["head"]["kernel"] + params["head"]["bias"]


def random_parameters(init, seed: int) -> dict:
    """Of the shapes of `init`, with norms and biases that are not the ones and zeros which would hide their absence."""
    random = np.random.default_rng(seed)

    def draw(path, leaf):
        if "kernel" in str(path[-1]):
            return random.uniform(-1, 1, leaf.shape).astype(np.float32) / math.sqrt(leaf.shape[-2])
        return ("scale" in str(path[-1])) + 0.1 * random.normal(size=leaf.shape).astype(np.float32)

    return jax.tree_util.tree_map_with_path(draw, jax.eval_shape(init, jax.random.key(0)))


def normal(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def example(depth: int, **switches):
    stack = residual_stack(INPUTS, OUTPUTS, depth, WIDTH, **switches)
    return stack, random_parameters(stack.init, depth), normal(depth + 1, 6, INPUTS)


def double(params: dict) -> dict:
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), params)


def assert_close(actual, expected, tolerance):
    """Largest error relative to the largest entry of each array."""
    for a, b in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
        assert a.shape == b.shape
        largest = np.abs(np.asarray(b)).max()
        assert largest > 0
        np.testing.assert_allclose(a, b, rtol=0, atol=tolerance * largest)


SWITCHES = [{"norm": "rms"}, {"norm": "none"}, {"activation": "relu"}, {"activation": "gelu"}, {"residual": False}]
SWITCHES += [{"head": "norm"}, {"head": "scaled"}]
CASES = [(depth, {}) for depth in (4, 16, 64)] + [(16, switch) for switch in SWITCHES]


@pytest.mark.parametrize("depth, switches", CASES, ids=str)
def test_scan_equals_loop_in_output_and_gradients(depth, switches):
    stack, params, x = example(depth, **switches)
    target = normal(0, 6, OUTPUTS)

    def loss(apply):
        return lambda params, x: jnp.mean((apply(params, x) - target) ** 2)

    output, gradient = jax.jit(lambda *a: (stack.apply(*a), jax.grad(loss(stack.apply), argnums=(0, 1))(*a)))(params, x)
    assert_close(output, looped(double(params), x, np, **switches), 1e-5)
    by_loop = jax.grad(loss(lambda params, x: looped(params, x, **switches)), argnums=(0, 1))
    assert_close(gradient, by_loop(jax.tree.map(jnp.asarray, params), jnp.asarray(x)), 1e-4)


@pytest.mark.parametrize("kept_bytes", [0, 2**26])
def test_the_derivative_written_out_is_the_true_one(kept_bytes, monkeypatch):
    """In double precision: against differences, automatic differentiation of the loop, and itself under vmap."""
    monkeypatch.setattr(networks, "KEPT_BYTES", kept_bytes)
    with jax.enable_x64(True):
        stack, params, x = example(8)
        params, x = jax.tree.map(jnp.float64, params), jnp.float64(x)
        jax.test_util.check_grads(stack.apply, (params, x), order=1, modes=["rev"], eps=1e-5, rtol=1e-4)

        def gradient(apply):
            return jax.grad(lambda params, x: jnp.sum(jnp.sin(apply(params, x))), argnums=(0, 1))

        expected = gradient(looped)(params, x)
        actual = jax.jit(gradient(stack.apply))(params, x)
        jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-12), actual, expected)
        seeds = jax.tree.map(lambda leaf: jnp.stack([leaf, 2 * leaf]), (params, x))
        second = jax.tree.map(lambda leaf: leaf[1], jax.jit(jax.vmap(gradient(stack.apply)))(*seeds))
        expected = gradient(looped)(jax.tree.map(lambda leaf: 2 * leaf, params), 2 * x)
        jax.tree.map(functools.partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-12), second, expected)


def test_activations_are_kept_up_to_a_limit():
    """Of a deep stack the input of each block alone is held for the backward pass."""

    def held(depth: int) -> int:
        stack = residual_stack(256, 64, depth, 256)
        shapes = jax.eval_shape(stack.init, jax.random.key(0)), jax.ShapeDtypeStruct((256, 256), jnp.float32)
        _, kept = jax.eval_shape(lambda *a: jax.vjp(stack.apply, *a), *shapes)
        return count(kept) - count(shapes)  # the weights are there anyway

    assert 2 * 64 < held(64) / 256**2 < 2 * 64 + 64
    assert 256 < held(1024) / 256**2 < 256 + 64


def test_a_zero_head_says_nothing_at_first_and_all_else_is_drawn_alike():
    plain, zero = (
        jax.jit(residual_stack(INPUTS, OUTPUTS, 8, WIDTH, head=h).init)(jax.random.key(3)) for h in ("plain", "zero")
    )
    assert np.abs(plain["head"]["kernel"]).max() > 0 and not np.any(zero["head"]["kernel"])
    jax.tree.map(np.testing.assert_array_equal, {**plain, "head": zero["head"]}, zero)


@pytest.mark.parametrize("width, deepest", [(32, 1024), (256, 256)])
def test_a_normalised_head_makes_fresh_policies_of_all_depths_alike(width, deepest):
    """Without it the policy of a deep network is saturated before its first update."""

    def saturation(depth, head):
        nets = make_networks(2, 2, 2, actor_depth=depth, critic_depth=4, width=width, actor_head=head)
        states, goals = normal(1, 64, 2), normal(2, 64, 2)

        def draw(key):
            return jnp.abs(jnp.tanh(nets.policy(nets.init_actor(key), states, goals)[0])).mean()

        return float(jnp.mean(jax.lax.map(draw, jax.random.split(jax.random.key(0), 8))))

    shallow, deep = saturation(4, "norm"), saturation(deepest, "norm")
    assert abs(shallow - deep) < 0.2
    assert saturation(deepest, "plain") > 0.9


@pytest.mark.parametrize("norm", ["layer", "rms"])
def test_the_constant_of_the_norm_is_one_millionth(norm):
    """Seen where the variance before a norm is itself of that size."""
    stack, params, x = example(4, norm=norm)
    kernel = np.float32(1e-3) * params["first"]["dense"]["kernel"]
    small = {**params, "first": {**params["first"], "dense": {"kernel": kernel, "bias": np.zeros(WIDTH, np.float32)}}}
    assert_close(stack.apply(small, x), looped(double(small), x, np, norm=norm), 1e-4)


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_any_leading_axes(batch):
    stack, params, _ = example(8)
    x = normal(0, *batch, INPUTS)
    output = stack.apply(params, x)
    assert output.shape == (*batch, OUTPUTS)
    rows = [looped(double(params), row[None], np)[0] for row in x.reshape(-1, INPUTS)]
    np.testing.assert_allclose(output.reshape(-1, OUTPUTS), np.stack(rows), rtol=1e-4, atol=1e-5)


def test_depth_1024_equals_numpy_in_double_precision():
    stack = residual_stack(3, 2, 1024, 8)
    params, x = jax.jit(stack.init)(jax.random.key(0)), normal(0, 4, 3)
    expected = looped(double(params), x, np)
    assert np.abs(expected).max() > 1  # 256 identities add up
    np.testing.assert_allclose(jax.jit(stack.apply)(params, x), expected, rtol=1e-3, atol=1e-3)


@pytest.fixture(scope="module")
def initialiser():
    """(the stack of 30 inputs, 64 outputs, depth 32, width 64; its compiled init)"""
    stack = residual_stack(30, 64, 32, 64)
    return stack, jax.jit(stack.init)


@pytest.fixture(scope="module")
def initial(initialiser) -> dict:
    return initialiser[1](jax.random.key(3))


def leaves_named(tree: dict, name: str) -> list[np.ndarray]:
    return [np.asarray(x) for path, x in jax.tree_util.tree_leaves_with_path(tree) if name in str(path[-1])]


def blocks_differ(tree: dict) -> bool:
    kernels = np.concatenate(leaves_named(tree["blocks"], "kernel"))  # [4 x blocks, width, width]
    return all(np.abs(kernels[i] - kernels[j]).max() > 1e-6 for i in range(len(kernels)) for j in range(i))


def test_blocks_have_weights_of_their_own_and_keep_them(initialiser, initial):
    stack, x = initialiser[0], normal(2, 6, 30)
    gradient = jax.jit(jax.grad(lambda params: jnp.sum(stack.apply(params, x) ** 2)))(initial)
    assert [leaf.shape for leaf in leaves_named(initial["blocks"], "kernel")] == 4 * [(8, 64, 64)]
    assert blocks_differ(initial)
    assert blocks_differ(gradient)
    assert blocks_differ(jax.tree.map(lambda p, g: p - 0.1 * g, initial, gradient))


def test_seeds_differ_and_repeat(initialiser, initial):
    again, other = (initialiser[1](jax.random.key(seed)) for seed in (3, 4))
    jax.tree.map(np.testing.assert_array_equal, initial, again)
    for a, b in zip(leaves_named(initial, "kernel"), leaves_named(other, "kernel"), strict=True):
        assert np.abs(a - b).max() > 0.01


def count(shapes) -> int:
    return sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(shapes))


@pytest.mark.parametrize("norm, of_norm", [("layer", 2), ("rms", 1), ("none", 0)])
@pytest.mark.parametrize("depth, width", [(4, 8), (12, 32), (1024, 256)])
def test_parameter_count_is_the_closed_formula(norm, of_norm, depth, width):
    params = jax.eval_shape(residual_stack(INPUTS, OUTPUTS, depth, width, norm=norm).init, jax.random.key(0))
    first = INPUTS * width + width + of_norm * width
    hidden = depth * (width * width + width + of_norm * width)
    assert count(params) == first + hidden + width * OUTPUTS + OUTPUTS


PUBLISHED = {4: (0.344, 0.355, 0.283, 0.983), 64: (4.322, 4.334, 4.261, 12.917), 1024: (67.97, 67.99, 67.91, 203.87)}


@pytest.mark.parametrize("depth", PUBLISHED)
def test_humanoid_networks_have_the_published_size(depth):
    """Millions of parameters at width 256: actor, state-action encoder, goal encoder, all three."""
    networks = make_networks(268, 3, 17, actor_depth=depth, critic_depth=depth, width=256)
    actor = jax.eval_shape(networks.init_actor, jax.random.key(0))
    critic = jax.eval_shape(networks.init_critic, jax.random.key(0))
    counts = count(actor), count(critic["state_action"]), count(critic["goal"]), count((actor, critic))
    decimals = 2 if depth == 1024 else 3
    assert tuple(round(n / 1e6, decimals) for n in counts) == PUBLISHED[depth]


def test_actor_and_critic_depths_are_apart():
    networks = make_networks(4, 2, 3, actor_depth=8, critic_depth=20, width=16, embedding_size=9)
    actor = jax.eval_shape(networks.init_actor, jax.random.key(0))
    critic = jax.eval_shape(networks.init_critic, jax.random.key(0))

    def blocks(params):
        return params["blocks"]["layers"][0]["dense"]["bias"].shape[0]

    assert (blocks(actor), blocks(critic["state_action"]), blocks(critic["goal"])) == (2, 5, 5)
    assert actor["head"]["kernel"].shape == (16, 2 * 3)
    assert critic["goal"]["head"]["kernel"].shape == (16, 9)


@pytest.mark.parametrize("name, inputs", [("first", 30), ("blocks", 64), ("head", 64)])
def test_initial_kernels_are_uniform_within_one_over_root_fan_in(initial, name, inputs):
    values = np.concatenate([kernel.ravel() for kernel in leaves_named(initial[name], "kernel")]).astype(np.float64)
    limit = math.sqrt(1 / inputs)
    assert np.abs(values).max() <= limit * (1 + 1e-6)
    assert np.abs(values).max() > 0.99 * limit
    assert values.var() == pytest.approx(1 / (3 * inputs), rel=0.05)
    assert stats.kstest(values, stats.uniform(-limit, 2 * limit).cdf).pvalue > 1e-3


def test_initial_biases_are_zero_and_scales_one(initial):
    biases, scales = leaves_named(initial, "bias"), leaves_named(initial, "scale")
    assert (len(biases), len(scales)) == (2 + 8 + 1, 1 + 4)  # of dense layers and norms, head included; of norms
    assert all((leaf == 0).all() for leaf in biases)
    assert all((leaf == 1).all() for leaf in scales)


def test_critic_encoders_and_policy_read_the_right_inputs():
    networks = make_networks(4, 2, 3, actor_depth=8, critic_depth=8, width=16, embedding_size=5)
    actor, critic = random_parameters(networks.init_actor, 0), random_parameters(networks.init_critic, 1)
    state, action, goal = normal(2, 6, 4), normal(3, 6, 3), normal(4, 6, 2)
    close = dict(rtol=1e-4, atol=1e-5)

    phi = looped(double(critic["state_action"]), np.concatenate([state, action], axis=1), np)
    np.testing.assert_allclose(networks.encode_state_action(critic, state, action), phi, **close)
    np.testing.assert_allclose(networks.encode_goal(critic, goal), looped(double(critic["goal"]), goal, np), **close)

    output = looped(double(actor), np.concatenate([state, goal], axis=1), np)
    mean, log_std = networks.policy(actor, state, goal)
    np.testing.assert_allclose(mean, output[:, :3], **close)
    np.testing.assert_allclose(log_std, -5 + 3.5 * (np.tanh(output[:, 3:]) + 1), **close)


@pytest.mark.parametrize("raw, log_std", [(-100.0, -5.0), (0.0, -1.5), (100.0, 2.0)])
def test_log_std_reaches_its_bounds_and_mean_has_none(raw, log_std):
    networks = make_networks(4, 2, 3, actor_depth=4, critic_depth=4, width=8)
    actor = random_parameters(networks.init_actor, 0)
    head = {"kernel": jnp.zeros((8, 6)), "bias": jnp.array([50.0, -50.0, 0.0, raw, raw, raw])}
    mean, actual = networks.policy({**actor, "head": head}, jnp.ones((2, 4)), jnp.ones((2, 2)))
    np.testing.assert_allclose(actual, np.full((2, 3), log_std), rtol=1e-6)
    np.testing.assert_allclose(mean, np.tile([50.0, -50.0, 0.0], (2, 1)))


def test_gated_block_by_hand():
    """x + sigmoid(gate - 2) times the four layers of the paper's."""
    x = np.random.default_rng(3).normal(size=(6, INPUTS)).astype(np.float32)
    stack = residual_stack(INPUTS, OUTPUTS, 4, WIDTH, block="gated")
    params = random_parameters(stack.init, 2)
    first, after = np.asarray(stack.taps(params, x))
    p, y = jax.tree.map(lambda p: p[0], params["blocks"]), first
    for one in map(p["layers"].get, range(4)):
        y = activated("swish", normalised("layer", one, y @ one["dense"]["kernel"] + one["dense"]["bias"], np), np)
    np.testing.assert_allclose(after, first + y / (1 + np.exp(2 - p["gate"])), rtol=1e-4, atol=1e-4)
