"""Seeds are an axis: one program, compiled once a device, serves all of them.

On accelerators each device works on its share of the seeds at once (`jax.vmap`). On a CPU each call takes one seed, as
small matrices gain nothing from batching and a seed's numbers must not depend on how many others run beside it.
"""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crlkit import platform


class SeedGroups:
    """The states of `count` seeds, the first being `first`, in groups that each live on one device: on accelerators every
    leaf of a group has a leading axis of seeds, on a CPU a group is one seed without that axis."""

    def __init__(self, first: int, count: int, batched: bool | None = None):
        devices = platform.devices()
        self.batched = devices[0].platform != "cpu" if batched is None else batched
        seeds = first + np.arange(count, dtype=np.int32)
        parts = np.array_split(seeds, min(len(devices), count)) if self.batched else list(seeds)
        places = map(jax.sharding.SingleDeviceSharding, itertools.cycle(devices))
        self.seeds = [jax.device_put(part, place) for part, place in zip(parts, places)]

    def compile(
        self, function: Callable, groups: list[Any], *shared, donate: bool = False, options: dict | None = None
    ) -> Callable:
        """Compiles `function(state, *shared)` of one seed for every device in use: `(groups, *shared) -> list of
        results`, devices at the same time. `donate` gives the old states' memory to the new; `options`: XLA's, CPU."""
        if self.batched:
            function = jax.vmap(function, in_axes=(0, *[None for _ in shared]))
        jitted = jax.jit(function, donate_argnums=0 if donate else ())
        examples = {self._device(group): group for group in groups}
        options = None if self.batched else options or None
        with ThreadPoolExecutor(len(examples)) as pool:
            built = pool.map(lambda group: jitted.lower(group, *shared).compile(options), examples.values())
            programs = dict(zip(examples, built))
        return lambda groups, *shared: [programs[self._device(group)](group, *shared) for group in groups]

    def gather(self, results: list[Any]) -> Any:
        """Joins the groups along a leading axis of seeds, as NumPy."""
        join = np.concatenate if self.batched else np.stack
        return jax.tree.map(lambda *parts: join([np.asarray(part) for part in parts]), *results)

    def scatter(self, tree: Any) -> list[Any]:
        """The inverse of `gather`: puts each group's share of the seeds onto its device."""
        groups, start = [], 0
        for seeds in self.seeds:
            share = slice(start, start + seeds.size) if self.batched else start
            start += seeds.size
            groups.append(jax.device_put(jax.tree.map(lambda x, share=share: x[share], tree), seeds.sharding))
        return groups

    @staticmethod
    def _device(group: Any) -> jax.Device:
        return next(iter(jax.tree.leaves(group)[0].devices()))


def stream(seed: jax.Array, name: int, index: jax.Array) -> jax.Array:
    """The random key number `index` of one of a run's streams, whatever was drawn before (so a run can be resumed, or
    cut into chunks of any length, without a different outcome)."""
    return jax.random.fold_in(jax.random.fold_in(jax.random.key(jnp.asarray(seed, jnp.uint32)), name), index)
