"""Steps of the loss are found where they were planted, and the figure of Lights Out says what its rows say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crlkit import evidence, figures
from crlkit.analysis.plateaus import first_steps, known_parities, levels
from crlkit.envs.lights_out import LightsOut, future_density, straight_line
from crlkit.figures import lights_out
from crlkit.suites import MATCHED, SEARCHED, configs

LINE, BAYES = 3.07, 2.18
STEPS = {(4, 100): None, (4, 101): None, (16, 100): 6, (16, 101): 8, (64, 100): 2, (64, 101): 3}  # evaluation number


def planted() -> pd.DataFrame:
    rows = []
    for (depth, seed), step in STEPS.items():
        for k in range(10):
            low = step is not None and k >= step
            alone = depth == 4 and seed == 100 and k == 5  # a dip of one evaluation is no step
            rows.append(
                {
                    **dict(
                        run=f"run-{depth}", status="finished", env=lights_out.ENV, data="walks", depth=depth, seed=seed
                    ),
                    **dict(actor_depth=depth, critic_depth=depth, width=MATCHED[depth], updates=100 * (k + 1)),
                    **dict(
                        cpu_seconds=2.0 * (k + 1), batch_size=256, learning_rate=3e-4, episode_length=64, discount=0.5
                    ),
                    **dict(heldout_loss=2.9 if low else 3.0 if alone else 3.15, line_loss=LINE, bayes_loss=BAYES),
                    **{"optimal_action": 0.8 if low else 0.5} | {f"solved_{d}": 1 / d for d in range(1, 10)},
                    **{f"parity_{i}": float(low and i in (1, 3)) for i in range(9)},
                }
            )
    return pd.DataFrame(rows)


@pytest.fixture
def data(tmp_path):
    (tmp_path / "lights_out-laptop").mkdir()
    planted().to_csv(tmp_path / "lights_out-laptop" / "metrics.csv", index=False)
    return tmp_path


def test_steps_are_found_where_they_were_planted():
    steps = first_steps(planted().assign(seed_seconds=1.0)).set_index(["depth", "seed"])
    for place, step in STEPS.items():
        assert steps.loc[place, "stepped"] == (step is not None)
        assert steps.loc[place, "updates"] == (1000 if step is None else 100 * (step + 1))


def test_the_words_say_who_left_the_plateau(data):
    said = figures.module("lights_out").words(data)
    assert "depth 4: 0 of 2 seeds left it; depth 16: 2 of 2 seeds left it; depth 64: 2 of 2" in said.takeaway
    assert said.takeaway in said.alt


def test_the_picture_draws_every_seed_and_both_floors(data):
    loss = figures.module("lights_out").draw(data).axes[0]
    drawn = [line.get_ydata() for line in loss.lines]
    for _, own in planted().groupby(["depth", "seed"]):
        assert any(np.array_equal(line, own.heldout_loss) for line in drawn)
    levels = {round(float(line[0]), 2) for line in drawn if len(line) == 2}
    assert levels == {LINE, BAYES}


def test_known_parities_are_counted_where_they_were_measured():
    rows = pd.DataFrame([{f"parity_{i}": 1.0 if i < k else 0.2 for i in range(9)} for k in (0, 2, 9)])
    assert known_parities(rows).tolist() == [0, 2, 9]
    earlier = rows.iloc[:1] * np.nan  # of a run from before they were measured
    assert known_parities(pd.concat([rows, earlier])).isna().tolist() == [False, False, False, True]
    assert known_parities(pd.DataFrame({"heldout_loss": [1.0]})).isna().all()


def test_levels_fall_from_counting_cells_to_the_perfect_critic():
    """The ends against a plain loop over pairs; in between every parity helps."""
    env = LightsOut("lights_out_3x3")
    found = levels(env, 0.5, 64, 64)
    density, rng = future_density(env, 0.5, 64), np.random.default_rng(1)
    for table, level in ((straight_line(density), found[0]), (density, found[-1])):
        losses = []
        for _ in range(2000):
            right, wrong = rng.choice(512, p=density / density.sum()), rng.integers(512, size=63)
            losses.append(-np.log(table[right] / (table[right] + table[wrong].sum())))
        assert np.mean(losses) == pytest.approx(level, abs=4 * np.std(losses) / np.sqrt(2000) + 0.03)
    assert (np.diff(found[:9]) < -0.05).all() and found[9] == pytest.approx(found[8], abs=0.02)  # the ninth follows


def test_the_last_panel_has_every_evaluation_at_its_number_of_known_parities(data):
    known = figures.module("lights_out").draw(data).axes[1]
    points = np.concatenate([line.get_xydata() for line in known.lines if line.get_marker() != "_"])
    assert len(points) == len(planted()) and set(np.rint(points[:, 0])) == {0, 2}
    assert set(np.round(points[np.rint(points[:, 0]) == 2, 1], 2)) == {round(2.9 - LINE, 2)}


def test_a_run_that_was_interrupted_is_drawn_as_far_as_it_came(tmp_path):
    rows = planted()
    cut = rows[(rows.depth != 64) | (rows.updates <= 500)].copy()
    cut.loc[cut.depth == 64, "status"] = "interrupted"
    (tmp_path / "lights_out-laptop").mkdir()
    cut.to_csv(tmp_path / "lights_out-laptop" / "metrics.csv", index=False)
    loss = figures.module("lights_out").draw(tmp_path).axes[0]
    deep = next(line for line in loss.lines if line.get_label() == "depth 64")
    assert max(deep.get_xdata()) == 500
    assert "depth 64: 2 of 2 seeds left it" in figures.module("lights_out").words(tmp_path).takeaway


def test_the_learning_rate_is_the_better_one_of_the_search_at_every_depth_that_had_it():
    """By the mean of the last fifth of the evaluations, as the choice was made."""
    rows = evidence.rows(Path(__file__).parents[1] / "data", "lights_out_search").sort_values("updates")
    last = rows.groupby(["depth", "learning_rate", "run", "seed"]).heldout_loss.apply(lambda loss: loss.tail(5).mean())
    loss = last.groupby(["depth", "learning_rate", "run"]).mean()
    loss = loss.groupby(["depth", "learning_rate"]).first().unstack().dropna()
    assert set(loss.idxmin(axis=1)) == {SEARCHED} and set(loss.columns) == {
        config.learning_rate for config in configs("lights_out_search", "laptop")
    }
    assert {config.learning_rate for config in configs("lights_out", "laptop")} == {SEARCHED}
    reported = set(evidence.rows(Path(__file__).parents[1] / "data", "lights_out").depth)
    assert reported <= set(loss.index)


def test_without_rows_it_says_so(tmp_path):
    assert "ot yet measured here" in figures.module("lights_out").words(tmp_path).takeaway
    texts = [text.get_text() for axes in figures.module("lights_out").draw(tmp_path).axes for text in axes.texts]
    assert texts == ["not yet measured here"]
