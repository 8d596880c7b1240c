"""Runs what is missing of a suite: can be killed and started again at any moment, here or on a Ray cluster.

runs/sweeps/depth-laptop/point_big_maze-depth4-width32-seed100-1f0c7a2b/   a run directory each
                        /results.csv                                      every row of every run, with its config
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from rich.console import Console
from rich.live import Live
from rich.table import Table

from crlkit import envs, evidence, loop, runs, suites
from crlkit.config import BEFORE, Config
from crlkit.errors import UserError, first_line

# A first guess at what a run takes, set by hand from a few runs on two cores of a server: seconds to compile, and of
# one core for an update (a fixed part, one for a billion operations, one for a layer); steps have their price in
# `envs.Entry`. Finished runs correct it.
COMPILE, FIXED, PER_GIGAFLOP, PER_LAYER = 15.0, 1.5e-3, 2.0e-2, 6.0e-5
ASIDE = ("out", "checkpoint_seconds")  # options that change no result


def name_of(config: Config) -> str:
    """A run's directory: readable, and different for every config that could give a different result."""
    # Options at their fixed default are left out, so that an option added later does not rename the runs made before.
    fixed = {option.name: option.default for option in fields(Config)} | BEFORE | dict(env=None, depth=None, seed=None)
    science = {name: x for name, x in config.to_dict().items() if x != fixed[name] and name not in ASIDE}
    digest = hashlib.sha256(json.dumps(science, sort_keys=True).encode()).hexdigest()[:8]
    depth = f"depth{config.depth}"
    if config.actor_depth != config.critic_depth:
        depth = f"actor{config.actor_depth}-critic{config.critic_depth}"
    if config.collector_depth:
        depth = f"collector{config.collector_depth}-{depth}"
    return f"{config.env}-{depth}-width{config.width}-seed{config.seed}-{digest}"


def guess_seconds(config: Config) -> float:
    """A rough price of a run, wall-clock seconds with one seed per core; `Estimate` corrects it."""
    # Forward and backward are three passes; the actor's loss runs through the critic too.
    layers, passes = config.actor_depth + 2 * config.critic_depth, config.actor_depth + 4 * config.critic_depth
    if config.collector_depth:
        layers, passes = layers + 3 * config.collector_depth, passes + 5 * config.collector_depth
    if config.data == "walks":
        layers = passes = 2 * config.critic_depth
    flops = 2 * 3 * config.batch_size * config.width**2 * passes
    update = FIXED + PER_GIGAFLOP * flops / 1e9 + PER_LAYER * layers
    updates = config.rounds * config.updates_per_unroll
    evaluation = config.evaluations * config.eval_episodes * config.episode_length
    steps = (config.env_steps + evaluation) * envs.entry(config.env).seconds_per_step
    waves = -(-config.seeds // (os.cpu_count() or 1))
    return COMPILE + waves * (updates * update + steps)


class Job(NamedTuple):
    config: Config  # with its own directory in `out`
    path: Path


@dataclass
class Estimate:
    """What is left, from the guess scaled by what finished runs took; the range is theirs."""

    ratios: list[float] = field(default_factory=list)

    @staticmethod
    def of(sweep: "Sweep") -> "Estimate":
        """From what has finished of a sweep already."""
        estimate = Estimate()
        for job in sweep.jobs:
            if sweep.status(job) == "finished":
                estimate.add(runs.open_run(job.path), job.config)
        return estimate

    def add(self, run: runs.Run, config: Config) -> None:
        if seconds := run.provenance.get("wall_seconds"):
            self.ratios.append(seconds / guess_seconds(config))

    def seconds(self, jobs: Iterable[Job]) -> tuple[float, float, float]:
        """Least, likely and most seconds of wall clock."""
        total = sum(guess_seconds(job.config) for job in jobs)
        if not self.ratios:
            return total / 3, total, 3 * total
        low, middle, high = np.quantile(self.ratios, (0.1, 0.5, 0.9))
        doubt = 1 + 1 / len(self.ratios)  # a single run says little about the others
        return total * low / doubt, total * middle, total * high * doubt

    def words(self, jobs: Iterable[Job]) -> str:
        low, middle, high = self.seconds(jobs)
        basis = f"from {len(self.ratios)} finished" if self.ratios else "a guess, nothing has finished here yet"
        return f"about {duration(middle)} left ({duration(low)} to {duration(high)}; {basis})"


def duration(seconds: float) -> str:
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"


@dataclass
class Sweep:
    """A suite at a size in a folder. recorded: names of runs that `data/` holds, which need not be run again."""

    suite: str
    size: str
    folder: Path
    jobs: list[Job]
    recorded: frozenset[str] = frozenset()

    @staticmethod
    def of(suite: str, size: str, out: str | Path = "runs/sweeps", data: str | Path | None = None) -> "Sweep":
        """Runs recorded in the folder `data` count as done. Raises UserError for an unknown suite or size."""
        folder = Path(out) / f"{suite}-{size}"
        paths = [(config, folder / name_of(config)) for config in suites.configs(suite, size)]
        jobs = [Job(replace(config, out=str(path)), path) for config, path in paths]
        return Sweep(suite, size, folder, jobs, evidence.recorded(data) if data is not None else frozenset())

    def status(self, job: Job) -> str:
        """missing, recorded, running, interrupted, failed, diverged or finished."""
        try:
            made = json.loads((job.path / "provenance.json").read_text())
        except (OSError, ValueError):
            return "recorded" if job.path.name in self.recorded else "missing"
        return "diverged" if made.get("diverged") else made["status"]

    def remaining(self) -> list[Job]:
        """What is to be run: everything that neither finished (here or in `data/`) nor diverged (which it would do
        again)."""
        return [job for job in self.jobs if self.status(job) not in ("finished", "recorded", "diverged")]

    def table(self) -> pd.DataFrame:
        """One row a job: status and last scores."""
        rows = []
        for job in self.jobs:
            row = {"run": job.path.name, "status": self.status(job)}
            if metrics := runs.read_rows(job.path):
                last = pd.DataFrame(metrics).groupby("seed").last()
                row |= {"updates": int(last.updates.max()), "seconds": round(last.seconds.max(), 1)}
                row |= {name.replace("_", " "): round(last[name].mean(), 3) for name in loop.SHOWN if name in last}
            rows.append(row)
        return pd.DataFrame(rows)

    def results(self) -> pd.DataFrame:
        """Every row of every run in one tidy table, with the run's name, status and config; also of those that
        failed. The order is that of the suite, whatever order they ran in."""
        tables = []
        for job in self.jobs:
            aside = ("seed", "env_steps", "updates", *ASIDE)
            config = {name: value for name, value in job.config.to_dict().items() if name not in aside}
            lead = {"run": job.path.name, "status": self.status(job), **config}
            lead |= {"config_env_steps": job.config.env_steps, "config_updates": job.config.updates}
            rows = runs.read_rows(job.path) or [{}]  # a run without a row is still seen
            tables.append(pd.DataFrame([lead | row for row in rows]))
        return pd.concat(tables, ignore_index=True)

    def write_results(self) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            runs.write(self.folder / "results.csv", self.results().to_csv(index=False))
        except OSError as error:
            why = f"sweep {str(self.folder)!r}: {error.strerror or error}"
            raise UserError(f"{why}; nearest: a folder you can write to, with room") from error
        return self.folder / "results.csv"


def run_job(job: Job, deadline: float | None = None, callback: Callable[[runs.Run], None] | None = None) -> runs.Run:
    """Trains one job from wherever it stands, at the latest until `deadline` (`time.time()`)."""
    if (job.path / "config.json").exists():
        if (run := runs.open_run(job.path)).status == "finished":
            return run  # by another sweep, or by a worker that died a moment later
        return loop.resume(job.path, callback=callback, deadline=deadline)
    return loop.train(job.config, callback=callback, deadline=deadline)


@contextmanager
def screen(sweep: Sweep) -> Iterator[tuple[Callable[[str], None], Callable]]:
    """What a sweep shows, a live table on a terminal and a line an event elsewhere: `say(event)` and `refresh()`, which
    draws the table anew with the last event under it and is also a callback of training."""
    console = Console()
    if not console.is_terminal:
        yield partial(print, flush=True), lambda _=None: None
        return
    events = [""]
    with Live(console=console, auto_refresh=False) as live:

        def refresh(_=None) -> None:
            rows = sweep.table().fillna("")
            drawn = Table(*rows.columns, caption=events[-1], caption_justify="left")
            for row in rows.itertuples(index=False):
                drawn.add_row(*map(str, row))
            live.update(drawn, refresh=True)

        def say(event: str) -> None:
            events.append(event)
            refresh()

        yield say, refresh


def run_sweep(sweep: Sweep, max_hours: float | None = None) -> dict[str, str]:
    """Runs what is missing, one run after the other (its seeds side by side), and returns what failed: run -> why.

    Goes on past a run that fails. Stops within `max_hours`, keeping a checkpoint of the run it was at. Ctrl-C stops it
    as cleanly. `results.csv` is written after every run.
    """
    deadline = time.time() + 3600 * max_hours if max_hours is not None else None
    estimate, failed, todo = Estimate.of(sweep), {}, sweep.remaining()
    with screen(sweep) as (say, refresh):
        say(f"{len(sweep.jobs)} runs, {len(todo)} to do, {estimate.words(todo)}")
        for number, job in enumerate(todo):
            if deadline and time.time() > deadline:
                say(f"time is up, {len(todo) - number} runs to do")
                break
            try:
                run = run_job(job, deadline, refresh)
            except Exception as error:  # whatever it is, the other runs can go on
                failed[job.path.name] = first_line(error)
                say(f"[{number + 1}/{len(todo)}] {job.path.name} failed: {first_line(error)}")
                continue
            finally:
                sweep.write_results()
            if run.status != "finished":
                say(f"stopped in {job.path.name}; start the sweep again to go on")
                break
            estimate.add(run, job.config)
            last = run.metrics.groupby("seed").last()
            measure = next(name for name in ("success", "heldout_loss") if name in last)
            score = f"{measure.replace('_', ' ')} {last[measure].mean():.2f}"
            left = estimate.words(todo[number + 1 :])
            say(f"[{number + 1}/{len(todo)}] {job.path.name}: {score}; {left}")
    return failed


def plan(sweep: Sweep) -> pd.DataFrame:
    """What a sweep would do: each run, how it stands, its updates and environment steps for each of its seeds, and a
    guess of its seconds here."""
    scale = Estimate.of(sweep)
    return pd.DataFrame(
        {
            "run": job.path.name,
            "status": sweep.status(job),
            "seeds": job.config.seeds,
            "updates": job.config.rounds * job.config.updates_per_unroll,
            "env steps": job.config.env_steps,
            "time": duration(scale.seconds([job])[1]),
        }
        for job in sweep.jobs
    )
