"""Sweeps: the same table at the end, however often they were killed, and wherever they ran."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import crlkit
from crlkit import loop, suites, sweep
from crlkit.cli import main

TIMES = ["seconds", "cpu_seconds", "compile_seconds"]


def table(this: sweep.Sweep) -> pd.DataFrame:
    return this.results().drop(columns=TIMES)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The smoke sweep that nobody disturbs."""
    this = sweep.Sweep.of("depth", "smoke", tmp_path_factory.mktemp("alone"))
    assert sweep.run_sweep(this) == {}
    return this


@pytest.mark.slow
def test_a_sweep_killed_five_times_ends_with_the_same_table(alone, tmp_path):
    this, rng = sweep.Sweep.of("depth", "smoke", tmp_path), random.Random(0)
    command = [sys.executable, "-m", "crlkit", "sweep", "depth", "--size", "smoke", "--out", str(tmp_path)]
    for begun in (0, 1, 1, 2, 2):  # at once, in each of its two runs, and twice before it goes on
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and len(list(tmp_path.glob("*/*/config.json"))) < begun:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.02)
        with pytest.raises(subprocess.TimeoutExpired):  # a run compiles for longer than this
            process.wait(timeout=rng.uniform(0, 0.4))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert len(this.remaining()) >= 1
    assert subprocess.run(command, capture_output=True).returncode == 0
    pd.testing.assert_frame_equal(table(this), table(alone))
    assert set(this.results().status) == {"finished"}


def test_a_run_that_fails_does_not_stop_the_sweep_and_a_diverged_one_is_not_run_again(tmp_path, monkeypatch, capsys):
    bad = suites.configs("depth", "smoke")[0]
    train = loop.train
    calls = []

    def fail_once(config, **options):
        calls.append(config.depth)
        if config.depth == bad.depth:
            raise RuntimeError("out of luck\nsecond line")
        return train(config, **options)

    monkeypatch.setattr(loop, "train", fail_once)
    with pytest.raises(SystemExit) as stop:
        main(["sweep", "depth", "--size", "smoke", "--out", str(tmp_path)])
    assert stop.value.code == 1 and calls == [4, 8]
    assert "out of luck" in capsys.readouterr().err
    monkeypatch.setattr(loop, "train", train)
    this = sweep.Sweep.of("depth", "smoke", tmp_path)
    assert [job.config.depth for job in this.remaining()] == [4]
    job = this.remaining()[0]
    crlkit.runs.create(job.config).set_status("failed", diverged=True, error="nan")
    assert this.remaining() == [] and list(this.table().status) == ["diverged", "finished"]
    assert sweep.run_sweep(this) == {}
    assert "diverged" in set(this.results().status)  # a run that diverged stays in the table


def test_nothing_is_run_twice_and_the_table_carries_the_configs(alone):
    before = {file: file.stat().st_mtime_ns for file in alone.folder.glob("*/metrics.csv")}
    assert sweep.run_sweep(alone) == {} and alone.remaining() == []
    assert {file: file.stat().st_mtime_ns for file in alone.folder.glob("*/metrics.csv")} == before
    results = pd.read_csv(alone.folder / "results.csv")
    assert set(results.episode_length) == {16} and "steps_alive" in results  # no measure hides an option
    last = results.groupby(["run", "seed"]).last()
    assert len(last) == 2 * len(alone.jobs)
    assert set(last.depth) == {4, 8}


def test_time_that_is_up_leaves_everything_to_do(tmp_path):
    this = sweep.Sweep.of("depth", "smoke", tmp_path)
    sweep.run_sweep(this, max_hours=0.0)
    assert len(this.remaining()) == 2


def test_a_sweep_interrupted_twice_leaves_its_table(tmp_path):
    def stopped(jobs, deadline):
        raise KeyboardInterrupt  # a second signal
        yield

    this = sweep.Sweep.of("depth", "smoke", tmp_path)
    with pytest.raises(KeyboardInterrupt):
        sweep.run_sweep(this, executor=stopped)
    assert set(pd.read_csv(this.folder / "results.csv").status) == {"missing"}


def test_a_deadline_inside_a_run_keeps_a_checkpoint(smoke, tmp_path):
    run = crlkit.train(smoke(out=str(tmp_path / "run")), deadline=0.0)
    assert run.status == "interrupted" and run.provenance["updates"] == 0
    assert crlkit.resume(tmp_path / "run").status == "finished"


def test_the_suites_are_these():
    """Data, claims and figures name them."""
    assert " ".join(suites.SUITES) == (
        "depth learning_rate limits depth_vs_width batch_size actor_vs_critic ablations hindsight stitching "
        "collector_learner lights_out_search lights_out lights_out_rates environments cures published_head boards_search "
        "boards boards_rates boards_ablations boards_stitching cured_depth equal_seconds algorithms what_they_solve "
        "when_to_use bodies"
    )


@pytest.mark.parametrize("size", suites.SIZES)
@pytest.mark.parametrize("suite", suites.SUITES)
def test_every_suite_is_a_list_of_valid_distinct_configs(suite, size):
    configs = suites.configs(suite, size)
    names = [sweep.name_of(config) for config in configs]
    assert len(configs) >= 2 and len(set(names)) == len(names)
    presets = {"laptop": {"tutorial"}, "gpu": {"tutorial", "paper"} if suite == "depth" else {"tutorial"}}
    assert {config.preset for config in configs} == presets.get(size, {size})
    assert suite in ("lights_out_search", "cures", "published_head", "boards_search", "boards_rates") or all(
        config.seed >= 100 for config in configs
    )  # seeds below are for choosing settings
    assert all(sweep.guess_seconds(config) > 0 for config in configs)


@pytest.mark.parametrize("suite", [suite for suite in suites.SUITES if suite != "depth"])
def test_a_card_repeats_the_laptop_on_more_and_fresh_seeds(suite):
    """Of size gpu: the laptop's configs, in order, but for seeds that no laptop ran."""
    laptop, card = (suites.configs(suite, size) for size in ("laptop", "gpu"))
    same = dict(seed=0, seeds=1, evaluations=1)
    assert [replace(c, **same) for c in card] == [replace(c, **same) for c in laptop]
    used = {c.seed + k for c in laptop for k in range(c.seeds)}
    assert not used & {c.seed + k for c in card for k in range(c.seeds)}
    assert {c.seeds for c in card if c.depth <= 256 or suite != "cured_depth"} == {20}


def test_a_name_follows_from_what_decides_the_result(smoke):
    name = sweep.name_of(smoke())
    assert name == sweep.name_of(smoke(out="elsewhere", checkpoint_seconds=1.0))
    assert len({name, *(sweep.name_of(smoke(**o)) for o in ({"seed": 1}, {"norm": "rms"}, {"discount": 0.9}))}) == 4


def test_an_estimate_learns_from_what_finished(alone):
    fresh = sweep.Sweep(alone.suite, alone.size, alone.folder, [])
    assert "a guess" in sweep.left_in_words(fresh, alone.jobs)
    assert "from what has finished" in sweep.left_in_words(alone, alone.jobs)
    took = sum(crlkit.open_run(job.path).provenance["wall_seconds"] for job in alone.jobs)
    guessed = sum(sweep.guess_seconds(job.config) for job in alone.jobs)
    assert sweep.pace(fresh) is None and sweep.pace(alone) * guessed == pytest.approx(took)


@pytest.mark.slow
def test_a_ray_cluster_that_loses_a_node_ends_with_the_same_table(alone, tmp_path):
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    from crlkit.cluster import run_on_ray

    this = sweep.Sweep.of("depth", "smoke", tmp_path)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    second = cluster.add_node(num_cpus=1)
    try:
        ray.init(address=cluster.address, logging_level="error")
        failed = {}
        thread = threading.Thread(target=lambda: failed.update(run_on_ray(this, cpus=1, gpus=0)))
        thread.start()
        while thread.is_alive() and len(list(tmp_path.glob("*/*/config.json"))) < 2:
            thread.join(0.1)  # until each node is at a run
        assert len(ray.nodes()) == 2 and len(this.remaining()) == 2
        cluster.remove_node(second, allow_graceful=False)
        thread.join()
        assert failed == {} and this.remaining() == []
        pd.testing.assert_frame_equal(table(this), table(alone))
    finally:
        ray.shutdown()
        cluster.shutdown()


def test_seeds_on_one_device_and_on_two_end_alike(tmp_path):
    """Forced host devices: the seeds of a run are spread over them, and nothing about a seed changes."""
    outcomes = []
    for devices in ("1", "2"):
        out = tmp_path / devices
        script = (
            "import crlkit, jax; "
            f"run = crlkit.train(crlkit.Config(preset='smoke', depth=4, seeds=3, out={str(out)!r})); "
            f"assert len(jax.devices()) == {devices}"
        )
        environment = {"JAX_NUM_CPU_DEVICES": devices}
        done = subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, **environment}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        run = crlkit.open_run(Path(out))
        outcomes.append(
            (run.metrics.drop(columns=TIMES), [agent.critic["goal"]["head"]["kernel"] for agent in run.agents])
        )
    pd.testing.assert_frame_equal(outcomes[0][0], outcomes[1][0])
    assert all((a == b).all() for a, b in zip(outcomes[0][1], outcomes[1][1], strict=True))
