"""SAC, TD3, GCBC and GCSL: losses and targets against NumPy written out, targets without gradients, and the way that every
agent goes: the same seed twice, killed and resumed, exported and opened."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import crlkit
from crlkit import envs, evidence, losses, replay, suites, sweep, weights
from crlkit.agents import AGENTS, make_agent
from crlkit.envs import REWARDS
from crlkit.record import record
from crlkit.training import make_training

LEARNED = ("sac", "td3", "gcbc", "gcsl")
TIMES = ["seconds", "cpu_seconds", "compile_seconds"]


def setting(smoke, name: str, **options):
    """An agent, its first state moved away from its targets, and a batch of whose eight rows two are terminal."""
    config = smoke(agent=name, env="point_u_maze", batch_size=8, **options)
    agent = make_agent(config, envs.make(config.env))
    state = jax.jit(agent.init)(jax.random.key(0))
    if name in ("sac", "td3"):
        state = state._replace(critic=jax.tree.map(lambda x: 1.1 * x + 0.01, state.critic))
    keys = jax.random.split(jax.random.key(1), 4)
    batch = replay.Batch(*(0.3 * jax.random.normal(key, (8, 2)) for key in keys), jnp.arange(8) < 2)
    return config, agent, state, batch


def q_values(agent, params, state, action, goal) -> np.ndarray:
    """[2, B], each critic by itself through the stack."""
    from crlkit.networks import residual_stack

    c = agent.config
    stack = residual_stack(6, 1, c.critic_depth, c.width, head=c.critic_head)
    x = np.concatenate([state, action, goal], axis=-1)
    return np.array([stack.apply(jax.tree.map(lambda p, i=i: p[i], params), x)[:, 0] for i in (0, 1)])


def rewards(batch, env, kind: str) -> np.ndarray:
    distance = np.linalg.norm(np.asarray(batch.next_state - batch.goal), axis=-1)
    if kind == "dense":
        return -distance
    return np.where((distance < env.threshold) & ~np.asarray(batch.terminal), 0.0, -1.0)


def bellman(reward, terminal, value, discount) -> np.ndarray:
    return np.array([r / (1 - discount) if over else r + discount * v for r, over, v in zip(reward, terminal, value)])


@pytest.mark.parametrize("kind", ["sparse", "dense"])
def test_sac_s_target_is_reward_and_discounted_soft_value_of_the_smaller_target(smoke, kind):
    config, agent, state, batch = setting(smoke, "sac", reward=kind)
    state = state._replace(log_alpha=jnp.float32(np.log(0.7)))
    key = jax.random.key(2)
    mean, log_std = map(np.asarray, agent.networks.policy(state.actor, batch.next_state, batch.goal))
    noise = np.asarray(jax.random.normal(key, (8, 2)))
    u = mean + np.exp(log_std) * noise
    density = np.sum(-0.5 * noise**2 - log_std - 0.5 * np.log(2 * np.pi) - np.log(1 - np.tanh(u) ** 2), axis=-1)
    values = q_values(agent, state.target_critic, batch.next_state, np.tanh(u), batch.goal)
    soft = np.minimum(values[0], values[1]) - 0.7 * density
    wanted = bellman(rewards(batch, agent.env, kind), batch.terminal, soft, config.discount)
    np.testing.assert_allclose(agent.target_value(state, batch, key), wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", ["sparse", "dense"])
def test_td3_s_target_smooths_clips_and_takes_the_smaller_target(smoke, kind):
    options = dict(agent_options="target_noise=0.9,noise_clip=0.4", reward=kind)
    config, agent, state, batch = setting(smoke, "td3", **options)
    key = jax.random.key(3)
    noise = 0.9 * np.asarray(jax.random.normal(key, (8, 2)))
    assert (np.abs(noise) > 0.4).any() and (np.abs(noise) < 0.4).any()
    action = np.asarray(agent.mode(state.target_actor, batch.next_state, batch.goal))
    action = np.clip(action + np.clip(noise, -0.4, 0.4), -1, 1)
    values = q_values(agent, state.target_critic, batch.next_state, action, batch.goal)
    wanted = bellman(rewards(batch, agent.env, kind), batch.terminal, np.minimum(*values), config.discount)
    np.testing.assert_allclose(agent.target_value(state, batch, key), wanted, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", ["sac", "td3"])
def test_the_critics_loss_is_the_sum_of_two_mean_squares(smoke, name):
    _, agent, state, batch = setting(smoke, name)
    target = np.linspace(-3, 1, 8)
    values = q_values(agent, state.critic, batch.state, batch.action, batch.goal)
    loss, read = agent.critic_loss(state.critic, batch, jnp.asarray(target, jnp.float32))
    np.testing.assert_allclose(read, values, rtol=1e-4, atol=1e-5)
    assert not np.allclose(values[0], values[1])
    assert float(loss) == pytest.approx(
        np.mean((values[0] - target) ** 2) + np.mean((values[1] - target) ** 2), rel=1e-4
    )


def test_the_actors_losses_by_hand(smoke):
    _, sac, state, batch = setting(smoke, "sac")
    key, alpha = jax.random.key(4), 0.3
    action, density = losses.sample_tanh_gaussian(key, *sac.networks.policy(state.actor, batch.state, batch.goal))
    values = q_values(sac, state.critic, batch.state, action, batch.goal)
    wanted = np.mean(alpha * np.asarray(density) - values.min(axis=0))
    assert float(sac.actor_loss(state.actor, state.critic, alpha, batch, key)[0]) == pytest.approx(wanted, rel=1e-4)
    _, td3, state, batch = setting(smoke, "td3")
    values = q_values(td3, state.critic, batch.state, td3.mode(state.actor, batch.state, batch.goal), batch.goal)
    assert float(td3.actor_loss(state.actor, state.critic, batch)[0]) == pytest.approx(-values[0].mean(), rel=1e-4)
    for name in ("gcbc", "gcsl"):
        _, cloning, state, batch = setting(smoke, name)
        off = np.asarray(cloning.mode(state.actor, batch.state, batch.goal) - batch.action)
        assert float(cloning.actor_loss(state.actor, batch)[0]) == pytest.approx((off**2).sum() / 16, rel=1e-5)


@pytest.mark.parametrize("name", ["sac", "td3"])
def test_targets_never_leak_a_gradient(smoke, name):
    """Neither into the actor nor into a critic, nor into the temperature."""
    _, agent, state, batch = setting(smoke, name)
    floats = {field: tree for field, tree in state._asdict().items() if "optimiser" not in field and field != "updates"}

    def loss(part: dict) -> jax.Array:
        moved = state._replace(**part)
        return agent.critic_loss(state.critic, batch, agent.target_value(moved, batch, jax.random.key(5)))[0]

    gradients = jax.grad(loss)(floats)
    assert all(not np.any(leaf) for leaf in jax.tree.leaves(gradients))
    values = jax.grad(lambda critic: agent.critic_loss(critic, batch, jnp.zeros(8))[0])(state.critic)
    assert any(np.any(leaf) for leaf in jax.tree.leaves(values))


def test_targets_follow_by_tau_and_td3_s_only_with_its_actor(smoke):
    for name, trees in (("sac", ["target_critic"]), ("td3", ["target_critic", "target_actor"])):
        _, agent, state, batch = setting(smoke, name, agent_options="tau=0.25")
        first, _ = jax.jit(agent.update)(state, batch, jax.random.key(6))
        for tree in trees:
            new = first.actor if tree.endswith("actor") else first.critic
            wanted = jax.tree.map(lambda old, new: 0.75 * old + 0.25 * new, getattr(state, tree), new)
            jax.tree.map(
                lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), getattr(first, tree), wanted
            )
    second, metrics = jax.jit(agent.update)(first, batch, jax.random.key(7))
    jax.tree.map(np.testing.assert_array_equal, (second.actor, second.target_actor), (first.actor, first.target_actor))
    jax.tree.map(np.testing.assert_array_equal, second.target_critic, first.target_critic)
    assert not np.array_equal(second.critic["head"]["kernel"], first.critic["head"]["kernel"])
    loss = agent.actor_loss(second.actor, second.critic, batch)[0]
    assert float(metrics["actor_loss"]) == pytest.approx(float(loss), rel=1e-5)


def test_rewards_of_a_step_and_of_a_fall():
    env = envs.make("point_u_maze")
    state, goal = jnp.array([[0.0, 0.0], [0.0, 0.1], [0.3, 0.4], [0.0, 0.0]]), jnp.zeros((4, 2))
    fell = jnp.array([False, False, False, True])
    np.testing.assert_allclose(REWARDS["sparse"](env, state, goal, fell), [0, 0, -1, -1])
    np.testing.assert_allclose(REWARDS["dense"](env, state, goal, fell), [0, -0.1, -0.5, 0], atol=1e-6)
    target = losses.bellman_target(jnp.array([-1.0, -1.0]), 0.9, jnp.array([False, True]), jnp.array([-3.0, -3.0]))
    np.testing.assert_allclose(
        target, [-3.7, -10.0], rtol=1e-6
    )  # to fall is never better than to stay away from the goal


@pytest.mark.parametrize("strategy", ["geometric", "none"])
def test_a_batch_holds_the_steps_at_which_a_body_fell_only_where_it_is_asked_to(strategy):
    """Episodes of 3 (fell), 5 (the time limit), 2 (fell) and 3 steps (going on), in a ring that has lost the first step."""
    lengths, goals = (3, 5, 2, 3), (10.0, 20.0, 30.0, 40.0)
    episode = np.repeat(np.arange(4), lengths)
    steps = np.arange(13, dtype=np.float32)
    buffer = replay.create(12, 1, 1, 1, 1)
    for cut in (slice(0, 6), slice(6, 13)):
        rows = steps[cut, None, None]
        buffer = replay.insert(
            buffer,
            rows,
            rows,
            jnp.asarray(np.take(goals, episode[cut]), jnp.float32)[:, None, None],
            episode[cut, None],
        )
    batch = replay.sample(buffer, jax.random.key(0), 4000, 0.9, strategy, slice(0, 1), 5)
    at = np.asarray(batch.state[:, 0])
    fell = np.isin(at, [2, 9])
    assert np.array_equal(np.asarray(batch.terminal), fell) and set(at) == {1, 2, 3, 4, 5, 6, 8, 9, 10, 11}
    np.testing.assert_array_equal(np.asarray(batch.goal[fell, 0]), np.where(at[fell] == 2, 10, 30))
    np.testing.assert_array_equal(np.asarray(batch.next_state[:, 0]), np.where(fell, at, at + 1))
    if strategy == "geometric":
        assert (np.asarray(batch.goal[~fell, 0]) > at[~fell]).all() and (np.asarray(batch.goal[~fell, 0]) <= 12).all()
    without = replay.sample(buffer, jax.random.key(0), 4000, 0.9, strategy, slice(0, 1))
    rare = np.isin(np.asarray(without.state[:, 0]), [2, 9]).mean()  # a row of eight candidates without a future
    assert not np.any(without.terminal) and rare < 0.005 < fell.mean()


def test_only_agents_that_learn_from_rewards_ask_for_falls(smoke):
    training = {name: make_training(smoke(agent=name, env="point_u_maze")) for name in ("crl", *LEARNED)}
    asks = {name for name, one in training.items() if getattr(one.agent, "TERMINALS", False)}
    assert asks == {"sac", "td3"} and set(LEARNED) | {"crl"} == set(AGENTS) - set(AGENTS).difference(AGENTS.ours)


@pytest.mark.parametrize("name", LEARNED)
def test_every_agent_goes_the_whole_way(smoke, tmp_path, name):
    """Killed and resumed it ends bit for bit like one left alone; its mode stays in [-1, 1]; export and load keep it."""
    options = dict(agent=name, env="point_u_maze", env_steps=128 * 5, evaluations=2)
    with pytest.raises(KeyboardInterrupt):
        crlkit.train(smoke(**options, checkpoint_seconds=0.0, out=str(tmp_path / "run")), callback=interrupt)
    resumed, alone = crlkit.resume(tmp_path / "run"), crlkit.train(smoke(**options))
    rows = [run.metrics.drop(columns=TIMES).reset_index(drop=True) for run in (resumed, alone)]
    assert rows[0].equals(rows[1])
    jax.tree.map(np.testing.assert_array_equal, resumed.agent_states, alone.agent_states)

    agent, random = alone.agents[0], np.random.default_rng(0)
    state, goal = 5 * random.normal(size=(2, 50, 2)).astype(np.float32)
    action = agent.act(state, goal)
    assert action.shape == (50, 2) and np.abs(action).max() <= 1 and action.std() > 0
    again = weights.load_agent(weights.export(resumed))
    np.testing.assert_array_equal(again.act(state, goal), action)
    if name in ("sac", "td3"):
        energy = agent.energy(state[:5], action[:5], goal[:7])
        one = q_values(make_agent(agent.config, agent.env), agent.critic, state[3:4], action[3:4], goal[6:7]).min()
        assert energy.shape == (5, 7) and energy[3, 6] == pytest.approx(one, rel=1e-4)
    else:
        with pytest.raises(crlkit.UserError, match=f"agent '{name}': has no energy"):
            agent.energy(state[:1], action[:1], goal[:1])


def interrupt(run):
    raise KeyboardInterrupt


def test_a_reward_is_a_choice_of_the_run_and_leaves_recorded_names_alone(smoke):
    plain, dense = smoke(agent="sac"), smoke(agent="sac", reward="dense")
    assert sweep.name_of(plain) != sweep.name_of(dense) and plain.reward == "sparse"
    with pytest.raises(crlkit.UserError, match="reward 'dence': must be one of sparse, dense; nearest: dense"):
        smoke(reward="dence")
    with pytest.raises(crlkit.UserError, match="agent sac has no critic to train alone; nearest: online"):
        smoke(agent="sac", data="walks", num_envs=64)


@pytest.mark.parametrize("name", ["point_u_maze", "point_hardest_maze", "point_open_maze"])
def test_the_scripted_expert_walks_the_shortest_way_to_every_goal(name):
    """In at most one step per cell, and one more for each corner."""
    env = envs.make(name)
    from crlkit import evaluation

    played = evaluation.rollout(env, jax.vmap(env.expert), jax.random.key(0), 64, 64)
    assert np.asarray(played["success"]).any(axis=0).all() and np.asarray(played["success"])[-1].all()
    first = np.asarray(played["success"]).argmax(axis=0)
    start, goal = env.maze.cell(played["state"][0]), env.maze.cell(played["goal"])
    cells = np.array([env.maze.distance(tuple(a), tuple(b)) for a, b in zip(start, goal)])
    assert (first + 1 <= 2 * cells).all() and (first + 1 >= cells / 2).all()


def test_a_demonstrator_never_changes_and_is_asked_for_in_one_line(smoke):
    _, agent, state, batch = setting(smoke, "gcbc", agent_options="expert=1")
    shown = agent.act(state.actor, jax.random.key(0), batch.state, batch.goal)
    np.testing.assert_array_equal(shown, jax.vmap(agent.env.expert)(batch.state, batch.goal))
    _, agent, *_ = setting(smoke, "gcbc")
    random = np.asarray(agent.act({}, jax.random.key(0), jnp.zeros((500, 2)), jnp.zeros((500, 2))))
    assert random.shape == (500, 2) and np.abs(random.mean()) < 0.1 and random.std() == pytest.approx(3**-0.5, abs=0.05)
    with pytest.raises(
        crlkit.UserError, match="agent_options 'expert=1': reacher has no expert; nearest: point_u_maze"
    ):
        crlkit.train(smoke(env="reacher", agent="gcbc", agent_options="expert=1"))


def test_a_suite_of_agents_without_embeddings_can_be_recorded(smoke, tmp_path, monkeypatch):
    """Tables of all, arrays and weights of those that embed; what is read back is the algorithm."""
    configs = [
        smoke(agent=name, env="point_u_maze", seed=100, env_steps=256, evaluations=1) for name in ("gcsl", "crl")
    ]
    monkeypatch.setattr(suites, "configs", lambda suite, size: configs)
    this = sweep.Sweep.of("depth", "smoke", tmp_path / "sweeps")
    assert sweep.run_sweep(this) == {}
    folder = record(this, tmp_path / "data")
    imitated, contrasted = (sweep.name_of(config) for config in configs)
    assert {file.stem for file in (folder / "weights").iterdir()} == {contrasted}
    with np.load(folder / "arrays.npz") as arrays:
        assert {key.partition("/")[0] for key in arrays.files} == {contrasted}
    monkeypatch.setattr(evidence, "SIZES", ("smoke",))
    rows = evidence.rows(tmp_path / "data", "depth")
    assert dict(zip(rows.run, rows.agent)) == {imitated: "gcsl", contrasted: "crl"} and set(rows.reward) == {"sparse"}
    assert evidence.config(tmp_path / "data", imitated) == configs[0]
