"""The machine: what JAX is asked for before it starts, and what a result must say about where it was made."""

import os
import platform
import re
import resource
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import jax

from crlkit.errors import UserError, first_line

# What a seed means, and what the kit's programs are written for. Each is a switch of JAX that the process's environment
# can turn (JAX_ENABLE_X64=1), which would change every number or fail in pages; so the kit sets them itself.
PINNED = {
    "jax_enable_x64": False,
    "jax_default_prng_impl": "threefry2x32",
    "jax_threefry_partitionable": True,
    "jax_random_seed_offset": 0,
    "jax_numpy_dtype_promotion": "standard",
    "jax_numpy_rank_promotion": "allow",
    **{f"jax_transfer_guard{way}": "allow" for way in ("_host_to_device", "_device_to_host", "_device_to_device", "")},
    "jax_disable_jit": False,
}
# Every other JAX_... of the environment may change the numbers, and is noted with the result.
HARMLESS = ("JAX_PLATFORMS", "JAX_NUM_CPU_DEVICES", "JAX_COMPILATION_CACHE", "JAX_ENABLE_COMPILATION_CACHE", "JAX_LOG")
PACKAGES = ("crlkit", "jax", "jaxlib", "flax", "optax", "brax", "mujoco", "mujoco-mjx", "numpy")
overruled: dict[str, object] = {}  # of these, what the environment had asked for


def pin() -> None:
    """Sets the switches of `PINNED`, whatever set them otherwise."""
    for name, value in PINNED.items():
        held = getattr(jax.config, name)
        if held not in (value, None):  # None: not set, as the transfer guard is by default
            overruled.setdefault(name, held)
            jax.config.update(name, value)


def can_write(folder: Path) -> bool:
    """Makes the folder if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def configure() -> None:
    """One host device per core, so that seeds run side by side on a CPU, and a compile cache: both as the user has set
    them, if they have, and not where JAX has already started. What `PINNED` names is set in any case."""
    pin()
    if "JAX_NUM_CPU_DEVICES" not in os.environ and "xla_force_host_platform" not in os.environ.get("XLA_FLAGS", ""):
        with suppress(RuntimeError, AttributeError):  # already started; or a system without affinities
            jax.config.update("jax_num_cpu_devices", len(os.sched_getaffinity(0)))
    if jax.config.jax_compilation_cache_dir is None:
        folder = Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache"), "crlkit", "xla")
        if folder.is_absolute() and can_write(folder):  # it still begins with ~ where a user has no home
            jax.config.update("jax_compilation_cache_dir", str(folder))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
        else:
            rule = "programs are compiled anew in every process; nearest: XDG_CACHE_HOME=/tmp"
            print(f"crlkit: compile cache: {str(folder)!r} cannot be written, {rule}", file=sys.stderr)


def devices() -> list[jax.Device]:
    """Raises UserError where JAX does not start, or not as it was asked to."""
    try:
        return jax.devices()
    except Exception as error:  # a bare AssertionError where JAX_PLATFORMS names a plugin that is not installed
        said, lost = os.environ.get("JAX_PLATFORMS"), f"JAX: does not start ({first_line(error)})"
        what = f"JAX_PLATFORMS {said!r}: JAX has no such device here" if said else lost
        raise UserError(f"{what}; nearest: unset it, or JAX_PLATFORMS=cpu") from error


def version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The git commit of the source, with "+changes" if it differs; None outside a checkout."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(__file__).parent), *words]
        return subprocess.check_output(command, text=True, stderr=subprocess.DEVNULL).strip()

    with suppress(OSError, subprocess.CalledProcessError):
        if git("ls-files", "--", __file__):  # no copy that was installed inside somebody's repository
            return git("rev-parse", "HEAD") + "+changes" * bool(git("status", "--porcelain", "--", "."))
    return None


def processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    models = re.findall(r"^model name\s*: *(.+)", cpuinfo.read_text() if cpuinfo.exists() else "", re.MULTILINE)
    return models[0].strip() if models else platform.processor() or platform.machine()


def peak_memory_mb() -> float:
    """The most memory this process has held so far, MB."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held when it forked
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # in bytes there


def free_memory(root: Path = Path("/")) -> int:
    """Bytes of main memory that are free; at most what the container may hold, if there is one."""
    try:
        free = 1024 * int((root / "proc/meminfo").read_text().split("MemAvailable:")[1].split()[0])
    except OSError:
        free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")  # macOS tells no more than what there is
    with suppress(OSError, ValueError):  # no such file, or no limit ("max")
        free = min(free, int((root / "sys/fs/cgroup/memory.max").read_text()))
    return free


def switches() -> dict[str, str]:
    """What is set in the environment, not pinned, and may change the numbers."""
    own = [name for name in os.environ if name.startswith("JAX_") and not name.startswith(HARMLESS)]
    steers = {*own, "XLA_FLAGS", "NVIDIA_TF32_OVERRIDE"} - {name.upper() for name in PINNED}
    return {name: os.environ[name] for name in sorted(steers) if os.environ.get(name)}


def provenance() -> dict:
    """Device, precision, versions, commit and switches, as JSON-able values."""
    device, *others = devices()
    return {
        "device": processor() if device.platform == "cpu" else device.device_kind,
        "platform": device.platform,
        "devices": 1 + len(others),
        "cores": os.cpu_count(),
        "matmul_precision": str(jax.config.jax_default_matmul_precision or "default"),
        "switches": " ".join(f"{name}={value}" for name, value in switches().items()) or None,
        "python": sys.version.split()[0],
        "commit": _commit(),
        "versions": {name: version(name) for name in PACKAGES},
    }
