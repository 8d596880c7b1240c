"""How seeds are laid out over devices, on both kinds of machine."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from crlkit.seeds import SeedGroups
from crlkit.training import make_training


def count(state, n):
    return {"seed": state, "total": state * n + jnp.arange(3)}


@pytest.mark.parametrize("seeds", [1, 2, 3, 5])
@pytest.mark.parametrize("batched", [False, True])
def test_groups_hold_every_seed_once_in_order_and_come_back_as_they_were(seeds, batched):
    groups = SeedGroups(10, seeds, batched)
    assert len(groups.seeds) == (min(seeds, len(jax.devices())) if batched else seeds)
    results = groups.compile(count, groups.seeds, np.int32(2))(groups.seeds, np.int32(7))
    gathered = groups.gather(results)
    wanted = 10 + np.arange(seeds)
    np.testing.assert_array_equal(gathered["seed"], wanted)
    np.testing.assert_array_equal(gathered["total"], 7 * wanted[:, None] + np.arange(3))
    again = groups.scatter(gathered)
    for before, after in zip(results, again, strict=True):
        assert before["total"].devices() == after["total"].devices()
        np.testing.assert_array_equal(before["total"], after["total"])


def test_an_accelerators_batch_of_seeds_trains_like_the_seeds_apart(smoke):
    """The path of GPUs, forced onto host devices: equal to rounding, because batched kernels differ."""
    training, outcomes = make_training(smoke(norm="rms")), []
    for batched in (False, True):
        groups = SeedGroups(3, 3, batched)
        states = groups.compile(training.init, groups.seeds)(groups.seeds)
        states = groups.compile(training.collect, states)(states)
        states = groups.compile(training.update, states, np.int32(1))(states, np.int32(3))
        outcomes.append(groups.gather([state.log.mean for state in states]))
    for name in outcomes[0]:
        np.testing.assert_allclose(outcomes[0][name], outcomes[1][name], rtol=2e-4, atol=1e-5, err_msg=name)


@pytest.mark.slow
@pytest.mark.skipif(len(jax.devices()) == 3, reason="this is the run on three devices")
def test_and_on_three_devices():
    """`make test` asks for one, to compile everything once; people have one a core."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "groups", __file__]
    done = subprocess.run(command, env=os.environ | {"JAX_NUM_CPU_DEVICES": "3"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
