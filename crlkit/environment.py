"""Is this machine ready for the course? One finding a row, and for every problem the way out."""

import fcntl
import os
import sys
import tempfile
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
from crlkit.errors import first_line


class Finding(NamedTuple):
    """remedy: what to do about it, in one line; empty where all is well."""

    what: str
    found: str
    remedy: str = ""


def check() -> list[Finding]:
    """A row for everything that may be wrong here; changes nothing, and never raises. Takes seconds."""
    seen = []
    for look in (_python, _packages, _device, _computation, _memory, _cache, _folder, _variables):
        try:
            seen += look()
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


def _python() -> Iterator[Finding]:
    needed, found = metadata.metadata("crlkit")["Requires-Python"], sys.version.split()[0]
    fine = SpecifierSet(needed).contains(found, prereleases=True)
    yield Finding("Python", found, "" if fine else f"crlkit needs {needed}; name one: make PYTHON=python3.12 setup")


def _packages() -> Iterator[Finding]:
    for package in map(Requirement, [*metadata.requires("crlkit"), "jupyterlab-widgets>=3"]):
        if package.marker is None or package.marker.evaluate({"extra": "notebooks"}):
            found = platform.version(package.name) or "missing"
            fine = found != "missing" and package.specifier.contains(found, prereleases=True)
            remedy = f"needs {package.specifier}: run `make setup` in the kit's folder, then restart the kernel"
            yield Finding(package.name, found, "" if fine else remedy)


def _device() -> Iterator[Finding]:
    device, *others = platform.devices()
    name = platform.processor() if device.platform == "cpu" else device.device_kind
    idle = device.platform == "cpu" and which("nvidia-smi")
    remedy = "JAX does not see the NVIDIA GPU: pip install -e '.[cuda]' in the kit's folder, or go on without it"
    yield Finding("device", f"{device.platform} x {1 + len(others)}: {name}", remedy if idle else "")


def _computation() -> Iterator[Finding]:
    platform.devices()  # raises in one line what JAX would say in pages
    total = float(jax.jit(lambda x: jnp.sum(x @ x))(jnp.ones((64, 64))))
    remedy = "the compiler gives a wrong result: run `make setup` for the tested versions"
    yield Finding("a compiled computation", f"{total:.0f}", "" if total == 64.0**3 else remedy)


def _memory() -> Iterator[Finding]:
    free = platform.free_memory()
    remedy = "" if free > 2e9 else "close other programs: the course's notebooks take up to 2 GB each"
    yield Finding("free memory", f"{free / 1e9:.1f} GB", remedy)


def _cache() -> Iterator[Finding]:
    folder = jax.config.jax_compilation_cache_dir if jax.config.jax_enable_compilation_cache else None
    fine = folder and platform.can_write(Path(folder))
    yield Finding(
        "compile cache", folder or "off", "" if fine else "set JAX_COMPILATION_CACHE_DIR to a folder you can write to"
    )


def _folder() -> Iterator[Finding]:
    """Runs are written into the folder that one works in."""
    try:
        with tempfile.TemporaryFile(dir=".") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        remedy = f"cannot hold runs ({error.strerror}): work in another, or read docs/troubleshooting.md on locks"
        yield Finding("this folder", str(Path.cwd()), remedy)
    else:
        yield Finding("this folder", "can be written, and has locks")


def _variables() -> Iterator[Finding]:
    """A row for every variable that changes what the kit does."""
    for name, asked in platform.overruled.items():
        yield Finding(name.upper(), str(asked), f"crlkit works with {platform.PINNED[name]!r} in any case: unset it")
    noted = "may change numbers, and is noted in every run's provenance: unset it unless you mean it"
    remedies = dict.fromkeys(platform.switches(), noted)
    remedies["CRLKIT_PRESET"] = "every notebook runs at this size; unset it and restart the kernel for the real one"
    yield from (Finding(name, os.environ[name], remedy) for name, remedy in remedies.items() if os.environ.get(name))
