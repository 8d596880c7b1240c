"""An agent and a block from files outside the package: checked, trained, resumed, scored, swept and kept like ours."""

import runpy
from pathlib import Path

import jax
import numpy as np
import pytest

import crlkit
from crlkit import sweep, weights
from crlkit.agents.trained import untrained
from crlkit.networks import residual_stack

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(autouse=True, scope="module")
def registered():
    for name in ("own_agent", "own_block", "prenorm_block"):
        runpy.run_path(str(EXAMPLES / f"{name}.py"))


@pytest.mark.parametrize("name", ["own_agent", "own_block", "prenorm_block"])
def test_an_example_is_forty_lines_of_code(name):
    assert len([line for line in (EXAMPLES / f"{name}.py").read_text().splitlines() if line.strip()]) <= 40


def test_an_agent_of_one_s_own_goes_the_whole_way(smoke, tmp_path):
    config = smoke(agent="planner", agent_options="noise=0.25", env="point_u_maze", out=str(tmp_path / "run"))
    run = crlkit.train(config)
    assert "model_loss" in run.metrics and "critic_loss" not in run.metrics and run.agents[0].critic == {}
    again = crlkit.open_run(tmp_path / "run")
    assert again.config == config and again.config.agent_option("noise") == 0.25
    assert len(crlkit.evaluate(again)) == 1
    played = weights.load_agent(weights.export(again)).rollout(episodes=2)
    assert np.array_equal(played["action"], again.agents[0].rollout(episodes=2)["action"])
    film = crlkit.render(again, out=str(tmp_path / "film.gif"), steps=4, size=(120, 120))
    assert film is not None and (tmp_path / "film.gif").stat().st_size > 1000
    assert sweep.guess_seconds(config) > 0 and sweep.name_of(config) != sweep.name_of(
        config.replace(agent="crl", agent_options="")
    )


def test_an_agent_of_one_s_own_goes_on_where_it_stopped(smoke, tmp_path):
    options = dict(agent="planner", env="point_u_maze", env_steps=128 * 9, evaluations=4)
    with pytest.raises(KeyboardInterrupt):
        crlkit.train(smoke(**options, checkpoint_seconds=0.0, out=str(tmp_path / "run")), callback=interrupt)
    resumed, alone = crlkit.resume(tmp_path / "run"), crlkit.train(smoke(**options))
    jax.tree.map(np.testing.assert_array_equal, resumed.agents[0].actor, alone.agents[0].actor)


def interrupt(run):
    raise KeyboardInterrupt


def test_what_it_cannot_do_is_one_line(smoke):
    with pytest.raises(crlkit.UserError, match="agent 'planner': has no energy; nearest: crl"):
        untrained(smoke(agent="planner")).energy(np.zeros((1, 2)), np.zeros((1, 2)), np.zeros((1, 2)))
    with pytest.raises(crlkit.UserError, match="agent planner has no critic to train alone"):
        smoke(agent="planner", data="walks", num_envs=64)
    for wrong in ("niose=1", "noise=much"):
        mend = f"'{wrong}': must be name=number, of agent planner; nearest: tries=32,noise=0.3"
        with pytest.raises(crlkit.UserError, match=mend):
            smoke(agent="planner", agent_options=wrong)
    with pytest.raises(crlkit.UserError, match="agent 'plannr': must be one of .*nearest: planner"):
        smoke(agent="plannr")


def test_a_block_of_one_s_own_is_what_the_stack_repeats(smoke):
    """One block by hand: x + gate F(x), F as the paper's block has it; a fresh one is the identity."""
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    own, ours = (residual_stack(3, 2, 4, 8, block=block, residual=False) for block in ("rezero", "residual"))
    params = own.init(jax.random.key(0))
    np.testing.assert_array_equal(*own.taps(params, x))
    params["blocks"]["gate"] = np.full(1, 0.3, np.float32)
    first, after = own.taps(params, x)
    plain = {**params, "blocks": {"layers": params["blocks"]["layers"]}}
    inner = ours.taps(plain, x)[1]  # F(x), without the identity
    np.testing.assert_allclose(after, first + 0.3 * inner, rtol=1e-5, atol=1e-6)
    run = crlkit.train(smoke(block="rezero", depth=8))
    assert run.agents[0].actor["blocks"]["gate"].shape == (2,)
    assert np.isfinite(run.metrics.critic_loss).all()


def test_a_name_belongs_to_who_took_it_first():
    with pytest.raises(crlkit.UserError, match="block 'residual'"):
        crlkit.register_block("residual", object)
    with pytest.raises(crlkit.UserError, match="block 'my block'.*nearest: my_block"):
        crlkit.register_block("my block", object)


@pytest.mark.parametrize("kind", ["norm", "activation", "energy", "loss"])
def test_parts_are_registered_by_one_call(kind, smoke):
    """Each a known one under another name: the same numbers under the new name."""
    from crlkit.config import CHOICES

    usual = {"norm": "rms", "activation": "relu", "energy": "dot", "loss": "backward"}[kind]
    getattr(crlkit, f"register_{kind}")(f"own_{kind}", CHOICES[kind][usual])
    ours, own = (crlkit.train(smoke(**{kind: name})) for name in (usual, f"own_{kind}"))
    assert ours.metrics.critic_loss.equals(own.metrics.critic_loss)


def test_the_prenorm_block_by_hand():
    """x + F(norm(x)): the norm once, before four Dense with a swish between each two."""
    rng = np.random.default_rng(3)
    x, stack = rng.normal(size=(6, 5)).astype(np.float32), residual_stack(5, 3, 4, 8, block="prenorm")
    params = jax.tree.map(lambda p: rng.normal(size=p.shape).astype(np.float32), stack.init(jax.random.key(1)))
    before, after = np.asarray(stack.taps(params, x))
    block = jax.tree.map(lambda p: np.asarray(p[0]), params["blocks"])
    y = (before - before.mean(-1, keepdims=True)) / np.sqrt(before.var(-1, keepdims=True) + 1e-6)
    y = y * block["norm"]["scale"] + block["norm"]["bias"]
    for i in range(4):
        y = (y / (1 + np.exp(-y)) if i else y) @ block["dense"][i]["kernel"] + block["dense"][i]["bias"]
    assert np.abs(y).max() > 0.1
    np.testing.assert_allclose(after, before + y, rtol=1e-4, atol=1e-4)
