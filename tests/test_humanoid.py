"""The humanoid: its model and state against the paper's numbers and brax's own environment, its physics against
mechanics."""

from functools import partial
from importlib import resources
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
import pytest
from brax.envs.humanoid import Humanoid as Stock
from brax.io import mjcf
from walks import random_walk

from crlkit.config import Config
from crlkit.envs import EnvState, entry, goal_distance, make, succeeded
from crlkit.envs.base import outside
from crlkit.envs.brax_adapter import nearby_boxes
from crlkit.envs.humanoid import CELL, FRAMES, HEALTHY_Z, MAZE_TIME_STEP, REACH, TIME_STEP, Humanoid, humanoid_spec
from crlkit.envs.mazes import HUMANOID_EVAL_GOALS, make_maze
from crlkit.errors import UserError

HUMANOIDS = 100  # every test steps this many, so that they share one compiled step
STEPS = 100
QUICK = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}  # to compile; slow to run
FAST = QUICK | {"xla_backend_optimization_level": 1}  # to run
BODY = 42.11603  # kg, without the target
REST = [0, 0, 1.4, 1] + [0] * 20


@pytest.fixture(scope="module")
def env():
    return make("humanoid")


@pytest.fixture(scope="module")
def reset(env):
    return jax.jit(jax.vmap(env.reset), compiler_options=QUICK)


@pytest.fixture(scope="module")
def start(reset):
    return reset(jax.random.split(jax.random.key(0), HUMANOIDS))


@pytest.fixture(scope="module")
def step(env):
    return jax.jit(jax.vmap(env.step), compiler_options=FAST)


@pytest.fixture(scope="module")
def walk(start, step):
    return random_walk(start, step, 17, STEPS)


def test_sizes_and_names(env, start):
    assert start.state.shape == (HUMANOIDS, env.state_size) == (HUMANOIDS, 268)
    assert start.goal.shape == (HUMANOIDS, env.goal_size) == (HUMANOIDS, 3)
    assert env.action_size == env.model.nu == 17 and env.goal_slice == slice(0, 3)
    assert (env.threshold, env.easy_threshold, env.maze) == (0.5, 2.0, None)
    assert start.state.dtype == start.goal.dtype == jnp.float32
    assert (env.model.nq, env.model.nv, env.model.nbody - 1) == (26, 25, 12)  # 120 = 12 x 10, 72 = 12 x 6
    for name in ("humanoid_u_maze", "humanoid_big_maze", "humanoid_hardest_maze"):
        assert entry(name).eval_env == Config(env=name).eval_env == name  # the paper scores humanoids where they train
    with pytest.raises(KeyError):
        Humanoid("hardest_maze_eval")
    with pytest.raises(UserError, match="humanoid_big_maze"):
        make("humanoid_bigmaze")


def test_reset_is_the_stock_pose_without_noise_and_the_goal_on_a_ring(env, reset):
    draws = [reset(jax.random.split(jax.random.key(k), HUMANOIDS)) for k in range(10)]
    states, goals = (np.concatenate([getattr(draw, field) for draw in draws]) for field in ("state", "goal"))
    np.testing.assert_array_equal(states[:, :24], np.tile(np.float32(REST), (1000, 1)))
    np.testing.assert_array_equal(states[:, 24:26], goals[:, :2])  # the target
    assert not states[:, 26:51].any() and not states[:, 171:].any() and (goals[:, 2] == 1.25).all()
    radius, angle = np.linalg.norm(goals[:, :2], axis=1), np.arctan2(goals[:, 1], goals[:, 0])
    assert 1.0 <= radius.min() < 1.05 and 4.95 < radius.max() <= 5.0
    for values, low, high in ((radius, 1.0, 5.0), (angle, -np.pi, np.pi)):  # uniform: 250 expected in each quarter
        assert np.abs(np.histogram(values, 4, (low, high))[0] - 250).max() < 60
    assert len(np.unique(goals, axis=0)) == 1000


def test_success_is_strictly_within_half_a_metre(env):
    goal = jnp.array([2.0, 0.0, 1.25])
    places = [[1.5, 0, 1.25], [1.5001, 0, 1.25], [2, 0, 1.75], [2, 0, 1.7499], [2.3, 0.3, 1.0], [2.3, 0.3, 1.0 + 0.1]]
    states = np.zeros((6, 268), np.float32)
    states[:, :3] = places
    assert succeeded(env, states, goal).tolist() == [False, True, False, True, True, True]
    assert goal_distance(env, states, goal)[0] == 0.5


def test_episode_ends_outside_the_height_limits(walk):
    _, seen, _ = walk
    heights = seen.state[..., 2]
    np.testing.assert_array_equal(seen.terminated, (heights < 1.0) | (heights > 2.0))
    assert seen.terminated.any() and HEALTHY_Z == (1.0, 2.0)
    limits = jnp.array([0.999, 1.0, 2.0, 2.001, jnp.nan])
    assert outside(limits, HEALTHY_Z).tolist() == [True, False, False, True, True]


def test_the_state_is_what_brax_observes(env, walk):
    """brax's own humanoid, given our model, and the target that the paper's code adds to it."""
    actions, seen, last = walk
    physics = jax.tree.map(lambda x: x[0], last.physics)
    told = SimpleNamespace(sys=env.body._system, backend="spring", _exclude_current_positions_from_observation=False)
    told._com = partial(Stock._com, told)
    expected = Stock._get_obs(told, physics, 0.4 * actions[-1, 0])
    observed = env._observe(physics, last.goal[0], 0.4 * actions[-1, 0]).state
    np.testing.assert_allclose(observed, expected, rtol=1e-4, atol=1e-4)
    if not seen.terminated[-1, 0]:
        np.testing.assert_allclose(seen.state[-1, 0], expected, rtol=1e-3, atol=1e-3)


def test_forces_are_controls_times_gears(walk):
    actions, seen, _ = walk
    motors, hinges = [m.name for m in humanoid_spec().actuators], [j.name for j in humanoid_spec().joints]
    forces = dict(zip(hinges[1:], np.moveaxis(seen.state[..., -19:], -1, 0)))  # after the 6 of the free joint
    assert not seen.state[..., -25:-19].any()
    for k, motor in enumerate(motors):
        strength = 40.0 if "shoulder" in motor or "elbow" in motor else 140.0  # 0.4 x 100 and 0.4 x 350 N m
        np.testing.assert_allclose(forces[motor], strength * actions[..., k], rtol=1e-4, atol=1e-3)
    assert not forces["target_x"].any() and not forces["target_y"].any()


def test_the_target_stays_at_the_goal(walk):
    _, seen, _ = walk
    np.testing.assert_allclose(seen.state[..., 24:26], seen.goal[..., :2], atol=1e-3)
    assert np.abs(seen.state[..., 49:51]).max() < 1e-2


def test_the_model_is_stock_but_for_what_the_paper_changes(env):
    with resources.as_file(resources.files("brax") / "envs" / "assets" / "humanoid.xml") as path:
        stock = mjcf.load_mjmodel(path)
    model = env.model
    for field in "body_mass body_inertia body_pos body_ipos body_quat".split():
        np.testing.assert_array_equal(getattr(model, field)[:-1], getattr(stock, field), err_msg=field)
    for field in "jnt_range jnt_axis jnt_pos jnt_limited jnt_stiffness dof_damping dof_armature".split():
        np.testing.assert_array_equal(getattr(model, field)[:-2], getattr(stock, field), err_msg=field)
    for field in "actuator_ctrlrange actuator_trnid numeric_data".split():
        np.testing.assert_array_equal(getattr(model, field), getattr(stock, field), err_msg=field)
    np.testing.assert_array_equal(model.actuator_gear[:, 0], [350.0] * 11 + [100.0] * 6)
    assert model.body_mass[-1] == 1.0 and model.body_mass[1:-1].sum() == pytest.approx(BODY, abs=1e-3)
    assert not (model.dof_damping[-2:].any() or model.dof_armature[-2:].any() or model.jnt_stiffness[-2:].any())
    assert model.body("target").pos.tolist() == [0, 0, 1.25]
    bits = {model.geom(i).name: (model.geom_contype[i], model.geom_conaffinity[i]) for i in range(model.ngeom)}
    assert bits.pop("floor") == (0, 1) and bits.pop("target_geom") == (0, 0) and set(bits.values()) == {(1, 0)}
    assert (model.opt.timestep, FRAMES) == (TIME_STEP, 10) == (0.003, 10)


def test_free_fall(start, step):
    """From its start pose the soles are 0.107 m above the floor: 0.14 s to fall. The joints' springs move the limbs,
    but not the centre of mass, whose velocity is the sum of the links' parts."""
    env_state = start
    for control_step in range(1, 5):
        env_state = step(env_state, jnp.zeros((HUMANOIDS, 17)))
        velocities = np.asarray(env_state.state[:, 171:243]).reshape(HUMANOIDS, 12, 6)[:, :11, :3].sum(axis=1)
        expected = [0.0, 0.0, -9.81 * control_step * FRAMES * TIME_STEP * BODY / (BODY + 1.0)]
        np.testing.assert_allclose(velocities, np.tile(expected, (HUMANOIDS, 1)), atol=5e-3)
    assert (env_state.state[:, 2] < 1.4).all()


@pytest.mark.slow
def test_a_random_policy_does_what_it_did(env, walk):
    """10,000 control steps of 0.03 s. Another version of the physics would show here."""
    _, seen, _ = walk
    falls = 1000 * seen.terminated.mean()
    distance = np.linalg.norm(seen.state[..., :2], axis=-1)
    success = np.asarray(succeeded(env, seen.state, seen.goal)).mean()
    assert np.isfinite(seen.state).all()
    # Nearly every humanoid falls once in 1.5 s (measured: 19.9 falls in 1,000 steps, 0.12 m from the start on average,
    # at most 0.97; torso at 1.21 m), and none gets anywhere near a goal. The ranges leave room for another seed.
    assert 15 < falls < 25
    assert 0.09 < distance.mean() < 0.15 and distance.max() < 2.0
    assert 1.18 < seen.state[..., 2].mean() < 1.24
    assert success == 0.0


def test_mazes_are_the_papers():
    for walls, count in (("u", 3), ("big", 10)):
        assert HUMANOID_EVAL_GOALS[walls] == tuple(sorted(HUMANOID_EVAL_GOALS[walls])) and count
        assert set(make_maze(f"{walls}_maze_eval", far_goals=HUMANOID_EVAL_GOALS).goals) == set(
            HUMANOID_EVAL_GOALS[walls]
        )
        assert len(HUMANOID_EVAL_GOALS[walls]) == count
    ant = set(make_maze("big_maze_eval").goals)
    assert set(HUMANOID_EVAL_GOALS["big"]) - ant == {(2, 5)} and len(ant) == 9


@pytest.fixture(scope="module")
def big():
    return make("humanoid_big_maze_eval")


def test_the_maze_is_of_cells_of_two_metres_and_half_the_time_step(big):
    assert (big.name, big.maze.cell_size, len(big.maze.goals)) == ("humanoid_big_maze_eval", CELL, 10)
    assert big.model.opt.timestep == MAZE_TIME_STEP == 0.0015 and FRAMES == 10
    walls = [big.model.geom(i) for i in range(big.model.ngeom) if big.model.geom(i).name.startswith("wall_")]
    assert len(walls) == 38 and all(wall.size.tolist() == [1.0, 1.0, 0.5] for wall in walls)
    assert all((wall.contype, wall.conaffinity, wall.pos[2]) == (1, 1, 0.5) for wall in walls)
    starts, goals = jax.vmap(big._starts)(jax.random.split(jax.random.key(0), 512))
    assert set(goals[:, 1].tolist()) == {2.0 * j for _, j in big.maze.goals}
    assert set(map(tuple, starts.tolist())) == {(2.0, 2.0)}


def poses(model, count):
    """Random coordinates within the joints' limits `[count, nq]`, every other one at the limits; upright at 0."""
    random = np.random.default_rng(0)
    low, high = model.jnt_range[1:18].T
    angles = random.uniform(low, high, (count, 17))
    extreme = np.where(random.random((count, 17)) < 0.5, low, high)
    angles[::2] = extreme[::2]
    q = np.tile(model.qpos0, (count, 1))
    q[:, 7:24] = angles
    return q


def test_no_part_of_the_humanoid_reaches_farther_than_it_says(env):
    data, reach = mujoco.MjData(env.model), 0.0
    own = np.flatnonzero(np.isin(env.model.geom_bodyid, np.arange(1, 12)))
    for q in poses(env.model, 2000):
        data.qpos[:] = q
        mujoco.mj_kinematics(env.model, data)
        apart = np.linalg.norm(data.geom_xpos[own] - data.xpos[1], axis=1) + env.model.geom_rbound[own]
        reach = max(reach, apart.max())
    assert CELL / 2 < 1.25 < reach < REACH < CELL  # more than half a cell: three boxes as for the ant would not do


def test_every_wall_that_a_humanoid_touches_is_among_its_boxes(big):
    """Humanoids in all poses, turned and put anywhere in the free cells: MuJoCo finds the contacts with all walls."""
    model, data, random = big.model, mujoco.MjData(big.model), np.random.default_rng(1)
    near = nearby_boxes(big.maze, REACH)
    assert near.shape == (16, 16, 6, 3)
    centres, touched = big.maze.position(big.maze.free_cells), 0
    for q in poses(model, 1000):
        q[:2] = centres[random.integers(len(centres))] + random.uniform(-1, 1, 2)
        q[2] = random.uniform(0.3, 1.2)
        turn = random.normal(size=4)
        q[3:7] = turn / np.linalg.norm(turn)
        data.qpos[:] = q
        mujoco.mj_forward(model, data)
        a, b = np.floor(q[:2] / (CELL / 2)).astype(int) + 1
        found = {tuple(box) for box in near[a, b]}
        pairs = data.contact.geom
        walls = {g for g in pairs.ravel().tolist() if model.geom(g).name.startswith("wall_")}
        assert {tuple(model.geom_pos[wall]) for wall in walls} <= found
        touched += len(walls)
    assert touched > 300


def test_the_leak_is_in_every_inertia(env, start):
    """The 12 links' numbers are those of the humanoid's 11 links about the centre of mass of both, by hand."""
    data = mujoco.MjData(env.model)
    for k in (0, 1):
        data.qpos[:] = start.state[k, :26]
        mujoco.mj_kinematics(env.model, data)
        mujoco.mj_comPos(env.model, data)
        mass, at = env.model.body_mass[1:], data.xipos[1:]
        arm = at - (mass[:, None] * at).sum(axis=0) / mass.sum()
        inertia = [np.eye(3) + m * (r @ r * np.eye(3) - np.outer(r, r)) for m, r in zip(mass, arm)]
        expected = np.concatenate([[*i.ravel(), m] for i, m in zip(inertia, mass)])
        np.testing.assert_allclose(start.state[k, 51:171], expected, rtol=1e-4, atol=1e-3)
    assert (np.asarray(start.state[:, 51:171]).std(axis=0) > 1e-3).sum() > 60  # nothing but the goals differs


@pytest.mark.parametrize("name, epochs", [("humanoid", 100), ("humanoid_u_maze", 400), ("humanoid_big_maze", 400)])
def test_the_paper_preset_is_as_long_as_the_papers_runs(name, epochs):
    config = Config(env=name, preset="paper")
    assert (config.evaluations, config.rounds, config.num_envs, config.width) == (epochs, 31 * epochs, 512, 256)


def test_env_state_is_a_pytree_that_training_can_carry(start):
    assert isinstance(start, EnvState) and all(len(leaf) == HUMANOIDS for leaf in jax.tree.leaves(start))
