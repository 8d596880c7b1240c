"""Is this machine ready for the course? One finding a row, and for every problem the way out."""

import os
import re
import sys
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

from crlkit import platform

PYTHONS = (3, 11), (3, 13)
SHOWN = ("jax", "flax", "brax", "mujoco", "matplotlib", "ipywidgets", "jupyterlab-widgets")


class Finding(NamedTuple):
    """remedy: what to do about it, in one line; empty where all is well."""

    what: str
    found: str
    remedy: str = ""


def check() -> list[Finding]:
    """Looks at Python, packages, devices, the compiler, its cache and the widgets; changes nothing. Takes seconds."""
    found = [_python(), *_packages(), _device(), _cores(), _computation(), _cache(), _size()]
    return [finding for finding in found if finding]


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
    path, home = Path(path), Path.home()
    return str(Path("~") / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _python() -> Finding:
    low, high = (".".join(map(str, version)) for version in PYTHONS)
    good = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    remedy = f"crlkit needs {low} to {high}; name one: make PYTHON=python3.12 setup"
    return Finding("Python", sys.version.split()[0], "" if good else remedy)


def _packages() -> Iterator[Finding]:
    """A row for the packages whose versions matter most and for every problem, one row for all others."""
    fine = 0
    for name, lowest in _lowest_versions().items():
        found, remedy = _version(name), ""
        if found is None:
            found, remedy = "missing", "run `make setup` in the kit's folder, then restart the kernel"
        elif _numbers(found) < _numbers(lowest):
            remedy = f"too old, needs {lowest}: run `make setup` in the kit's folder, then restart the kernel"
        if remedy or name in SHOWN:
            yield Finding(name, found, remedy)
        else:
            fine += 1
    yield Finding("other packages", f"{fine} as needed")


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


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
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _device() -> Finding:
    device, count = jax.devices()[0], len(jax.devices())
    name = platform.processor() if device.platform == "cpu" else device.device_kind
    idle = device.platform == "cpu" and which("nvidia-smi")
    remedy = "there is an NVIDIA GPU that JAX does not see: pip install -e '.[cuda]' in the kit's folder, or go on without it"
    return Finding("device", f"{device.platform} x {count}: {name}", remedy if idle else "")


def _cores() -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("cores", str(cores), "" if cores > 1 else "one core: all times in the course double, nothing breaks")


def _computation() -> Finding:
    began = time.perf_counter()
    total = float(jax.jit(lambda x: jnp.sum(x @ x))(jnp.ones((64, 64))))
    seconds = time.perf_counter() - began
    remedy = "" if total == 64.0**3 else "the compiler gives a wrong result: run `make setup` for the tested versions"
    return Finding("a compiled computation", f"{total:.0f} in {seconds:.2f} s", remedy)


def _cache() -> Finding:
    """Compiled programs are kept on disk, so that the second run of a notebook does not wait for the compiler."""
    folder = jax.config.jax_compilation_cache_dir
    if folder is None:
        return Finding("compile cache", "off", "set JAX_COMPILATION_CACHE_DIR to a folder you can write to")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK)
    except OSError:
        usable = False
    remedy = "cannot be written: set JAX_COMPILATION_CACHE_DIR to a folder that can"
    return Finding("compile cache", short(folder), "" if usable else remedy)


def _size() -> Finding | None:
    name = os.environ.get("CRLKIT_PRESET")
    remedy = "every notebook runs at this size; unset the variable and restart the kernel for the real one"
    return Finding("CRLKIT_PRESET", name, remedy) if name else None
