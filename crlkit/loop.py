"""The host's side of training: drives the compiled functions, watches them, shows progress, writes the run."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from crlkit import checkpoints, envs, memory, platform, runs
from crlkit.checkpoints import refusal
from crlkit.config import Config
from crlkit.errors import UserError, check_number
from crlkit.runs import Run
from crlkit.seeds import SeedGroups
from crlkit.signals import HEARD, Watch
from crlkit.training import NEVER, TrainState, make_training

SATURATED = 0.97  # mean |tanh| of a policy that can no longer choose
CHUNK_SECONDS = 0.5  # how long the device works between two looks at it
SHOWN = ("time_at_goal", "success", "heldout_loss", "optimal_action")  # beside the bar, those that a run has


class Diverged(UserError):
    """A loss is no longer finite."""


@contextlib.contextmanager
def _stop_request(deadline: float | None, closing: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Whether to stop training, by Ctrl-C, SIGTERM or a deadline: finish the present chunk, keep everything, stop. A
    second signal stops at once, whatever is going on; then `closing()` is called before the process ends.

    Only the main thread can listen to signals; elsewhere only the deadline counts.
    """
    heard, watch = [], Watch().start()

    def note(number, frame):
        heard.append(number)
        signal.signal(number, signal.default_int_handler)

    listening = Watch.active or watch
    listening.closing.append(closing)
    main = threading.current_thread() is threading.main_thread()
    previous = {number: signal.signal(number, note) for number in HEARD if main}
    try:
        yield lambda: bool(heard) or (deadline is not None and time.time() > deadline)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        listening.closing.remove(closing)
        watch.stop()


class _Trainer:
    """The state of a run in the device's memory and the four programs that change it."""

    def __init__(self, run: Run, progress: bool):
        self.run, self.config = run, run.config
        # Of the work itself, wall and processor; compiling, scoring and saving are kept apart.
        self.clock = {"seconds": 0.0, "cpu_seconds": 0.0, "compile_seconds": 0.0}
        self.began, self.spent = time.monotonic(), 0.0
        self.seeds = SeedGroups(self.config.seed, self.config.seeds)
        self.training = make_training(self.config)
        total = self.config.rounds * self.config.updates_per_unroll
        self.bar = tqdm(total=total, unit="update", disable=not progress, dynamic_ncols=True, smoothing=0.1)
        self.bar.set_description(f"{self.config.env} depth {self.config.depth}: compiling")
        self.chunk, self.warned = 1, False
        self.groups: list[TrainState] = self._restored() or self._fresh()
        self.saved = time.monotonic()
        self.bar.update(self.updates)
        env = self.training.env
        self._collect = self._compile(self.training.collect, self.groups, donate=True, options=env.compiler_options)
        self._update = self._compile(self.training.update, self.groups, np.int32(1), donate=True)
        self._evaluate = None  # compiled when first needed: the first gradient step need not wait for it
        self.bar.set_description(f"{self.config.env} depth {self.config.depth}")
        self.bar.unpause()

    def _compile(self, *args, **options) -> Callable:
        began = time.perf_counter()
        program = self.seeds.compile(*args, **options)
        self.clock["compile_seconds"] += time.perf_counter() - began
        return program

    def _fresh(self) -> list[TrainState]:
        self.run.truncate_metrics(0)
        init, options = self.training.init, self.training.env.compiler_options
        return self._compile(init, self.seeds.seeds, options=options)(self.seeds.seeds)

    def _restored(self) -> list[TrainState] | None:
        if not self.run.path:
            return None
        shape = runs.state_shape(self.config)
        found = checkpoints.restore(self.run.path, shape.agent, shape._replace(agent=()))
        if not found:
            return None
        self.run.truncate_metrics(found.position["rows"])
        self.spent = found.position["wall_seconds"]
        for name in self.clock:
            self.clock[name] += found.position[name]
        return self.seeds.scatter(found.rest._replace(agent=found.agent))

    @property
    def wall_seconds(self) -> float:
        """Since the run began, as far as its checkpoints know."""
        return round(self.spent + time.monotonic() - self.began, 1)

    def save(self) -> None:
        """Writes a checkpoint. Raises UserError if that is impossible."""
        self.saved = time.monotonic()
        if self.run.path:
            checkpoints.save(self.run.path, self.updates, self._checkpoint())

    def _checkpoint(self) -> checkpoints.Checkpoint:
        state = self.seeds.gather(self.groups)
        position = {"rows": len(self.run.rows), "wall_seconds": self.wall_seconds, **self.clock}
        return checkpoints.Checkpoint(state.agent, state._replace(agent=()), position)

    @property
    def updates(self) -> int:
        return int(np.asarray(self.groups[0].agent.updates).flat[0])

    @property
    def rounds(self) -> int:
        """Rounds of collection done, those that fill the buffer included."""
        return int(np.asarray(self.groups[0].rounds).flat[0])

    def train(self, stop: Callable[[], bool], callback: Callable[[Run], None] | None) -> None:
        """Trains to the end, or until `stop()`."""
        config = self.config
        scored_after = set(config.evaluation_rounds)
        with self.bar:
            while self.rounds < config.prefill_unrolls:
                if stop():
                    return
                self._step(self._collect)
            for number in range(self.updates // config.updates_per_unroll + 1, config.rounds + 1):
                if config.data == "online" and self.rounds < config.prefill_unrolls + number:
                    self._step(self._collect)
                while (left := number * config.updates_per_unroll - self.updates) > 0:
                    if stop():
                        return
                    if time.monotonic() - self.saved > config.checkpoint_seconds:
                        self.save()
                    self._update_some(left)
                if number in scored_after:
                    self._score()
                    if callback:
                        callback(self.run)

    def _step(self, program: Callable, *shared) -> None:
        began = time.perf_counter(), time.process_time()
        self.groups = jax.block_until_ready(program(self.groups, *shared))
        self.clock["seconds"] += time.perf_counter() - began[0]
        self.clock["cpu_seconds"] += time.process_time() - began[1]

    def _update_some(self, left: int) -> None:
        count = min(self.chunk, left)
        began = time.perf_counter()
        self._step(self._update, np.int32(count))
        each = (time.perf_counter() - began) / count
        self.chunk = max(1, min(int(CHUNK_SECONDS / each), 4 * self.chunk))
        log = self.seeds.gather([group.log for group in self.groups])
        self._check(log.failed)
        self.bar.set_postfix(self._shown(log.mean), refresh=False)
        self.bar.update(count)

    def _shown(self, mean: dict) -> dict:
        rate = self.rounds * self.config.steps_per_round * self.config.seeds / self.clock["seconds"]
        shown = {name.replace("_", " "): f"{mean[name].mean():.3g}" for name in mean if name == "critic_loss"}
        if self.config.data == "online":
            shown["env steps/s"] = f"{rate:,.0f}"
            shown |= {name: f"{mean[name].mean():.2g}" for name in ("entropy", "alpha", "saturation") if name in mean}
        if self.run.rows:
            last = self.run.metrics.tail(self.config.seeds)
            shown |= {name.replace("_", " "): f"{last[name].mean():.3g}" for name in SHOWN if name in last}
        return shown

    def _check(self, failed: dict) -> None:
        if not failed:
            return
        # The earliest; of equals a loss, of these the critic's.
        name = min(failed, key=lambda n: (int(failed[n].min()), not n.endswith("_loss"), not n.startswith("critic"), n))
        if (first := int(failed[name].min())) != NEVER:
            seed = self.config.seed + int(np.argmin(failed[name]))
            raise Diverged(
                f"{name.replace('_', ' ')} of seed {seed} is not finite at update {first}: training stopped, metrics "
                f"up to here are kept; nearest: --learning-rate {self.config.learning_rate / 10:g}"
            )

    def _score(self) -> None:
        if self._evaluate is None:
            options = self.training.eval_env.compiler_options
            self._evaluate = self._compile(self.training.evaluate, self.groups, donate=True, options=options)
        results = self._evaluate(self.groups)
        self.groups = [state for state, _ in results]
        values = self.seeds.gather([row for _, row in results])
        common = {"env_steps": self.rounds * self.config.steps_per_round, "updates": self.updates}
        common |= {name: round(value, 3) for name, value in self.clock.items()}
        scores = [{name: float(value[i]) for name, value in values.items()} for i in range(self.config.seeds)]
        self.run.add_rows([{"seed": self.config.seed + i, **common, **row} for i, row in enumerate(scores)])
        self.keep()
        self.bar.set_postfix(self._shown(values))
        if not self.warned and (line := saturated(self.run.metrics)):
            self.warned = True
            tqdm.write(line, file=sys.stderr)

    def keep(self) -> None:
        """Makes the present weights those of the run."""
        self.run.agent_states = self.seeds.gather([group.agent for group in self.groups])


def saturated(metrics: pd.DataFrame) -> str:
    """One line that names the seeds whose policy has been saturated in all of the later half of at least four
    evaluations (its actions lie at their limits whatever the state, so the actor has no gradient); empty if there are
    none."""
    if "saturation" not in metrics:
        return ""
    by_seed = metrics.groupby("seed").saturation
    seeds = [str(seed) for seed, x in by_seed if len(x) >= 4 and (x.iloc[len(x) // 2 :] > SATURATED).all()]
    if not seeds:
        return ""
    return (
        f"seed {', '.join(seeds)}: the policy is saturated (mean |tanh| above {SATURATED} in half of all evaluations) "
        "and learns no more; nearest: actor_head norm, or a smaller learning_rate"
    )


def train(
    config: Config,
    *,
    progress: bool = False,
    callback: Callable[[Run], None] | None = None,
    deadline: float | None = None,
) -> Run:
    """Trains what `config` describes and returns the run.

    `progress` shows a bar; `callback(run)` is called after every evaluation, when `run.metrics` and `run.agents` are
    those of that moment. Ctrl-C, SIGTERM or a `deadline` (as `time.time()`) ends training and returns the run with what
    was trained (`run.status` says so). Raises UserError if the run directory is taken or cannot be written or if
    memory cannot hold the run, and Diverged if a loss stops being finite.
    """
    memory.check(config)
    return _train(runs.create(config), progress, callback, deadline)


def train_critic(config: Config, **options) -> Run:
    """Trains the critic alone, on a fixed set of random walks: `train` of the config with `data="walks"`.

    `run.metrics` has the loss on held-out walks; the agents' actors stay untrained. For studies of what a critic can
    learn, apart from exploration. Options and errors are those of `train`.
    """
    return train(replace(config, data="walks"), **options)


def resume(path: str | Path, **options) -> Run:
    """Goes on with the run at `path` from its last checkpoint (from the start if it has none) to the end of its config;
    options are those of `train`.

    On the same device and versions, metrics and weights are bit for bit those of a run that was never stopped. Raises
    UserError if `path` is no run, if it came to its end, or if another process trains it.
    """
    memory.check(runs.open_run(path).config)
    return _train(runs.reopen(path), **options)


def _train(run: Run, progress: bool = False, callback: Callable | None = None, deadline: float | None = None) -> Run:
    platform.pin()  # again: the process may have turned a switch since the kit was imported
    status, message = "failed", {}

    def closing():
        with contextlib.suppress(OSError):
            run.set_status("interrupted", ended=runs.now())

    with _stop_request(deadline, closing) as stop:
        try:
            run.set_status("running")
            trainer = _Trainer(run, progress)
            trainer.train(stop, callback)
            trainer.keep()
            trainer.save()
            status = "finished" if trainer.updates == trainer.bar.total else "interrupted"
            made = {"updates": trainer.updates, "wall_seconds": trainer.wall_seconds}
            message = {**made, "peak_memory_mb": round(platform.peak_memory_mb())}
        except KeyboardInterrupt:  # a second signal
            status = "interrupted"
            raise
        except BaseException as error:
            message = {"error": str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"}
            if isinstance(error, Diverged):
                message["diverged"] = True
            if isinstance(error, OSError):
                why = f"{error.strerror or error}, training stopped"
                raise refusal(run.path, why, f"mend it, then crlkit resume {run.path}") from error
            raise
        finally:
            with contextlib.suppress(OSError):  # a full disk must not hide what went wrong
                run.set_status(status, ended=runs.now(), **message)
            run.release()
    return run


def evaluate(run: "Run | str", env: str | None = None, episodes: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Scores every agent of a run (or of the run directory of that path), by default where it was scored in training:
    one row per seed. Raises UserError for an unknown environment or one of another body."""
    run = run if isinstance(run, Run) else runs.open_run(run)
    name = env or run.config.eval_env
    envs.check(name)
    if episodes is not None:
        check_number("episodes", episodes, 1)
    if envs.species(name) != envs.species(run.config.env):
        raise UserError(f"env {name!r}: this agent has another body; nearest: {run.config.eval_env}")
    return pd.DataFrame([{"seed": agent.seed, "env": name, **agent.score(env, episodes, seed)} for agent in run.agents])
