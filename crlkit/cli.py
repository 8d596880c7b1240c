"""The command line; every verb is one call into the package. Exit code 1: what was looked at is not as it should be.
Wrong input: one line on standard error, exit code 2."""

import contextlib
import functools
import io
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

import pandas as pd
import tyro
from rich.console import Console
from tyro.conf import OmitArgPrefixes, Positional, arg

import crlkit
from crlkit import platform
from crlkit.config import Config
from crlkit.errors import UserError, check_choice, check_number

GPUS = {"gpu": 1, "paper": 1}  # of a run, by size, where a cluster runs it
RunDirectory = Annotated[Positional[str], arg(help="Run directory.")]
Env = Annotated[str | None, arg(help="By default the one it was scored in.")]
Names = Annotated[Positional[tuple[str, ...]], arg(help="These alone.")]
Seed = Annotated[int, arg(help="Of starts and goals.")]
Suite = Annotated[Positional[str], arg(help="Name of the suite; a wrong one prints them all.")]
SIZES = "smoke (seconds), laptop (an evening on two cores), gpu (that on twenty fresh seeds) or paper (as published)."
Size = Annotated[str, arg(help=SIZES)]
Sweeps = Annotated[str, arg(help="Folder of all sweeps.")]
Records = Annotated[str, arg(help="Folder of the records.")]


def check() -> bool:
    """Look at this machine and every variable that changes results or makes them fail; exit code 1 if there is one."""
    findings = crlkit.environment.check()
    print(crlkit.environment.table(findings).to_string(index=False))
    print(crlkit.environment.advice(findings))
    return any(finding.remedy for finding in findings)


def envs(only: Names = (), check: bool = False, steps: int = 20, copies: int = 4, save: str | None = None) -> bool:
    """List every environment with its sizes and thresholds. With --check, try each instead, so many copies for so many
    random steps (exit code 1 if any fails); --save keeps the table of that as CSV, where rows of others stay."""
    from crlkit import envs  # not this verb
    from crlkit.envs.checkup import check_env

    for name in only:
        envs.entry(name)  # a wrong name is said before any is built
    if save and not check:
        raise UserError(f"save {save!r}: only with --check; nearest: crlkit envs --check --save {save}")
    rows, names = [], only or envs.names()
    if not check:
        print(pd.DataFrame([_sizes(name, envs.make(name)) for name in names]).to_string(index=False))
        print(OTHER_ENVS)
        return False
    for option, value in (("steps", steps), ("copies", copies)):
        check_number(option, value, 1)
    for name in names:
        rows.append(tried := check_env(name, steps, copies))
        print(f"{name:<28}{tried['steps_per_second']:12,.0f} steps/s  {tried['problem'] or 'finite'}", flush=True)
        if save:  # what is there, should a later one crash
            crlkit.record.save_measured(pd.DataFrame(rows), save, key="env")
    passed = sum(not tried["problem"] for tried in rows)
    print(f"{passed} of {len(names)} passed")
    return passed < len(names)


OTHER_ENVS = """
Threshold, easy threshold and cell in world units; longest path in cells (lights out: presses). And these:
lights_out_<rows>x<columns>           boards of 2 to 9 cells, for the critic alone (--data walks)
<body>_<u, u4 or u5>_maze_gen_1f2f3f  pairs of start and goal 1, 2 or 3 cells apart (any distances)"""


def _sizes(name: str, env) -> dict:
    maze, distances = env.maze, getattr(env.maze or env, "distances", None)
    row = dict(env=name, state=env.state_size, goal=env.goal_size, actions=env.action_size)
    row |= dict(threshold=round(env.threshold, 4), easy=env.easy_threshold or "-")
    row |= dict(cell=maze.cell_size if maze else "-", goals=len(maze.goals) if maze else "-")
    return row | {"longest path": "-" if distances is None else int(distances.max())}


def train(config: OmitArgPrefixes[Config]) -> None:
    """Train agents; writes a run directory (by default under runs/, named after environment, depth and time)."""
    if config.out is None:
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        config = replace(config, out=f"runs/{config.env}-depth{config.depth}-seed{config.seed}-{stamp}")
    _report(crlkit.train(config, progress=True))


def resume(run: RunDirectory) -> None:
    """Go on with a run from its last checkpoint."""
    _report(crlkit.resume(run, progress=True))


def _report(run) -> None:
    if run.rows:
        print(run.metrics.groupby("seed").last().T.to_string())
    if line := crlkit.loop.saturated(run.metrics):
        print(line)
    print(f"{run.status} after {run.provenance['updates']} updates; kept in {run.path}")
    if run.status == "interrupted":
        print(f"To go on: crlkit resume {run.path}")
        sys.exit(130)


def evaluate(run: RunDirectory, env: Env = None, episodes: int | None = None, seed: Seed = 0) -> None:
    """Score the agents of a run, each in so many episodes."""
    print(crlkit.evaluate(run, env, episodes, seed).to_string(index=False))


def render(
    runs: Annotated[Positional[tuple[str, ...]], arg(help="Run directories, or files of weights.")],
    out: Annotated[str, arg(help="The film, a .gif.")] = "film.gif",
    env: Env = None,
    seed: Seed = 0,
    episodes: int = 1,
    size: Annotated[tuple[int, int] | None, arg(help="Width and height of one agent's picture, pixels.")] = None,
    fps: float = 10,
    seconds: float = 8,
    steps: Annotated[int | None, arg(help="Of an episode; by default as many as in training.")] = None,
) -> None:
    """Film what agents do; those of several runs side by side, from the same start to the same goal."""
    crlkit.render(**locals())
    print(out)


def export(run: RunDirectory, out: str | None = None, seed: int | None = None) -> None:
    """Write the weights of one seed of a run, by default its first, as one safetensors file."""
    print(crlkit.weights.export(run, out, seed))


def sweep(
    suite: Suite,
    size: Size = "laptop",
    out: Sweeps = "runs/sweeps",
    data: Annotated[str, arg(help='Records, whose runs are not run again; with --data "" all are.')] = "data",
    dry_run: Annotated[bool, arg(help="Only print the plan and its price.")] = False,
    max_hours: Annotated[float | None, arg(help="Stop in time.")] = None,
    executor: Annotated[str, arg(help="local, or ray (a running Ray cluster, else one on this machine).")] = "local",
    cpus: Annotated[int, arg(help="With ray: cores of a run.")] = 1,
    gpus: Annotated[float | None, arg(help="With ray: GPUs of a run; by default 1 for gpu and paper.")] = None,
) -> bool:
    """Run what is missing of a suite; start it again at any moment to go on."""
    sweeps, known = crlkit.sweep, crlkit.suites.SUITES
    if suite not in known:
        for name, entry in known.items():
            print(f"{name}: {entry['about'].split('. ')[0].strip()}")
    this = sweeps.Sweep.of(suite, size, out, data or None)
    check_choice("executor", executor, ("local", "ray"))
    if dry_run:
        print(sweeps.plan(this).to_string(index=False))
        left = this.remaining()
        print(f"\n{len(left)} of {len(this.jobs)} runs to do, {sweeps.left_in_words(this, left)}")
        return False
    if executor == "ray":
        failed = crlkit.cluster.run_on_ray(this, cpus, GPUS.get(size, 0) if gpus is None else gpus, max_hours)
    else:
        failed = sweeps.run_sweep(this, max_hours)
    print(this.table().to_string(index=False, na_rep="-"))
    print(f"Every row of every run: {this.write_results()}")
    for name, why in failed.items():
        print(f"failed: {name}: {why}", file=sys.stderr)
    return bool(failed)


def record(suite: Suite, size: Size = "laptop", out: Sweeps = "runs/sweeps", data: Records = "data") -> None:
    """Turn the finished runs of a suite into tables, arrays, weights and provenance under data/."""
    this = crlkit.sweep.Sweep.of(suite, size, out, data if os.path.isdir(data) else None)
    print(crlkit.record.record(this, data))


def figures(names: Names = (), data: Records = "data", out: str = "figures", check: bool = False) -> bool:
    """Draw figures from recorded data, as PNG and PDF; all of them unless some are named. With --check only name what
    is missing or was drawn from other data (exit code 1 if any)."""
    crlkit.evidence.existing(data)
    if not check:
        for path in crlkit.figures.write(names, data, out):
            print(path)
        return False
    stale = crlkit.figures.check(names, data, out)
    print("\n".join(stale) or f"every figure in {out} was drawn from what {data} holds")
    return bool(stale)


def claims(name: Positional[str] = "", data: Records = "data", write: bool = False) -> None:
    """Judge every claim of the paper and of the tutorial text by recorded data: a table of all, or one in full. With
    --write, renew the section of README.md and docs/claims.md instead."""
    from crlkit.claims import report

    folder = crlkit.evidence.existing(data)
    if write:
        for path in report.write(folder):
            print(path)
    elif name:
        print(report.entry(name, folder))
    else:
        Console(width=None if sys.stdout.isatty() else 120).print(report.table(folder))


def demo(out: str = "figures/demo.png") -> None:
    """Train critics of depth 4 and 16, of equal size, on boards of Lights Out and draw what they solve."""
    crlkit.demo.demo(out)


def bench(
    what: Annotated[Positional[str], arg(help="updates, start, loop, seeds, environment or imports.")] = "updates",
    depths: tuple[int, ...] = (4, 16, 64, 256, 1024),
    width: int = 32,
    env: str = "point_big_maze",
    batch_size: int = 256,
    against: Annotated[Literal["looped"] | None, arg(help="Also networks as a Python loop over blocks.")] = None,
    save: Annotated[str | None, arg(help="A CSV file for it; rows of other depths or environments stay.")] = None,
) -> None:
    """Measure what depth costs here, each row in a process of its own."""
    table = crlkit.bench.bench(depths, width, env, batch_size, what, looped=against == "looped")
    print(table.to_string(index=False))
    if save:
        table = table.assign(env=env, batch_size=batch_size)
        crlkit.record.save_measured(table, save, key="depth" if "depth" in table else "env")


VERBS = (check, envs, train, resume, evaluate, render, export, sweep, record, figures, claims, demo, bench)


def _later(verb: Callable) -> Callable:
    return functools.wraps(verb)(lambda *args, **options: functools.partial(verb, *args, **options))


def _parse(arguments: list[str] | None) -> functools.partial:
    """Reads the command line into a call that is still to be made. Raises UserError for a line it cannot read."""
    verbs, said = {verb.__name__: _later(verb) for verb in VERBS}, io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return tyro.extras.subcommand_cli_from_dict(verbs, prog="crlkit", description=__doc__, args=arguments)
    except SystemExit as stop:
        if not stop.code:
            raise
        # tyro draws a box of several lines; what went wrong stands above its first rule.
        lines = [line.strip("│╭╮╰╯─ ") for line in said.getvalue().split("│ ───")[0].splitlines()[1:]]
        raise UserError(" ".join(line for line in lines if line) + "; see crlkit --help") from None


def main(arguments: list[str] | None = None) -> None:
    try:
        failed = _parse(arguments)()
        sys.stdout.flush()  # what is still held back fails here or nowhere
        if failed:
            sys.exit(1)
    except BrokenPipeError:  # `crlkit envs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        try:
            if not isinstance(error, UserError):
                platform.devices()  # of whatever failed, a JAX that does not start is the cause
                raise
        except UserError as cause:
            error = cause
        print(f"crlkit: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("\ncrlkit: interrupted", file=sys.stderr)  # the bar may stand on the line
        sys.exit(130)
