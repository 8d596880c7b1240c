"""The same sweep on a Ray cluster: one task per run, retried from its last checkpoint where a worker is lost. All
machines must see the sweep's folder under the same path; the runs' locks and checkpoints live there."""

import os
import time
from pathlib import Path

from crlkit import registration
from crlkit.config import from_dict, to_file
from crlkit.errors import UserError
from crlkit.sweep import Job, Sweep, run_job, run_sweep

LOST_WORKER_SECONDS = 120  # how long a retry waits for the lock of a worker that may still be dying


def _task(config: dict, deadline: float | None) -> str:
    """Trains one run on whatever machine this is; returns its status."""
    job, patience = Job(from_dict(config), Path(config["out"])), time.monotonic() + LOST_WORKER_SECONDS
    while deadline is None or time.time() < deadline:
        try:
            return run_job(job, deadline).status
        except UserError as error:
            if "another process is training it" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(1)
    return "not begun"


def run_on_ray(sweep: Sweep, cpus: int, gpus: float, max_hours: float | None = None) -> dict[str, str]:
    """Runs what is missing of a sweep, each run on `cpus` cores and `gpus` GPUs of the cluster that is there, else of one
    on this machine; returns what failed: run -> why. Raises UserError if Ray is not installed."""
    try:
        import ray
    except ImportError:
        raise UserError("executor 'ray': Ray is not installed; nearest: pip install -e '.[cluster]'") from None
    if not ray.is_initialized():
        ray.init(logging_level="error")
    variables = {"JAX_NUM_CPU_DEVICES": str(cpus), registration.IMPORT: os.environ.get(registration.IMPORT, "")}
    options = dict(num_cpus=cpus, num_gpus=gpus, max_retries=10, runtime_env={"env_vars": variables})
    task = ray.remote(_task).options(**options)

    def on_cluster(jobs, deadline):
        tasks = {task.remote({**to_file(job.config), "out": str(job.path.resolve())}, deadline): job for job in jobs}
        while tasks:
            (reference,), _ = ray.wait(list(tasks))
            try:
                ended = ray.get(reference)
            except Exception as error:
                ended = getattr(error, "cause", None) or error  # the task's own
            yield tasks.pop(reference), ended

    return run_sweep(sweep, max_hours, on_cluster)
