"""`crlkit.plot`: the pictures of the kit for runs of one's own."""

import numpy as np
import pytest

import crlkit
from crlkit.analysis.statistics import final_scores
from crlkit.figures.plots import labels


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A shallow and a deep run in a maze; the first has a directory."""
    folder = tmp_path_factory.mktemp("runs") / "shallow"
    shallow = crlkit.train(crlkit.Config(preset="smoke", depth=4, seeds=2, out=str(folder)))
    return shallow, crlkit.train(crlkit.Config(preset="smoke", depth=8, seeds=2))


def test_runs_are_drawn_as_curves_scores_and_maps(runs):
    shallow, deep = runs
    figure = crlkit.plot([shallow.path, deep])
    curves, ends, *maps = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    for run, label in zip(runs, ("depth 4", "depth 8")):
        line = next(line for line in curves.lines if line.get_label() == label)
        share = run.metrics.time_at_goal / run.config.episode_length
        by_hand = share.groupby(run.metrics.updates).mean()  # of two seeds the interquartile mean is the mean
        np.testing.assert_allclose(line.get_xydata(), list(by_hand.items()))
        score = (final_scores(run.metrics, "time_at_goal") / run.config.episode_length).mean()
        assert any(np.allclose(bars.lines[0].get_xdata(), score) for bars in ends.containers)
    assert [tick.get_text() for tick in ends.get_yticklabels()] == ["depth 4", "depth 8"]
    assert [axes.get_title() for axes in maps] == ["depth 4", "depth 8"]


def test_another_measure_of_one_run_without_maps(runs):
    figure = crlkit.plot(runs[1], measure="critic_loss", maps=False)
    assert len(figure.axes) == 2 and figure.axes[0].get_ylabel() == "critic loss"


def test_runs_are_named_after_what_tells_them_apart(smoke):
    assert labels([smoke(), smoke(depth=8)]) == ["depth 4", "depth 8"]
    assert labels([smoke(), smoke(actor_depth=8)]) == ["actor depth 4", "actor depth 8"]
    assert labels([smoke(), smoke(depth=8, norm="none")]) == ["depth 4, norm layer", "depth 8, norm none"]
    assert labels([smoke(), smoke(seed=5)]) == ["depth 4, run 1", "depth 4, run 2"]


@pytest.mark.parametrize(
    "bad, said",
    [([], "one run or several"), (7, "must be a run"), ([None], "must be a run"), ("no/such/run", "no/such/run")],
)
def test_what_is_no_run_is_one_line(bad, said):
    with pytest.raises(crlkit.UserError, match=said) as error:
        crlkit.plot(bad)
    assert "nearest" in str(error.value) and "\n" not in str(error.value)


def test_an_unknown_measure_names_the_nearest(runs):
    with pytest.raises(crlkit.UserError, match="nearest: success"):
        crlkit.plot(list(runs), measure="sucess")
