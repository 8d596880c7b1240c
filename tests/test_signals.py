"""Two signals end the program, whatever it is doing; one is a request."""

import json
import signal
import subprocess
import sys

import pytest

# A mutex locked twice: the main thread never comes back to Python, as in a compiler or a device that is stuck.
DEAF = """
import ctypes, sys, crlkit
from crlkit import cli, loop, signals
signals.GRACE_SECONDS = 0.1

def deaf(*_):
    libc, mutex = ctypes.CDLL(None), ctypes.create_string_buffer(128)
    libc.pthread_mutex_lock(mutex)
    print("deaf", flush=True)
    libc.pthread_mutex_lock(mutex)

loop.Trainer._fresh = deaf
loop.evaluate = deaf
"""
TRAIN = "crlkit.train(crlkit.Config(preset='smoke', depth=4, out=sys.argv[1]))"
PROGRAM = "sys.argv[1:] = ['train', '--preset', 'smoke', '--depth', '4', '--out', sys.argv[1]]; cli.main()"
OTHER_VERB = "sys.argv[1:] = ['evaluate', sys.argv[1]]; cli.main()"


def start(tmp_path, script: str) -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", DEAF + script, str(tmp_path / "run")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "deaf\n", process.stderr.read()
    return process


@pytest.mark.skipif(sys.platform != "linux", reason="locks a mutex of the C library by its size on Linux")
@pytest.mark.parametrize("script", [TRAIN, PROGRAM, OTHER_VERB])
def test_two_signals_end_a_program_that_cannot_hear_them(tmp_path, script):
    process = start(tmp_path, script)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)  # two different ones are never merged into one
    try:
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    if script == OTHER_VERB:
        assert process.returncode in (-signal.SIGTERM, 128 + signal.SIGTERM)
        return
    assert process.returncode in (128 + signal.SIGTERM, 128 + signal.SIGINT) and "crlkit: interrupted" in errors
    assert json.loads((tmp_path / "run/provenance.json").read_text())["status"] == "interrupted"


def test_a_second_ctrl_c_while_compiling_is_an_interruption_and_not_a_failure(tmp_path):
    script = f"""
import os, signal, sys, crlkit
from crlkit import cli, loop

def compiling(self):
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGINT)

loop.Trainer._fresh = compiling
{PROGRAM.replace("cli.main()", "cli.main(sys.argv[1:])")}
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "run")], capture_output=True, text=True)
    assert done.returncode == 130 and "Traceback" not in done.stderr
    assert "crlkit: interrupted" in done.stderr.splitlines()
    made = json.loads((tmp_path / "run/provenance.json").read_text())
    assert made["status"] == "interrupted" and "error" not in made
