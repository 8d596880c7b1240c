"""Figures and widgets draw what they are given; every stop of every slider works."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from PIL import Image

import crlkit
from crlkit import cli, demo, figures, suites, widgets
from crlkit.analysis.q_maps import critic_map, paths
from crlkit.figures import style
from crlkit.figures.style import depth_style

PAPER = Path(__file__).parents[1] / "data/paper"


@pytest.fixture(scope="module")
def agent():
    return crlkit.train(crlkit.Config(preset="smoke", depth=8)).agents[0]


def test_the_critic_map_is_the_energy_at_each_place(agent):
    maze = agent.env.maze
    values = critic_map(agent, goal=(6, 6), resolution=3).values
    assert values.shape == (24, 24)
    assert np.array_equal(np.isnan(values), maze.walls.repeat(3, 0).repeat(3, 1))
    state = np.float32(maze.position([(4, 2)]))  # the middle of a cell is the middle place of its 3 x 3
    goal = np.float32(maze.position([(6, 6)]))
    assert values[13, 7] == pytest.approx(agent.energy(state, agent.act(state, goal), goal)[0, 0], rel=1e-5)
    assert maze.distance(maze.start, critic_map(agent).goal) == 11  # no cell is farther


def test_paths_begin_at_the_start_and_stay_out_of_walls(agent):
    maze = agent.env.maze
    walked = paths(agent, episodes=5, seed=1)
    assert walked.cells.shape == (17, 5, 2)
    assert np.all(np.abs(walked.cells[0] - maze.start) <= 0.1 + 1e-5)
    inside = np.rint(walked.cells).astype(int)
    assert not maze.walls[inside[..., 0], inside[..., 1]].any()
    assert {tuple(goal) for goal in walked.goals.round().astype(int).tolist()} <= set(agent.env.maze.free_cells)


def test_every_stop_of_a_slider_draws_another_picture_and_a_failure_is_an_error_of_the_cell():
    def draw(depth):
        return style.new_figure(depth, 1 / (8 - depth))

    slider, image = widgets.explore(draw, at={"depth": 4}, depth=[("4", 4), ("6", 6), ("8", 8)]).children
    first = image.value
    slider.value = 6
    assert image.value != first
    with pytest.raises(ZeroDivisionError):
        slider.value = 8


def test_depths_differ_in_colour_line_and_marker():
    looks = [depth_style(depth) for depth in (4, 8, 16, 32, 64, 128, 256, 512, 1024)]
    for part in ("color", "linestyle", "marker"):
        assert len({str(look[part]) for look in looks}) == 9
    lightness = [np.dot(look["color"][:3], (0.299, 0.587, 0.114)) for look in looks]
    assert np.all(np.diff(lightness) > 0)  # ordered in print without colour


def test_the_demo_prints_its_table_and_writes_its_figure(tmp_path, capsys):
    runs = demo.demo(tmp_path / "figures/demo.png", seeds=2, preset="smoke", num_envs=64, updates=32, evaluations=2)
    said, table = capsys.readouterr().out, demo.table(runs)
    assert list(table.depth) == [4, 16] and list(table.updates) == [32, 32] and list(table.seeds) == [2, 2]
    assert "solved, 4 presses" in said and "demo.png" in said
    assert runs[1].agents[1].seed == 1  # readable although the folder is gone
    assert imread(tmp_path / "figures/demo.png").std() > 0.1


def test_a_figure_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(crlkit.UserError, match="nearest"):
        style.save(style.new_figure(1, 1), tmp_path / "file/demo.png")


def test_depth_curves_draw_the_recorded_rows_and_the_papers_values(tmp_path):
    (tmp_path / "paper").symlink_to(PAPER)
    bare = figures.module("depth_curves").draw(tmp_path)
    assert "not yet measured here" in [text.get_text() for text in bare.axes[0].texts]
    assert bare.axes[3].get_legend_handles_labels()[1] == ["paper: ant_big_maze, mean and standard error"]

    rows = [
        dict(
            run=f"run{depth}",
            env="point_big_maze",
            status="finished",
            depth=depth,
            seed=seed,
            updates=100 * k,
            env_steps=4096 * k,
            cpu_seconds=k,
            time_at_goal=depth / 4 * k + seed,
            episode_length=64,
        )
        for depth in (4, 8)
        for seed in (0, 1)
        for k in range(1, 8)
    ]
    (tmp_path / "depth-laptop").mkdir()
    pd.DataFrame(rows).to_csv(tmp_path / "depth-laptop/metrics.csv", index=False)
    axes = figures.module("depth_curves").draw(tmp_path).axes
    deep = next(line for line in axes[1].lines if line.get_label() == "depth 8")
    np.testing.assert_allclose(deep.get_xydata()[:, 0], 100 * np.arange(1, 8))
    np.testing.assert_allclose(deep.get_ydata(), [(2 * k + 0.5) / 64 for k in range(1, 8)])
    ours = axes[3].containers[1].lines[0]
    np.testing.assert_allclose(ours.get_ydata(), [(7 + 0.5) / 64, (14 + 0.5) / 64])  # the last of seven


def test_an_unknown_figure_is_one_line(tmp_path):
    from crlkit.figures import write

    with pytest.raises(crlkit.UserError, match="nearest: depth_curves"):
        write(("depth_curve",), out=tmp_path)


@pytest.fixture
def folders(tmp_path):
    """`data` with the paper's tables, `figures` with one picture of them."""
    data, out = tmp_path / "data", tmp_path / "figures"
    shutil.copytree(PAPER, data / "paper")
    figures.write(("stitching",), data, out)
    return data, out


def test_a_picture_carries_what_it_says_and_what_it_was_drawn_from(folders):
    data, out = folders
    said = Image.open(out / "stitching.png").text
    words = figures.module("stitching").words(data)
    assert (said["Takeaway"], said["Alt"]) == words and said["Sources"] == "paper/fig11_stitching.csv"
    table = hashlib.sha256((data / "paper/fig11_stitching.csv").read_bytes()).hexdigest()
    total = hashlib.sha256(f"paper/fig11_stitching.csv {table}\n".encode()).hexdigest()
    assert said["Digest"] == f"sha256:{total}" and total.encode() in (out / "stitching.pdf").read_bytes()
    assert "Software" not in said and b"CreationDate" not in (out / "stitching.pdf").read_bytes()
    page = (out / "README.md").read_text(encoding="utf-8")
    assert f"![{words.alt}](stitching.png)" in page and words.takeaway in page
    assert "`data/paper/fig11_stitching.csv`" in page and said["Title"] in page


def test_a_picture_drawn_again_is_the_same_file(folders, tmp_path):
    data, out = folders
    figures.write(("stitching",), data, tmp_path / "again")
    for kind in ("png", "pdf"):
        assert (tmp_path / f"again/stitching.{kind}").read_bytes() == (out / f"stitching.{kind}").read_bytes()


def test_the_page_keeps_the_pictures_that_were_not_drawn_this_time(folders):
    data, out = folders
    figures.write(("exploration",), data, out)
    page = (out / "README.md").read_text(encoding="utf-8")
    assert "(stitching.png)" in page and "(exploration.png)" in page


def test_check_names_what_is_missing_or_out_of_date_and_draws_nothing(folders, capsys):
    data, out = folders
    arguments = ["figures", "stitching", "--check", "--data", str(data), "--out", str(out)]
    cli.main(arguments)
    assert capsys.readouterr().out.count("\n") == 1

    def complaints() -> list[str]:
        before = {file: file.stat().st_mtime_ns for file in out.iterdir()}
        with pytest.raises(SystemExit) as stop:
            cli.main(arguments)
        assert stop.value.code == 1
        assert before == {file: file.stat().st_mtime_ns for file in out.iterdir()}
        return capsys.readouterr().out.splitlines()

    mend = f"crlkit figures stitching --data {data} --out {out}"
    (out / "stitching.pdf").unlink()
    assert complaints() == [f"{out / 'stitching.pdf'}: missing; {mend}"]
    style.save(style.new_figure(1, 1), out / "stitching.pdf")
    assert complaints() == [f"{out / 'stitching.pdf'}: does not say what it was drawn from; {mend}"]
    (data / "stitching-laptop").mkdir()
    (data / "stitching-laptop/metrics.csv").write_text("run\n")
    assert complaints()[0] == f"{out / 'stitching.png'}: drawn from other data; {mend}"


def test_a_suite_that_a_figure_does_not_read_does_not_age_it(folders):
    data, out = folders
    for suite in ("depth", "exploration"):
        (data / f"{suite}-laptop").mkdir()
        (data / f"{suite}-laptop/metrics.csv").write_text("run\n")
    assert figures.check(("stitching",), data, out) == []
    assert figures.sources("architecture", data) == []


@pytest.mark.parametrize("name", figures.NAMES)
def test_every_figure_keeps_to_the_interface(name):
    module = figures.module(name)
    tables = [source for source in module.sources if source.startswith("paper/")]
    assert set(module.sources) - set(tables) <= set(suites.SUITES)
    assert all((PAPER.parent / f"{table}.csv").exists() for table in tables)
    assert callable(module.draw) and callable(module.words)
    assert module.title and "\n" not in module.title
