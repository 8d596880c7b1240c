"""Exploration apart from expressivity: one agent fills the buffer, another learns from it."""

from functools import cache

import jax
import numpy as np
import pytest

from crlkit import Config, UserError, train
from crlkit.seeds import SeedGroups
from crlkit.training import make_training


def config(**options) -> Config:
    return Config(preset="smoke", env="point_u_maze", **options)


@cache
def trained(rounds: int = 3, **options):
    """The state of one seed after a few rounds of collection and updates."""
    seeds, training = SeedGroups(5, 1), make_training(config(**options))
    groups = seeds.compile(training.init, seeds.seeds)(seeds.seeds)
    collect = seeds.compile(training.collect, groups, donate=True)
    update = seeds.compile(training.update, groups, np.int32(1), donate=True)
    groups = collect(groups)
    for _ in range(rounds):
        groups = collect(update(groups, np.int32(4)))
    return jax.tree.map(np.asarray, groups[0])


def same(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))


def test_learners_of_any_depth_see_the_data_of_one_collector():
    shallow, deep = trained(depth=4, collector_depth=4), trained(depth=8, collector_depth=4)
    assert same(shallow.buffer, deep.buffer)
    assert same(shallow.collector, deep.collector)
    assert not same(shallow.buffer, trained(depth=4).buffer)  # which fills its own


def test_the_collector_learns_and_is_not_the_learner():
    state = trained(depth=4, collector_depth=4)
    fresh = jax.tree.map(np.asarray, jax.jit(make_training(config(depth=4, collector_depth=4)).init)(np.int32(5)))
    assert state.collector.updates == state.agent.updates == 12
    assert not same(state.collector.actor, fresh.collector.actor)
    assert not same(state.collector.critic, state.agent.critic)


def test_the_learner_is_the_one_that_is_scored_and_kept():
    run = train(config(depth=8, collector_depth=4))
    assert len(jax.tree.leaves(run.agents[0].actor["blocks"])[0]) == 2  # two blocks: depth 8


def test_bad_collectors_are_one_line():
    with pytest.raises(UserError, match="collector_depth 6: must be a multiple of 4.*nearest: 8"):
        config(collector_depth=6)
    with pytest.raises(UserError, match="on walks nobody collects"):
        config(collector_depth=4, data="walks", num_envs=64)
