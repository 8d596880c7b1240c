"""What `crlkit bench` measures: its rows and units, and that what it is measured against is the same network."""

import jax
import numpy as np
import pandas as pd
import pytest

import crlkit
from crlkit import bench
from crlkit.cli import main
from crlkit.networks import residual_stack


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(bench, "CHUNK_SECONDS", 0.0)
    monkeypatch.setattr(bench, "REPEATS", 1)


def test_an_update_is_a_row_of_times_rates_and_memory(quick, smoke):
    config = smoke(depth=8, width=16)
    row = bench.measure("updates", config)
    assert (row["depth"], row["width"]) == (8, 16) and all(np.isfinite(value) and value >= 0 for value in row.values())
    sizes = row["weights and optimiser (MB)"] * bench.MB
    assert sizes == pytest.approx(12e6 * row["parameters (M)"], rel=0.5)  # float32: weights and Adam's two moments
    assert row["peak memory (MB)"] > row["weights and optimiser (MB)"] + row["buffer (MB)"]


@pytest.mark.parametrize(("seconds", "count"), [(1e-3, 600), (0.2, 10)])
def test_ten_updates_or_more_are_timed_in_a_call(monkeypatch, seconds, count):
    made = []

    class Trainer:
        update = None

        def step(self, program, number):
            made.append(int(number))

    def clock(run, repeats=bench.REPEATS):
        for _ in range(repeats):
            run()
        return seconds * made[-1], seconds * made[-1]

    monkeypatch.setattr(bench, "_seconds", clock)
    assert bench._each_update(Trainer()) == pytest.approx((seconds, seconds))
    assert made == [1, 1] + [count] * bench.REPEATS


@pytest.mark.parametrize("head", ["plain", "norm", "scaled"])
def test_the_looped_stack_is_the_same_network(head):
    ours, looped = (make(3, 2, 8, 16, head=head) for make in (residual_stack, bench.looped_stack))
    params, x = ours.init(jax.random.key(0)), np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(looped.apply(params, x), ours.apply(params, x), rtol=1e-4, atol=1e-5)


def test_the_table_has_a_row_per_depth_and_stack_and_says_where_it_was_made(monkeypatch, tmp_path, capsys):
    class Pool:
        def __init__(self, *_, **__): ...
        def __enter__(self):
            return self

        def __exit__(self, *_): ...

        map = staticmethod(map)

    monkeypatch.setattr(bench, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(bench, "measure", lambda what, config, looped: {"depth": config.depth, "update (ms)": 1.0})
    file = tmp_path / "times.csv"
    main(["bench", "--depths", "4", "64", "--against", "looped", "--save", str(file)])
    table = pd.read_csv(file)
    assert list(zip(table.depth, table["stack"])) == [(d, s) for d in (4, 64) for s in ("scanned", "looped")]
    assert {"device", "commit", "jax", "env", "batch_size"} <= set(table) and "update (ms)" in capsys.readouterr().out


def test_what_cannot_be_measured_is_refused_with_what_can():
    with pytest.raises(crlkit.UserError, match="updates"):
        bench.bench((4,), 8, "point_u_maze", 8, "update")
