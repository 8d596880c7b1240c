"""The ant maze: its model against the paper's numbers, its physics against mechanics, its short cuts against none."""

from importlib import resources

import jax
import jax.numpy as jnp
import mujoco
import numpy as np
import pytest
from brax.io import mjcf

from crlkit.envs import EnvState, goal_distance, make, succeeded
from crlkit.envs.ant import CELL, FRAMES, REACH, TIME_STEP, Ant, ant_spec
from crlkit.envs.brax_adapter import SpringBody, nearby_boxes, wall_boxes, with_boxes
from crlkit.envs.mazes import WALLS, make_maze
from crlkit.errors import UserError

ANTS = 16  # every test steps this many, so that they share one compiled step
FEET = [f"{leg}_foot_geom" for leg in ("left", "right", "third", "fourth")]
HIPS = [f"aux_{i}_geom" for i in (1, 2, 3, 4)]
GRAVITY = 9.81
# `make test` turns these fusions off; without them the same physics of two models rounds more apart.
ALIKE = {"xla_cpu_use_fusion_emitters": True} if jax.default_backend() == "cpu" else None


@pytest.fixture(scope="module")
def env():
    return make("ant_u4_maze")


@pytest.fixture(scope="module")
def reset(env):
    return jax.jit(jax.vmap(env.reset))


@pytest.fixture(scope="module")
def step(env):
    return jax.jit(jax.vmap(env.step), compiler_options=ALIKE)


@pytest.fixture(scope="module")
def place(env):
    """Ants `[ANTS]` at rest at the R cell, with the changes that `edit` makes to their states `[ANTS, 29]`."""
    init = jax.jit(jax.vmap(env.body.init))

    def place(edit):
        states = env.states_at(np.tile(env.maze.position(env.maze.start), (ANTS, 1)))
        edit(states)
        physics = init(states[:, :15], states[:, 15:])
        return EnvState(physics, jnp.asarray(states), jnp.zeros((ANTS, 2)), jnp.zeros(ANTS, bool))

    return place


def random_actions(key, steps):
    return jax.random.uniform(jax.random.key(key), (steps, ANTS, 8), minval=-1.0, maxval=1.0)


NO_ACTION = jnp.zeros((ANTS, 8))


def test_sizes_and_names(env, reset):
    env_state = reset(jax.random.split(jax.random.key(0), ANTS))
    assert (env.name, env.maze.cell_size) == ("ant_u4_maze", 4.0)
    assert env_state.state.shape == (ANTS, env.state_size) == (ANTS, 29)
    assert env_state.goal.shape == (ANTS, env.goal_size) == (ANTS, 2)
    assert env.action_size == env.body.model.nu == 8
    assert env_state.state.dtype == env_state.goal.dtype == jnp.float32
    with pytest.raises(KeyError):
        Ant("u4_maze_single_eval")
    with pytest.raises(UserError, match="ant_u4_maze"):
        make("ant_u4_mase")


def test_reset_starts_at_the_start_cell_within_the_noise(env, reset):
    states = np.asarray(reset(jax.random.split(jax.random.key(1), 1000)).state)
    rest = [8.0, 4.0, 0.55, 1, 0, 0, 0, 0, 1, 0, -1, 0, -1, 0, 1]
    noise = states[:, :15] - rest
    assert np.abs(noise).max() <= 0.1 + 1e-6
    assert noise.std(axis=0) == pytest.approx(np.full(15, 0.1 / np.sqrt(3)), rel=0.1)
    assert states[:, 15:].std(axis=0) == pytest.approx(np.full(14, 0.1), rel=0.15)


def test_goals_are_goal_cells_and_keys_matter(env, reset):
    env_state = reset(jax.random.split(jax.random.key(2), 1000))
    drawn = {tuple(cell) for cell in env.maze.cell(env_state.goal)}
    assert drawn == set(env.maze.goals)
    assert set(map(tuple, np.asarray(env_state.goal))) == {tuple(env.maze.position(goal)) for goal in env.maze.goals}
    assert len(np.unique(env_state.state, axis=0)) == 1000


def test_generalisation_pairs_start_in_their_cell():
    env = make("ant_u4_maze_gen_1f2f")
    env_state = jax.jit(jax.vmap(env.reset))(jax.random.split(jax.random.key(3), 1000))
    starts, goals = env.maze.cell(env_state.state[:, :2]), env.maze.cell(env_state.goal)
    drawn = {(tuple(start), tuple(goal)) for start, goal in zip(starts.tolist(), goals.tolist(), strict=True)}
    assert drawn == set(env.maze.pairs)
    np.testing.assert_array_equal(env_state.state[:, :2], np.float32(env.maze.position(starts)))  # no noise here
    assert np.abs(env_state.state[:, 2:15] - env.body.rest[2:15]).max() > 0.05


def test_success_is_strictly_within_half_a_metre(env):
    goal = jnp.array([12.0, 4.0])
    states = env.states_at([[12.0, 4.5], [12.0, 4.4999], [11.5, 4.0], [11.6, 4.2], [0.0, 0.0]])
    assert succeeded(env, states, goal).tolist() == [False, True, False, True, False]
    assert goal_distance(env, states, goal)[0] == env.threshold == 0.5
    assert env.easy_threshold == 2.0


def test_episode_ends_outside_the_height_limits(step, place):
    heights = np.linspace(0.1, 1.3, ANTS)

    def edit(states):
        states[:, 2] = heights
        states[:, 3:7] = [0, 1, 0, 0]  # on its back in the air: the torso itself does not meet the floor

    def broken(states):
        states[0, 2] = np.nan

    env_state = step(place(edit), NO_ACTION)
    z = np.asarray(env_state.state[:, 2])
    assert env_state.terminated.tolist() == ((z < 0.2) | (z > 1.0)).tolist()
    assert (z < 0.2).any() and (z > 1.0).any()
    assert step(place(broken), NO_ACTION).terminated.tolist() == [True] + [False] * (ANTS - 1)


def test_what_touches_what(env):
    model = env.body.model
    expected = {name: (0, 0) for name in (model.geom(i).name for i in range(model.ngeom))}
    expected |= {name: (0, 1) for name in ["floor", "torso_geom", *HIPS]}
    expected |= {name: (1, 1) for name in expected if name in FEET or name.startswith("wall")}
    actual = {name: (int(model.geom(name).contype[0]), int(model.geom(name).conaffinity[0])) for name in expected}
    assert actual == expected
    assert sum(bits != (0, 0) for bits in actual.values()) == 1 + 9 + 24  # floor, ant, walls of u4
    assert model.geom("floor").size[:2].tolist() == [100.0, 100.0]
    assert (model.geom_friction == [1.0, 0.5, 0.5]).all() and (model.geom_condim == 3).all()


def test_the_rest_of_the_ant_is_stock(env):
    with resources.as_file(resources.files("brax") / "envs" / "assets" / "ant.xml") as path:
        stock = mjcf.load_mjmodel(path)
    fields = """body_mass body_inertia body_pos body_ipos jnt_range jnt_axis jnt_pos jnt_limited dof_damping
    dof_armature actuator_gear actuator_ctrlrange actuator_trnid numeric_data"""
    for field in fields.split():
        np.testing.assert_array_equal(getattr(env.body.model, field), getattr(stock, field), err_msg=field)
    names = [[model.numeric(i).name for i in range(model.nnumeric)] for model in (env.body.model, stock)]
    assert names[0] == names[1]
    assert env.body.rest.tolist() == pytest.approx([0, 0, 0.55, 1, 0, 0, 0, 0, 1, 0, -1, 0, -1, 0, 1])


@pytest.mark.parametrize("walls", WALLS)
def test_walls_stand_where_the_map_says(walls):
    maze = make_maze(f"{walls}_maze", cell_size=4.0)
    model = with_boxes(ant_spec(), wall_boxes(maze), maze.cell_size).compile()
    boxes = [model.geom(i) for i in range(model.ngeom) if model.geom(i).type == mujoco.mjtGeom.mjGEOM_BOX]
    cells = [(i, j) for i, row in enumerate(maze.rows) for j, c in enumerate(row) if c == "#"]
    assert sorted(tuple(box.pos) for box in boxes) == [(4.0 * i, 4.0 * j, 1.0) for i, j in cells]
    assert all(box.size.tolist() == [2.0, 2.0, 1.0] for box in boxes)  # half sizes: 2 m high
    assert all(box.bodyid == 0 for box in boxes)


@pytest.mark.parametrize("walls", WALLS)
def test_nearby_boxes_hold_every_wall_in_reach(walls):
    maze = make_maze(f"{walls}_maze", cell_size=4.0)
    boxes, near = wall_boxes(maze)[:, :2], nearby_boxes(maze, REACH)
    assert near.shape[2] == 3
    random = np.random.default_rng(0)
    for position in random.uniform(-2.0, 4.0 * np.array(maze.walls.shape) - 2.0, (2000, 2)):
        if not maze.walls[tuple(maze.cell(position))]:
            gap = np.abs(boxes - position).max(axis=1) - 2.0  # from the torso to the side of each box
            found = near[tuple(np.floor(position / 2.0).astype(int) + 1)][:, :2]
            assert {tuple(box) for box in boxes[gap < REACH]} <= {tuple(box) for box in found}


def test_no_part_of_the_ant_reaches_half_a_cell(env):
    model = ant_spec().compile()
    data, random = mujoco.MjData(model), np.random.default_rng(0)
    reach = []
    for _ in range(300):
        data.qpos[7:] = random.uniform(*model.jnt_range[1:].T)
        mujoco.mj_forward(model, data)
        reach.append(np.linalg.norm(data.geom_xpos[1:] - data.xpos[1], axis=1) + model.geom_rbound[1:])
    assert np.max(reach) < REACH < CELL / 2


def test_free_fall(env, step, place):
    assert env.body.model.opt.timestep == TIME_STEP == 0.005 and FRAMES == 10
    heights = np.linspace(0.85, 0.95, ANTS)

    def edit(states):
        states[:, 2] = heights

    env_state = place(edit)
    for control_step in range(1, 5):
        env_state = step(env_state, NO_ACTION)
        time = control_step * 0.05
        # The velocity is advanced before the position, so the fall is a time step ahead of g t^2 / 2.
        fallen = GRAVITY * time * (time + TIME_STEP) / 2
        np.testing.assert_allclose(env_state.state[:, 2], heights - fallen, atol=1e-4)
        np.testing.assert_allclose(env_state.state[:, 17], -GRAVITY * time, rtol=1e-3)


def test_a_still_ant_settles_on_its_feet(step, place):
    def edit(states):
        states[:, 2] = np.linspace(0.5, 0.9, ANTS)

    env_state = place(edit)
    for _ in range(60):
        env_state = step(env_state, NO_ACTION)
    height, velocities = env_state.state[:, 2], env_state.state[:, 15:]
    assert ((height > 0.45) & (height < 0.6)).all()  # the stock start pose stands at 0.55
    assert jnp.abs(velocities).max() < 0.05
    assert not env_state.terminated.any()


def test_walls_stop_the_ant(env, step, place):
    directions = np.tile([[1, 0], [0, -1], [0, 1], [-1, 0]], (ANTS // 4, 1))  # to three walls and a free cell
    speed = np.repeat([6.0, 8.0, 10.0, 15.0], 4)

    def edit(states):
        states[:, 15:17] = directions * speed[:, None]

    env_state, furthest = place(edit), 0.0
    for _ in range(40):
        env_state = step(env_state, NO_ACTION)
        moved = ((env_state.state[:, :2] - env.maze.position(env.maze.start)) * directions).sum(axis=1)
        furthest = np.maximum(furthest, moved)
    torso_at_wall = 2.0 - 0.25  # from the middle of the cell to its border, less the radius of the torso
    to_wall, to_free = furthest.reshape(4, 4)[:, :3], furthest.reshape(4, 4)[:, 3]
    assert to_wall.max() < torso_at_wall + 0.01
    assert (to_free[1:] > 3.0).all()


def wall_contacts(env, states):
    """How many contacts with walls MuJoCo itself finds at each of `states` `[n, 29]`."""
    model = env.body.model
    data, counts = mujoco.MjData(model), []
    for state in np.asarray(states, float):
        data.qpos[:] = state[:15]
        mujoco.mj_forward(model, data)
        is_box = model.geom_type[data.contact.geom] == mujoco.mjtGeom.mjGEOM_BOX
        counts.append(int(is_box.any(axis=1).sum()))
    return np.array(counts)


def test_three_boxes_do_what_all_walls_do(env, step, place):
    everywhere = SpringBody(with_boxes(ant_spec(), wall_boxes(env.maze), 4.0), TIME_STEP, FRAMES)
    step_everywhere = jax.jit(jax.vmap(everywhere.step))
    random = np.random.default_rng(0)

    def edit(states):
        centres = env.maze.position(env.maze.free_cells)[random.integers(len(env.maze.free_cells), size=ANTS)]
        states[:, :2] = centres + random.uniform(-1.5, 1.5, (ANTS, 2))
        states[:, 15:17] = random.normal(0.0, 3.0, (ANTS, 2))

    env_state, touching = place(edit), 0
    for action in random_actions(4, 60):
        expected = step_everywhere(env_state.physics, action)
        env_state = step(env_state, action)
        # Contacts are summed in another order, hence not to the bit.
        np.testing.assert_allclose(env_state.physics.q, expected.q, atol=1e-4)
        np.testing.assert_allclose(env_state.physics.qd, expected.qd, atol=1e-3)
        touching += (wall_contacts(env, env_state.state) > 0).sum()
    assert touching > 100


def test_the_target_body_would_change_nothing(env, step, place):
    spec = ant_spec()
    target = spec.worldbody.add_body(name="target", pos=[0, 0, 0.01])
    target.add_geom(type=mujoco.mjtGeom.mjGEOM_SPHERE, size=[0.9, 0, 0], mass=1.0, contype=0, conaffinity=0)
    for name, axis in (("target_x", [1, 0, 0]), ("target_y", [0, 1, 0])):
        slide = target.add_joint(name=name, type=mujoco.mjtJoint.mjJNT_SLIDE, axis=axis, range=[-100, 100])
        slide.armature, slide.damping = 0.0, np.zeros(3)
    pose = spec.numeric("init_qpos")
    pose.data = [*pose.data, 12.0, 4.0]
    pose.size = 17
    with_target = SpringBody(spec, TIME_STEP, FRAMES, env.maze)
    step_with_target = jax.jit(jax.vmap(with_target.step), compiler_options=ALIKE)

    def edit(states):
        states[:, 15:17] = np.random.default_rng(0).normal(0.0, 3.0, (ANTS, 2))

    env_state = place(edit)
    q, qd = jnp.split(env_state.state, [15], axis=1)
    goal = jnp.tile(jnp.array([12.0, 4.0]), (ANTS, 1))
    init = jax.jit(jax.vmap(with_target.init))
    physics = init(jnp.concatenate([q, goal], axis=1), jnp.pad(qd, ((0, 0), (0, 2))))
    for action in random_actions(5, 10):
        env_state, physics = step(env_state, action), step_with_target(physics, action)
    # Half a second: where the two models compile differently, contacts amplify the rounding after that.
    np.testing.assert_allclose(env_state.physics.q, physics.q[:, :15], atol=1e-4)
    np.testing.assert_allclose(env_state.physics.qd, physics.qd[:, :14], atol=1e-4)


def test_actions_are_clipped(step, place):
    env_state = place(lambda states: None)
    action = random_actions(6, 1)[0]
    strong = step(env_state, jnp.sign(action) * 5.0)
    np.testing.assert_array_equal(strong.state, step(env_state, jnp.sign(action)).state)
    assert (strong.state != step(env_state, action).state).any()


def test_states_at(env):
    states = env.states_at(np.zeros((3, 4, 2)) + [4.0, 8.0])
    assert states.shape == (3, 4, 29) and states.dtype == np.float32
    assert states[1, 2].tolist() == pytest.approx([4, 8, 0.55, 1, 0, 0, 0, 0, 1, 0, -1, 0, -1, 0, 1] + [0] * 14)
