"""The arm: its model against the paper's numbers, its physics against mechanics, its tasks solved by hand."""

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
import pytest
from arm_controller import Controller, Kinematics, observe, rehearse, step
from scipy.spatial import cKDTree

from crlkit.envs.arm import FINGERS, FRAMES, HELD, HELD_GOALS, MOVED, SCENES, START, TARGETS, Arm, spec
from crlkit.envs.base import goal_distance, succeeded
from crlkit.envs.mjx_adapter import mjx

ARMS, BY_HAND = 24, 4  # every test in MJX steps so many arms, so that they share one compiled step
GRAVITY = 9.81
CUBE_SCENES = ("push_easy", "push_hard", "binpick_easy", "binpick_hard")
SIZES = dict.fromkeys(CUBE_SCENES, (17, 3, 5, slice(0, 3))) | {"reach": (13, 3, 4, slice(7, 10))}
# Middle and half width of where cube and goal are drawn, metres.
DRAWN = {
    "push_easy": ((-0.1, 0.6), (0.1, 0.6), 0.1),
    "push_hard": ((-0.25, 0.65), (0.25, 0.65), 0.25),
    "binpick_easy": ((-0.15, 0.6), (0.17, 0.6), 0.09),
    "binpick_hard": ((-0.3, 0.6), (0.3, 0.6), 0.15),
}
OPEN_HAND, CLOSED_HAND = np.array([0.0, 0.0, 0.0, 0.0, -1.0]), np.array([0.0, 0.0, 0.0, 0.0, 1.0])


@pytest.fixture(scope="module")
def arms():
    return {task: Arm(task) for task in SCENES}


@pytest.fixture(scope="module")
def env(arms):
    return arms["push_easy"]


@pytest.fixture(scope="module")
def reset(env):
    return jax.jit(jax.vmap(env.reset))


@pytest.fixture(scope="module")
def step_all(env):
    return jax.jit(jax.vmap(env.step))


@pytest.fixture(scope="module")
def walk(env, reset, step_all):
    """100 steps in MJX, 4 arms under the controller and 20 under random policies: states `[101, ARMS, 17]`, success
    `[101, ARMS]` and the last EnvState."""
    env_state = reset(jax.random.split(jax.random.key(0), ARMS))
    pairs = zip(env_state.goal[:BY_HAND], np.asarray(env_state.state, float))
    controllers = [Controller(env, goal).solve(state) for goal, state in pairs]
    by_hand, states, success = np.array([next(controller) for controller in controllers]), [], []
    for key in jax.random.split(jax.random.key(1), 101):
        states.append(np.asarray(env_state.state, float))
        success.append(np.asarray(succeeded(env, env_state.state, env_state.goal)))
        if len(states) > 1:
            by_hand = np.array([controller.send(state) for controller, state in zip(controllers, states[-1])])
        if len(states) <= 100:
            action = jax.random.uniform(key, (ARMS, 5), minval=-1.0)
            env_state = step_all(env_state, action.at[:BY_HAND].set(by_hand))
    return np.array(states), np.array(success), env_state


@pytest.mark.parametrize("task", SCENES)
def test_sizes(arms, task):
    env = arms[task]
    env_state = jax.eval_shape(env.reset, jax.random.key(0))
    sizes = env.state_size, env.goal_size, env.action_size, env.goal_slice
    assert sizes == SIZES[task]
    assert (env.name, env.maze) == (f"arm_{task}", None)
    assert (env_state.state.shape, env_state.goal.shape) == ((env.state_size,), (env.goal_size,))
    assert env_state.state.dtype == env_state.goal.dtype == jnp.float32
    assert env.model.nu == (7 if task == "reach" else 9)
    if task in CUBE_SCENES:
        assert (env.threshold, env.easy_threshold, env.hard_threshold) == (0.1, 0.3, 0.03)


def test_unknown_task():
    with pytest.raises(KeyError):
        Arm("push")


@pytest.mark.parametrize("task", SCENES)
def test_options(arms, task):
    option = arms[task].model.opt
    assert (option.timestep, FRAMES, option.iterations, option.ls_iterations) == (0.002, 25, 6, 12)
    assert option.integrator == mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    assert option.impratio == (10 if task.startswith("binpick") else 1)


def test_masses_and_inertias(env):
    model = env.model
    masses = [4.970684, 0.646926, 3.228604, 3.587895, 1.225946, 1.666555, 0.735522]
    assert model.body_mass[1:8].tolist() == masses
    assert model.body("hand").mass == 0.0  # the paper's simulator loses it
    assert [model.body(name).mass[0] for name in FINGERS] == [0.015, 0.015]
    assert model.body("cube").mass == pytest.approx(1000 * 0.06**3)
    assert spec().body("link1").fullinertia[:3].tolist() == [0.70337, 0.70661, 0.0091170]
    for number in range(1, 8):  # the compiled model keeps principal axes; turn them back
        link, body, turn = spec().body(f"link{number}"), model.body(f"link{number}"), np.zeros(9)
        mujoco.mju_quat2Mat(turn, body.iquat)
        full = turn.reshape(3, 3) @ np.diag(body.inertia) @ turn.reshape(3, 3).T
        np.testing.assert_allclose(full[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]], link.fullinertia, atol=1e-9)
        np.testing.assert_array_equal(body.ipos, link.ipos)


def test_frames(env):
    model, half = env.model, np.sqrt(0.5)
    chain = [
        ((0, 0, 0.333), (1, 0, 0, 0)),
        ((0, 0, 0), (half, -half, 0, 0)),
        ((0, -0.316, 0), (half, half, 0, 0)),
        ((0.0825, 0, 0), (half, half, 0, 0)),
        ((-0.0825, 0.384, 0), (half, -half, 0, 0)),
        ((0, 0, 0), (half, half, 0, 0)),
        ((0.088, 0, 0), (half, half, 0, 0)),
        ((0, 0, 0.107), (0.9238795, 0, 0, -0.3826834)),
        ((0, 0, 0.0584), (1, 0, 0, 0)),
        ((0, 0, 0.0584), (0, 0, 0, 1)),
    ]
    names = [*(f"link{number}" for number in range(1, 8)), "hand", *FINGERS]
    for name, parent, (pos, quat) in zip(names, ["world", *names[:7], "hand", "hand"], chain, strict=True):
        body = model.body(name)
        assert model.body(body.parentid[0]).name == parent
        np.testing.assert_allclose(body.pos, pos)
        np.testing.assert_allclose(body.quat, quat, atol=1e-7)
    np.testing.assert_array_equal(model.jnt_axis[:9], [(0, 0, 1)] * 7 + [(0, 1, 0)] * 2)
    hand, along = model.geom("hand"), np.zeros(3)
    mujoco.mju_rotVecQuat(along, np.array([0.0, 0.0, 1.0]), hand.quat)
    np.testing.assert_allclose(np.abs(along), [0, 1, 0], atol=1e-7)
    np.testing.assert_allclose([*hand.pos, *hand.size[:2]], [0, 0, 0.035, 0.04, 0.06])


def test_joints_and_actuators(env):
    model = env.model
    wide = [-2.8973, 2.8973]
    ranges = [wide, [-1.7628, 1.7628], wide, [-3.0718, -0.0698], wide, [-0.0175, 3.7525], wide, *[[0, 0.08]] * 2]
    # The paper's file gives every joint of the arm a range, armature 0.1 and damping 5 by a class that its simulator
    # loses with the base: what is written at a joint itself stays, the fingers name their class.
    kept = [1, 3, 5, 7, 8]
    np.testing.assert_allclose(model.jnt_range[kept], np.take(ranges, kept, axis=0))
    np.testing.assert_allclose(model.actuator_ctrlrange, [*ranges[:7], *[[0, 255]] * 2])
    assert np.flatnonzero(model.jnt_limited).tolist() == kept
    assert model.actuator_ctrllimited.all() and model.actuator_forcelimited.all()
    assert model.dof_armature.tolist() == [0] * 7 + [0.1] * 2 + [0] * 6  # six of the cube, which is free
    assert model.dof_damping.tolist() == [0] * 7 + [5] * 2 + [0] * 6
    assert model.actuator_gainprm[:, 0].tolist() == [4500, 4500, 2000, 2000, 1000, 1000, 1000, 0.15686, 0.15686]
    stiffness = [4500, 4500, 3500, 3500, 2000, 2000, 2000, 500, 500]
    np.testing.assert_array_equal(model.actuator_biasprm[:, :3], [[0, -k, -k / 10] for k in stiffness])
    np.testing.assert_array_equal(model.actuator_forcerange[:, 1], [87] * 4 + [12] * 3 + [500] * 2)
    np.testing.assert_array_equal(model.actuator_forcerange[:, 0], -model.actuator_forcerange[:, 1])
    assert model.eq_type.tolist() == [mujoco.mjtEq.mjEQ_JOINT]
    np.testing.assert_array_equal(model.eq_solimp[0, :3], [0.95, 0.99, 0.001])
    np.testing.assert_array_equal(model.eq_solref[0], [0.005, 1])


@pytest.mark.parametrize("task", SCENES)
def test_exactly_the_listed_pairs_touch(arms, task):
    model = arms[task].model
    expected = {frozenset(pair) for pair in [("table", "hand")]}
    if task != "reach":
        expected |= {frozenset(pair) for pair in [("cube", "table"), ("cube", "hand"), FINGERS]}
        expected |= {frozenset((other, finger)) for other in ("cube", "table") for finger in FINGERS}
    walls = {model.geom(i).name for i in range(model.ngeom) if model.geom(i).name.startswith("bin_")}
    assert len(walls) == (8 if task.startswith("binpick") else 0)
    expected |= {frozenset((mover, wall)) for mover in ("cube", "hand", *FINGERS) for wall in walls}
    pairs = zip(model.pair_geom1, model.pair_geom2)
    assert {frozenset(model.geom(i).name for i in pair) for pair in pairs} == expected
    assert not model.geom_contype.any() and not model.geom_conaffinity.any()  # so nothing else does
    assert (model.pair_dim == 3).all()
    # A MuJoCo pair does not look at its geoms' friction, though the paper's code gives them some.
    np.testing.assert_array_equal(model.pair_friction, [[1, 1, 0.005, 0.0001, 0.0001]] * model.npair)


def test_shapes(env):
    model, box, capsule = env.model, mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CAPSULE
    assert model.geom("cube").type == box and model.geom("cube").size.tolist() == [0.03] * 3
    assert model.geom("hand").type == capsule and model.geom("hand").size[:2].tolist() == [0.04, 0.06]
    assert model.geom("table").type == mujoco.mjtGeom.mjGEOM_PLANE
    for finger in FINGERS:
        assert model.geom(finger).type == box and model.geom(finger).size.tolist() == [0.015, 0.005, 0.04]
        assert model.geom(finger).pos.tolist() == [0, 0.0055, 0.035]


@pytest.mark.parametrize("task, middle, half", [("binpick_easy", 0.17, 0.145), ("binpick_hard", 0.3, 0.195)])
def test_bins(arms, task, middle, half):
    model = arms[task].model
    for name, side in (("here", -1), ("there", 1)):
        walls = [model.geom(f"bin_{name}_{k}") for k in range(4)]
        low = np.min([wall.pos - wall.size for wall in walls], axis=0)
        high = np.max([wall.pos + wall.size for wall in walls], axis=0)
        np.testing.assert_allclose(low, [side * middle - half, 0.6 - half, 0.0], atol=1e-12)
        np.testing.assert_allclose(high, [side * middle + half, 0.6 + half, 0.066], atol=1e-12)
        assert sorted(min(wall.size[:2]) for wall in walls) == [0.005] * 4


def test_start_pose(env, reset):
    qpos = np.asarray(reset(jax.random.split(jax.random.key(0), ARMS)).physics.qpos)
    np.testing.assert_allclose(qpos[:, :7], [START] * ARMS, rtol=1e-6)
    assert START == (1.571, 0.742, 0.0, -1.571, 0.0, 3.054, 1.449)
    np.testing.assert_allclose(qpos[:, 7:9], 0.04, rtol=1e-6)
    np.testing.assert_allclose(qpos[:, 11:], [[0.07, 1, 0, 0, 0]] * ARMS, rtol=1e-6)


@pytest.mark.parametrize("task", CUBE_SCENES)
def test_starts_and_goals_are_drawn_afresh_where_published(arms, task):
    env, (cube, goal, spread) = arms[task], DRAWN[task]
    keys = jax.random.split(jax.random.key(2), 500)
    env_state = jax.jit(jax.vmap(lambda key: (lambda s: (s.physics.qpos[9:12], s.goal))(env.reset(key))))(keys)
    for drawn, middle, height in zip(env_state, (cube, goal), (0.07, 0.03)):
        offset = np.asarray(drawn)[:, :2] - middle
        assert np.abs(offset).max() <= spread + 1e-6
        assert offset.std(axis=0) == pytest.approx(np.full(2, spread / np.sqrt(3)), rel=0.1)
        np.testing.assert_allclose(drawn[:, 2], height, rtol=1e-6)
        assert len(np.unique(drawn[:, :2], axis=0)) == 500
    offsets = [np.asarray(drawn)[:, k] for drawn in env_state for k in (0, 1)]
    assert np.abs(np.corrcoef(offsets) - np.eye(4)).max() < 0.15  # start and goal know nothing of each other


def test_success_is_strictly_within_the_threshold(env):
    goal = jnp.array([0.0, 0.0, 0.0])
    states = np.zeros((5, 17), np.float32)
    states[:, 0] = [0.1, np.nextafter(np.float32(0.1), np.float32(0)), 0.0, -0.1, 0.2]
    assert succeeded(env, states, goal).tolist() == [False, True, True, False, False]
    assert goal_distance(env, states, goal)[0] == np.float32(env.threshold)


def test_actions_are_targets(env):
    low, high = np.asarray(env.control(jnp.full(5, -1.0))), np.asarray(env.control(jnp.full(5, 7.0)))  # clipped
    held = {2: 0.0, 4: 0.0, 6: 1.4487}
    for joint, (least, most) in zip((0, 1, 3, 5), TARGETS):
        assert (low[joint], high[joint]) == pytest.approx((least, most), abs=1e-6)
    for joint, angle in held.items():
        assert low[joint] == high[joint] == pytest.approx(angle)
    assert (low[7:].tolist(), high[7:].tolist()) == ([255, 255], [0, 0])  # negative opens, positive closes
    assert env.control(jnp.zeros(5))[7:].tolist() == [255, 255]
    assert TARGETS.tolist() == [[0.3491, 2.7925], [0.0, 1.48353], [-3.0718, -0.0698], [2.3562, 3.7525]]


def test_free_fall(env, reset, step_all):
    env_state = reset(jax.random.split(jax.random.key(3), ARMS))
    qpos = env_state.physics.qpos.at[:, 11].set(jnp.linspace(2.0, 3.0, ARMS))  # far above everything
    env_state = env_state._replace(physics=env_state.physics._replace(qpos=qpos))
    for control_step in (1, 2, 3):
        env_state = step_all(env_state, jnp.zeros((ARMS, 5)))
        time = 0.05 * control_step
        # The velocity is advanced before the position, so the fall is a time step ahead of g t^2 / 2.
        fallen = GRAVITY * time * (time + 0.002) / 2
        np.testing.assert_allclose(env_state.state[:, 2], qpos[:, 11] - fallen, atol=1e-4)
        np.testing.assert_allclose(env_state.physics.qvel[:, 11], -GRAVITY * time, rtol=1e-3)


def test_mjx_does_what_mujoco_does(env, reset, step_all):
    """As long as no actuator is at its limit: there the two integrate differently, so the arm moves little here."""
    env_state, data = reset(jax.random.split(jax.random.key(4), ARMS)), mujoco.MjData(env.model)
    action = np.array([0.0, 0.2, 0.3, 0.1, -1.0])
    data.qpos[:] = env_state.physics.qpos[0]
    np.testing.assert_allclose(env_state.state[0], observe(env, data), atol=1e-5)
    for _ in range(40):
        step(env, data, action)
    qpos, qvel = (jnp.tile(jnp.asarray(values, jnp.float32), (ARMS, 1)) for values in (data.qpos, data.qvel))
    env_state = env_state._replace(physics=env_state.physics._replace(qpos=qpos, qvel=qvel))
    for shift in (0.003, -0.003, 0.006):  # of the range of a joint: a few millimetres at the hand
        env_state = step_all(env_state, jnp.tile(action + shift, (ARMS, 1)))
        step(env, data, action + shift)
        assert (np.abs(data.actuator_force[:7]) < env.model.actuator_forcerange[:7, 1]).all()
        np.testing.assert_allclose(env_state.state[0], observe(env, data), atol=2e-4)
    assert np.linalg.norm(env_state.state[0, 13:16]) > 0.005


@pytest.mark.slow
def test_stages_are_the_step_of_mjx(arms):
    """The environment's own kinematics and list of stages against mjx.step, here compiled without the slow fusions."""
    env = arms["reach"]
    physics = env.body.init(env._rest, jnp.zeros(7))
    control = env.control(jnp.array([0.2, -0.1, 0.4, 0.3]))

    def frame(physics):
        data = env.body._blank.replace(qpos=physics.qpos, qvel=physics.qvel, qacc_warmstart=physics.warm, ctrl=control)
        data = mjx.step(env.body._model, data)
        return physics._replace(qpos=data.qpos, qvel=data.qvel, warm=data.qacc_warmstart)

    options = {"xla_cpu_use_fusion_emitters": False} if jax.default_backend() == "cpu" else None
    theirs = jax.jit(frame).lower(physics).compile(compiler_options=options)
    expected = physics
    for _ in range(FRAMES):
        expected = theirs(expected)
    actual = jax.jit(env.body.step)(physics, control)
    np.testing.assert_allclose(actual.qpos, expected.qpos, atol=1e-6)
    np.testing.assert_allclose(actual.qvel, expected.qvel, atol=1e-5)
    assert np.abs(expected.qvel).max() > 0.1


def test_random_policies(env, walk, reset, step_all):
    """Those of `walk`, and one walk more of as many arms."""
    states, success = walk[0][:, BY_HAND:], walk[1][:, BY_HAND:].mean()
    env_state = reset(jax.random.split(jax.random.key(10), ARMS))
    seen = [env_state.state]
    for key in jax.random.split(jax.random.key(20), 100):
        env_state = step_all(env_state, jax.random.uniform(key, (ARMS, 5), minval=-1.0))
        seen.append(env_state.state)
    states = np.concatenate([states, np.array(seen, float)], axis=1)
    cube, angles, fingers = states[..., :3], states[..., 3:10], states[..., 16]
    assert np.isfinite(states).all() and not np.asarray(env_state.terminated).any()
    limits = env.model.jnt_range[[1, 3, 5]]  # of the joints that have any
    assert (angles[..., [1, 3, 5]] > limits[:, 0] - 0.05).all() and (angles[..., [1, 3, 5]] < limits[:, 1] + 0.05).all()
    assert ((fingers > -0.005) & (fingers < 0.18)).all()  # a closing finger may overrun its limit of 0.16 by a little
    assert (cube[5:, :, 2] > 0.0).all()
    speed = np.linalg.norm(states[1:, :, 13:16], axis=-1).mean()
    moved = np.linalg.norm(cube[-1, :, :2] - cube[5, :, :2], axis=1)
    # Measured over 11,600 steps: 1.66 m/s, 0.77, 0.236 m, 0.066. Targets drawn over the whole range throw the hand
    # through the cube's place, so that most cubes are hit, few by chance towards the goal. (Armature 0.1 and damping 5,
    # which the paper's simulator loses, made it 1.43 m/s, 0.86, 0.125 m.)
    assert 1.45 < speed < 1.9
    assert 0.6 < np.mean(moved > 0.01) < 0.95
    assert 0.13 < np.median(moved) < 0.35
    assert success < 0.2


def test_by_hand_in_mjx(walk):
    states, success, env_state = walk
    assert success[-1, :BY_HAND].all() and not success[0, :BY_HAND].all()
    assert (np.abs(states[-1, :BY_HAND, 2] - 0.03) < 0.01).all()


@pytest.mark.parametrize("seed", [2, 6])
def test_by_hand_into_the_other_bin(arms, seed):
    env = arms["binpick_hard"]
    rehearsal = rehearse(env, jax.random.key(seed), 200)
    assert rehearsal.states[0, 0] < 0 < rehearsal.goal[0]
    assert rehearsal.states[:, 2].max() > 0.066 + 0.03  # it went over the wall
    assert (rehearsal.distances[-20:] < env.hard_threshold).all() and rehearsal.distances[0] > env.threshold
    assert rehearsal.qpos.shape == (201, env.model.nq) and np.abs(rehearsal.actions).max() <= 1.0
    with pytest.raises(ValueError, match="arm_push_easy"):
        rehearse(arms["reach"], jax.random.key(0), 1)


def test_gripper_opens_and_closes(env):
    data, distances = mujoco.MjData(env.model), []
    data.qpos[:9] = (*START, 0.04, 0.04)
    for hand in (OPEN_HAND, CLOSED_HAND, OPEN_HAND):
        for _ in range(25):
            step(env, data, hand)
        distances.append(observe(env, data)[16])
        assert data.qpos[7] == pytest.approx(data.qpos[8], abs=1e-3)  # the equality couples the fingers
    assert distances == pytest.approx([0.16, 0.0, 0.16], abs=3e-3)


def test_joints_settle_where_gain_and_stiffness_say(env):
    """Four of the seven actuators have less gain than stiffness: their joints stop short of the target, in
    proportion."""
    data, action = mujoco.MjData(env.model), np.array([0.2, -0.2, 0.5, -0.3, -1.0])
    data.qpos[:9] = (*START, 0.04, 0.04)
    for _ in range(60):
        step(env, data, action)
    targets = np.asarray(env.control(action))[:7]
    sag = data.qfrc_bias[:7] / -env.model.actuator_biasprm[:7, 1]
    np.testing.assert_allclose(data.qpos[:7], targets * [1, 1, 4 / 7, 4 / 7, 0.5, 0.5, 0.5] - sag, atol=1e-3)


def test_a_link_swings_as_a_pendulum(env):
    """All but joint 2 locked, no motors, no friction: the period of a compound pendulum, 2 pi sqrt(I / (m g l))."""
    model = env.model.__copy__()
    model.opt.disableflags |= mujoco.mjtDisableBit.mjDSBL_ACTUATION | mujoco.mjtDisableBit.mjDSBL_CONSTRAINT
    model.dof_damping[:], model.opt.timestep = 0.0, 0.0005
    model.dof_armature[[k for k in range(9) if k != 1]] = 1e7
    data, hangs = mujoco.MjData(model), slice(model.body("link2").id, model.body("right_finger").id + 1)
    mujoco.mj_forward(model, data)
    axis, pivot = data.xaxis[1], data.xanchor[1]

    def centre():
        mass = model.body_mass[hangs]
        return mass @ (data.xipos[hangs] - pivot) / mass.sum()

    arm = centre() - (centre() @ axis) * axis
    down = np.array([0.0, 0.0, -1.0])
    data.qpos[1] = np.arctan2(np.cross(arm, down) @ axis, arm @ down)
    mujoco.mj_forward(model, data)
    assert abs(data.qfrc_bias[1]) < 1e-6
    lever, mass, inertia = centre() @ down, model.body_mass[hangs].sum(), 0.0
    for body in range(hangs.start, hangs.stop):
        turn = data.ximat[body].reshape(3, 3)
        off = np.cross(axis, data.xipos[body] - pivot)
        inertia += model.body_mass[body] * off @ off + model.body_inertia[body] @ (turn.T @ axis) ** 2
    period = 2 * np.pi * np.sqrt(inertia / (mass * GRAVITY * lever))
    rest = data.qpos[1]
    data.qpos[1] += 0.02
    angles = []
    for _ in range(int(2.2 * period / model.opt.timestep)):
        mujoco.mj_step(model, data)
        angles.append(data.qpos[1] - rest)
    crossings = np.flatnonzero(np.diff(np.sign(angles))) * model.opt.timestep
    assert np.diff(crossings) == pytest.approx(np.full(len(crossings) - 1, period / 2), rel=0.01)
    assert len(crossings) == 4


def test_inverse_kinematics(env):
    kinematics, guess = Kinematics(env.model), np.array(START)
    for place in ([0.0, 0.6, 0.03], [-0.2, 0.7, 0.1], [0.3, 0.5, 0.18]):
        angles = kinematics.angles(np.array(place), guess)
        assert kinematics.grip(angles) == pytest.approx(place, abs=2e-3)
        assert angles[[2, 4]].tolist() == [0.0, 0.0]
    far = np.array([0.5, 0.9, 0.03])  # a corner of push_hard, beyond the arm's reach
    assert np.linalg.norm(kinematics.grip(kinematics.angles(far, guess)) - far) > 0.1


def test_the_hand_can_rest_near_half_of_the_goals_of_reach(arms):
    """Targets that settle where gain and stiffness say; joint 1 turns the arm about the vertical, towards any goal."""
    env, moved = arms["reach"], np.array(MOVED[1:])
    model, kinematics = env.model, Kinematics(env.model)
    low, high = np.clip(kinematics.ratio[moved] * TARGETS[1:].T, *model.jnt_range[moved].T)
    kinematics.data.qpos[:] = kinematics.ratio * HELD
    rests = []  # of the hand, distance from the vertical and height, metres
    for angles in np.stack(np.meshgrid(*np.linspace(low, high, 16).T), axis=-1).reshape(-1, 3):
        kinematics.data.qpos[moved] = angles
        mujoco.mj_kinematics(model, kinematics.data)
        x, y, z = kinematics.data.body("link7").xpos
        rests.append((np.hypot(x, y), z))
    x, y, z = np.asarray(jax.vmap(lambda key: env.reset(key).goal)(jax.random.split(jax.random.key(0), 4000))).T
    turned = np.arctan2(y, x)
    assert (TARGETS[0, 0] < turned).all() and (turned < TARGETS[0, 1]).all()
    apart, _ = cKDTree(rests).query(np.stack([np.hypot(x, y), z], axis=-1))
    assert (apart < env.threshold).mean() == pytest.approx(HELD_GOALS, abs=0.02)


def test_reach_goals(arms):
    env_state = jax.jit(jax.vmap(arms["reach"].reset))(jax.random.split(jax.random.key(6), 200))
    assert np.abs(np.asarray(env_state.goal) - [0.0, 0.5, 0.3]).max() <= 0.2 + 1e-6
