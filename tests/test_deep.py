"""A thousand layers on a laptop: memory, and a loss that falls. Each in a process of its own, for its peak memory."""

import json
import os
import subprocess
import sys

import pytest

LEARN = """
import json, crlkit
from crlkit.platform import peak_memory_mb
config = crlkit.Config(depth=1024, width=32, updates_per_unroll=10, env_steps=5 * 4096, evaluations=4, eval_episodes=4)
run = crlkit.train(config)
print(json.dumps([run.metrics.critic_loss.tolist(), peak_memory_mb() / 1024]))
"""
WIDE = """
import json, jax, numpy, crlkit
from crlkit.platform import peak_memory_mb
from crlkit.seeds import SeedGroups
from crlkit.training import make_training
config = crlkit.Config(depth=1024, width=256, batch_size=256, num_envs=8)
seeds, training = SeedGroups(0, 1), make_training(config)
groups = seeds.compile(training.init, seeds.seeds)(seeds.seeds)
groups = seeds.compile(training.collect, groups, donate=True)(groups)
groups = seeds.compile(training.update, groups, numpy.int32(1), donate=True)(groups, numpy.int32(1))
(state,) = jax.block_until_ready(groups)
assert state.agent.updates == 1 and numpy.isfinite(state.log.mean["critic_loss"])
parameters = sum(x.size for x in jax.tree.leaves((state.agent.actor, state.agent.critic)))
print(json.dumps([parameters / 1e6, peak_memory_mb() / 1024]))
"""


def run(script: str):
    fast = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}  # `make test` asks for slow code
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=fast)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_depth_1024_learns_in_under_3_gigabytes():
    loss, gigabytes = run(LEARN)
    assert loss[0] > loss[1] > loss[2] > loss[3]
    assert gigabytes < 3


@pytest.mark.slow
def test_depth_1024_width_256_takes_a_step_in_under_6_gigabytes():
    parameters, gigabytes = run(WIDE)
    assert parameters == pytest.approx(203.7, abs=0.5)  # millions, actor and critic; the point's inputs are few
    assert gigabytes < 6
