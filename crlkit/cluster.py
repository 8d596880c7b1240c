"""The same sweep on a Ray cluster: one task per run, retried from its last checkpoint where a worker is lost.

All machines must see the sweep's folder under the same path; the runs' locks and checkpoints live there.
"""

import os
import time

from crlkit import registration
from crlkit.config import from_dict, to_file
from crlkit.errors import UserError, first_line
from crlkit.sweep import Estimate, Job, Sweep, run_job, screen

RETRIES = 10  # of a run whose worker was lost; one that kills its worker every time must come to an end
LOST_WORKER_SECONDS = 120  # how long a retry waits for the lock of a worker that may still be dying


def _task(config: dict, deadline: float | None) -> str:
    """Trains one run on whatever machine this is; returns its status."""
    from pathlib import Path

    job = Job(from_dict(config), Path(config["out"]))
    if deadline is not None and time.time() > deadline:
        return "not begun, time is up"
    patience = time.monotonic() + LOST_WORKER_SECONDS
    while True:
        try:
            return run_job(job, deadline).status
        except UserError as error:
            if "another process is training it" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(1)


def run_on_ray(sweep: Sweep, cpus: int, gpus: float, max_hours: float | None = None) -> dict[str, str]:
    """Runs what is missing of a sweep; returns what failed: run -> why. Results are those of a local sweep.

    Joins the cluster that `ray start` or RAY_ADDRESS names, else starts one on this machine. Each run gets `cpus` cores
    and `gpus` GPUs. Raises UserError if Ray is not installed.
    """
    try:
        import ray
    except ImportError:
        install = "pip install -e '.[cluster]' in the kit's folder"
        raise UserError(f"executor 'ray': Ray is not installed; nearest: {install}") from None
    if not ray.is_initialized():
        try:
            ray.init(address="auto", logging_level="error")
        except ConnectionError:
            ray.init(logging_level="error")
    deadline = time.time() + 3600 * max_hours if max_hours is not None else None
    estimate, failed, todo = Estimate.of(sweep), {}, sweep.remaining()
    environment = {"env_vars": {"JAX_NUM_CPU_DEVICES": str(cpus)}}
    if files := os.environ.get(registration.IMPORT):  # what registers the environments of these runs
        environment["env_vars"][registration.IMPORT] = files
    remote = ray.remote(_task).options(num_cpus=cpus, num_gpus=gpus, max_retries=RETRIES, runtime_env=environment)
    tasks = {remote.remote({**to_file(job.config), "out": str(job.path.resolve())}, deadline): job for job in todo}
    with screen(sweep) as (say, refresh):
        say(f"{len(sweep.jobs)} runs, {len(todo)} to do on {len(ray.nodes())} nodes, {estimate.words(todo)}")
        while tasks:
            done, _ = ray.wait(list(tasks), timeout=5)
            refresh()
            for reference in done:
                job = tasks.pop(reference)
                try:
                    say(f"{job.path.name}: {ray.get(reference)}, {len(tasks)} to do")
                except Exception as error:  # a task that failed for a reason of its own
                    cause = getattr(error, "cause", None) or error
                    failed[job.path.name] = first_line(cause)
                    say(f"{job.path.name} failed: {first_line(cause)}")
                sweep.write_results()
    return failed
