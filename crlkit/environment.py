"""Is this machine ready for the course? One finding a row, and for every problem the way out."""

import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from shutil import which
from typing import NamedTuple

import jax
import jax.numpy as jnp
import pandas as pd
from packaging.requirements import Requirement, SpecifierSet  # comes with matplotlib

from crlkit import platform
from crlkit.errors import UserError, first_line

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
    for look in (_python, _packages, _device, _memory, _computation, _cache, _folder, _variables):
        try:
            seen += [found] if isinstance(found := look(), Finding) else found
        except metadata.PackageNotFoundError:
            seen += {Finding("crlkit", "not installed", "run `make setup` in the kit's folder")} - set(seen)
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


def _short(path: str | Path) -> str:
    """`path` with the home directory written as ~."""
    path, home = Path(path), os.path.expanduser("~")  # as it is for a user without one
    return str("~" / path.relative_to(home)) if path.is_relative_to(home) else str(path)


def _python() -> Finding:
    needed, found = metadata.metadata("crlkit")["Requires-Python"], sys.version.split()[0]
    remedy = f"crlkit needs {needed}; name one: make PYTHON=python3.12 setup"
    return Finding("Python", found, "" if SpecifierSet(needed).contains(found, prereleases=True) else remedy)


def _packages() -> Iterator[Finding]:
    """Of what crlkit and its notebooks ask for: a row for the packages whose versions matter most and for every problem,
    one row for all others."""
    fine = 0
    for package in map(Requirement, [*(metadata.requires("crlkit") or []), "jupyterlab-widgets>=3"]):
        if package.marker and not package.marker.evaluate({"extra": "notebooks"}):
            continue
        found, remedy = platform.version(package.name), ""
        if not (found and package.specifier.contains(found, prereleases=True)):
            old = f"too old, needs {package.specifier}: " if found else ""
            remedy = f"{old}run `make setup` in the kit's folder, then restart the kernel"
        if remedy or package.name in SHOWN:
            yield Finding(package.name, found or "missing", remedy)
        else:
            fine += 1
    yield Finding("other packages", f"{fine} as needed")


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


def _computation() -> Finding:
    platform.devices()  # raises in one line what JAX would say in pages
    began = time.perf_counter()
    total = float(jax.jit(lambda x: jnp.sum(x @ x))(jnp.ones((64, 64))))
    seconds = time.perf_counter() - began
    remedy = "" if total == 64.0**3 else "the compiler gives a wrong result: run `make setup` for the tested versions"
    return Finding("a compiled computation", f"{total:.0f} in {seconds:.2f} s", remedy)


def _memory() -> Finding:
    free = platform.free_memory()
    remedy = "" if free > 2e9 else "close other programs: the course's notebooks take up to 2 GB each"
    return Finding("free memory", f"{free / 1e9:.1f} GB", remedy)


def _cache() -> Finding:
    """Compiled programs are kept on disk, so that the second run of a notebook does not wait for the compiler."""
    folder = jax.config.jax_compilation_cache_dir
    if folder is None or not jax.config.jax_enable_compilation_cache:
        return Finding("compile cache", "off", "set JAX_COMPILATION_CACHE_DIR to a folder you can write to")
    remedy = "cannot be written: set JAX_COMPILATION_CACHE_DIR to a folder that can"
    return Finding("compile cache", _short(folder), "" if platform.can_write(Path(folder)) else remedy)


def _folder() -> Finding:
    """Runs are written into the folder that one works in."""
    try:
        with tempfile.TemporaryFile(dir=".") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        mend = "work in another, or read docs/troubleshooting.md on locks"
        return Finding("this folder", _short(Path.cwd()), f"cannot hold runs ({error.strerror}): {mend}")
    return Finding("this folder", "can be written, and has locks")


def _variables() -> Iterator[Finding]:
    """A row for every variable that stops the kit or changes what it does, results first."""
    for name, (asked, rule) in platform.refused.items():
        yield Finding(name, asked or "empty", rule)
    for name, asked in platform.overruled.items():
        works = f"crlkit works with {platform.PINNED[name]!r} whatever it says, in this whole process: unset it"
        yield Finding(name.upper(), str(asked), works)
    noted = "may change numbers, and is noted in every run's provenance: unset it unless you mean it"
    remedies = dict.fromkeys(platform.switches(), noted)
    if platform.missing_gl:
        remedies["MUJOCO_GL"] = f"no such backend here ({platform.missing_gl}): films fail; unset it"
    remedies["CRLKIT_PRESET"] = "every notebook runs at this size; unset it and restart the kernel for the real one"
    yield from (Finding(name, os.environ[name], remedy) for name, remedy in remedies.items() if os.environ.get(name))
