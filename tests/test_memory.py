"""A run that cannot fit is refused before it is compiled, with what would fit."""

import re

import jax
import pytest

import crlkit
from crlkit import platform, runs

GB = 10**9


@pytest.fixture
def machine(monkeypatch):
    """A machine with so many bytes free, and none of its programs ever compiled."""

    def make(free: int):
        monkeypatch.setattr(platform, "free_memory", lambda: free)
        monkeypatch.setattr(crlkit.loop, "_train", lambda *_: "trained")

    return make


def test_the_humanoid_of_27_gb_is_refused_in_one_line(machine):
    machine(23 * GB)
    config = dict(preset="smoke", depth=4, env="humanoid", num_envs=512, buffer_size=50_000, prefill=16)
    config = crlkit.Config(**config, unroll_length=16, env_steps=32_768)
    with pytest.raises(crlkit.UserError) as error:
        crlkit.train(config)
    said = str(error.value)
    assert "\n" not in said and said.startswith("buffer_size 50000: the run would take") and "23.0 GB are free" in said
    size = 4 * 512 * 50_000 * sum(getattr(crlkit.envs.make("humanoid"), f"{kind}_size") for kind in ("state", "action"))
    assert float(re.search(r"take ([\d.]+) GB", said)[1]) * GB >= size > 25 * GB
    fits = int(re.search(r"nearest: --buffer-size (\d+)$", said)[1])
    assert crlkit.train(crlkit.Config(**{**config.to_dict(), "buffer_size": fits})) == "trained"
    with pytest.raises(crlkit.UserError):
        crlkit.train(crlkit.Config(**{**config.to_dict(), "buffer_size": fits + 1}))


def test_what_is_counted_is_what_a_run_holds(smoke, machine):
    """Against the shapes of the whole training state: none of it forgotten, little of it counted twice."""
    for options in (dict(env="ant", width=64, depth=64), dict(env="point_u_maze", collector_depth=8, seeds=3)):
        config = smoke(**options, buffer_size=5000)
        state = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(runs.state_shape(config)))
        machine(int(0.9 * state))
        with pytest.raises(crlkit.UserError, match="GB are free"):
            crlkit.train(config)
        machine(3 * state + 10**8)
        assert crlkit.train(config) == "trained"


def test_a_batch_whose_energies_do_not_fit_is_refused(machine, smoke):
    machine(8 * GB)
    config = smoke(batch_size=32_768, num_envs=4096, env_steps=4096 * 16 * 3, buffer_size=64)
    with pytest.raises(crlkit.UserError, match="nearest: smaller networks and batches"):
        crlkit.train(config)


def test_resuming_asks_as_well(smoke, tmp_path, machine):
    runs.create(smoke(out=str(tmp_path / "run"))).release()
    machine(1000)
    with pytest.raises(crlkit.UserError, match="are free"):
        crlkit.resume(tmp_path / "run")
    assert crlkit.open_run(tmp_path / "run").status == "running"


def test_the_memory_of_a_device_counts_too(machine, smoke, monkeypatch):
    class Card:
        platform = "gpu"

        def memory_stats(self):
            return {"bytes_limit": 10**6, "bytes_in_use": 9 * 10**5}

    machine(100 * GB)
    monkeypatch.setattr(platform, "devices", lambda: [Card()])
    with pytest.raises(crlkit.UserError, match=r"GB on the device .*, 0.0 GB are free"):
        crlkit.train(smoke())


def test_free_memory_is_that_of_the_machine_or_of_its_container(tmp_path):
    for name, text in {
        "proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n",
        "sys/fs/cgroup/memory.max": "max\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert platform.free_memory(tmp_path) == 8000 * 1024
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("5000\n")
    assert platform.free_memory(tmp_path) == 5000
    assert platform.free_memory() > 0
