"""Pictures of networks, ways, maps and embeddings: each draws the rows it is given, and says so where there are
none."""

from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

import crlkit
from crlkit import envs, figures
from crlkit.agents.trained import TrainedAgent, untrained
from crlkit.analysis.q_maps import by_cell, farthest_cell
from crlkit.analysis.representations import cell_embeddings, principal_components
from crlkit.figures import agents, architecture, recorded
from crlkit.weights import save_agent

EMPTY = "not yet measured here"
STEPS, EPISODES, WIDTH = 8, 3, 16


@pytest.fixture
def data(tmp_path) -> Path:
    """A data folder with the paper's tables and nothing recorded."""
    (tmp_path / "paper").symlink_to(Path(__file__).parents[1] / "data/paper")
    return tmp_path


def texts(figure) -> str:
    """Every text of a figure."""
    found = [artist.get_text() for artist in figure.findobj(lambda artist: hasattr(artist, "get_text"))]
    return "\n".join(
        text if isinstance(text, str) else text.get_text() for text in found
    )  # a cell of a table holds one


def arrays(env: str, depth: int, critic=None) -> dict[str, np.ndarray]:
    """Recorded arrays of one run: bodies that walk `depth / 4` cells down from the start, the first reaching its
    goal."""
    maze = envs.make(env).maze
    cells = np.full((STEPS + 1, EPISODES, 2), maze.start, np.float16)
    cells[..., 0] += np.linspace(0, depth / 4, STEPS + 1)[:, None]
    goal = (1, 3) if (1, 3) in maze.free_cells else maze.free_cells[-1]
    values = np.zeros(maze.walls.shape) if critic is None else critic(maze, goal)
    fine = np.where(maze.walls, np.nan, values).repeat(4, 0).repeat(4, 1)
    steps = np.random.default_rng(depth).normal(size=(STEPS, 1)) * np.eye(64)[:1] * 5
    return {
        "critic_map": fine.astype(np.float16),
        "goal": np.array(goal),
        "paths": cells,
        "path_goals": np.array([(3, 3), (3, 2), (3, 2)], np.float16),
        "path_success": np.array([True, False, False]),
        "embeddings": (steps + np.arange(STEPS)[:, None] * np.eye(64)[1]).astype(np.float16),
    }


def agent(env: str, depth: int) -> TrainedAgent:
    """An agent that has not learned anything."""
    return untrained(crlkit.Config(preset="smoke", env=env, depth=depth, width=WIDTH), depth)


def write(data: Path, suite: str, env: str, runs: dict, weights: bool = False, critic=None, **columns) -> None:
    """Records `runs`, {name: {column: value}}; seed s of a run scores s + its depth at every evaluation."""
    folder = data / f"{suite}-laptop"
    (folder / "weights").mkdir(parents=True, exist_ok=True)
    rows, held = [], {}
    for name, own in runs.items():
        for seed in range(4):
            for k in range(1, 8):
                same = dict(run=name, status="finished", env=env, seed=seed, updates=10 * k, env_steps=100 * k)
                same |= dict(cpu_seconds=1.0 * k, batch_size=32, width=WIDTH, learning_rate=0.001, episode_length=100)
                rows.append(same | columns | own | dict(time_at_goal=own["depth"] + seed))
        held |= {f"{name}/{key}": value for key, value in arrays(env, own["depth"], critic).items()}
        if weights:
            save_agent(agent(env, own["depth"]), folder / "weights" / f"{name}.safetensors")
    pd.DataFrame(rows).to_csv(folder / "metrics.csv", index=False)
    np.savez(folder / "arrays.npz", **held)


def by_depth(*depths: int, **columns) -> dict:
    return {f"run{depth}": {"depth": depth, **columns} for depth in depths}


def stack_size(inputs: int, outputs: int, depth: int, width: int) -> int:
    """Dense with bias and LayerNorm with scale and bias, once and then `depth` times; a Dense head."""
    return inputs * width + 3 * width + depth * (width * width + 3 * width) + width * outputs + outputs


@pytest.mark.parametrize("depth", (4, 64))
def test_the_architecture_counts_parameters_as_by_hand_and_as_the_papers_table(depth):
    counts = architecture.parameters(depth)
    assert counts["actor"] == stack_size(268 + 3, 2 * 17, depth, 256)
    assert counts["state-action encoder"] == stack_size(268 + 17, 64, depth, 256)
    assert counts["goal encoder"] == stack_size(3, 64, depth, 256)
    table = pd.read_csv(Path(__file__).parents[1] / "data/paper/parameter_counts.csv")
    theirs = table.query("environment_family == 'humanoid' and width == 256 and depth == @depth and network == 'actor'")
    assert round(counts["actor"] / 1e6, 2) == round(theirs.value.iloc[0], 2)


def test_the_architecture_shows_its_counts_and_needs_no_data(tmp_path):
    figure = figures.module("architecture").draw(tmp_path)
    for depth in architecture.DEPTHS:
        assert f"{sum(architecture.parameters(depth).values()) / 1e6:.2f}" in texts(figure)
    assert "LayerNorm" in texts(figure) and "identity" in texts(figure)
    assert "linearly" in figures.module("architecture").words(tmp_path).takeaway


def test_the_papers_pair_is_shown_or_else_the_ends():
    assert recorded.shallow_and_deep([4, 8, 64, 128]) == (4, 64)
    assert recorded.shallow_and_deep([8, 16, 64]) == (8, 64) and recorded.shallow_and_deep([8]) == (8,)


def minus_path(maze, goal):
    return np.where(maze.walls, 0, -maze.distances_from(goal))


def minus_line(maze, goal):
    return -np.hypot(*(np.indices(maze.walls.shape) - np.array(goal)[:, None, None]))


@pytest.mark.parametrize("critic, which", [(minus_path, "rho_path"), (minus_line, "rho_line")])
def test_a_critic_that_is_a_distance_has_rank_correlation_one_with_it(data, critic, which):
    write(data, "depth", "point_big_maze", by_depth(4, 64), critic=critic)
    found = agents.topology(data)
    assert list(found) == [4, 64]
    for rho in found.values():
        assert getattr(rho, which) == pytest.approx(1) and min(rho[:2]) < 0.999
    text = texts(figures.module("critic_maps").draw(data))
    assert EMPTY not in text and "critic, depth 64" in text and "same scale" in text
    score = f"{1 if which == 'rho_path' else -1:+.2f}"
    assert f"{score} at depth 4, {score} at depth 64" in figures.module("critic_maps").words(data).alt


def test_the_value_in_the_middle_of_a_cell_is_that_of_the_places_around_it():
    maze = envs.make("point_u_maze").maze
    for resolution in (3, 4):
        i = np.repeat(np.arange(5.0), resolution)[:, None] + np.zeros(5 * resolution)
        within = np.tile(np.arange(resolution) - (resolution - 1) / 2, 5)
        values = by_cell(i + within[:, None], maze)  # a slope has its middle value in the middle
        np.testing.assert_allclose(values, [cell[0] for cell in maze.free_cells])
    spike = np.zeros((25, 25))
    spike[5::5, 5::5] = 9  # corners of cells do not count
    assert not by_cell(spike, maze).any()


def test_without_maps_the_picture_and_its_words_say_so(data):
    assert EMPTY in texts(figures.module("critic_maps").draw(data))
    assert figures.module("critic_maps").words(data).alt.startswith("Not yet measured here")
    write(data, "depth", "point_big_maze", by_depth(4, 8), critic=minus_line)
    assert "critic, depth 8" in texts(figures.module("critic_maps").draw(data))


def test_embeddings_are_drawn_with_how_much_their_axes_explain(data):
    write(data, "depth", "point_big_maze", by_depth(4, 8))
    assert EMPTY in texts(figures.module("embeddings").draw(data))  # no weights were kept
    write(data, "depth", "point_big_maze", by_depth(4, 8), weights=True)
    text, made = texts(figures.module("embeddings").draw(data)), agent("point_big_maze", 4)
    assert "depth 4, every free cell" in text and "depth 8, every free cell" in text
    embeddings, _ = cell_embeddings(made, farthest_cell(made.env.maze))
    first, second = 100 * principal_components(embeddings).explained
    assert f"component 1 ({first:.0f} % of the variance)" in text and f"component 2 ({second:.0f} %)" in text


def thirds(values: np.ndarray, order: np.ndarray) -> tuple[float, float]:
    """The least and the greatest mean of the third that comes first in `order`, where ties leave a choice."""
    count = round(len(values) / 3)
    last = np.sort(order)[count - 1]
    sure, tied = values[order < last], np.sort(values[order == last])
    left = count - len(sure)
    return tuple((sure.sum() + some.sum()) / count for some in (tied[:left], tied[len(tied) - left :]))


def test_space_near_the_goal_is_measured_on_the_same_cells(data):
    write(data, "depth", "point_big_maze", by_depth(8), weights=True)
    found = agents.near_over_far(data)
    assert list(found) == [8]
    made, maze = agent("point_big_maze", 8), envs.make("point_big_maze").maze
    states = np.float32(maze.position(maze.free_cells))
    steps = [
        (a, b)
        for a, p in enumerate(maze.free_cells)
        for b, q in enumerate(maze.free_cells[:a])
        if np.abs(np.subtract(p, q)).sum() == 1
    ]
    a, b = np.transpose(steps)
    for goal, value in zip(envs.make("point_big_maze_eval").maze.goals, found[8]["stretch"], strict=True):
        phi = made.embed(states, made.act(states, np.float32(maze.position([goal] * len(states)))))
        lengths = np.linalg.norm(phi[a] - phi[b], axis=1)
        far = np.array([maze.distance(goal, cell) for cell in maze.free_cells])
        near, rest = thirds(lengths, far[a] + far[b]), thirds(lengths, -far[a] - far[b])
        assert near[0] / rest[1] - 1e-4 <= value <= near[1] / rest[0] + 1e-4
    assert EMPTY not in texts(figures.module("embeddings").draw(data))
    assert "depth 8: spread" in figures.module("embeddings").words(data).takeaway


def blocks_by_hand(params: dict, x: np.ndarray) -> list[float]:
    """RMS of what each block adds, in plain loops."""

    def layer(own, x):
        y = x @ own["dense"]["kernel"] + own["dense"]["bias"]
        y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-6)
        y = y * own["norm"]["scale"] + own["norm"]["bias"]
        return y / (1 + np.exp(-y))

    params = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), params)
    x, sizes = layer(params["first"], np.asarray(x, np.float64)), []
    for block in range(len(params["blocks"]["layers"][0]["dense"]["kernel"])):
        added = x
        for k in range(4):
            added = layer(jax.tree.map(lambda leaf: leaf[block], params["blocks"]["layers"][k]), added)  # noqa: B023
        sizes.append(float((np.linalg.norm(added, axis=-1) / np.sqrt(WIDTH)).mean()))
        x = x + added
    return sizes


def test_residual_norms_are_those_of_a_loop_over_blocks(data):
    write(data, "depth", "point_big_maze", by_depth(4, 8, 16), weights=True)
    figure = figures.module("residual_norms").draw(data)
    assert EMPTY not in texts(figure)
    goals = np.array([(3, 3), (3, 2), (3, 2)])[None].repeat(STEPS + 1, 0).reshape(-1, 2)
    maze = envs.make("point_big_maze").maze
    states = maze.position(arrays("point_big_maze", 8)["paths"].astype(float).reshape(-1, 2))
    inputs = np.concatenate([states, maze.position(goals)], axis=1).astype(np.float32)
    for depth in (8, 16):  # depth 4 has one block: no trend
        line = next(line for line in figure.axes[0].lines if line.get_label() == f"depth {depth}")
        expected = blocks_by_hand(agent("point_big_maze", depth).actor, inputs)
        np.testing.assert_allclose(line.get_xydata(), list(enumerate(expected, 1)), rtol=1e-4)
    assert "depth 4" not in texts(figure)
    assert "depth 16: actor " in figures.module("residual_norms").words(data).takeaway


def test_stitching_shows_the_paper_alone_and_then_both(data):
    figure = figures.module("stitching").draw(data)
    assert texts(figure).count(EMPTY) == 1
    theirs = figure.axes[0].containers[0].lines[0].get_xydata()
    np.testing.assert_allclose(theirs, [(4, 0.171), (16, 0.241), (64, 0.357)])
    said = figures.module("stitching").words(data).takeaway
    assert said.startswith("Not yet measured here: far goals after near training. Paper: ant_u_maze_gen_1f2f3f")
    names = dict(eval_env="point_u_maze_eval")
    write(data, "stitching", "point_u_maze_gen_1f2f3f", by_depth(4, 16, 64), **names)
    figure = figures.module("stitching").draw(data)
    assert EMPTY not in texts(figure) and "4 seeds" in texts(figure)
    ours = figure.axes[0].containers[1].lines[0].get_xydata()
    np.testing.assert_allclose(ours, [(4, 0.055), (16, 0.175), (64, 0.655)])  # the middle two of 0, 1, 2, 3 more


def test_exploration_tells_collectors_from_learners(data):
    assert texts(figures.module("exploration").draw(data)).count(EMPTY) == 3
    assert (
        "no numbers" in texts(figures.module("exploration").draw(data))
        and "no numbers" in figures.module("exploration").words(data).alt
    )
    runs = {f"c{c}l{d}": {"depth": d, "collector_depth": c} for c in (4, 32) for d in (4, 32)}
    write(data, "collector_learner", "point_big_maze", runs)
    file = data / "collector_learner-laptop/metrics.csv"
    table = pd.read_csv(file)
    table.loc[(table.collector_depth == 4) & (table.depth == 32), "time_at_goal"] = 7
    table.to_csv(file, index=False)
    figure = figures.module("exploration").draw(data)
    assert [axes.get_title() for axes in figure.axes[:2]] == ["collector of depth 4", "collector of depth 32"]

    def deep_learner(axes):
        return next(line for line in axes.lines if line.get_label() == "learner of depth 32").get_ydata()

    np.testing.assert_allclose(deep_learner(figure.axes[0]), [0.07] * 7)
    np.testing.assert_allclose(deep_learner(figure.axes[1]), [0.335] * 7)
    shallow, deep = (bars.lines[0].get_ydata() for bars in figure.axes[2].containers)
    np.testing.assert_allclose(shallow, [0.055, 0.055])
    np.testing.assert_allclose(deep, [0.07, 0.335])
    assert "learner of depth 32: collector 4 0.07" in figures.module("exploration").words(data).takeaway
