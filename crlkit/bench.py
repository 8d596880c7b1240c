"""What depth costs on this machine: one process a depth, so that compile time and peak memory are its own."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import jax
import numpy as np
import pandas as pd

from crlkit.config import Config
from crlkit.networks import parameter_count
from crlkit.platform import peak_memory_mb
from crlkit.seeds import SeedGroups
from crlkit.training import make_training

CHUNK_SECONDS = 3.0  # how long the timed updates take together, about


def measure(config: Config) -> dict:
    """Times the training programs of one config, seed by seed as a run would; call it in a fresh process."""
    jax.config.update("jax_compilation_cache_dir", None)  # the honest price, not that of the second time
    seeds, training = SeedGroups(config.seed, config.seeds), make_training(config)
    began = time.perf_counter()
    groups = seeds.compile(training.init, seeds.seeds)(seeds.seeds)
    groups = seeds.compile(training.collect, groups, donate=True)(groups)
    jax.block_until_ready(groups)
    compiling = time.perf_counter()
    update = seeds.compile(training.update, groups, np.int32(1), donate=True)
    compiled = time.perf_counter()
    groups = jax.block_until_ready(update(groups, np.int32(1)))
    once = time.perf_counter() - compiled
    count = max(1, int(CHUNK_SECONDS / once))
    start = time.perf_counter()
    groups = jax.block_until_ready(update(groups, np.int32(count)))
    each = (time.perf_counter() - start) / count
    parameters = parameter_count((groups[0].agent.actor, groups[0].agent.critic))
    return {
        "depth": config.depth,
        "width": config.width,
        "parameters (M)": round(parameters / 1e6, 3),
        "update (ms)": round(1000 * each, 2),
        "compile update (s)": round(compiled - compiling, 1),
        "start to first update (s)": round(compiled + once - began, 1),
        "peak memory (MB)": round(peak_memory_mb()),
    }


def bench(depths: tuple[int, ...], width: int, env: str, batch_size: int) -> pd.DataFrame:
    """One row a depth; see the column names for units. Raises UserError for a config that cannot run."""
    configs = [Config(env=env, depth=depth, width=width, batch_size=batch_size) for depth in depths]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        return pd.DataFrame(pool.map(measure, configs))
