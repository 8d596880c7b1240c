"""Environments and mazes of people's own files: they behave as the kit's own do, and say so in one line when they
cannot."""

import os
import runpy
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest

import crlkit
from crlkit import envs, record, registration, sweep
from crlkit.cli import main
from crlkit.envs import EnvState, GoalEnv, mazes
from crlkit.envs.base import problem
from crlkit.weights import export

EXAMPLES = Path(__file__).parents[1] / "examples"
TABLES = (registration.REGISTERED, envs._REGISTERED, envs._MADE, mazes.WALLS, mazes.EVAL_GOALS)
ROWS = ("#####", "#R..#", "#####")


@pytest.fixture(autouse=True)
def unregistered():
    """Every test begins and ends with the kit's own."""
    before = [dict(table) for table in TABLES]
    yield
    for table, kept in zip(TABLES, before):
        table.clear()
        table.update(kept)


def forget():
    """As in a process in which nobody registered anything."""
    for table in TABLES[:3]:
        table.clear()
    mazes.WALLS.pop("spiral", None)


def example(name):
    runpy.run_path(str(EXAMPLES / f"{name}.py"))


class Slide(GoalEnv):
    """The least that an environment can be."""

    state_size = goal_size = action_size = 1
    goal_slice = slice(None)
    threshold = 0.1

    def reset(self, key):
        return EnvState((), jnp.zeros(1), jax.random.uniform(key, (1,)), jnp.array(False))

    def step(self, env_state, action):
        return env_state._replace(state=env_state.state + 0.1 * action)


@pytest.mark.parametrize(
    "file, env, scored_in", [("own_env", "bead", "bead"), ("own_maze", "point_spiral_maze", "point_spiral_maze_eval")]
)
def test_an_example_is_swept_resumed_recorded_scored_filmed_and_opened_again(file, env, scored_in, tmp_path, capsys):
    assert len((EXAMPLES / f"{file}.py").read_text().splitlines()) <= 40
    example(file)
    config = crlkit.Config(env=env, preset="smoke", depth=4)
    path = tmp_path / "sweeps" / sweep.name_of(config)
    jobs = [sweep.Job(replace(config, out=str(path)), path)]
    this = sweep.Sweep("own", "smoke", path.parent, jobs)
    assert config.eval_env == scored_in and sweep.plan(this).status.tolist() == ["missing"]
    # Stopped at once, then gone on with by the sweep.
    assert crlkit.train(jobs[0].config, deadline=time.time()).status == "interrupted"
    assert sweep.run_sweep(this) == {} and this.table().status.tolist() == ["finished"]
    run = crlkit.open_run(path)
    assert run.metrics.success.notna().all() and (run.metrics.env_steps > 0).all()
    assert pd.read_csv(record.record(this, tmp_path / "data") / "scores.csv").env.unique().tolist() == [env]
    assert crlkit.evaluate(run).env.tolist() == [scored_in]
    film = crlkit.render(run, size=(160, 120), steps=4, seconds=0.2, out=tmp_path / "film.gif")
    assert film.frames.shape == (3, 120, 160, 3) and all(frame.std() > 20 for frame in film.frames)
    weights = export(run, tmp_path / "agent.safetensors")
    state = np.zeros((3, 2), np.float32)
    goal = np.ones((3, envs.make(env).goal_size), np.float32)
    np.testing.assert_array_equal(crlkit.load_agent(weights).act(state, goal), run.agents[0].act(state, goal))
    main(["envs", env])
    assert env in capsys.readouterr().out and env in envs.names()
    # Another process, in which the file has not run.
    forget()
    for ask in (lambda: crlkit.open_run(path), lambda: crlkit.resume(path), lambda: crlkit.load_agent(weights)):
        with pytest.raises(
            crlkit.UserError, match=f"registered in .*{file}.py, which has not run here; nearest: CRLKIT_IMPORT="
        ) as error:
            ask()
        assert "\n" not in str(error.value) and str(Path.home()) + "/" not in str(error.value).replace(str(path), "")
    example(file)
    assert crlkit.open_run(path).config == jobs[0].config


def test_a_maze_is_there_for_every_body_and_is_its_rows():
    example("own_maze")
    for body in ("point", "ant", "humanoid"):
        for layout in ("maze", "maze_eval", "maze_gen_1f2f"):
            entry = envs.entry(f"{body}_spiral_{layout}")
            assert (entry.name, entry.species) == (f"{body}_spiral_{layout}", body) and entry.registered == (
                "maze spiral",
            )
            assert crlkit.Config(env=entry.name, preset="paper").rounds > 0
        assert {f"{body}_spiral_maze", f"{body}_spiral_maze_eval"} <= set(envs.names())
    maze = envs.make("point_spiral_maze_eval").maze
    assert maze.start == (3, 3) and maze.goals == [(7, 4), (7, 5)] and maze.distance(maze.start, (7, 5)) == 22
    assert len(envs.make("point_spiral_maze").maze.goals) == 22
    with pytest.raises(crlkit.UserError, match="nearest: .*point_spiral_maze"):
        crlkit.Config(env="point_spiralmaze")


def test_a_maze_without_far_goals_is_scored_where_it_is_trained():
    crlkit.register_maze("hall", ROWS)
    assert crlkit.Config(env="ant_hall_maze").eval_env == "ant_hall_maze"
    with pytest.raises(crlkit.UserError, match="no such environment"):
        envs.entry("ant_hall_maze_eval")
    crlkit.register_maze("medieval", ROWS, far_goals=[(1, 3)])
    for name in ("ant_medieval_maze", "ant_medieval_maze_eval"):
        assert envs.entry(name).eval_env == "ant_medieval_maze_eval"


def test_what_is_declared_with_an_environment_is_what_runs_of_it_begin_with():
    crlkit.register_env("slide", Slide, defaults=dict(discount=0.5, episode_length=7), seconds_per_step=2.0)
    crlkit.register_env("slope", Slide, species="slide", parts=[(1, "place", "m")])
    for preset, length in (("smoke", 16), ("tutorial", 7), ("paper", 7)):
        config = crlkit.Config(env="slide", preset=preset, unroll_length=7, depth=4)
        assert (config.discount, config.episode_length) == (0.5, length)
        like = crlkit.Config(env="point_u_maze", preset=preset, depth=4)
        assert (config.width, config.learning_rate) == (like.width, like.learning_rate)
    assert sweep.guess_seconds(config) > 2.0 * config.env_steps > 100 * sweep.guess_seconds(like)
    assert crlkit.Config(env="slope", eval_env="slide") and envs.entry("slope").parts[0].what == "place"
    assert envs.entry("slide").sizes == (1, 1, 1)
    with pytest.raises(crlkit.UserError, match="another body than env; nearest: slide"):
        crlkit.Config(env="slide", eval_env="point_u_maze")


def test_a_cell_that_runs_again_replaces_what_it_registered():
    crlkit.register_env("slide", Slide)
    before = envs.make("slide")
    crlkit.register_env("slide", type("Slower", (Slide,), {"threshold": 0.3}))
    assert (before.threshold, envs.make("slide").threshold) == (0.1, 0.3)
    crlkit.register_maze("hall", ROWS)
    short = envs.make("point_hall_maze")
    crlkit.register_maze("hall", ["######", "#R...#", "######"])
    assert len(short.maze.goals) == 2 and len(envs.make("point_hall_maze").maze.goals) == 3


def test_a_name_that_another_file_has_is_taken(tmp_path):
    example("own_env")
    with pytest.raises(crlkit.UserError, match="'bead': .*own_env.py has registered that name; nearest: my_bead"):
        crlkit.register_env("bead", Slide)
    copy = shutil.copy(EXAMPLES / "own_env.py", tmp_path)
    with pytest.raises(crlkit.UserError, match="has registered that name"):
        runpy.run_path(copy)


def test_what_a_cell_registered_is_asked_for_as_a_cell(tmp_path):
    code = compile("crlkit.register_maze('hall', rows)", "ipykernel_1/2.py", "exec")
    exec(code, {"__name__": "__main__", "crlkit": crlkit, "rows": ROWS})
    config = crlkit.config.to_file(crlkit.Config(env="point_hall_maze", depth=4))
    assert config["registered"] == {"maze hall": "a notebook cell"}
    forget()
    with pytest.raises(
        crlkit.UserError, match="maze 'hall': registered in a notebook cell.*nearest: run that cell first"
    ):
        crlkit.config.from_dict(config)
    assert "registered" not in crlkit.config.to_file(crlkit.Config())


def test_a_variable_imports_files_for_the_command_line(tmp_path):
    files = os.pathsep.join(str(EXAMPLES / f"{name}.py") for name in ("own_env", "own_maze"))
    command = [sys.executable, "-m", "crlkit", "envs", "bead", "point_spiral_maze"]
    done = subprocess.run(command, env={**os.environ, "CRLKIT_IMPORT": files}, capture_output=True, text=True)
    assert done.returncode == 0 and "bead" in done.stdout and "point_spiral_maze" in done.stdout
    with pytest.MonkeyPatch.context() as patch, pytest.raises(crlkit.UserError, match="'no.py': no such file.*nearest"):
        patch.setenv("CRLKIT_IMPORT", "no.py")
        registration.import_files()
    done = subprocess.run(command, env={**os.environ, "CRLKIT_IMPORT": "no.py"}, capture_output=True, text=True)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "'no.py': no such file" in done.stderr


BAD_MAZES = [
    ("u", ROWS, (), "the kit has one of that name; nearest: myu"),
    ("My maze", ROWS, (), "lower-case letters and digits; nearest: mymaze"),
    ("hall", ("#####", "#R.#", "#####"), (), "row 1, '#R.#', has 4 cells, row 0 has 5; nearest: #R.##"),
    ("hall", ("#####", "#RX.#", "#####"), (), "row 1, '#RX.#', holds 'X'; nearest: # a wall"),
    ("hall", ("#####", "#...#", "#####"), (), "0 starts; nearest: one R"),
    ("hall", ("#####", "#R.R#", "#####"), (), "2 starts; nearest: one R"),
    ("hall", ("#####", "#R...", "#####"), (), "open at its edge; nearest: # all around"),
    ("hall", ("#####", "#R#.#", "#####"), (), r"no way leads from R to the free cell \(1, 3\); nearest: # at \(1, 3\)"),
    ("hall", ROWS, ((1, 1),), r"far goal \(1, 1\) is the start or no free cell; nearest: \(1, 2\)"),
    ("hall", ROWS, ((0, 3),), r"far goal \(0, 3\) is the start or no free cell; nearest: \(1, 3\)"),
]


@pytest.mark.parametrize("name, rows, far_goals, message", BAD_MAZES, ids=[str(bad[3])[:40] for bad in BAD_MAZES])
def test_what_is_no_maze_is_refused_in_one_line(name, rows, far_goals, message):
    with pytest.raises(crlkit.UserError, match=message) as error:
        crlkit.register_maze(name, rows, far_goals)
    assert "\n" not in str(error.value) and "nearest" in str(error.value) and "hall" not in mazes.WALLS


def like(**changes):
    return type("Changed", (Slide,), changes)


def reset_with(**changes):
    return like(reset=lambda self, key: Slide.reset(self, key)._replace(**changes))


BAD_ENVS = [
    ("ant", Slide, {}, "the kit has one of that name; nearest: my_ant"),
    ("ant_u5_maze_gen_1f", Slide, {}, "the kit has one of that name"),
    ("My slide", Slide, {}, "nearest: my_slide"),
    ("slide", Slide, dict(defaults=dict(widht=3)), "'widht'.*nearest: width"),
    ("slide", like(goal_slice=slice(1, 2)), {}, "does not take 1 numbers"),
    ("slide", like(reset=lambda self, key: jnp.zeros(1)), {}, "not an EnvState"),
    ("slide", reset_with(state=jnp.zeros(2)), {}, r"its reset gives as state .*not float32 of shape \(1,\)"),
    ("slide", reset_with(goal=np.zeros(1, int)), {}, "its reset gives as goal .*not float32"),
    ("slide", reset_with(terminated=jnp.zeros(())), {}, "its reset gives as terminated .*not bool"),
    (
        "slide",
        like(step=lambda self, env_state, action: env_state._replace(physics=action)),
        {},
        "other shapes than its reset",
    ),
]


@pytest.mark.parametrize("name, make, options, message", BAD_ENVS, ids=[bad[3][:40] for bad in BAD_ENVS])
def test_what_is_no_environment_is_refused_in_one_line(name, make, options, message):
    with pytest.raises(crlkit.UserError, match=message) as error:
        crlkit.register_env(name, make, **options)
    assert "\n" not in str(error.value) and "nearest" in str(error.value) and "slide" not in envs.names()


@pytest.mark.parametrize("species", sorted({envs.entry(name).species for name in envs.names()}))
def test_the_kits_own_keep_the_promises_and_are_as_declared(species):
    name = next(name for name in envs.names()[::-1] if envs.entry(name).species == species)
    env, entry = envs.make(name), envs.entry(name)
    assert problem(env) == "" and entry.registered == ()
    assert entry.sizes == (env.state_size, env.goal_size, env.action_size)
    assert sum(part.count for part in entry.parts) == env.state_size


def test_an_environment_may_draw_itself():
    def draw(self, axes, states, goal):
        assert states.shape == (1, 1) and goal.shape == (1,)
        axes.fill_between((0, 1), 1, color="red")

    crlkit.register_env("drawn", like(draw=draw))
    picture = crlkit.film.still("drawn", size=(120, 100))
    assert ((picture == (255, 0, 0)).all(axis=-1)).mean() > 0.3


def test_import_waits_for_nothing_that_is_not_used_and_offers_everything_it_names():
    code = """if True:
        import sys, crlkit
        assert not {"pandas", "flax", "optax", "scipy", "matplotlib", "mujoco"} & set(sys.modules), "imported at once"
        assert {"Config", "train", "plot", "register_loss"} < set(dir(crlkit))
        print([name for name in dir(crlkit) if not callable(getattr(crlkit, name))], crlkit.envs.make.__name__)
    """
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout == "[] make\n", told.stderr
