"""Will it fit? Asked before anything is compiled: a computer that runs out of memory stops answering, signals too."""

import os
import re
from contextlib import suppress
from pathlib import Path

from crlkit import envs, platform
from crlkit.agents import agent_shapes
from crlkit.config import Config
from crlkit.errors import UserError
from crlkit.networks import byte_count

GROUPS = {  # of processes, of version 2 and of version 1: where, the limit, and what is held
    "": ("sys/fs/cgroup", "memory.max", "memory.current"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}


def free(root: Path = Path("/")) -> int:
    """Bytes of main memory that this process can still get: of the machine, or of its container if that is less."""

    def number(file: Path, name: str) -> int:
        return int(re.search(rf"^{name}\D*(\d+)", file.read_text(), re.MULTILINE)[1])

    try:
        left = [1024 * number(root / "proc/meminfo", "MemAvailable")]
    except (OSError, TypeError):
        left = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]  # macOS tells no more than what there is
    with suppress(OSError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, kinds, path = line.split(":", 2)
            for top, limit, held in (GROUPS[kind] for kind in kinds.split(",") if kind in GROUPS):
                for group in (Path(path), *Path(path).parents):
                    folder = root / top / group.relative_to("/")
                    with suppress(OSError, TypeError):  # no such file, or the limit "max"
                        used = number(folder / held, "") - number(folder / "memory.stat", "inactive_file")
                        left.append(number(folder / limit, "") - used)  # which may let go of its files
    return max(0, min(left))


def check(config: Config) -> None:
    """Raises UserError, with the largest buffer that fits, if training `config` needs more memory than is free.

    Counts what grows with the config: for every seed the buffer, the networks with Adam's two moments, and what an
    update holds meanwhile (gradients, the activations that are not computed again, tables of batch x batch energies,
    measured on the compiled programs within a third). On a CPU the seeds share main memory, on accelerators each its
    part of one. A run with a directory holds its state a second time while a checkpoint is written and read back.
    """
    env, devices = envs.make(config.env), platform.devices()
    numbers = env.state_size + env.action_size + env.goal_size + 2
    step = 4 * config.num_envs * numbers  # the episode's number and last step are int32
    buffer = step * config.buffer_size
    agents = [config, *([config.of_collector()] if config.collector_depth else [])]
    nets = sum(byte_count(agent_shapes(agent)) for agent in agents)  # parameters and the optimisers' state
    layers = max(config.actor_depth, config.critic_depth, config.collector_depth or 0)
    update = nets // 3 + 4 * config.batch_size * (2 * layers * config.width + 12 * config.batch_size)
    played = 4 * config.episode_length * config.eval_episodes * (env.state_size + env.action_size)
    work = max(update, played, 2 * step * config.unroll_length)
    # Where, how much is free, and how many states and updates are there at once.
    if devices[0].platform == "cpu":
        places = [("", free(), (2 if config.out else 1) * config.seeds, min(config.seeds, len(devices)))]
    else:
        share, stats = -(-config.seeds // len(devices)), devices[0].memory_stats() or {}
        places = [("", free(), 2 * config.seeds if config.out else 0, 0)]
        if "bytes_limit" in stats:
            places.append((" on the device", stats["bytes_limit"] - stats["bytes_in_use"], share, share))
    for where, room, states, updates in places:
        needed = states * (buffer + nets) + updates * work
        if needed <= room:
            continue
        fits = int(room - states * nets - updates * work) // (states * step)
        nearest = "smaller networks and batches, or fewer seeds"
        if config.data == "walks" and fits > 0:
            nearest = f"--num-envs {config.num_envs * fits // config.buffer_size}"
        elif fits >= max(config.prefill, config.unroll_length):
            nearest = f"--buffer-size {fits}"
        twice = ", with the copy that a checkpoint is" if config.out and not where else ""
        raise UserError(
            f"buffer_size {config.buffer_size}: the run would take {needed / 1e9:.1f} GB{where} (its buffer "
            f"{states * buffer / 1e9:.1f}{twice}), {max(room, 0) / 1e9:.1f} GB are free; nearest: {nearest}"
        )
