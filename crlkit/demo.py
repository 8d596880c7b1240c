"""The main finding in minutes: boards of Lights Out that a deep critic solves and a shallow one of equal size does
not."""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pandas as pd

from crlkit.config import Config
from crlkit.figures import lights_out, style
from crlkit.loop import train
from crlkit.runs import Run
from crlkit.suites import MATCHED, SEARCHED

SHOWN = (3, 4, 5)  # presses


def configs(depths: tuple[int, ...] = (4, 16), seeds: int = 1, **options) -> list[Config]:
    """Critics of equal parameters with the inner product as energy, one config per depth: those of suite `boards`, for
    a shorter time."""
    fixed = dict(env="lights_out_3x3", data="walks", energy="dot", critic_head="norm", learning_rate=SEARCHED)
    fixed |= dict(updates=8_000, evaluations=40, seeds=seeds)
    return [Config(**{**fixed, "depth": depth, "width": MATCHED[depth], **options}) for depth in depths]


def demo(out: str | Path = "figures/demo.png", **options) -> list[Run]:
    """Trains one run per depth, each in a process of its own so that two cores work side by side, prints a table and
    writes the figure; returns the runs. `options`: those of `configs`, so that tests can make it small."""
    planned, runs = configs(**options), []
    depths = ", ".join(str(config.depth) for config in planned)
    print(f"Training critics of depth {depths} on boards of Lights Out ...", flush=True)
    os.environ["JAX_NUM_CPU_DEVICES"] = "1"  # of the processes that follow
    with ProcessPoolExecutor(len(planned), multiprocessing.get_context("spawn")) as pool:
        for run in pool.map(train, planned):
            runs.append(run)
            print(f"depth {run.config.depth} is done", flush=True)
    print("\n" + table(runs).to_string(index=False))
    path = style.save(lights_out.demo(runs), out)
    print(
        f"\nShare of all pairs of boards so many presses apart that the greedy policy solves, mean over "
        f"{runs[0].config.seeds} seed(s).\nBoth networks have the same number of parameters and updates. Curves: {path}"
    )
    return runs


def table(runs: list[Run]) -> pd.DataFrame:
    """One row per run: depth, width, updates, seconds, share of boards solved by presses (mean over seeds), seeds."""
    rows = []
    for run in runs:
        last = run.metrics.groupby("seed").last()
        row = {"depth": run.config.depth, "width": run.config.width, "updates": int(last.updates.iloc[0])}
        row["seconds"] = f"{last.seconds.iloc[0]:.0f} + {last.compile_seconds.iloc[0]:.0f} to compile"
        row |= {f"solved, {d} presses": f"{last[f'solved_{d}'].mean():.2f}" for d in SHOWN if f"solved_{d}" in last}
        rows.append(row | {"seeds": run.config.seeds})
    return pd.DataFrame(rows)
