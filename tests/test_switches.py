"""What the process's environment can turn: it changes no number, or one line says so; and the self-check shows it."""

import contextlib
import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

import crlkit
from crlkit import bench, demo, environment, platform, runs
from crlkit.cli import main

RUN = "crlkit.train(crlkit.Config(preset='smoke', depth=4, env='point_u_maze', seed=3))"
TELL = f"""
import json, crlkit
from crlkit import environment
run = {RUN}
metrics = run.metrics.drop(columns=["seconds", "cpu_seconds", "compile_seconds"]).to_dict("list")
print(json.dumps([metrics, [list(finding) for finding in environment.check()], run.provenance]))
"""
PINNED = {
    "JAX_ENABLE_X64": "1",
    "JAX_DEFAULT_PRNG_IMPL": "rbg",
    "JAX_THREEFRY_PARTITIONABLE": "0",
    "JAX_RANDOM_SEED_OFFSET": "7",
    "JAX_NUMPY_DTYPE_PROMOTION": "strict",
    "JAX_NUMPY_RANK_PROMOTION": "raise",
    "JAX_TRANSFER_GUARD": "disallow",
    "JAX_TRANSFER_GUARD_HOST_TO_DEVICE": "disallow",
    "JAX_DISABLE_JIT": "1",
}


def process(script: str, drop: tuple[str, ...] = (), **variables: str) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if name not in (*drop, "CRLKIT_PRESET")}
    return subprocess.run([sys.executable, "-c", script], env=kept | variables, capture_output=True, text=True)


def line_of(done: subprocess.CompletedProcess) -> str:
    """The one line with which the command line ended."""
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    return [line for line in done.stderr.splitlines() if line.startswith("crlkit: ")][-1]


@pytest.mark.slow
def test_no_switch_of_jax_changes_a_number_and_each_has_its_row():
    plain, turned = process(TELL), process(TELL, **PINNED, JAX_DEFAULT_MATMUL_PRECISION="float32")
    assert turned.returncode == 0, turned.stderr
    (numbers, _, before), (again, rows, after) = json.loads(plain.stdout), json.loads(turned.stdout)
    assert again == numbers
    told = {what: remedy for what, _, remedy in rows if remedy}
    assert set(PINNED) <= set(told) and all("unset it" in told[name] for name in PINNED)
    assert "may change numbers" in told["JAX_DEFAULT_MATMUL_PRECISION"]  # that one is the user's to choose
    assert "JAX_DEFAULT_MATMUL_PRECISION=float32" in after["switches"] and after["switches"] != before["switches"]


def test_a_switch_turned_after_the_import_is_set_again_before_training(smoke):
    numbers = crlkit.train(smoke(env="point_u_maze")).metrics.critic_loss
    try:
        jax.config.update("jax_threefry_partitionable", False)
        jax.config.update("jax_default_prng_impl", "rbg")
        assert crlkit.train(smoke(env="point_u_maze")).metrics.critic_loss.equals(numbers)
        assert [row.what for row in environment.check() if row.what == "JAX_DEFAULT_PRNG_IMPL"]
    finally:
        platform.overruled.clear()


def test_resume_says_what_changed(smoke, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XLA_FLAGS", "--before")
    runs.create(smoke(out=str(tmp_path / "run"))).release()
    monkeypatch.setenv("XLA_FLAGS", "--after")
    monkeypatch.setattr(platform, "version", lambda name: "0.0" if name == "flax" else "same")
    runs.reopen(tmp_path / "run").release()
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "numbers may differ" in said
    assert "switches, versions; see its provenance.json" in said


def test_a_backend_that_is_not_there_is_one_line_and_a_row():
    for name in ("cuda", "nonsense"):
        done = process("from crlkit import cli; cli.main(['train', '--preset', 'smoke'])", JAX_PLATFORMS=name)
        assert f"JAX_PLATFORMS '{name}': JAX has no such device here; nearest: unset it" in line_of(done)
    done = process("from crlkit import environment as e; print(e.advice(e.check()))", JAX_PLATFORMS="cuda")
    assert "PROBLEM device (UserError): JAX_PLATFORMS 'cuda'" in done.stdout, done.stderr


def test_a_user_without_a_home_goes_without_a_cache_and_is_told_once():
    nobody = "import pwd\ndef getpwuid(uid): raise KeyError(uid)\npwd.getpwuid = getpwuid\n"
    script = nobody + "import crlkit\nfrom crlkit import environment as e\nprint(e.advice(e.check()))"
    done = process(script, drop=("HOME", "XDG_CACHE_HOME", "JAX_COMPILATION_CACHE_DIR"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("cannot be written, programs are compiled anew") == 1
    assert "PROBLEM compile cache (off)" in done.stdout


def test_a_home_that_cannot_be_written_is_told_once():
    done = process("import crlkit", drop=("JAX_COMPILATION_CACHE_DIR",), XDG_CACHE_HOME="/dev/null/cache")
    assert done.returncode == 0 and done.stderr.count("\n") == 1 and "cannot be written" in done.stderr


def test_windows_is_refused_at_import_in_one_line():
    done = process("import sys; sys.platform = 'win32'; import crlkit")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: crlkit: runs on Linux, on macOS and in WSL")


def no_locks(*_):
    raise OSError(errno.ENOLCK, "No locks available")


def test_a_file_system_without_locks_is_one_line_with_a_way_on(smoke, tmp_path, monkeypatch):
    monkeypatch.setattr(runs.fcntl, "flock", no_locks)
    with pytest.raises(crlkit.UserError, match=r"cannot be locked \(No locks available\); nearest: a folder"):
        crlkit.train(smoke(out=str(tmp_path / "run")))


def test_a_refused_run_leaves_a_folder_in_which_one_can_begin(smoke, tmp_path, monkeypatch):
    with monkeypatch.context() as patch, contextlib.suppress(crlkit.UserError):
        patch.setattr(runs.fcntl, "flock", no_locks)
        runs.create(smoke(out=str(tmp_path / "run")))
    runs.create(smoke(out=str(tmp_path / "run"))).release()


def test_a_run_of_somebody_else_is_one_line_with_a_way_on(smoke, tmp_path, monkeypatch):
    runs.create(smoke(out=str(tmp_path / "run"))).release()

    def foreign(file, mode="r"):
        if "a" in mode:
            raise PermissionError(errno.EACCES, "Permission denied")
        return open(file, mode)

    monkeypatch.setattr(runs, "open", foreign, raising=False)
    with pytest.raises(
        crlkit.UserError, match="belongs to .*, you may read it only; nearest: cp -r .* crlkit resume mine"
    ):
        crlkit.resume(tmp_path / "run")

    def secret(path, *_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(runs.Path, "read_text", secret)
    with pytest.raises(crlkit.UserError, match="belongs to .*, you may not read it; nearest: ask"):
        crlkit.evaluate(str(tmp_path / "run"))


def test_a_folder_inside_a_run_names_the_run(smoke, tmp_path):
    runs.create(smoke(out=str(tmp_path / "run"))).release()
    (tmp_path / "run/checkpoints/24").mkdir(parents=True)
    for inside in ("checkpoints", "checkpoints/24"):
        with pytest.raises(crlkit.UserError, match=f"a folder inside a run.*; nearest: {tmp_path}/run$"):
            crlkit.evaluate(str(tmp_path / "run" / inside))


def test_an_environment_of_ones_own_is_one_line():
    class Mine:
        pass

    for wrong in (Mine, Mine(), "my_env"):
        with pytest.raises(crlkit.UserError, match="no such environment; nearest: .*crlkit envs"):
            crlkit.Config(env=wrong)


def test_the_self_check_never_raises(monkeypatch, capsys):
    def broken(*_):
        raise ValueError("first line\nsecond line")

    for name in ("_packages", "_device", "_room", "_variables"):
        monkeypatch.setattr(environment, name, broken)
    broken.__name__ = "_broken"
    rows = environment.check()
    assert sum(row.remedy == "first line" for row in rows) == 4
    with pytest.raises(SystemExit) as stop:
        main(["check"])
    assert stop.value.code == 1 and "PROBLEM broken (ValueError): first line" in capsys.readouterr().out


def test_the_kits_own_processes_are_not_forked_from_a_jax_that_runs(monkeypatch):
    """A fork of a process with threads may hang; nobody's program is kept from it, which docs/troubleshooting.md
    says."""
    methods = []

    def pool(workers, mp_context, **_):
        methods.append(mp_context.get_start_method())
        raise InterruptedError

    monkeypatch.setenv("JAX_NUM_CPU_DEVICES", "1")  # as the demo sets it itself, and leaves it
    for module, start in ((bench, lambda: bench.bench((4,), 8, "point_u_maze", 8)), (demo, demo.demo)):
        monkeypatch.setattr(module, "ProcessPoolExecutor", pool)
        with pytest.raises(InterruptedError):
            start()
    assert methods == ["spawn", "spawn"]


def test_the_page_for_trouble_names_every_switch_and_what_is_only_advice():
    page = (Path(__file__).parents[1] / "docs/troubleshooting.md").read_text()
    for name in (*PINNED, "JAX_NUM_CPU_DEVICES", "JAX_PLATFORMS", "XLA_FLAGS", "MUJOCO_GL", "CRLKIT_PRESET"):
        assert any(f"`{start}" in page for start in (name, name.partition("_HOST_TO")[0])), name
    assert 'get_context("spawn")' in page and "fsync of every file and folder; 0.1 to 0.15 s" in page
