"""The training loop: reproducible, seed by seed, whatever else runs beside it."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import crlkit
from crlkit import envs, loop, losses, replay
from crlkit.agents import make_agent
from crlkit.networks import make_networks
from crlkit.training import make_training

TIMES = ["seconds", "cpu_seconds", "compile_seconds"]


def outcome(run: crlkit.Run):
    return run.metrics.drop(columns=TIMES).reset_index(drop=True)


def equal(a, b) -> bool:
    return all(jax.tree.leaves(jax.tree.map(lambda x, y: np.array_equal(x, y, equal_nan=True), a, b)))


def test_one_seed_of_several_equals_that_seed_alone(smoke):
    together = crlkit.train(smoke(seeds=3, seed=5))
    alone = crlkit.train(smoke(seed=6))
    assert outcome(together).query("seed == 6").reset_index(drop=True).equals(outcome(alone))
    assert equal(jax.tree.map(lambda x: x[1:2], together.agent_states), alone.agent_states)
    assert not equal(jax.tree.map(lambda x: x[0:1], together.agent_states), alone.agent_states)


def test_a_policy_that_cannot_choose_any_more_is_named_once(smoke, capsys):
    """A head as large as that of a network of 256 layers saturates the policy from the start; a normalised one does
    not."""
    options = dict(depth=256, width=32, evaluations=4, num_envs=8, env_steps=16 * 8 * 5, updates_per_unroll=1)
    sick, sound = (crlkit.train(smoke(actor_head=head, **options)) for head in ("plain", "norm"))
    assert (sick.metrics.saturation > loop.SATURATED).all() and (sound.metrics.saturation < 0.9).all()
    assert capsys.readouterr().err.count("the policy is saturated") == 1
    assert loop.saturated(sick.metrics) and not loop.saturated(sound.metrics)
    assert not loop.saturated(sick.metrics.head(3))  # too few evaluations to say "for good"


def test_the_same_config_twice_gives_the_same_run(smoke):
    first, second = crlkit.train(smoke()), crlkit.train(smoke())
    assert outcome(first).equals(outcome(second)) and equal(first.agent_states, second.agent_states)


def test_the_outcome_does_not_depend_on_how_the_host_cuts_the_work(smoke, monkeypatch):
    normal = crlkit.train(smoke())
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 1e-9)  # one update a call
    one_by_one = crlkit.train(smoke())
    assert outcome(normal).equals(outcome(one_by_one)) and equal(normal.agent_states, one_by_one.agent_states)


def test_an_update_moves_actor_then_critic_as_adam_and_the_losses_say(smoke):
    """The reference's order: the actor is moved against the critic before its own step, on the same relabelled
    goals."""
    config = smoke()
    env = envs.make(config.env)
    agent = make_agent(config, env)
    heads = dict(actor_head=config.actor_head, critic_head=config.critic_head)
    nets = make_networks(2, 2, 2, actor_depth=4, critic_depth=4, width=config.width, **heads)
    keys = jax.random.split(jax.random.key(0), 5)
    state = jax.jit(agent.init)(keys[0])
    batch = replay.Batch(*(jax.random.normal(k, (config.batch_size, 2)) for k in (*keys[1:3], keys[3], keys[3])))

    def actor_loss(actor):
        action, density = losses.sample_tanh_gaussian(keys[4], *nets.policy(actor, batch.state, batch.goal))
        phi = nets.encode_state_action(state.critic, batch.state, action)
        psi = nets.encode_goal(state.critic, batch.goal)
        distance = jnp.sqrt(jnp.sum((phi - psi) ** 2, axis=-1) + 1e-6)
        return jnp.mean(jnp.exp(state.log_alpha) * density + distance)

    def critic_loss(critic):
        phi = nets.encode_state_action(critic, batch.state, batch.action)
        psi = nets.encode_goal(critic, batch.goal)
        logits = -jnp.sqrt(jnp.sum((phi[:, None] - psi[None]) ** 2, axis=-1) + 1e-6)
        lse = jax.nn.logsumexp(logits, axis=1)
        return jnp.mean(lse - jnp.diag(logits)) + 0.1 * jnp.mean(lse**2)

    after, metrics = jax.jit(agent.update)(state, batch, keys[4])
    adam = optax.adam(config.learning_rate)
    for objective, before, moved in ((actor_loss, state.actor, after.actor), (critic_loss, state.critic, after.critic)):
        loss, gradient = jax.jit(jax.value_and_grad(objective))(before)
        assert float(loss) == pytest.approx(float(metrics[objective.__name__]), rel=1e-4)
        step, _ = adam.update(gradient, adam.init(before))
        # Adam's first step is lr * sign(gradient): compare where the sign is beyond rounding.
        sure = jax.tree.map(lambda g: jnp.abs(g) > 1e-5, gradient)
        wanted = optax.apply_updates(before, step)
        error = jax.tree.map(lambda w, m, s: jnp.max(jnp.where(s, jnp.abs(w - m), 0)), wanted, moved, sure)
        assert max(jax.tree.leaves(error)) < 0.05 * config.learning_rate
    assert int(after.updates) == 1 and float(after.log_alpha) != float(state.log_alpha)


@pytest.mark.parametrize("fixed", [False, True])
def test_goals_are_fresh_after_every_reset_unless_fixed(smoke, fixed):
    config = smoke(fixed_goals=fixed, num_envs=64, env_steps=2048)
    training = make_training(config)
    state = jax.jit(training.init)(jnp.int32(0))
    first = np.asarray(state.worlds.env_state.goal)
    state = jax.jit(training.collect)(state)  # 16 steps: exactly one episode of every environment
    later = np.asarray(state.worlds.env_state.goal)
    assert np.array_equal(state.worlds.episode, np.ones(64)) and np.array_equal(state.worlds.time, np.zeros(64))
    assert np.array_equal(first, later) == fixed
    started = np.asarray(state.buffer.state[0])
    assert np.array_equal(started, np.asarray(state.worlds.env_state.state)) == fixed
    assert set(map(tuple, later.round(3))) <= set(map(tuple, np.float32(goal_positions(config)).round(3)))


def goal_positions(config):
    maze = envs.make(config.env).maze
    return maze.position(maze.goals)


def test_the_buffer_holds_what_the_environments_did(smoke):
    """Replaying the stored actions from the stored first states gives the stored states."""
    config = smoke()
    training = make_training(config)
    state = jax.jit(training.init)(jnp.int32(3))
    first = state.worlds.env_state
    state = jax.jit(training.collect)(state)
    env, env_state = envs.make(config.env), first
    for t in range(config.unroll_length):
        np.testing.assert_allclose(state.buffer.state[t], env_state.state, atol=1e-6)
        env_state = jax.vmap(env.step)(env_state, state.buffer.action[t])
    assert np.all(np.abs(state.buffer.action[: config.unroll_length]) <= 1)


def test_a_loss_that_is_not_finite_stops_the_run_and_names_network_and_update(smoke, tmp_path):
    with pytest.raises(
        crlkit.UserError, match=r"(actor|critic) loss of seed 0 is not finite at update \d+.*nearest"
    ) as error:
        crlkit.train(smoke(learning_rate=1e30, out=str(tmp_path / "run")))
    assert "\n" not in str(error.value)
    assert crlkit.open_run(tmp_path / "run").status == "failed"


def test_a_hundred_updates_teach_the_critic_better_than_chance():
    config = crlkit.Config(depth=4, width=16, num_envs=32, env_steps=3 * 32 * 64, batch_size=64, updates_per_unroll=100)
    run = crlkit.train(config)
    assert run.metrics.contrastive_loss.iloc[-1] < np.log(64) - 0.3
    assert run.metrics.categorical_accuracy.iloc[-1] > 3 / 64


@pytest.mark.slow
def test_without_residual_connections_sixty_four_layers_stay_at_chance():
    """The one effect of the architecture that is large in every seed: see docs/point_mazes.md."""
    options = dict(data="walks", depth=64, width=32, num_envs=200, updates=100, evaluations=1, batch_size=128)
    loss = {}
    for residual in (True, False):
        run = crlkit.train(crlkit.Config(residual=residual, **options))
        loss[residual] = run.metrics.heldout_loss.to_numpy()
    chance = np.log(128)
    assert np.all(loss[False] > chance - 0.05)
    assert np.all(loss[True] < chance - 0.3)


@pytest.mark.parametrize("collector_depth", [None, 8])
def test_a_state_keeps_its_types_so_that_nothing_is_compiled_twice(smoke, collector_depth):
    training = make_training(smoke(collector_depth=collector_depth))
    state = jax.eval_shape(training.init, np.int32(0))
    types = [(leaf.shape, leaf.dtype, leaf.weak_type) for leaf in jax.tree.leaves(state)]
    for step in (
        training.collect,
        lambda state: training.update(state, np.int32(1)),
        lambda s: training.evaluate(s)[0],
    ):
        after = jax.tree.leaves(jax.eval_shape(step, state))
        assert [(leaf.shape, leaf.dtype, leaf.weak_type) for leaf in after] == types


def test_runs_of_one_config_share_their_programs(smoke, tmp_path):
    """And so what JAX compiled for the first of them."""
    programs = make_training(smoke(seed=3))
    assert make_training(smoke(seed=4, seeds=2, out=str(tmp_path / "run"), checkpoint_seconds=1.0)) is programs
    for other in (smoke(seed=3, depth=8), smoke(seed=3, batch_size=16), smoke(seed=3, env="point_u4_maze")):
        assert make_training(other) is not programs
    compiled = []
    listen = lambda event, seconds, **_: compiled.append(event) if "backend_compile" in event else None  # noqa: E731
    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        first, second = (crlkit.train(smoke(seed=3, norm="rms")) for _ in range(2))
        assert compiled
        compiled.clear()
        crlkit.train(smoke(seed=4, norm="rms"))
        assert not compiled
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)
    assert first.rows[-1]["critic_loss"] == second.rows[-1]["critic_loss"]
