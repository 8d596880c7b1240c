"""Published weights: what was exported comes back; anything else is refused."""

import json
import random

import numpy as np
import pytest
import safetensors.numpy

import crlkit
from crlkit.weights import export, load_agent


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    run = crlkit.train(crlkit.Config(preset="smoke", depth=8, seeds=2, seed=3, norm="rms"))
    return run, export(run, tmp_path_factory.mktemp("weights") / "agent.safetensors", seed=4)


def test_an_exported_agent_acts_and_judges_as_before(exported):
    run, path = exported
    before, after = run.agents[1], load_agent(path)
    state, goal = np.random.default_rng(0).normal(size=(2, 5, 2)).astype(np.float32)
    assert np.array_equal(before.act(state, goal), after.act(state, goal))
    assert np.array_equal(before.energy(state, state, goal), after.energy(state, state, goal))
    assert after.seed == 4 and after.config.depth == 8 and before.score(seed=1) == after.score(seed=1)
    with pytest.raises(crlkit.UserError, match="seed 9.*nearest: 4"):
        export(run, "nowhere", seed=9)


def damaged(data: bytes, rng: random.Random) -> bytes:
    header = 8 + int.from_bytes(data[:8], "little")
    kind = rng.randrange(5)
    if kind == 0:  # a bit anywhere
        return flip(data, rng.randrange(len(data)), rng)
    if kind == 1:  # a bit in the header
        return flip(data, rng.randrange(header), rng)
    if kind == 2:
        return data[: rng.randrange(len(data))]
    if kind == 3:
        return data + rng.randbytes(rng.randrange(1, 100))
    foreign = [b"", b"\x80\x04\x95", b"{}", b"PK\x03\x04", b"\x93NUMPY", json.dumps({"a": 1}).encode()]
    return rng.choice(foreign) + rng.randbytes(rng.randrange(0, 400))


def flip(data: bytes, place: int, rng: random.Random) -> bytes:
    return data[:place] + bytes([data[place] ^ 1 << rng.randrange(8)]) + data[place + 1 :]


def test_a_thousand_damaged_files_are_all_refused_in_one_line(exported, tmp_path):
    data, rng, file = exported[1].read_bytes(), random.Random(0), tmp_path / "bad.safetensors"
    for _ in range(1000):
        file.write_bytes(damaged(data, rng))
        with pytest.raises(crlkit.UserError, match="bad.safetensors.*nearest") as error:
            load_agent(file)
        assert "\n" not in str(error.value)


def test_honest_safetensors_of_the_wrong_kind_are_refused(exported, tmp_path):
    arrays = safetensors.numpy.load(exported[1].read_bytes())
    for name, change in {
        "foreign": lambda a: {"x": np.zeros(3, np.float32)},
        "half precision": lambda a: {k: v.astype(np.float16) for k, v in a.items()},
    }.items():
        file = tmp_path / f"{name}.safetensors"
        safetensors.numpy.save_file(change(arrays), file)
        with pytest.raises(crlkit.UserError, match="not one of crlkit's files"):
            load_agent(file)
    with pytest.raises(crlkit.UserError, match="No such file"):
        load_agent(tmp_path / "missing.safetensors")


@pytest.mark.parametrize("change", ["missing", "shape", "type", "config", "format", "seed", "no config"])
def test_a_well_sealed_file_with_the_wrong_content_is_refused(exported, tmp_path, change):
    """Sealed by the rule that the module states, so only the check of the content is left to refuse it."""
    import hashlib

    path = exported[1]
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    arrays, metadata = safetensors.numpy.load(data), header["__metadata__"] | {"seal": "0" * 64}
    name = sorted(arrays)[0]
    if change == "missing":
        del arrays[name]
    if change == "shape":
        arrays[name] = arrays[name][..., :-1].copy()
    if change == "type":
        arrays[name] = arrays[name].astype(np.float64)
    if change == "config":
        metadata["config"] = json.dumps(json.loads(metadata["config"]) | {"depth": 6})
    if change == "seed":
        metadata["seed"] = "x"
    if change == "no config":
        del metadata["config"]
    if change == "format":
        metadata["crlkit"] = "99"
    made = safetensors.numpy.save(arrays, metadata)
    file = tmp_path / "bad.safetensors"
    file.write_bytes(made.replace(b"0" * 64, hashlib.sha256(made).hexdigest().encode(), 1))
    with pytest.raises(crlkit.UserError, match="bad.safetensors.*nearest"):
        load_agent(file)
