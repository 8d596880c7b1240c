"""`make` in a folder that was moved or copied after `make setup`; JupyterLab's flags."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"


@pytest.fixture
def kit(tmp_path):
    """A folder with spaces, in which `make setup` has been."""
    folder = tmp_path / "a kit"
    (folder / ".venv").mkdir(parents=True)
    shutil.copy(MAKEFILE, folder)
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).touch()
    (folder / ".venv/pyvenv.cfg").write_text(
        f"home = /usr/bin\ncommand = /usr/bin/python3 -m venv --clear {folder}/.venv\n"
    )
    (folder / ".venv/ready").touch()
    return folder


def would_run(folder: Path, *words: str) -> str:
    done = subprocess.run(["make", "-n", *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
def test_an_environment_is_made_anew_where_its_folder_was_moved_or_copied(kit):
    assert "venv --clear" not in would_run(kit, "setup")
    copied = shutil.copytree(kit, kit.with_name("copy"), copy_function=shutil.copy2)
    assert "-m venv --clear .venv" in would_run(copied, "setup")
    moved = kit.rename(kit.with_name("moved"))
    assert "-m venv --clear .venv" in would_run(moved, "setup")
    (moved / ".venv/pyvenv.cfg").write_text("home = /usr/bin\n")  # of another tool, which does not say
    assert "venv --clear" not in would_run(moved, "setup")


@pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
def test_lab_takes_flags_and_starts_as_root(kit):
    line = would_run(kit, "lab", "ARGS=--ip 0.0.0.0")
    assert "--ip 0.0.0.0 notebooks" in line and ("--allow-root" in line) == (os.getuid() == 0)
