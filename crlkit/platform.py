"""The machine: what JAX is asked for before it starts, and what a result must say about where it was made."""

import glob
import os
import re
import resource
import subprocess
import sys
import warnings
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType

from crlkit.errors import UserError, first_line

DEVICES, MOST_DEVICES = "JAX_NUM_CPU_DEVICES", 1024  # each has threads of its own; far more never start
# Variables with a value that JAX does not take: the value, and the rule with a good one.
refused: dict[str, tuple[str, str]] = {}


def _import_jax() -> ModuleType:
    """At a value that it does not take, JAX stops in pages while it is imported. Without the variable it serves the
    self-check, which must be able to say so; everything else stops in `refuse`."""
    asked = os.environ.get(DEVICES, "1")
    if not (asked.strip().isdecimal() and 1 <= int(asked) <= MOST_DEVICES):
        try:
            nearest = min(max(round(float(asked)), 1), MOST_DEVICES)
        except (ValueError, OverflowError):  # no number, nan, inf
            nearest = os.cpu_count() or 1
        rule = f"must be a whole number from 1 to {MOST_DEVICES}; nearest: {DEVICES}={nearest}"
        refused[DEVICES] = os.environ.pop(DEVICES), rule
    try:
        while True:
            try:
                return import_module("jax")
            except ValueError as error:
                said, own = str(error), [name for name in os.environ if name.startswith("JAX_")]
                named = [name for name in own if re.search(rf"\b{re.escape(name)}\b", said, re.IGNORECASE)]
                blamed = named or [name for name in own if repr(os.environ[name]) in said]
                if not blamed and not refused:
                    raise
                if not blamed:  # met so late that JAX cannot be imported again
                    name, (asked, rule) = refused.popitem()
                    raise ImportError(f"crlkit: {name} {asked!r}: {rule}") from None
            for name in blamed:
                refused[name] = os.environ.pop(name), f"JAX does not take this value; nearest: unset {name}"
            for name in [name for name in sys.modules if name.split(".")[0] == "jax"]:
                del sys.modules[name]  # imported half; not all may be imported over what the first time has left
    finally:
        os.environ.update({name: asked for name, (asked, _) in refused.items()})  # for the processes that follow


jax = _import_jax()

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
# Of all that steers JAX from the environment these cannot change a number; every other one is noted with the result.
HARMLESS = (
    *("JAX_PLATFORMS", "JAX_NUM_CPU_DEVICES", "JAX_COMPILATION_CACHE_DIR", "JAX_ENABLE_COMPILATION_CACHE"),
    *("JAX_PERSISTENT_CACHE", "JAX_LOG", "JAX_TRACEBACK", "JAX_EXPLAIN", "JAX_PPRINT", "JAX_DUMP"),
)
GROUPS = {  # of processes, of version 2 and of version 1: where, the limit, and what is held
    "": ("sys/fs/cgroup", "memory.max", "memory.current"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}
PACKAGES = ("crlkit", "jax", "jaxlib", "flax", "optax", "brax", "mujoco", "mujoco-mjx", "numpy")
overruled: dict[str, object] = {}  # of these, what the environment had asked for
missing_gl = ""  # why MuJoCo could not be imported with the user's MUJOCO_GL


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
        homeless = folder.parts[0] == "~"  # no HOME, no entry for this user: a container
        if not homeless and can_write(folder):
            jax.config.update("jax_compilation_cache_dir", str(folder))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.5)
            _heal(folder)
        else:
            lost = "this user has no home" if homeless else f"{str(folder)!r} cannot be written"
            rule = "programs are compiled anew in every process; nearest: XDG_CACHE_HOME=/tmp"
            print(f"crlkit: compile cache: {lost}, {rule}", file=sys.stderr)
    if os.environ.get("MUJOCO_GL"):
        _import_mujoco()


def _heal(folder: Path) -> None:
    """JAX warns of a damaged entry of the cache, compiles, and keeps the damaged one, because it has that name: every
    start would be slow. The warning comes before the compiler, so what is removed then is written anew."""
    show = warnings.showwarning

    def remove(message, *args, **options):
        damaged = re.match(r"Error reading persistent compilation cache entry for '([\w-]+)'", str(message))
        if not damaged:
            return show(message, *args, **options)
        for entry in folder.glob(f"{glob.escape(damaged[1])}-*-cache"):  # the message does not say which
            entry.unlink(missing_ok=True)

    warnings.showwarning = remove


def _import_mujoco() -> None:
    """MuJoCo does not import where MUJOCO_GL names a backend that is not there, not even to step a body. Films open
    their own context (film/offscreen.py), so without the variable it serves all else."""
    global missing_gl
    try:
        import mujoco
    except Exception as error:  # of any kind: AttributeError inside PyOpenGL, RuntimeError, OSError
        missing_gl = first_line(error)
        said = os.environ.pop("MUJOCO_GL")
        try:
            import mujoco  # noqa: F401
        finally:
            os.environ["MUJOCO_GL"] = said
        for name, module in list(sys.modules.items()):  # those that the first try had imported, and its package forgot
            if name.startswith("mujoco."):
                parent, _, leaf = name.rpartition(".")
                setattr(sys.modules[parent], leaf, module)


def refuse() -> None:
    """Raises UserError if a variable has a value that JAX does not take."""
    for name, (asked, rule) in refused.items():
        raise UserError(f"{name} {asked!r}: {rule}")


def devices() -> list[jax.Device]:
    """Raises UserError where JAX does not start, or not as it was asked to."""
    refuse()
    try:
        return jax.devices()
    except Exception as error:  # a bare AssertionError where JAX_PLATFORMS names a plugin that is not installed
        said = os.environ.get("JAX_PLATFORMS", "")
        lost = f"JAX: does not start ({first_line(error)})"
        what = f"JAX_PLATFORMS {said!r}: JAX has no such device here" if said else lost
        raise UserError(f"{what}; nearest: {'unset it, or ' if said else ''}JAX_PLATFORMS=cpu") from error


def version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _commit() -> str | None:
    """The git commit of the source, with "+changes" if it differs; None outside a checkout."""

    def git(*words: str) -> str:
        options = dict(cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
        return subprocess.run(["git", *words], **options).stdout.strip()

    with suppress(OSError, subprocess.CalledProcessError):
        if git("ls-files", "--", __file__):  # no copy that was installed inside somebody's repository
            return git("rev-parse", "HEAD") + "+changes" * bool(git("status", "--porcelain", "--", "."))
    return None


def processor() -> str:
    import platform

    cpuinfo = Path("/proc/cpuinfo")
    model = cpuinfo.exists() and re.search(r"^model name\s*: *(.+)", cpuinfo.read_text(), re.MULTILINE)
    return model[1].strip() if model else platform.processor() or platform.machine()


def peak_memory_mb() -> float:
    """The most memory this process has held so far, MB."""
    try:  # getrusage would count what the parent held when it forked
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # bytes where there is no /proc


def free_memory(root: Path = Path("/")) -> int:
    """Bytes of main memory that this process can still get: of the machine, or of its container if that is less."""

    def number(file: Path, name: str) -> int:
        return int(re.search(rf"^{name}\D*(\d+)", file.read_text(), re.MULTILINE)[1])

    def inactive(file: Path) -> int:
        return number(file, "inactive_file") if "inactive_file" in file.read_text() else 0

    try:
        left = [1024 * number(root / "proc/meminfo", "MemAvailable")]
    except (OSError, TypeError):
        left = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]  # macOS tells no more than what there is
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            for top, limit, held in (GROUPS[kind] for kind in kinds.split(",") if kind in GROUPS):
                for group in (Path(path), *Path(path).parents):
                    folder = root / top / group.relative_to("/")
                    with suppress(OSError, TypeError):  # no such file, or the limit "max"
                        used = number(folder / held, "") - inactive(folder / "memory.stat")
                        left.append(number(folder / limit, "") - used)  # which may let go of its files
    return max(0, min(left))


def switches() -> dict[str, str]:
    """What is set in the environment, not pinned, and may change the numbers."""
    known = {name.upper() for name in PINNED} | set(refused)
    ours = {name for name in os.environ if name.startswith("JAX_") and not name.startswith(HARMLESS)} - known
    return {
        name: os.environ[name] for name in sorted({*ours, "XLA_FLAGS", "NVIDIA_TF32_OVERRIDE"}) if os.environ.get(name)
    }


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
