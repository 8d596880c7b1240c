"""Steps of the loss are found where they were planted, and the figure of Lights Out says what its rows say."""

import numpy as np
import pandas as pd
import pytest

from crlkit.analysis.plateaus import first_steps
from crlkit.figures import lights_out
from crlkit.suites import MATCHED

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
                    **dict(cpu_seconds=2.0 * (k + 1), batch_size=256, learning_rate=3e-4, episode_length=64),
                    **dict(heldout_loss=2.9 if low else 3.0 if alone else 3.15, line_loss=LINE, bayes_loss=BAYES),
                    **{"optimal_action": 0.8 if low else 0.5} | {f"solved_{d}": 1 / d for d in range(1, 10)},
                    **{f"press_{i}": float(low and i in (0, 2, 6, 8)) for i in range(9)},
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


def test_the_words_say_who_left_the_plateau_and_when(data):
    said = lights_out.words(data)
    assert "depth 4: 0 of 2 seeds left it;" in said.takeaway
    assert "depth 16: 2 of 2 seeds left it, after 800 updates" in said.takeaway
    assert "depth 64: 2 of 2 seeds left it, after 350 updates" in said.takeaway
    assert "depth 4 3.15" in said.alt and "depth 64 2.90" in said.alt and "2.18" in said.alt


def test_the_picture_draws_every_seed_and_both_floors(data):
    figure = lights_out.draw(data)
    loss, _, steps = figure.axes[:3]
    drawn = [line.get_ydata() for line in loss.lines]
    for _, own in planted().groupby(["depth", "seed"]):
        assert any(np.array_equal(line, own.heldout_loss) for line in drawn)
    levels = {round(float(line[0]), 2) for line in drawn if len(line) == 2}
    assert levels == {LINE, BAYES}
    circles = {float(y) for line in steps.lines if line.get_marker() == "o" for y in line.get_ydata()}
    assert circles == {700, 900, 300, 400}


def test_known_presses_are_by_kind(data):
    table = lights_out.known_presses(lights_out.read(data)[0])
    assert table.loc[64].tolist() == [1, 0, 0] and table.loc[4].tolist() == [0, 0, 0]


def test_without_rows_it_says_so(tmp_path):
    assert "ot yet measured here" in lights_out.words(tmp_path).takeaway
    texts = [text.get_text() for axes in lights_out.draw(tmp_path).axes for text in axes.texts]
    assert texts == ["not yet measured here"] * 6
