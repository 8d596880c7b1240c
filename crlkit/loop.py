"""The host's side of training: drives the compiled functions, watches them, shows progress, writes the run."""

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from crlkit import checkpoints, envs, platform, runs
from crlkit.agents import agent_shapes
from crlkit.config import Config
from crlkit.errors import UserError, check_number, writing
from crlkit.networks import byte_count
from crlkit.runs import Run
from crlkit.seeds import SeedGroups
from crlkit.signals import stop_request
from crlkit.training import NEVER, TrainState, make_training

SATURATED = 0.97  # mean |tanh| of a policy that can no longer choose
CHUNK_SECONDS = 0.5  # how long the device works between two looks at it
SHOWN = ("time_at_goal", "success", "heldout_loss", "optimal_action")  # beside the bar, those that a run has


class Diverged(UserError):
    """A loss is no longer finite."""


class Trainer:
    """The state of a run in the device's memory and the four programs that change it."""

    def __init__(self, run: Run, progress: bool):
        self.run, self.config = run, run.config
        # Of the work itself, wall and processor; compiling, scoring and saving are kept apart.
        self.clock = {"seconds": 0.0, "cpu_seconds": 0.0, "compile_seconds": 0.0}
        self.began = time.monotonic()  # as if it had never been stopped, as far as its checkpoints know
        self.seeds = SeedGroups(self.config.seed, self.config.seeds)
        self.training = make_training(self.config)
        name, total = f"{run.config.env} depth {run.config.depth}", run.config.rounds * run.config.updates_per_unroll
        self.bar = tqdm(total=total, unit="update", disable=not progress, dynamic_ncols=True, smoothing=0.1)
        self.bar.set_description(f"{name}: compiling")
        self.chunk, self.warned = 1, False
        self.groups: list[TrainState] = self._restored() or self._fresh()
        self.saved = time.monotonic()
        self.bar.update(self.updates)
        env = self.training.env
        self.collect = self._compile(self.training.collect, self.groups, donate=True, options=env.compiler_options)
        self.update = self._compile(self.training.update, self.groups, np.int32(1), donate=True)
        self._evaluate = None  # compiled when first needed: the first gradient step need not wait for it
        self.bar.set_description(name)
        self.bar.unpause()

    def _compile(self, *args, **options) -> Callable:
        began = time.perf_counter()
        program = self.seeds.compile(*args, **options)
        self.compiled_in = time.perf_counter() - began
        self.clock["compile_seconds"] += self.compiled_in
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
        self.began -= found.position["wall_seconds"]
        self.clock = {name: found.position[name] for name in self.clock}
        return self.seeds.scatter(found.rest._replace(agent=found.agent))

    @property
    def wall_seconds(self) -> float:
        return round(time.monotonic() - self.began, 1)

    def save(self) -> None:
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
        config, scored_after = self.config, set(self.config.evaluation_rounds)
        with self.bar:
            while self.rounds < config.prefill_unrolls:
                if stop():
                    return
                self.step(self.collect)
            for number in range(self.updates // config.updates_per_unroll + 1, config.rounds + 1):
                if config.data == "online" and self.rounds < config.prefill_unrolls + number:
                    self.step(self.collect)
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

    def step(self, program: Callable, *shared) -> None:
        began = time.perf_counter(), time.process_time()
        self.groups = jax.block_until_ready(program(self.groups, *shared))
        self.clock["seconds"] += time.perf_counter() - began[0]
        self.clock["cpu_seconds"] += time.process_time() - began[1]

    def _update_some(self, left: int) -> None:
        count = min(self.chunk, left)
        began = time.perf_counter()
        self.step(self.update, np.int32(count))
        each = (time.perf_counter() - began) / count
        self.chunk = max(1, min(int(CHUNK_SECONDS / each), 4 * self.chunk))
        log = self.seeds.gather([group.log for group in self.groups])
        self._check(log.failed)
        self.bar.set_postfix(self._shown(log.mean), refresh=False)
        self.bar.update(count)

    def _shown(self, mean: dict) -> dict:
        shown = {"critic loss": mean["critic_loss"].mean()} if "critic_loss" in mean else {}
        if self.config.data == "online":
            rate = self.rounds * self.config.steps_per_round * self.config.seeds / self.clock["seconds"]
            shown["env steps/s"] = f"{rate:,.0f}"
            shown |= {name: mean[name].mean() for name in ("entropy", "alpha", "saturation") if name in mean}
        last = pd.DataFrame(self.run.rows[-self.config.seeds :])
        return shown | {name.replace("_", " "): last[name].mean() for name in SHOWN if name in last}

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
        rows = pd.DataFrame({"seed": self.config.seed + np.arange(self.config.seeds), **common, **values})
        self.run.add_rows(rows.to_dict("records"))
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


def _check_memory(config: Config) -> None:
    """Raises UserError, with the largest buffer that fits, if training `config` needs more memory than is free: before
    anything is compiled, because a computer that runs out of memory stops answering, signals too.

    Counts the state of every seed (twice in a run with a directory: a checkpoint is a copy) and what an update of every
    device holds: gradients, activations, tables of batch x batch energies.
    """
    env, devices, batch = envs.make(config.env), platform.devices(), config.batch_size
    step = 4 * config.num_envs * (env.state_size + env.action_size + env.goal_size + 2)  # number of episode, last step
    learners = [config, *([config.of_collector()] if config.collector_depth else [])]
    agents = sum(byte_count(agent_shapes(learner)) for learner in learners)  # parameters and the optimisers' state
    layers, kept = max(config.actor_depth, config.critic_depth, config.collector_depth or 0), bool(config.out)
    where, room, at_once = "", platform.free_memory(), min(config.seeds, len(devices))
    states = (1 + kept) * config.seeds
    if devices[0].platform != "cpu" and (held := devices[0].memory_stats()):  # not main memory, but its own
        where, room = " on the device", held["bytes_limit"] - held["bytes_in_use"]
        states = at_once = -(-config.seeds // len(devices))
    update = agents // 3 + 4 * batch * (2 * layers * config.width + 12 * batch)
    buffers = states * step * config.buffer_size
    if (needed := buffers + states * agents + at_once * update) <= room:
        return
    fits = int(room + buffers - needed) // (states * step)
    nearest = "smaller networks and batches, or fewer seeds"
    if config.data == "online" and fits >= max(config.prefill, config.unroll_length):
        nearest = f"--buffer-size {fits}"
    raise UserError(
        f"buffer_size {config.buffer_size}: the run would take {needed / 1e9:.1f} GB{where} (its buffer "
        f"{buffers / 1e9:.1f}), {max(room, 0) / 1e9:.1f} GB are free; nearest: {nearest}"
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
    _check_memory(config)
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
    _check_memory(runs.open_run(path).config)
    return _train(runs.reopen(path), **options)


def _train(run: Run, progress: bool = False, callback: Callable | None = None, deadline: float | None = None) -> Run:
    platform.pin()  # again: the process may have turned a switch since the kit was imported
    status, message = "failed", {}

    def end(status: str = "interrupted", **message) -> None:
        with contextlib.suppress(OSError):  # a full disk must not hide what went wrong
            run.set_status(status, ended=runs.now(), **message)

    with stop_request(deadline) as stop:
        try:
            with writing(f"run {str(run.path)!r}: training stopped", f"mend it, then crlkit resume {run.path}"):
                run.set_status("running")
                trainer = Trainer(run, progress)
                trainer.train(stop, callback)
                trainer.keep()
                trainer.save()
            status = "finished" if trainer.updates == trainer.bar.total else "interrupted"
            message = {"updates": trainer.updates, "wall_seconds": trainer.wall_seconds}
            message["peak_memory_mb"] = round(platform.peak_memory_mb())
        except KeyboardInterrupt:  # a second signal
            status = "interrupted"
            raise
        except BaseException as error:
            message = {"error": str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"}
            if isinstance(error, Diverged):
                message["diverged"] = True
            raise
        finally:
            end(status, **message)
            run.release()
    return run


def evaluate(run: "Run | str", env: str | None = None, episodes: int | None = None, seed: int = 0) -> pd.DataFrame:
    """Scores every agent of a run (or of the run directory of that path), by default where it was scored in training:
    one row per seed. Raises UserError for an unknown environment or one of another body."""
    run = run if isinstance(run, Run) else runs.open_run(run)
    name = env or run.config.eval_env
    if episodes is not None:
        check_number("episodes", episodes, 1)
    if envs.entry(name).species != envs.entry(run.config.env).species:
        raise UserError(f"env {name!r}: this agent has another body; nearest: {run.config.eval_env}")
    return pd.DataFrame([{"seed": agent.seed, "env": name, **agent.score(env, episodes, seed)} for agent in run.agents])
