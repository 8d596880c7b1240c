"""Is this machine ready for the course? One finding a row, and for every problem the way out."""

import os
import sys
from importlib import metadata
from pathlib import Path
from shutil import which
from typing import NamedTuple

import jax
import pandas as pd
from packaging.requirements import Requirement, SpecifierSet  # comes with matplotlib

from crlkit import platform
from crlkit.errors import first_line


class Finding(NamedTuple):
    what: str
    found: str
    remedy: str = ""  # what to do about it, in one line; empty where all is well


def check() -> list[Finding]:
    """A row for everything that may be wrong here; changes nothing, and never raises."""
    seen = []
    for look in (_packages, _device, _room, _variables):
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


def _packages() -> list[Finding]:
    rows = [_version("Python", SpecifierSet(metadata.metadata("crlkit")["Requires-Python"]), sys.version.split()[0])]
    for package in map(Requirement, [*metadata.requires("crlkit"), "jupyterlab-widgets>=3"]):
        if package.marker is None or package.marker.evaluate({"extra": "notebooks"}):
            rows.append(_version(package.name, package.specifier, platform.version(package.name)))
    return rows


def _version(name: str, needed: SpecifierSet, found: str | None) -> Finding:
    fine = found and needed.contains(found, prereleases=True)
    setup = "make PYTHON=python3.12 setup" if name == "Python" else "make setup"
    remedy = f"needs {needed}: run `{setup}` in the kit's folder, then restart the kernel"
    return Finding(name, found or "missing", "" if fine else remedy)


def _device() -> list[Finding]:
    device, *others = platform.devices()
    name = platform.processor() if device.platform == "cpu" else device.device_kind
    idle = device.platform == "cpu" and which("nvidia-smi")
    remedy = "JAX does not see the NVIDIA GPU: pip install -e '.[cuda]' in the kit's folder, or go on without it"
    return [Finding("device", f"{device.platform} x {1 + len(others)}: {name}", remedy if idle else "")]


def _room() -> list[Finding]:
    free, folder = platform.free_memory(), jax.config.jax_compilation_cache_dir
    close = "" if free > 2e9 else "close other programs: the course's notebooks take up to 2 GB each"
    kept = folder and jax.config.jax_enable_compilation_cache and platform.can_write(Path(folder))
    allow = "" if kept else "set JAX_COMPILATION_CACHE_DIR to a folder you can write to"
    return [Finding("free memory", f"{free / 1e9:.1f} GB", close), Finding("compile cache", folder or "off", allow)]


def _variables() -> list[Finding]:
    """A row for every variable that changes what the kit does."""
    pinned, own = "crlkit has its own value in any case: unset it", "every notebook runs at this size: unset it"
    rows = [Finding(name.upper(), str(asked), pinned) for name, asked in platform.overruled.items()]
    noted = "may change numbers, and is noted in every run's provenance: unset it unless you mean it"
    rows += [Finding(name, value, noted) for name, value in platform.switches().items()]
    size = os.environ.get("CRLKIT_PRESET")
    return [*rows, Finding("CRLKIT_PRESET", size, own)] if size else rows
