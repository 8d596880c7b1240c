"""The depth explorer shows what is recorded, and only that, at the depth that was chosen."""

import io
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from crlkit import UserError, evidence, widgets
from crlkit.figures import explorer

DATA = Path(__file__).parents[1] / "data"
ENV = "point_big_maze"


@pytest.fixture(scope="module")
def recorded():
    return explorer.recorded_depths(DATA)


@pytest.fixture(scope="module")
def two_mazes(tmp_path_factory):
    """Data of two environments: the recorded one, and a copy of its shallow half under another maze's name."""
    data = tmp_path_factory.mktemp("data")
    target = data / "depth-laptop"
    shutil.copytree(DATA / "depth-laptop", target)
    rows = evidence.read(target)
    (target / "configs.csv").unlink()
    half = rows[(rows.env == ENV) & (rows.depth <= 16)].copy()
    half["env"], half["run"] = "point_u4_maze", "other-" + half.run
    with np.load(target / "arrays.npz") as held:
        arrays = dict(held)
    arrays |= {f"other-{name}": value for name, value in arrays.items()}
    pd.concat([rows[rows.env == ENV], half]).to_csv(target / "metrics.csv", index=False)
    np.savez(target / "arrays.npz", **arrays)
    return data


def parts(box):
    env, left, left_images, right, right_images = box.children
    return env, left, right, [image for line in (left_images, right_images) for image in line.children]


def test_curves_are_the_recorded_rows(recorded):
    rows = evidence.read(DATA / "depth-gpu").query("env == @ENV and depth == 8 and seed == 201")
    shown = recorded[ENV][8].curve[201]
    expected = rows.sort_values("updates").set_index("updates").time_at_goal / rows.episode_length.iloc[0]
    np.testing.assert_allclose(shown, expected)


def test_each_slider_changes_its_own_pictures_to_those_of_its_depth(two_mazes):
    env, left, right, images = parts(widgets.depth_explorer(two_mazes))
    before = [image.value for image in images]
    left.value = 8
    after = [image.value for image in images]
    assert before[:2] != after[:2] and before[0] != after[0] and before[1] != after[1]
    assert before[2:] == after[2:]
    right.value = 8
    assert images[0].value == images[2].value and images[1].value == images[3].value


def test_another_maze_offers_its_own_depths_and_keeps_the_choice_where_it_can(two_mazes):
    env, left, right, images = parts(widgets.depth_explorer(two_mazes))
    left.value, right.value = 64, 8
    before = [image.value for image in images]
    env.value = "point_u4_maze"
    assert [label for label, _ in left.options] == ["4", "8", "16"]
    assert (left.value, right.value) == (16, 8)
    assert all(image.value != old for image, old in zip(images, before))


def test_the_film_ends_where_the_paths_end_in_the_colour_of_success(recorded):
    shown = recorded[ENV][64]
    film = Image.open(io.BytesIO(explorer.film(shown)))
    film.seek(film.n_frames - 1)
    last = np.asarray(film.convert("RGB")).astype(int)
    assert film.n_frames > 5
    for k, good in enumerate(shown.paths.success):
        column, row = np.rint((shown.paths.cells[-1, k][::-1] + 0.5) * explorer.CELL).astype(int)
        colour = np.array(explorer.REACHED if good else explorer.MISSED)
        around = last[row - 1 : row + 2, column - 1 : column + 2].reshape(-1, 3)
        on_top = [
            j
            for j in range(len(shown.paths.success))
            if np.abs(shown.paths.cells[-1, j] - shown.paths.cells[-1, k]).max() < 0.4
        ]  # dots that end in the same place hide each other
        if len(on_top) == 1:
            assert np.abs(around - colour).sum(axis=1).min() < 30


def test_a_film_of_a_long_episode_is_no_longer_and_still_ends_at_the_end(recorded):
    shown = recorded[ENV][64]
    old = np.arange(len(shown.paths.cells))
    new = np.linspace(0, old[-1], 15 * len(old))
    cells = np.apply_along_axis(lambda path: np.interp(new, old, path), 0, shown.paths.cells)
    long = Image.open(io.BytesIO(explorer.film(shown._replace(paths=shown.paths._replace(cells=cells)))))
    short = Image.open(io.BytesIO(explorer.film(shown)))
    assert long.n_frames <= explorer.FRAMES < len(cells)
    for film in (short, long):
        film.seek(film.n_frames - 1)
    apart = np.asarray(short.convert("RGB")).astype(int) - np.asarray(long.convert("RGB"))
    assert (np.abs(apart).max(axis=-1) > 30).mean() < 0.03  # lines through more points


def test_nothing_recorded_is_one_line(tmp_path):
    with pytest.raises(UserError, match="no recorded depth to explore; nearest: crlkit sweep depth"):
        widgets.depth_explorer(tmp_path)
