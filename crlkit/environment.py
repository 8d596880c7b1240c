"""Is this machine ready for the course? One finding a row, and for every problem the way out."""

import fcntl
import os
import re
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from shutil import which
from typing import NamedTuple

import jax
import jax.numpy as jnp
import pandas as pd

from crlkit import memory, platform, runs
from crlkit.errors import UserError, first_line

PYTHONS = (3, 11), (3, 13)
SHOWN = ("jax", "flax", "brax", "mujoco", "matplotlib", "ipywidgets", "jupyterlab-widgets")


class Finding(NamedTuple):
    """remedy: what to do about it, in one line; empty where all is well."""

    what: str
    found: str
    remedy: str = ""


def check() -> list[Finding]:
    """Looks at Python, packages, devices, the compiler, its cache, this folder and every variable that changes results
    or makes them fail; changes nothing, and never raises. Takes seconds."""
    seen = []
    for look in (_python, _packages, _device, _cores, _memory, _computation, _cache, _folder, _variables):
        try:
            seen += [found] if isinstance(found := look(), Finding) else found
        except Exception as error:  # a check that fails is a finding
            seen.append(Finding(look.__name__.strip("_"), type(error).__name__, first_line(error)))
    return seen


def table(findings: list[Finding]) -> pd.DataFrame:
    """One row a finding: what, found, and ok or problem."""
    rows = [(f.what, f.found, "problem" if f.remedy else "ok") for f in findings]
    return pd.DataFrame(rows, columns=["what", "found", "verdict"])


def advice(findings: list[Finding]) -> str:
    """One line a problem and its remedy, or one line that says there is none."""
    problems = [f"PROBLEM {f.what} ({f.found}): {f.remedy}" for f in findings if f.remedy]
    return "\n".join(problems) or f"All {len(findings)} checks passed."


def short(path: str | Path) -> str:
    """`path` with the home directory written as ~."""
    path, home = Path(path), os.path.expanduser("~")  # as it is for a user without one
    return str("~" / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _python() -> Finding:
    low, high = (".".join(map(str, version)) for version in PYTHONS)
    good = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    remedy = f"crlkit needs {low} to {high}; name one: make PYTHON=python3.12 setup"
    return Finding("Python", sys.version.split()[0], "" if good else remedy)


def _packages() -> Iterator[Finding]:
    """A row for the packages whose versions matter most and for every problem, one row for all others."""
    fine = 0
    for name, lowest in _lowest_versions().items():
        found, remedy = platform.version(name) or "missing", ""
        if found == "missing" or _numbers(found) < _numbers(lowest):
            old = "" if found == "missing" else f"too old, needs {lowest}: "
            remedy = f"{old}run `make setup` in the kit's folder, then restart the kernel"
        if remedy or name in SHOWN:
            yield Finding(name, found, remedy)
        else:
            fine += 1
    yield Finding("other packages", f"{fine} as needed")


def _lowest_versions() -> dict[str, str]:
    """What crlkit and its notebooks ask for, from the installed package or, in a bare checkout, pyproject.toml."""
    try:
        wanted = metadata.requires("crlkit") or []
    except metadata.PackageNotFoundError:
        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
        wanted = project["dependencies"] + project["optional-dependencies"]["notebooks"]
    wanted = [line for line in wanted if "extra ==" not in line or "notebooks" in line]
    found = (re.match(r"([\w-]+)>=([\d.]+)", line) for line in wanted)
    return {match[1]: match[2] for match in found if match} | {"jupyterlab-widgets": "3"}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def _device() -> Finding:
    try:
        device, count = platform.devices()[0], len(platform.devices())
    except UserError as error:
        what, _, remedy = str(error).partition("; nearest: ")
        return Finding("device", what, remedy)
    name = platform.processor() if device.platform == "cpu" else device.device_kind
    idle = device.platform == "cpu" and which("nvidia-smi")
    remedy = "JAX does not see the NVIDIA GPU: pip install -e '.[cuda]' in the kit's folder, or go on without it"
    return Finding("device", f"{device.platform} x {count}: {name}", remedy if idle else "")


def _cores() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("cores", str(cores), "" if cores > 1 else "one core: all times in the course double, nothing breaks")


def _computation() -> Finding:
    platform.devices()  # raises in one line what JAX would say in pages
    began = time.perf_counter()
    total = float(jax.jit(lambda x: jnp.sum(x @ x))(jnp.ones((64, 64))))
    seconds = time.perf_counter() - began
    remedy = "" if total == 64.0**3 else "the compiler gives a wrong result: run `make setup` for the tested versions"
    return Finding("a compiled computation", f"{total:.0f} in {seconds:.2f} s", remedy)


def _memory() -> Finding:
    free = memory.free()
    remedy = "close other programs: the course's notebooks take up to 2 GB each"
    return Finding("free memory", f"{free / 1e9:.1f} GB", "" if free > 2e9 else remedy)


def _cache() -> Finding:
    """Compiled programs are kept on disk, so that the second run of a notebook does not wait for the compiler."""
    folder = jax.config.jax_compilation_cache_dir
    if folder is None or not jax.config.jax_enable_compilation_cache:
        return Finding("compile cache", "off", "set JAX_COMPILATION_CACHE_DIR to a folder you can write to")
    remedy = "cannot be written: set JAX_COMPILATION_CACHE_DIR to a folder that can"
    return Finding("compile cache", short(folder), "" if platform.can_write(Path(folder)) else remedy)


def _folder() -> Finding:
    """Runs are written into the folder that one works in."""
    try:
        with tempfile.TemporaryFile(dir=".") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        why = f"cannot hold runs ({error.strerror})"
        remedy = f"{why}: work in another folder, or read docs/troubleshooting.md on locks"
        return Finding("this folder", short(Path.cwd()), remedy)
    return Finding("this folder", "can be written, and has locks")


def _variables() -> Iterator[Finding]:
    """A row for every variable that stops the kit or changes what it does, results first."""
    for name, (asked, rule) in platform.refused.items():
        yield Finding(name, asked or "empty", rule)
    for name, asked in platform.overruled.items():
        works = f"crlkit works with {platform.PINNED[name]!r} whatever it says, in this whole process: unset it"
        yield Finding(name.upper(), str(asked), works)
    for name, value in platform.switches().items():
        remedy = "may change numbers, and is noted in every run's provenance: unset it unless you mean it"
        yield Finding(name, value, remedy)
    if platform.missing_gl:
        remedy = f"no such backend here ({platform.missing_gl}): films fail; unset it"
        yield Finding("MUJOCO_GL", os.environ.get("MUJOCO_GL", ""), remedy)
    if name := os.environ.get("CRLKIT_PRESET"):
        remedy = "every notebook runs at this size; unset the variable and restart the kernel for the real one"
        yield Finding("CRLKIT_PRESET", name, remedy)
    if os.environ.get(runs.NO_LOCK):
        yield Finding(runs.NO_LOCK, os.environ[runs.NO_LOCK], f"{runs.RISK}: unset it where there are locks")
