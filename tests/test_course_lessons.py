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


def test_the_discounted_future_is_the_sum_of_its_series():
    table = lesson("02").walk_table(MAZE)
    assert table.sum(axis=1) == pytest.approx(1) and np.allclose(table, table.T)
    series = sum(0.1 * 0.9 ** (k - 1) * np.linalg.matrix_power(table, k) for k in range(1, 400))
    assert lesson("02").discounted_future(table, 0.9) == pytest.approx(series)


def test_offsets_are_those_of_the_replay_buffer():
    share = lesson("02").offset_probabilities(8, 0.8)
    drawn = replay.hindsight_offset("geometric", jax.random.key(0), jnp.full(50_000, 8), 0.8)
    assert share.sum() == pytest.approx(1)
    assert np.bincount(drawn, minlength=9)[1:] / 50_000 == pytest.approx(share, abs=0.01)


def test_agreement_is_1_for_a_critic_that_knows_the_paths():
    assert lesson("02").agreement(-MAZE.distances, MAZE) == pytest.approx(1)
    assert lesson("02").agreement(MAZE.distances, MAZE, 3) == pytest.approx(-1)


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


def test_pictures_are_drawn_for_every_position_of_their_sliders():
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


def test_parameters_are_counted_as_they_are():
    stack = residual_stack(4, 7, 8, 16)
    assert sum(leaf.size for leaf in jax.tree.leaves(stack.init(jax.random.key(0)))) == parameter_count(4, 7, 8, 16)


def test_a_fresh_deep_policy_is_saturated_but_for_the_norm():
    table = lesson("03").policy_at_the_start(small(), (4, 256), seeds=1).set_index(["head", "depth"])
    assert table.loc[("plain", 256), "mean |tanh|"] > 0.95 and table.loc[("norm", 256), "mean |tanh|"] < 0.8
    assert table.loc[("plain", 256), "spread of the action"] < 0.5 * table.loc[("norm", 256), "spread of the action"]


def test_the_agent_on_one_page_is_the_kits():
    apart, loss_apart = lesson("04").largest_difference()
    assert apart < 1e-5 and loss_apart < 1e-4


def test_the_page_draws_goals_from_the_future_of_the_same_episode():
    page = lesson("04")
    episode, step = np.meshgrid(np.arange(6), np.arange(9), indexing="ij")
    states = jnp.asarray(np.stack([episode, step], axis=-1), jnp.float32)
    state, _, goal = map(np.asarray, page.draw_batch(jax.random.key(0), states, states, 4))
    assert np.array_equal(state[:, 0], goal[:, 0]) and set(state[:, 0]) == {0, 1, 2, 3}
    assert np.all(goal[:, 1] > state[:, 1]) and goal[:, 1].max() == 8


def test_what_is_put_in_use_is_what_trains():
    page = lesson("04")
    key, batch = jax.random.key(0), [jax.random.normal(jax.random.key(k), (8, 2)) for k in range(3)]
    agent = page.init(key, 8)
    whole = page.update(agent, batch, key)[1]
    try:
        page.use["infonce"] = lambda logits: 0.0 * page.infonce(logits)
        assert page.update(agent, batch, key)[1] < whole
        page.use.update(infonce=page.infonce, block=lambda x, layers: page.block(x, layers) - x)
        assert page.update(agent, batch, key)[1] != whole
    finally:
        page.use.update(infonce=page.infonce, block=page.block)
