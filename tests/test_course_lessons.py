"""What the notebooks compute beyond the kit: toy worlds, critics in practice, and what travels through a stack."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from lessons import lesson
from matplotlib.figure import Figure

import crlkit
from crlkit import envs, replay
from crlkit.agents import make_agent
from crlkit.course import practice
from crlkit.course.checks import checks_of
from crlkit.networks import residual_stack

parameter_count = checks_of("03").count
MAZE = envs.make("point_big_maze").maze


def small(**options):
    return crlkit.Config(preset="smoke", env="point_big_maze", depth=4, data="walks", **options)


def test_the_corridor_is_a_joint_table_whose_places_are_those_of_the_long_run():
    joint = lesson("01").corridor(5, 0.4, 0.3, steps=2)
    assert joint.sum() == pytest.approx(1) and np.all(joint >= 0)
    assert joint.sum(axis=0) == pytest.approx(joint.sum(axis=1))  # it is in the long run now and later
    assert joint[0, 3] == 0 and joint[0, 2] > 0
    assert joint.sum(axis=1)[1:] / joint.sum(axis=1)[:-1] == pytest.approx(
        0.4 / 0.3
    )  # balance of each pair of neighbours


def test_random_walks_touch_near_cells_more_often():
    env = envs.make("point_big_maze")
    share = np.asarray(lesson("01").share_of_walks_that_touch(env, 200, 32))
    way = MAZE.distances[MAZE.free_cells.index(MAZE.start)]
    assert share[way == 0] == 1 and share[way == 1].mean() > share[way == 4].mean() > share[way > 8].mean()


def test_the_temperature_sharpens_a_softmax_and_keeps_its_order():
    cold, warm = lesson("01").shares("l2", 0.1), lesson("01").shares("l2", 5.0)
    assert sum(cold.values()) == pytest.approx(1)
    assert all(warm[a] > warm[b] for a in cold for b in cold if cold[a] > 1.01 * cold[b])  # C and E are equal
    assert max(cold.values()) > max(warm.values()) > 1 / len(warm)


def test_the_discounted_future_is_the_sum_of_its_series():
    table = lesson("02").walk_table(MAZE)
    assert table.sum(axis=1) == pytest.approx(1) and np.allclose(table, table.T)
    series = sum(0.1 * 0.9 ** (k - 1) * np.linalg.matrix_power(table, k) for k in range(1, 400))
    assert lesson("02").discounted_future(table, 0.9) == pytest.approx(series)


def test_the_table_of_offsets_is_that_of_the_replay_buffer():
    table = lesson("02").offset_table(12, 0.8)
    assert table[:-1].sum(axis=1) == pytest.approx(1) and not table[-1].any()
    assert table[3, 4:] == pytest.approx(lesson("02").offset_probabilities(8, 0.8))
    drawn = replay.hindsight_offset("geometric", jax.random.key(0), jnp.full(50_000, 8), 0.8)
    assert np.bincount(drawn, minlength=9)[1:] / 50_000 == pytest.approx(table[3, 4:], abs=0.01)


def test_agreement_is_1_for_a_critic_that_knows_the_way():
    assert lesson("02").agreement(-MAZE.distances, MAZE) == pytest.approx(1)
    assert lesson("02").agreement(MAZE.distances, MAZE, 3) == pytest.approx(-1)
    by_way = lesson("02").energy_by_way(-MAZE.distances, MAZE)
    assert list(by_way.way) == list(range(int(MAZE.distances.max()) + 1)) and np.all(np.diff(by_way.energy) < 0)


def test_practice_is_the_kits_own_update_on_the_kits_own_batches():
    config = small()
    data = practice.walks(config.env, 16, 16)
    agent, table = practice.practise(config, data, 3)
    assert list(table["update"]) == [1, 2, 3] and np.all(np.diff(table.seconds) > 0)
    kit = make_agent(config, envs.make(config.env))
    state, update = kit.init(jax.random.key(config.seed)), jax.jit(kit.update_critic)
    for number in range(3):
        key = jax.random.fold_in(jax.random.key(config.seed + 1), number)
        batch = replay.sample(data, key, config.batch_size, config.discount)
        state, metrics = update(state, batch)
        assert table.loss[number] == pytest.approx(float(metrics["contrastive_loss"]), rel=1e-4)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-5), agent.critic, state.critic)
    directions, energy = lesson("01").best_directions(agent, (6, 6))
    assert directions.shape == (len(MAZE.free_cells), 2) and energy.shape == (len(MAZE.free_cells),)
    assert practice.cell_energies(agent).shape == (len(MAZE.free_cells),) * 2


def test_commanded_goals_are_one_cell_a_walk_and_say_nothing_of_where_it_went():
    config = small(num_envs=8)
    data = practice.walks(config.env, 8, 16)
    batch = lesson("02").commanded(data, jax.random.key(0), config)
    cells = MAZE.position(MAZE.free_cells)
    assert np.abs(np.asarray(batch.goal)[:, None] - cells[None]).max(-1).min(-1).max() < 1e-6
    walk = [int(np.argwhere((np.asarray(data.state) == s).all(-1))[0][1]) for s in np.asarray(batch.state)]
    assert all(len(np.unique(np.asarray(batch.goal)[np.equal(walk, w)], axis=0)) == 1 for w in set(walk))


def test_smoothing_looks_back_only():
    assert practice.smooth([1, 3, 5, 7], 2) == pytest.approx([1, 2, 4, 6])


@pytest.mark.parametrize("name", ["as in the paper", "no residual", "no layer norm", "neither", "ReLU"])
def test_the_plain_stack_is_the_kits(name):
    config = lesson("03").variants(small(), 8, name)[name]
    switches = {"norm": config.norm, "activation": config.activation, "residual": config.residual}
    stack = residual_stack(4, 3, 8, 16, **switches)
    params, x = stack.init(jax.random.key(1)), jax.random.normal(jax.random.key(2), (5, 4))
    after = lesson("03").activations(config, params, x)
    out = after[-1] @ params["head"]["kernel"] + params["head"]["bias"]
    assert after.shape == (3, 5, 16) and np.allclose(out, stack.apply(params, x), atol=1e-5)
    assert np.allclose(lesson("03").block(lesson("03").block_of(params, 0), after[0], **switches), after[1], atol=1e-5)


def test_what_is_left_of_the_inputs():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    turned, noise, mixed = x @ rng.normal(size=(3, 6)), rng.normal(size=(200, 6)), np.zeros((200, 6))
    shares = lesson("03").readable(np.stack([turned, 1e-20 * turned, noise, mixed]), x)
    assert shares[0] > 0.95 and shares[1] == pytest.approx(shares[0]) and shares[2] < 0.1 and shares[3] == 0


def test_parameters_are_counted_as_they_are():
    stack = residual_stack(4, 7, 8, 16)
    assert lesson("03").count(stack.init(jax.random.key(0))) == parameter_count(4, 7, 8, 16)
    table = lesson("03").counts(small(), (8,), (16, 32))
    assert list(table.parameters) == [parameter_count(4, 64, 8, w) + parameter_count(2, 64, 8, w) for w in (16, 32)]


def test_a_scan_is_one_block_whatever_the_depth():
    costs = lesson("03").compile_costs(small(), (8, 16)).pivot(index="way", columns="depth", values="lines")
    assert costs.loc["scan", 8] == costs.loc["scan", 16] and costs.loc["loop", 16] > 1.5 * costs.loc["loop", 8]


def test_pictures_are_drawn_for_every_position_of_their_sliders():
    for energy in ("dot", "cosine", "l2"):
        for temperature in (0.05, 5.0):
            assert isinstance(lesson("01").draw_energy(energy, temperature), Figure)
    for discount in (0.3, 0.98, 0.999):
        for remaining in (1, 200):
            assert isinstance(lesson("02").draw_offsets(discount, remaining), Figure)
        assert isinstance(lesson("02").draw_future(MAZE, MAZE.free_cells[3], (discount,)), Figure)
    assert isinstance(lesson("01").draw_tables({"a": np.array([[1.0, -np.inf]])}), Figure)
    config = small()
    batch = practice.hindsight(practice.walks(config.env, 16, 16), jax.random.key(0), config)
    table = lesson("03").at_the_start(config, (8,), batch, "as in the paper")
    assert list(table.block) == [1, 2] and np.all(table.gradient > 0) and table.readable.between(0, 1).all()
    assert isinstance(lesson("03").draw_start(table, 8), Figure)


def test_the_loop_is_drawn_with_the_numbers_of_the_config():
    config = small()
    said = " ".join(text.get_text() for text in lesson("04").draw_loop(config).axes[0].texts)
    for number in (config.num_envs, config.batch_size, config.updates_per_unroll, config.eval_episodes):
        assert str(number) in said
