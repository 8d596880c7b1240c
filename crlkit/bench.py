"""What depth costs on this machine: one process a row, so that compile time and peak memory are its own.

Each measurement is a function of one config that returns a row; units stand in the names of the columns.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from statistics import median

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd

from crlkit import networks
from crlkit.config import Config
from crlkit.envs.checkup import check_env
from crlkit.errors import check_choice
from crlkit.loop import Trainer
from crlkit.platform import peak_memory_mb
from crlkit.runs import Run

REPEATS = 5
CHUNK_SECONDS = 3.0  # how long the timed updates of all repeats take together, about, if ten are as fast
FORWARD_PASSES = 11  # actor 3, phi(s, a) 3, psi(g) 3, phi of the actor's action 2: forward, to inputs, to weights
MB = 1e6

residual_stack = networks.residual_stack


def looped_stack(*sizes: int, head: str = "plain", **options) -> networks.Stack:
    """`residual_stack` as one would write it first: a loop over the paper's blocks, each of which is compiled by itself."""

    def layer(p: dict, x: jax.Array) -> jax.Array:
        x = networks.standardise(x @ p["dense"]["kernel"] + p["dense"]["bias"])
        return jax.nn.swish(x * p["norm"]["scale"] + p["norm"]["bias"])

    def apply(params: dict, x: jax.Array) -> jax.Array:
        x, count = layer(params["first"], x), len(jax.tree.leaves(params["blocks"])[0])
        for number in range(count):
            block, y = jax.tree.map(lambda leaf, n=number: leaf[n], params["blocks"]["layers"]), x
            for i in range(networks.LAYERS_PER_BLOCK):
                y = layer(block[i], y)
            x = x + y
        return networks.HEADS[head](x, count) @ params["head"]["kernel"] + params["head"]["bias"]

    return residual_stack(*sizes, head=head, **options)._replace(apply=apply)


def _seconds(run: Callable, count: int = REPEATS) -> tuple[float, float]:
    """Medians of wall and processor time of a call."""
    clocks = [(time.perf_counter(), time.process_time())]
    for _ in range(count):
        run()
        clocks.append((time.perf_counter(), time.process_time()))
    wall, processor = np.median(np.diff(clocks, axis=0), axis=0)
    return float(wall), float(processor)


def matrix_rate(size: int, batch: int) -> float:
    """GFLOP per second of processor time that a product `[size, size] x [size, batch]` in float32 reaches here."""
    matrix, x = jnp.eye(size), jnp.ones((size, batch))
    count = max(1, int(2e9 / (2 * size * size * batch)))
    run = jax.jit(lambda x: jax.lax.fori_loop(0, count, lambda _, x: matrix @ x, x))
    jax.block_until_ready(run(x))
    return count * 2 * size * size * batch / _seconds(lambda: jax.block_until_ready(run(x)), 3 * REPEATS)[1] / 1e9


def first_update(config: Config) -> Trainer:
    """Compiles the programs of one config and makes one update by them."""
    trainer = Trainer(Run(config, None, {}, []), progress=False)
    trainer.step(trainer.collect)
    trainer.step(trainer.update, np.int32(1))
    return trainer


def _each_update(trainer: Trainer) -> tuple[float, float]:
    """Seconds of one update, wall and processor, in calls of ten or more: XLA allocates its buffers once per call."""
    once, _ = _seconds(lambda: trainer.step(trainer.update, np.int32(1)), 2)
    count = max(10, int(CHUNK_SECONDS / REPEATS / once))
    wall, processor = _seconds(lambda: trainer.step(trainer.update, np.int32(count)))
    return wall / count, processor / count


def updates(config: Config) -> dict:
    """One gradient update: time, the arithmetic that it needs over that time, and what memory holds."""
    began = time.perf_counter()
    run = first_update(config)
    first = time.perf_counter() - began
    wall, processor = _each_update(run)
    state, width = run.groups[0], config.width
    shapes, update = jax.eval_shape(lambda: state), jax.jit(run.training.update, donate_argnums=0)
    temporary = update.lower(shapes, np.int32(1)).compile().memory_analysis()
    flops = config.seeds * FORWARD_PASSES * 2 * config.batch_size * width**2 * config.depth
    return {
        **dict(depth=config.depth, width=width, seeds=config.seeds),
        "parameters (M)": round(networks.parameter_count((state.agent.actor, state.agent.critic)) / 1e6, 3),
        "update (ms)": round(1000 * wall, 2),
        "update, processor time (ms)": round(1000 * processor, 2),
        "needed arithmetic (GFLOP/s)": round(flops / processor / 1e9, 1),
        "matrix product (GFLOP/s)": round(matrix_rate(width, config.batch_size), 1),
        "compile update (s)": round(run.compiled_in, 1),
        "start to first update (s)": round(first, 1),
        "weights and optimiser (MB)": round(networks.byte_count(state.agent) / MB, 1),
        "buffer (MB)": round(networks.byte_count(state.buffer) / MB, 1),
        "gradients and activations (MB)": round(temporary.temp_size_in_bytes / MB, 1),
        "peak memory (MB)": round(peak_memory_mb()),
    }


def loop(config: Config) -> dict:
    """A round of the whole loop at the config's ratio: environment steps per second, and where the time goes."""
    run = first_update(config)
    collect, _ = _seconds(lambda: run.step(run.collect))
    seconds = collect + config.updates_per_unroll * _each_update(run)[0]
    return {
        **dict(env=config.env, depth=config.depth, width=config.width, copies=config.num_envs),
        "environment steps per second": round(config.steps_per_round * config.seeds / seconds),
        "collecting (%)": round(100 * collect / seconds),
        "compile update (s)": round(run.compiled_in, 1),
    }


def seeds(config: Config) -> dict:
    """As many seeds as devices (on a CPU, cores) beside one: what an update of all of them takes."""
    count = len(jax.devices())
    one, every = (_each_update(first_update(replace(config, seeds=n)))[0] for n in (config.seeds, count))
    times = {"one seed (ms)": round(1000 * one, 2), "all seeds (ms)": round(1000 * every, 2)}
    return {"depth": config.depth, "width": config.width, "seeds": count, **times}


def environment(config: Config) -> dict:
    """Steps per second of the environment alone, by copies."""
    checked = check_env(config.env, 100, config.num_envs)
    return {"env": config.env, "copies": config.num_envs, "steps per second": round(checked["steps_per_second"])}


def _process(code: str, **variables: str) -> float:
    """Seconds of a process of its own."""
    options = dict(check=True, env={**os.environ, **variables}, capture_output=True)
    return _seconds(lambda: subprocess.run([sys.executable, "-c", code], **options), 1)[0]


def start(config: Config) -> dict:
    """From the start of a process to its first gradient step, with an empty compile cache and with a filled one."""
    code = f"from crlkit.bench import Config, first_update; first_update({config!r})"
    with tempfile.TemporaryDirectory() as cache:
        cold, *warm = (_process(code, XDG_CACHE_HOME=cache) for _ in range(3))
    times = {"cold (s)": round(cold, 1), "warm (s)": round(median(warm), 1)}
    return {"depth": config.depth, "width": config.width, **times}


def imports(config: Config) -> dict:
    """Of the kit and of JAX alone."""
    took = {name: median(_process(f"import {name}") for _ in range(REPEATS)) for name in ("crlkit", "jax")}
    return {f"import {name} (s)": round(seconds, 2) for name, seconds in took.items()}


MEASUREMENTS = {measure.__name__: measure for measure in (updates, start, loop, seeds, environment, imports)}


def measure(name: str, config: Config, looped: bool = False) -> dict:
    """One row, in a process of its own, compiled without the cache: the honest price, not that of the second time.
    `looped` takes the networks block by block in Python."""
    jax.config.update("jax_compilation_cache_dir", None)
    if looped:
        networks.residual_stack = looped_stack
    return MEASUREMENTS[name](config)


def bench(
    depths: tuple[int, ...], width: int, env: str, batch_size: int, what: str = "updates", looped: bool = False
) -> pd.DataFrame:
    """One row per depth; see the column names for units. `looped` adds the same by `looped_stack`, in column `stack`.
    Raises UserError for a config that cannot run."""
    check_choice("what", what, MEASUREMENTS)
    depths = depths[:1] if what in ("environment", "imports") else depths  # which have none
    configs = [Config(env=env, depth=depth, width=width, batch_size=batch_size) for depth in depths]
    jobs = [(what, config, way) for config in configs for way in (False, True)[: 1 + looped]]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        table = pd.DataFrame(pool.map(measure, *zip(*jobs)))
    return table.assign(stack=["looped" if way else "scanned" for *_, way in jobs]) if looped else table
