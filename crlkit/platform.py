"""The machine: what JAX is asked for before it starts, and what a result must say about where it was made."""

import os
import resource
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import jax


def cache_directory() -> Path:
    """Where compiled programs are kept between processes."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "crlkit" / "xla"


def configure() -> None:
    """One host device a core, so that seeds run side by side on a CPU, and a compile cache. Leaves alone what the
    user has set, and does nothing where JAX has already started."""
    if "JAX_NUM_CPU_DEVICES" not in os.environ and "xla_force_host_platform" not in os.environ.get("XLA_FLAGS", ""):
        try:
            jax.config.update("jax_num_cpu_devices", len(os.sched_getaffinity(0)))
        except (RuntimeError, AttributeError):  # already started; or a system without affinities
            pass
    if jax.config.jax_compilation_cache_dir is None:
        jax.config.update("jax_compilation_cache_dir", str(cache_directory()))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The git commit of the source, with "+changes" if it differs; None outside a checkout."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True, check=True).stdout

    try:
        if not git("ls-files", "--", __file__).strip():
            return None  # an installed copy that happens to lie inside somebody's repository
        changes = git("status", "--porcelain", "--", str(here))
        return git("rev-parse", "HEAD").strip() + ("+changes" if changes.strip() else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    import platform

    return platform.processor() or platform.machine()


def peak_memory_mb() -> float:
    """The most memory this process has held so far, MB."""
    try:  # getrusage would count what the parent held when it forked
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # bytes where there is no /proc


def provenance() -> dict:
    """Device, precision, versions and commit, as JSON-able values."""
    device = jax.devices()[0]
    return {
        "device": processor() if device.platform == "cpu" else device.device_kind,
        "platform": device.platform,
        "devices": len(jax.devices()),
        "cores": os.cpu_count(),
        "matmul_precision": str(jax.config.jax_default_matmul_precision or "default"),
        "python": sys.version.split()[0],
        "commit": _commit(),
        "versions": {
            name: _version(name)
            for name in ("crlkit", "jax", "jaxlib", "flax", "optax", "brax", "mujoco", "mujoco-mjx", "numpy")
        },
    }
