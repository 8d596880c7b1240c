"""Runs what is missing of a suite: can be killed and started again at any moment, here or on a Ray cluster.

runs/sweeps/depth-laptop/point_big_maze-depth4-width32-seed100-1f0c7a2b/   a run directory each
                        /results.csv                                      every row of every run, with its config
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from crlkit import envs, evidence, loop, runs, suites
from crlkit.config import BEFORE, Config
from crlkit.errors import first_line, writing

# A first guess at what a run takes, by hand from a few runs on two cores: seconds to compile, and of one core for an
# update (a fixed part, one for a billion operations, one for a layer); steps have their price in `envs.Entry`.
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
    """A rough price of a run, wall-clock seconds with one seed per core; `pace` corrects it. Forward and backward are
    three passes; the actor's loss runs through the critic too."""
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


def pace(sweep: "Sweep") -> float | None:
    """Seconds that the finished runs of a sweep took, over those guessed; None where nothing has finished here."""
    done = [job for job in sweep.jobs if sweep.status(job) == "finished"]
    took = sum(runs.open_run(job.path).provenance.get("wall_seconds") or 0.0 for job in done)
    return took / sum(guess_seconds(job.config) for job in done) if took else None


def left_in_words(sweep: "Sweep", jobs: Iterable[Job]) -> str:
    known = pace(sweep)
    basis = "from what has finished" if known else "a guess, nothing has finished here yet"
    return f"about {duration((known or 1.0) * sum(guess_seconds(job.config) for job in jobs))} left ({basis})"


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
        """What is to be run: what neither finished (here or in `data/`) nor diverged (as it would again)."""
        return [job for job in self.jobs if self.status(job) not in ("finished", "recorded", "diverged")]

    def table(self) -> pd.DataFrame:
        """One row a job: status and last scores, a mean over its seeds."""
        last = self.results().groupby(["run", "seed"], sort=False, dropna=False).last()
        shown = {"status": "first", "updates": "max", "seconds": "max"} | dict.fromkeys(loop.SHOWN, "mean")
        shown = {name: how for name, how in shown.items() if name in last}
        return last.groupby("run", sort=False).agg(shown).round(3).reset_index()

    def results(self) -> pd.DataFrame:
        """Every row of every run, failed or not, with the run's name, status and config, in the order of the suite."""
        tables, aside = [], ("seed", "env_steps", "updates", *ASIDE)
        for job in self.jobs:
            config = {name: value for name, value in job.config.to_dict().items() if name not in aside}
            lead = {"run": job.path.name, "status": self.status(job), **config}
            lead |= {"config_env_steps": job.config.env_steps, "config_updates": job.config.updates}
            rows = runs.read_rows(job.path) or [{}]  # a run without a row is still seen
            tables.append(pd.DataFrame([lead | row for row in rows]))
        return pd.concat(tables, ignore_index=True)  # of one run each: an option that only some have stays whole

    def write_results(self) -> Path:
        with writing(f"sweep {str(self.folder)!r}", "a folder you can write to, with room"):
            self.folder.mkdir(parents=True, exist_ok=True)
            runs.write(self.folder / "results.csv", self.results().to_csv(index=False))
        return self.folder / "results.csv"


def run_job(job: Job, deadline: float | None = None) -> runs.Run:
    """Trains one job from wherever it stands, at the latest until `deadline` (`time.time()`)."""
    options = {"deadline": deadline, "progress": sys.stderr.isatty()}
    if not (job.path / "config.json").exists():
        return loop.train(job.config, **options)
    run = runs.open_run(job.path)  # finished by another sweep, or by a worker that died a moment later
    return run if run.status == "finished" else loop.resume(job.path, **options)


def here(jobs: list[Job], deadline: float | None) -> Iterator[tuple[Job, str | Exception]]:
    """How each run ended: one after the other, its seeds side by side, up to one that is stopped."""
    for job in jobs:
        if deadline and time.time() > deadline:
            return
        try:
            ended = run_job(job, deadline).status
        except Exception as error:  # whatever it is, the other runs can go on
            ended = error
        yield job, ended
        if ended == "interrupted":
            return


def run_sweep(sweep: Sweep, max_hours: float | None = None, executor: Callable = here) -> dict[str, str]:
    """Runs what is missing, a line an event, and returns what failed: run -> why.

    Goes on past a run that fails. Stops within `max_hours` or at Ctrl-C, keeping a checkpoint of the run it was at.
    `results.csv` is written after every run, and however the sweep ends.
    """
    deadline = time.time() + 3600 * max_hours if max_hours is not None else None
    todo = sweep.remaining()
    left, failed = list(todo), {}
    print(f"{len(sweep.jobs)} runs, {len(todo)} to do, {left_in_words(sweep, todo)}", flush=True)
    try:
        for job, ended in executor(todo, deadline):
            sweep.write_results()
            left.remove(job)
            if isinstance(ended, Exception):
                ended = failed[job.path.name] = first_line(ended)
            told = f"{job.path.name}: {ended}; {left_in_words(sweep, left)}"
            print(f"[{len(todo) - len(left)}/{len(todo)}] {told}", flush=True)
    finally:
        sweep.write_results()
    if deadline and time.time() > deadline and (undone := sweep.remaining()):
        print(f"time is up, {len(undone)} runs to do", flush=True)
    return failed


def plan(sweep: Sweep) -> pd.DataFrame:
    """What a sweep would do: each run, how it stands, updates and environment steps of a seed, a guess of its time."""
    scale, rows = pace(sweep) or 1.0, []
    for job in sweep.jobs:
        updates = job.config.rounds * job.config.updates_per_unroll
        row = {"run": job.path.name, "status": sweep.status(job), "seeds": job.config.seeds, "updates": updates}
        rows.append(row | {"env steps": job.config.env_steps, "time": duration(scale * guess_seconds(job.config))})
    return pd.DataFrame(rows)
