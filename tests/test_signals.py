"""The first signal is a request to stop, the second an interruption."""

import json
import subprocess
import sys

import pytest


@pytest.mark.parametrize("second", ["SIGINT", "SIGTERM"])
def test_a_second_signal_while_compiling_is_an_interruption_and_not_a_failure(tmp_path, second):
    script = f"""
import os, signal, sys, crlkit
from crlkit import cli, loop

def compiling(self):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.{second})

loop.Trainer._fresh = compiling
cli.main(['train', '--preset', 'smoke', '--depth', '4', '--out', sys.argv[1]])
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "run")], capture_output=True, text=True)
    assert done.returncode == 130 and "Traceback" not in done.stderr
    assert "crlkit: interrupted" in done.stderr.splitlines()
    made = json.loads((tmp_path / "run/provenance.json").read_text())
    assert made["status"] == "interrupted" and "error" not in made
