"""What is shipped under data/ says what the runs said, and where they were made."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import crlkit
from crlkit import evidence, sweep
from crlkit.analysis.statistics import final_scores, interquartile_mean, interval
from crlkit.cli import main
from crlkit.record import record


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("record")
    this = sweep.Sweep.of("depth", "smoke", folder / "sweeps")
    with pytest.raises(crlkit.UserError, match="no finished run.*nearest: crlkit sweep depth"):
        record(this, folder / "data")
    sweep.run_sweep(this)
    main(["record", "depth", "--size", "smoke", "--out", str(folder / "sweeps"), "--data", str(folder / "data")])
    return this, folder / "data/depth-smoke"


def test_tables_hold_every_row_and_every_run_has_its_provenance(recorded):
    this, data = recorded
    metrics, made = evidence.read(data), pd.read_csv(data / "provenance.csv")
    runs = {job.path.name: crlkit.open_run(job.path) for job in this.jobs}
    assert len(metrics) == sum(len(run.rows) for run in runs.values())
    assert set(metrics.run) == set(made.run) == set(runs)
    assert not {"depth", "status"} & set(pd.read_csv(data / "metrics.csv"))  # they stand once a run, in configs.csv
    assert made[["device", "commit", "jax", "started", "wall_seconds", "status"]].notna().all(axis=None)
    for name, run in runs.items():
        rows = metrics[metrics.run == name].reset_index(drop=True)
        np.testing.assert_allclose(rows.critic_loss, run.metrics.critic_loss, rtol=1e-5)
        assert set(rows.depth) == {run.config.depth} and set(rows.preset) == {"smoke"}


def test_a_config_comes_back_from_the_tables_and_starts_the_same_run(recorded, monkeypatch):
    this, data = recorded
    monkeypatch.setattr(evidence, "SIZES", ("smoke",))
    job = this.jobs[0]
    config = evidence.config(data.parent, job.path.name)
    assert replace(config, out=job.config.out) == job.config
    again = crlkit.train(replace(config, seeds=1)).metrics
    first = crlkit.open_run(job.path).metrics.query("seed == @config.seed")
    np.testing.assert_array_equal(again.critic_loss, first.critic_loss)
    with pytest.raises(crlkit.UserError, match="not recorded in .*nearest: .*depth4"):
        evidence.config(data.parent, job.path.name[:-1])


def test_every_recorded_run_has_its_config_in_the_tables():
    data = Path(__file__).parents[1] / "data"
    table = evidence.rows(data, sizes=True)
    assert len(table) and {run: sweep.name_of(evidence.config(data, run)) for run in set(table.run)} == {
        run: run for run in set(table.run)
    }  # the name holds a digest of everything that decides the result


def test_scores_are_those_of_the_last_evaluation_of_two(recorded):
    this, data = recorded
    table = pd.read_csv(data / "scores.csv").set_index(["run", "measure"])
    for job in this.jobs:
        per_seed = crlkit.open_run(job.path).metrics.groupby("seed").time_at_goal.last()
        assert table.loc[(job.path.name, "time_at_goal"), "mean"] == pytest.approx(per_seed.mean(), abs=1e-5)
        assert table.loc[(job.path.name, "time_at_goal"), "seeds"] == 2


def test_arrays_and_weights_are_those_of_the_agent(recorded):
    this, data = recorded
    name = this.jobs[1].path.name
    agent = crlkit.load_agent(data / "weights" / f"{name}.safetensors")
    arrays = np.load(data / "arrays.npz")
    from crlkit.analysis.q_maps import critic_map

    np.testing.assert_allclose(arrays[f"{name}/critic_map"], critic_map(agent).values, rtol=2e-3)
    assert arrays[f"{name}/embeddings"].shape == (16, 64) and arrays[f"{name}/paths"].shape == (17, 12, 2)


@pytest.mark.slow
def test_what_is_recorded_is_neither_run_again_nor_lost(recorded, tmp_path, monkeypatch):
    """On another machine, where the first runs are not, a suite that shares a run with a recorded one."""
    _, data = recorded
    shutil.copytree(data.parent, tmp_path / "data")
    monkeypatch.setattr(evidence, "SIZES", ("smoke",))
    wider = sweep.Sweep.of("depth_vs_width", "smoke", tmp_path / "sweeps", tmp_path / "data")
    status = {job.config.width: wider.status(job) for job in wider.jobs if job.config.depth == 4}
    assert status == {16: "recorded", 32: "missing"} and len(wider.remaining()) == 1
    assert sweep.run_sweep(wider) == {}
    folder = record(wider, tmp_path / "data")
    metrics, first = evidence.read(folder), evidence.read(data)
    assert list(dict.fromkeys(metrics.run)) == [job.path.name for job in wider.jobs]
    assert (
        set(pd.read_csv(folder / "provenance.csv").run)
        == set(metrics.run)
        == set(pd.read_csv(folder / "scores.csv").run)
    )
    again = metrics[metrics.run.isin(first.run)].reset_index(drop=True)
    pd.testing.assert_frame_equal(again[first.columns], first, check_dtype=False)
    # Recorded once more from a folder in which only one of its runs was made again: nothing of the other is lost.
    weights = {file.name for file in (folder / "weights").iterdir()}
    assert weights == {f"{job.path.name}.safetensors" for job in wider.jobs if job.config.width == 32}
    other = sweep.Sweep.of("depth", "smoke", tmp_path / "elsewhere", tmp_path / "data")
    other.recorded = frozenset()
    sweep.run_job(other.jobs[0])
    record(other, tmp_path / "data")
    whole = evidence.read(tmp_path / "data/depth-smoke")
    assert len(whole) == len(first) and set(whole.status) == {"finished"}
    names = {job.path.name for job in other.jobs}
    assert {file.stem for file in (tmp_path / "data/depth-smoke/weights").iterdir()} == names
    with np.load(tmp_path / "data/depth-smoke/arrays.npz") as held:
        assert {key.partition("/")[0] for key in held.files} == names


@pytest.mark.parametrize(("evaluations", "averaged"), [(1, 1), (7, 1), (10, 1), (19, 1), (40, 4), (50, 5), (80, 8)])
def test_final_scores_average_the_last_tenth_of_the_evaluations_of_each_seed(evaluations, averaged):
    count = np.arange(evaluations)
    table = pd.DataFrame({"seed": np.tile([1, 2], evaluations), "updates": np.repeat(count, 2)})
    table["success"] = table.updates**2 + table.seed
    last = np.mean(count[-averaged:] ** 2)
    assert list(final_scores(table.sample(frac=1, random_state=0), "success")) == pytest.approx([last + 1, last + 2])


def test_the_interquartile_mean_leaves_out_the_outer_quarters():
    assert interquartile_mean([0, 10, 12, 14, 16, 18, 20, 1000]) == 15
    low, high = interval([1.0, 1.0, 1.0, 1.0])
    assert (low, high) == (1, 1) and np.isnan(interval([3.0])).all()


def test_intervals_of_many_values_cover_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    covered = [low <= 0 <= high for low, high in (interval(rng.normal(size=30), resamples=500) for _ in range(200))]
    assert 0.88 <= np.mean(covered) <= 0.99
