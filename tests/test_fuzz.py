"""Any config either trains a step or is refused in one line."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import crlkit
from crlkit.config import CHOICES

GOOD = {
    "env": st.sampled_from(["point_u_maze", "point_u4_maze_gen_1f3f", "lights_out_2x2"]),
    "data": st.sampled_from(["online", "online", "walks"]),
    "collector_depth": st.sampled_from([None, None, 4]),
    "depth": st.sampled_from([4, 8, 12]),
    "actor_depth": st.sampled_from([None, 4]),
    "width": st.integers(1, 9),
    "seeds": st.integers(1, 2),
    "batch_size": st.integers(2, 16),
    "embedding_size": st.integers(1, 5),
    "num_envs": st.integers(1, 4),
    "episode_length": st.integers(2, 9),
    "unroll_length": st.integers(1, 6),
    "buffer_size": st.integers(6, 20),
    "prefill": st.integers(2, 20),
    "discount": st.floats(0.01, 0.999),
    "residual": st.booleans(),
    "fixed_goals": st.booleans(),
    **{name: st.sampled_from(sorted(CHOICES[name])) for name in ("energy", "loss", "norm", "activation", "hindsight")},
}
BAD = st.sampled_from([None, 0, -1, 7, 10**10, 0.5, math.nan, math.inf, "l3", "", True, [], 2**31])


STEPS = 40 * 4 * 6
trained = []


def attempt(options: dict) -> None:
    """Trains the config that `options` make, unless they are refused in one line."""
    if options["data"] == "walks":
        options["updates"] = 3
    try:
        config = crlkit.Config(env_steps=STEPS, updates_per_unroll=1, evaluations=1, eval_episodes=2, **options)
    except crlkit.UserError as error:
        assert "\n" not in str(error) and "nearest" in str(error)
        return
    if config.rounds > 500 or max(config.width, config.batch_size, config.num_envs) > 64:
        return  # valid, and larger than a test: None takes the tutorial's sizes
    run = crlkit.train(config)
    assert run.status == "finished" and math.isfinite(run.metrics.critic_loss.iloc[-1])
    trained.append(config)


@pytest.mark.slow
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(options=st.fixed_dictionaries(GOOD))
def test_every_config_that_is_accepted_trains(options):
    attempt(options)


@pytest.mark.slow  # as the test that trains them
def test_that_many_different_ones_were_trained():
    assert len(trained) >= 3


@pytest.mark.slow
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(options=st.fixed_dictionaries(GOOD), spoil=st.sampled_from(list(GOOD)), bad=BAD)
def test_every_spoiled_config_is_refused_in_one_line_or_is_good(options, spoil, bad):
    try:
        crlkit.Config(env_steps=STEPS, updates_per_unroll=1, evaluations=1, eval_episodes=2, **options | {spoil: bad})
    except crlkit.UserError as error:
        assert "\n" not in str(error) and "nearest" in str(error)
