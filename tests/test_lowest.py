"""The lower bounds in pyproject.toml: every dependency has one, .ci/lowest tests exactly these, the lock file respects them."""

import runpy
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NEEDED = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["notebooks"]
EVERY = PROJECT["dependencies"] + sum(PROJECT["optional-dependencies"].values(), [])


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / ".ci/lowest.py"))


def bounds(lines: list[str]) -> dict[str, str]:
    """Lower bound by name."""
    return {
        wanted.name: specifier.version
        for wanted in map(Requirement, lines)
        for specifier in wanted.specifier
        if specifier.operator == ">="
    }


def test_every_dependency_has_one_lower_bound():
    for line in EVERY:
        assert [specifier.operator for specifier in Requirement(line).specifier] == [">="], line
    for line in EVERY:  # jax is asked for twice, once for the GPU
        assert bounds([line]).items() <= bounds(EVERY).items(), line


def test_the_script_installs_exactly_the_lower_bounds(script):
    pinned = [Requirement(line) for line in script["lowest"]()]
    assert {(one.name, str(one.specifier)) for one in pinned} == {(n, f"=={v}") for n, v in bounds(NEEDED).items()}
    assert len(pinned) == len(NEEDED)
    assert script["tools"]() == PROJECT["optional-dependencies"]["dev"]


@pytest.mark.parametrize("line", ["numpy", "numpy<3", "numpy>=2,<3", "numpy==2.1", "numpy~=2.1"])
def test_a_dependency_without_a_plain_lower_bound_stops_the_script(script, tmp_path, line):
    changed = tmp_path / "pyproject.toml"
    changed.write_text(
        (ROOT / "pyproject.toml").read_text().replace(f'"numpy>={bounds(NEEDED)["numpy"]}"', f'"{line}"')
    )
    with pytest.raises(SystemExit, match=f"'{line}': must be a name and a lowest version; nearest: numpy"):
        script["lowest"](changed)


def test_the_lock_file_respects_every_bound():
    files = [ROOT / "requirements.lock", ROOT / "docs/site/requirements.lock"]
    lines = [line for file in files for line in file.read_text().splitlines()]
    locked = [Requirement(line) for line in lines if line[:1].isalnum()]
    versions = {one.name.lower().replace("_", "-"): [] for one in locked}
    for one in locked:
        (exact,) = one.specifier
        assert exact.operator == "==", one
        versions[one.name.lower().replace("_", "-")].append(exact.version)
    extras = PROJECT["optional-dependencies"]
    for wanted in map(Requirement, NEEDED + extras["dev"] + extras["site"]):
        assert versions.get(wanted.name), f"{wanted.name} is not locked"
        assert all(wanted.specifier.contains(version) for version in versions[wanted.name]), wanted
