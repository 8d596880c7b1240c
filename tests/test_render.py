"""Films: their frames, what moves in them, what they say, and what happens on a machine that cannot draw."""

import io
import os
import subprocess
import sys
from collections import namedtuple

import jax
import numpy as np
import pytest
from PIL import Image

import crlkit
from crlkit import envs
from crlkit.agents.trained import untrained
from crlkit.cli import main
from crlkit.film import flat, offscreen, pictures
from crlkit.film.play import Episode, play
from crlkit.weights import save_agent

AgentState = namedtuple("AgentState", "actor critic")  # the two parts of it that count here
SIZE = (160, 120)
can_draw = pytest.mark.skipif(offscreen.way()[0] is None, reason=f"no OpenGL here: {offscreen.way()[1]}")


def fresh(env, depth=4, seed=0):
    return untrained(crlkit.Config(env=env, preset="smoke", depth=depth), seed)


@pytest.fixture(scope="module")
def point():
    return fresh("point_u4_maze")


@pytest.fixture(scope="module")
def ant():
    return fresh("ant_u4_maze")


@pytest.fixture
def no_renderer(monkeypatch):
    monkeypatch.setattr(offscreen, "way", lambda: (None, "egl: libEGL is not installed"))


def below_caption(frames):
    return frames[:, pictures.CAPTION :].astype(int)


def test_a_point_moves_over_its_map(point):
    film = crlkit.render(point, size=SIZE, seconds=0.35)  # 16 steps, every 5th
    assert film.frames.shape == (5, 120, 160, 3) and film.frames.dtype == np.uint8  # steps 0, 5, 10, 15, and the end
    assert film.milliseconds == [100, 100, 100, 100, 1500]
    assert all(frame.std() > 20 for frame in film.frames)
    assert np.abs(np.diff(below_caption(film.frames), axis=0)).max(axis=(1, 2, 3))[0] > 100
    assert "point_u4_maze_eval" in film.alt and "depth 4 seed 0" in film.alt


def test_the_default_film_lasts_about_as_long_as_asked(point):
    film = crlkit.render(point, size=SIZE, fps=2, seconds=2)  # of 16 steps
    assert len(film.frames) == 5 and set(film.milliseconds[:-1]) == {500}
    assert len(crlkit.render(point, size=SIZE, episodes=2, seconds=0.4).frames) == 6


def test_several_stand_side_by_side_with_one_start_and_goal(point):
    deep = fresh("point_u4_maze", depth=8)
    one, two = (crlkit.render(who, size=SIZE, steps=4, seed=3) for who in (point, [point, deep]))
    assert two.frames.shape == (5, 120, 320, 3)
    assert np.array_equal(two.frames[:, :, :160], one.frames)
    left, right = np.split(below_caption(two.frames), 2, axis=2)
    assert np.array_equal(left[0], right[0]) and not np.array_equal(left[-1], right[-1])
    assert not np.array_equal(two.frames[0, :34, :160], two.frames[0, :34, 160:])  # the depths above them
    five = crlkit.render([point] * 5, size=SIZE, steps=4, seconds=0.1)
    assert five.frames.shape[1:] == (240, 640, 3) and (five.frames[:, 120:, 160:] == 255).all()


@can_draw
def test_an_ant_is_drawn_by_mujoco(ant, capsys):
    film = crlkit.render(ant, size=SIZE, steps=6, seconds=0.2)
    assert film.frames.shape == (3, 120, 160, 3) and capsys.readouterr().out == ""
    moved = np.abs(np.diff(below_caption(film.frames), axis=0)).max(axis=(1, 2, 3))
    assert all(frame.std() > 20 for frame in film.frames) and all(moved > 50)


@can_draw
def test_the_goal_is_a_ball_where_it_should_be_and_turns_blue():
    from crlkit.film.scene import Studio

    env = envs.make("ant_u4_maze")
    qpos, here = np.array(env.body.rest), env.maze.position((1, 2))
    qpos[:2] = here
    with Studio(env, 160, 120, offscreen.way()[0]) as studio:
        beside, other, reached = (
            studio.scene_at(qpos, here + shift, done).astype(int)
            for shift, done in (((0, 2.5), False), ((0, -2.5), False), ((0, 2.5), True))
        )
    orange = beside[..., 0] - beside[..., 2] > 80
    across, down = np.argwhere(orange).mean(axis=0)[::-1]
    assert orange.sum() > 50 and 100 < across < 140 and abs(down - 58) < 12  # right of the ant: y grows to the right
    assert np.argwhere(other[..., 0] - other[..., 2] > 80)[:, 1].mean() == pytest.approx(160 - across, abs=3)
    assert (reached[orange][:, 2] > reached[orange][:, 0]).mean() > 0.9


def test_coordinates_of_a_film_are_those_of_the_state(ant):
    (episode,) = play(ant, ant.config.eval_env, 1, 0, 6)
    assert np.array_equal(episode.qpos, episode.state[:, :15])
    assert np.array_equal(episode.goal, np.tile(episode.goal[0], (7, 1)))


def test_a_film_shows_what_a_rollout_plays(point):
    (episode,) = play(point, point.config.eval_env, 1, 3, 4)
    played = point.rollout(episodes=1, seed=3, length=4)
    assert "watched" not in played and np.array_equal(episode.state, played["state"][:, 0])
    assert np.array_equal(episode.goal[0], played["goal"][0])
    assert episode.qpos is None and (episode.last, episode.fell) == (4, False)


def test_without_opengl_the_way_is_drawn_from_above_and_the_reason_said(ant, no_renderer, capsys):
    film = crlkit.render(ant, size=SIZE, steps=6, seconds=0.2)
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and "libEGL is not installed" in said and "apt-get install" in said
    assert film.frames.shape == (3, 120, 160, 3)
    assert not np.array_equal(film.frames[0], film.frames[-1])


def test_mujoco_gl_is_the_users_word(monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "osmesa")
    assert offscreen.candidates() == ["osmesa"]
    monkeypatch.setenv("MUJOCO_GL", "off")
    assert offscreen.candidates() == ["off"]
    name, reason = offscreen.way.__wrapped__()
    assert name is None and reason.startswith("off: ") and "mujoco.off" in reason and "\n" not in reason
    monkeypatch.delenv("MUJOCO_GL")
    monkeypatch.setattr(offscreen.sys, "platform", "darwin")
    assert offscreen.candidates() == ["cgl"]


def test_an_episode_that_ended_holds_its_last_picture():
    env = envs.make("point_u4_maze")
    state = env.maze.position(np.linspace((1, 1), (1, 3), 11))
    at_goal, goal = np.r_[[0] * 4, range(1, 8)], np.tile(state[5], (11, 1))
    episode = Episode(state, None, goal, at_goal, last=6, fell=True)
    draw = flat.Above(env, 160, 86).draw
    shown = [draw(episode, moment) for moment in (0, 5, 6, 9, 0)]
    assert np.array_equal(shown[2], shown[3]) and not np.array_equal(shown[1], shown[2])
    assert np.array_equal(shown[0], shown[4])  # nothing of a later moment stays behind
    has_blue = [(frame[..., 2].astype(int) - frame[..., 0] > 60).any() for frame in shown]
    assert has_blue == [False, True, True, True, False]


def test_an_episode_played_elsewhere_is_filmed_as_it_was():
    steps, goal = 40, np.zeros(3)
    states = np.full((steps + 1, 17), 5.0)
    states[:, :3] = np.linspace(0.4, 0.0, steps + 1)[:, None] * (1, 0, 0)  # within 0.1 m of the goal from step 31 on
    qpos = np.tile(envs.make("arm_push_easy").model.qpos0, (steps + 1, 1))
    film = crlkit.film.replay("arm_push_easy", states, qpos, goal, "by hand", size=SIZE, fps=5, seconds=4)
    assert len(film.frames) == 21 and set(film.milliseconds[:-1]) == {200}
    assert film.alt == "arm_push_easy, by hand: 10 of 40 steps at goal"
    with pytest.raises(crlkit.UserError, match="arm_push"):
        crlkit.film.replay("arm_pus_easy", states, qpos, goal, "by hand")


def test_a_board_of_lights():
    film = crlkit.render(fresh("lights_out_2x2"), size=SIZE, steps=3)
    assert film.frames.shape == (4, 120, 160, 3) and not np.array_equal(film.frames[0], film.frames[1])


def test_a_puzzle_that_is_solved_stays_solved():
    """Every step of Lights Out is a press: an agent that presses on would leave the goal again."""
    agent = fresh("lights_out_2x2")
    episodes = play(agent, "lights_out_2x2", 32, 0, 6)
    solved = [episode for episode in episodes if episode.at_goal[-1]]
    assert 0 < len(solved) < 32  # by chance
    for episode in episodes:
        assert episode.last == (np.flatnonzero(episode.at_goal)[0] if episode.at_goal[-1] else 6)
        if episode.at_goal[-1]:
            assert (episode.state[episode.last] == episode.goal[0]).all() and not episode.fell


def test_a_film_is_a_gif_that_a_notebook_shows_with_words(point, tmp_path):
    film = crlkit.render(point, size=SIZE, steps=4, out=tmp_path / "new" / "film.gif")
    data = (tmp_path / "new" / "film.gif").read_bytes()
    assert data == film.gif() and len(data) < 60_000
    gif = Image.open(io.BytesIO(data))
    assert (gif.size, gif.n_frames, gif.info["loop"]) == (SIZE, 5, 0)
    for k in (0, 4):
        gif.seek(k)
        error = np.abs(np.asarray(gif.convert("RGB")).astype(int) - film.frames[k])
        assert error.mean() < 3 and gif.info["duration"] == film.milliseconds[k]
    shown = film._repr_html_()
    assert shown.startswith('<img src="data:image/gif;base64,') and film.alt in shown and "http" not in shown


WRONG = [
    (dict(out="film.mp4"), "out 'film.mp4': must end in .gif; nearest: film.gif"),
    (dict(size=(10, 120)), "size: width 10: .*nearest: 120"),
    (dict(fps=0), "fps 0: .*nearest: 1"),
    (dict(steps=2.5), "steps 2.5: must be a whole number at least 1; nearest: 2"),
    (dict(seed=2**31 + 0.5), "must be a whole number from 0 to 2147483647; nearest: 2147483647"),
    (dict(size=(160.0, 5000)), "size: width 160.0: must be a whole number from 120 to 2000; nearest: 160"),
    (dict(env="ant_u4_maze"), "env 'ant_u4_maze': depth 4 has another body; nearest: point_u4_maze_eval"),
    (dict(env="point_u4_mase"), "nearest: point_u4_maze"),
]


@pytest.mark.parametrize("options, said", WRONG, ids=[str(options) for options, _ in WRONG])
def test_what_cannot_be_is_said_in_one_line(point, options, said):
    with pytest.raises(crlkit.UserError, match=said) as error:
        crlkit.render(point, **options)
    assert "\n" not in str(error.value)


def test_a_run_shows_its_first_seed_or_another(point):
    run = crlkit.Run(crlkit.Config(env="point_u4_maze", preset="smoke", depth=4, seed=5, seeds=2), None, {}, [])
    run.agent_states = jax.tree.map(lambda x: np.stack([x, x]), AgentState(point.actor, point.critic))
    assert "seed 5" in crlkit.render(run, size=SIZE, steps=4).alt
    assert "seed 6" in crlkit.render(run.agents[1], size=SIZE, steps=4).alt


def test_from_the_command_line(point, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_agent(point, "a.safetensors")
    main("render a.safetensors a.safetensors --size 160 120 --steps 4 --seed 1".split())
    assert capsys.readouterr().out == "film.gif\n"
    assert Image.open("film.gif").size == (320, 120)
    for line, rule in (("a.safetensors --out film.png", "nearest: film.gif"), ("nothing", "not a run directory")):
        with pytest.raises(SystemExit):
            main(["render", *line.split()])
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and rule in said


@can_draw
def test_it_does_not_matter_who_imports_mujoco_first():
    """MuJoCo's own choice is made at its import, and on a bare machine is one that does not work."""
    code = """if True:
        import mujoco, crlkit
        from crlkit.film import offscreen

        offscreen.opened(offscreen.way()[0], mujoco.MjModel.from_xml_string("<mujoco/>"), 32, 32)
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("MUJOCO_GL", "PYOPENGL_PLATFORM")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
