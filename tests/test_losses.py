"""Every equation of losses.py against NumPy in double precision, written out pair by pair."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from crlkit import losses

N, SIZE = 6, 5


def draw(*shape: int, seed: int = 0, scale: float = 1.0) -> np.ndarray:
    """Single-precision values held in double precision, so that both sides start from the same numbers."""
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype(np.float32).astype(np.float64)


def single(x) -> jax.Array:
    return jnp.asarray(x, jnp.float32)


def pair_energy(name: str, a: np.ndarray, b: np.ndarray) -> float:
    if name == "dot":
        return sum(x * y for x, y in zip(a, b, strict=True))
    if name == "cosine":
        return a @ b / math.sqrt(a @ a) / math.sqrt(b @ b) / 0.1
    squared = sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
    return -squared if name == "l2_squared" else -math.sqrt(squared)


@pytest.mark.parametrize("name", ["l2", "l2_squared", "dot", "cosine"])
def test_energy_of_every_pair(name):
    phi, psi = draw(N, SIZE, seed=1), draw(N + 3, SIZE, seed=2)
    expected = np.array([[pair_energy(name, a, b) for b in psi] for a in phi])
    assert set(losses.ENERGIES) == {"l2", "l2_squared", "dot", "cosine"}
    np.testing.assert_allclose(losses.ENERGIES[name](single(phi), single(psi)), expected, rtol=1e-5, atol=1e-5)
    by_name = losses.energy_function(name, 0.1)(single(phi), single(psi))
    np.testing.assert_allclose(by_name, expected, rtol=1e-5, atol=1e-5)


def test_only_cosine_has_a_temperature():
    phi, psi = single(draw(N, SIZE, seed=1)), single(draw(N, SIZE, seed=2))
    for name in losses.ENERGIES:
        cold, warm = losses.energy_function(name, 0.1)(phi, psi), losses.energy_function(name, 0.5)(phi, psi)
        np.testing.assert_allclose(cold, (5 if name == "cosine" else 1) * warm, rtol=1e-5)


@pytest.mark.parametrize("name", ["l2", "l2_squared", "cosine"])
def test_gradient_is_finite_where_both_embeddings_agree(name):
    phi = single(draw(N, SIZE))

    def total(phi, psi):
        return jnp.sum(losses.ENERGIES[name](phi, psi))

    for x in (phi, jnp.zeros_like(phi)):
        for gradient in jax.grad(total, argnums=(0, 1))(x, x):
            assert np.isfinite(gradient).all()
    near = np.diag(losses.l2(phi, phi))
    assert (near <= 0).all() and (near > -0.01).all()


def test_l2_gradient_is_the_unit_vector_between_the_embeddings():
    phi, psi = draw(1, SIZE, seed=1), draw(1, SIZE, seed=2)
    gradient = jax.grad(lambda phi: losses.l2(phi, single(psi))[0, 0])(single(phi))
    np.testing.assert_allclose(gradient, (psi - phi) / np.linalg.norm(psi - phi), rtol=1e-4)


def slow_infonce(logits: np.ndarray, axis: int) -> float:
    """The mean over rows (axis 1) or columns (axis 0) of -log of the share of the diagonal."""
    logits = logits if axis == 1 else logits.T
    shares = [math.exp(row[i]) / sum(math.exp(x) for x in row) for i, row in enumerate(logits)]
    return sum(-math.log(share) for share in shares) / len(shares)


def slow_binary(logits: np.ndarray) -> float:
    n = len(logits)

    def sigmoid(x):
        return 1 / (1 + math.exp(-x))

    positive = [-math.log(sigmoid(logits[i, i])) for i in range(n)]
    negative = [-math.log(1 - sigmoid(logits[i, j])) for i in range(n) for j in range(n) if i != j]
    return sum(positive) / len(positive) + sum(negative) / len(negative)


SLOW = {
    "forward": lambda f: slow_infonce(f, 1),
    "backward": lambda f: slow_infonce(f, 0),
    "symmetric": lambda f: slow_infonce(f, 1) + slow_infonce(f, 0),
    "binary": slow_binary,
}


@pytest.mark.parametrize("name", SLOW)
@pytest.mark.parametrize("n", [2, 7])
def test_contrastive_loss(name, n):
    assert set(losses.LOSSES) == set(SLOW)
    logits = draw(n, n, seed=n, scale=3)
    assert float(losses.LOSSES[name](single(logits))) == pytest.approx(SLOW[name](logits), rel=1e-5)


@pytest.mark.parametrize("name", SLOW)
def test_contrastive_gradient_by_finite_differences(name):
    logits = draw(4, 4, seed=3)
    expected, h = np.zeros((4, 4)), 1e-5
    for i, j in np.ndindex(4, 4):
        bump = np.zeros((4, 4))
        bump[i, j] = h
        expected[i, j] = (SLOW[name](logits + bump) - SLOW[name](logits - bump)) / (2 * h)
    np.testing.assert_allclose(jax.grad(losses.LOSSES[name])(single(logits)), expected, atol=1e-5)


@pytest.mark.parametrize("name, times", [("forward", 1), ("backward", 1), ("symmetric", 2)])
@pytest.mark.parametrize("n", [2, 256])
@pytest.mark.parametrize("constant", [0.0, -30.0])
def test_equal_logits_are_chance_level(name, times, n, constant):
    assert float(losses.LOSSES[name](jnp.full((n, n), constant))) == pytest.approx(times * math.log(n), rel=1e-5)


@pytest.mark.parametrize("name", SLOW)
def test_perfect_logits_cost_nothing_and_wrong_ones_their_margin(name):
    perfect = 100 * (2 * jnp.eye(8) - 1)
    assert float(losses.LOSSES[name](perfect)) == pytest.approx(0, abs=1e-6)
    wrong = float(losses.LOSSES[name](-perfect))
    margin = {"forward": 200 + math.log(7), "backward": 200 + math.log(7), "symmetric": 2 * (200 + math.log(7))}
    assert wrong == pytest.approx(margin.get(name, 100 + 100), rel=1e-5)


def test_backward_is_forward_of_the_transpose():
    logits = single(draw(9, 9, seed=4, scale=3))
    forward, backward = losses.forward_infonce(logits), losses.backward_infonce(logits)
    assert float(backward) == pytest.approx(float(losses.forward_infonce(logits.T)), rel=1e-6)
    assert abs(float(forward - backward)) > 0.01
    np.testing.assert_allclose(
        jax.grad(losses.backward_infonce)(logits), jax.grad(losses.forward_infonce)(logits.T).T, atol=1e-6
    )


def test_forward_ignores_what_depends_on_the_row_alone():
    """The free constant c(s, a) that the log-sum-exp penalty pins; backward does not ignore it."""
    logits, rows = single(draw(6, 6, seed=5)), single(draw(6, 1, seed=6, scale=3))
    assert abs(float(losses.forward_infonce(logits + rows) - losses.forward_infonce(logits))) < 1e-5
    assert abs(float(losses.backward_infonce(logits + rows) - losses.backward_infonce(logits))) > 0.1


@pytest.mark.parametrize("name", [*SLOW, "penalty"])
@pytest.mark.parametrize("shift", [1e4, -1e4])
def test_large_logits_stay_finite(name, shift):
    loss = losses.logsumexp_penalty if name == "penalty" else losses.LOSSES[name]
    value, gradient = jax.value_and_grad(loss)(single(draw(6, 6, seed=7)) + shift)
    assert np.isfinite(value) and np.isfinite(gradient).all()


def test_logsumexp_penalty():
    logits = draw(5, 5, seed=8, scale=3)
    by_hand = sum(math.log(sum(math.exp(x) for x in row)) ** 2 for row in logits) / 5
    assert float(losses.logsumexp_penalty(single(logits))) == pytest.approx(by_hand, rel=1e-5)
    assert float(losses.logsumexp_penalty(jnp.zeros((5, 5)))) == pytest.approx(math.log(5) ** 2, rel=1e-5)


def test_critic_diagnostics():
    logits = draw(8, 8, seed=9)
    logits[:3, :3] += 10 * np.eye(3)  # some rows right, some wrong
    hits = [max(range(8), key=lambda j, i=i: logits[i, j]) == i for i in range(8)]
    others = [logits[i, j] for i in range(8) for j in range(8) if i != j]
    actual = losses.critic_diagnostics(single(logits))
    assert 0 < sum(hits) < 8
    assert float(actual["categorical_accuracy"]) == pytest.approx(sum(hits) / 8)
    assert float(actual["logits_positive"]) == pytest.approx(sum(logits[i, i] for i in range(8)) / 8, rel=1e-5)
    assert float(actual["logits_negative"]) == pytest.approx(sum(others) / len(others), rel=1e-4)


def log_density_of_action(action, mean, log_std):
    """log N(atanh a; mean, std) - log(1 - a^2), one dimension, double precision."""
    u = np.arctanh(action)
    return stats.norm.logpdf(u, mean, np.exp(log_std)) - np.log(1 - action**2)


def test_tanh_gaussian_log_density_sums_over_the_last_axis():
    mean, log_std, u = draw(4, 3, seed=1), draw(4, 3, seed=2, scale=0.5), draw(4, 3, seed=3)
    expected = log_density_of_action(np.tanh(u), mean, log_std).sum(axis=-1)
    actual = losses.tanh_gaussian_log_density(single(u), single(mean), single(log_std))
    assert actual.shape == (4,)
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5)


DISTRIBUTIONS = [(0.0, -1.0), (0.7, -0.5), (-1.5, -1.5), (0.0, -0.2)]


@pytest.mark.parametrize("mean, log_std", DISTRIBUTIONS)
def test_tanh_gaussian_density_integrates_to_one_and_is_the_slope_of_its_distribution(mean, log_std):
    action = np.linspace(-1, 1, 200_001)[1:-1]
    log_density = losses.tanh_gaussian_log_density(
        single(np.arctanh(action))[:, None], jnp.full((1, 1), mean), jnp.full((1, 1), log_std)
    )
    density = np.exp(np.asarray(log_density, np.float64))
    assert np.trapezoid(density, action) == pytest.approx(1, abs=2e-3)
    inner = np.linspace(-0.95, 0.95, 39)
    below, above = (stats.norm.cdf(np.arctanh(inner + h), mean, math.exp(log_std)) for h in (-1e-5, 1e-5))
    np.testing.assert_allclose(np.interp(inner, action, density), (above - below) / 2e-5, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("u", [-30.0, -10.0, 10.0, 30.0])
def test_tanh_gaussian_log_density_far_out(u):
    """tanh(u) rounds to 1, where log(1 - tanh(u)^2) would be -inf; it is log 4 - 2|u| to double precision."""
    expected = -0.5 * math.log(2 * math.pi) - (math.log(4) - 2 * abs(u) - 2 * math.log1p(math.exp(-2 * abs(u))))

    def log_density(x):
        return losses.tanh_gaussian_log_density(x[None], single([u]), jnp.zeros(1))

    value, gradient = jax.value_and_grad(log_density)(single(u))
    assert float(value) == pytest.approx(expected, rel=1e-5)
    assert float(gradient) == pytest.approx(2 * math.copysign(1, u), abs=1e-4)


def test_sampled_actions_follow_the_distribution_and_carry_their_log_density():
    mean, log_std = np.array([0.3, -0.6]), np.array([-0.7, 0.1])
    shape = (20_000, 2)
    action, log_density = losses.sample_tanh_gaussian(
        jax.random.key(0), jnp.broadcast_to(single(mean), shape), jnp.broadcast_to(single(log_std), shape)
    )
    action = np.asarray(action, np.float64)
    assert action.shape == shape and log_density.shape == shape[:1]
    inside = (np.abs(action) < 0.99).all(axis=1)  # atanh is exact there
    by_hand = log_density_of_action(action[inside], mean, log_std).sum(axis=1)
    np.testing.assert_allclose(np.asarray(log_density)[inside], by_hand, rtol=1e-3, atol=1e-3)
    for k in range(2):
        u = np.arctanh(np.clip(action[:, k], -1 + 1e-7, 1 - 1e-7))
        assert stats.kstest(u, stats.norm(mean[k], math.exp(log_std[k])).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(action.T)[0, 1]) < 0.03


def test_actor_loss():
    log_density, energy = draw(7, seed=1), draw(7, seed=2)
    by_hand = sum(0.3 * p - f for p, f in zip(log_density, energy, strict=True)) / 7
    args = single(0.3), single(log_density), single(energy)
    assert float(losses.actor_loss(*args)) == pytest.approx(by_hand, rel=1e-5)
    np.testing.assert_allclose(jax.grad(losses.actor_loss, argnums=2)(*args), np.full(7, -1 / 7), rtol=1e-5)
    np.testing.assert_allclose(jax.grad(losses.actor_loss, argnums=1)(*args), np.full(7, 0.3 / 7), rtol=1e-5)


@pytest.mark.parametrize("log_alpha", [-1.0, 0.0, 0.5])
def test_temperature_loss_and_gradients(log_alpha):
    log_density, target = draw(7, seed=3), -4.0
    by_hand = math.exp(log_alpha) * sum(-p - target for p in log_density) / 7
    args = single(log_alpha), single(log_density), target
    assert float(losses.temperature_loss(*args)) == pytest.approx(by_hand, rel=1e-5)
    assert float(jax.grad(losses.temperature_loss)(*args)) == pytest.approx(by_hand, rel=1e-5)  # d exp(x) = exp(x)
    assert not np.asarray(jax.grad(losses.temperature_loss, argnums=1)(*args)).any()


@pytest.mark.parametrize("entropy, rises", [(-5.0, True), (-3.0, False)])
def test_temperature_rises_where_entropy_is_below_target(entropy, rises):
    gradient = jax.grad(losses.temperature_loss)(jnp.zeros(()), jnp.full(7, -entropy), -4.0)
    assert (float(gradient) < 0) == rises
