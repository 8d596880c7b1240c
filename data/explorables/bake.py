"""What the explorables show, computed once: `python data/explorables/bake.py` writes the files beside it."""

import itertools
from pathlib import Path

import jax
import numpy as np

import crlkit
from crlkit import evidence, replay
from crlkit.agents.trained import TrainedAgent, untrained
from crlkit.analysis.gradients import gradient_norms, residual_norms
from crlkit.analysis.q_maps import critic_map
from crlkit.config import DEPTHS, Config
from crlkit.explore import MAZE, PLACES, SEED, SUITE, SWITCHES, TRIO
from crlkit.figures import recorded
from crlkit.suites import FIRST_SEED
from crlkit.training import random_walks


def maps_and_paths(agent: TrainedAgent, goals) -> dict[str, np.ndarray]:
    """For each of `goals`, cells: `maps` `[goals, rows * 4, columns * 4]`, `paths` from the middle of the start cell
    `[goals, length + 1, 2]` in cells, and after how many `steps` they first reach the goal `[goals]`, -1 for never."""
    env, wanted = agent.env, np.float32(agent.env.maze.position(goals))
    states = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), len(goals)))
    middle = np.zeros_like(wanted) + np.float32(env.maze.position(env.maze.start))
    states, step, places = states._replace(state=middle, goal=wanted), jax.jit(jax.vmap(env.step)), [middle]
    for _ in range(agent.config.episode_length):
        states = step(states, agent.act(states.state, states.goal))
        places.append(np.asarray(states.state))
    walked = np.stack(places, axis=1)
    near = np.linalg.norm(walked - wanted[:, None], axis=-1) < env.threshold
    return {
        "maps": np.stack([critic_map(agent, goal, PLACES).values for goal in goals]).astype(np.float16),
        "paths": ((walked - np.asarray(env.maze.origin)) / env.maze.cell_size).astype(np.float16),
        "steps": np.where(near.any(axis=1), near.argmax(axis=1), -1).astype(np.int8),
    }


def stacked(parts: list[dict]) -> dict[str, np.ndarray]:
    return {name: np.stack([part[name] for part in parts]) for name in parts[0]}


def again(config: Config, far: list) -> dict[str, np.ndarray]:
    """`maps_and_paths` at 25 moments of a training, by moment; `updates` and `success` of each."""
    moments = []

    def watch(run):
        if run.rows[-1]["updates"] % (config.evaluations // 25 * config.updates_per_unroll) == 0:
            scores = {name: run.rows[-1][name] for name in ("updates", "success")}
            moments.append(maps_and_paths(run.agents[0], far) | scores)

    crlkit.train(config.replace(seeds=1), callback=watch, progress=False)
    return stacked(moments)


def lights_out(data: Path) -> dict[str, np.ndarray]:
    """The cell that critics rate highest, of every depth at its better learning rate, `[depths, seeds, boards]`."""
    rows = evidence.rows(data, "boards", "boards_rates").query(f"seed >= {FIRST_SEED}")
    last = rows[rows.updates == rows.updates.max()].groupby(["depth", "run"]).solved_5.mean()
    names, press = last.groupby("depth").idxmax().str[1], []
    for name in names:
        agents = crlkit.open_run(next(Path("runs/sweeps").glob(f"boards*/{name}"))).agents
        boards = agents[0].env.every_board
        press.append([agent.act(boards, -np.ones_like(boards)).argmax(axis=-1) for agent in agents])
    seeds = np.array([agent.seed for agent in agents])
    return dict(press=np.uint8(press), depths=names.index.to_numpy(), seeds=seeds, runs=np.array(list(names)))


def walks() -> replay.Buffer:
    return jax.jit(random_walks, static_argnums=(0, 2, 3))(crlkit.envs.make(MAZE), jax.random.key(0), 256, 64)


def dial(*switches) -> dict[str, np.ndarray]:
    """Of fresh critics, blocks of all depths in a row: log10 `gradient` and `stream`; by depth `saturation`, `loss`."""
    row = {name: [] for name in ("gradient", "stream", "saturation", "loss")}
    residual, norm, head, activation = switches
    for depth in DEPTHS:
        chosen = dict(residual=residual, norm=norm, activation=activation, actor_head=head, critic_head=head)
        config = Config(MAZE, depth=depth, **chosen)
        agent = untrained(config, SEED)
        batch = replay.sample(walks(), jax.random.key(1), config.batch_size, config.discount)
        inputs = np.concatenate([batch.state, batch.action], axis=-1)
        row["gradient"] += list(np.log10(gradient_norms(config, agent.critic, batch)))
        row["stream"] += list(np.log10(residual_norms(config, agent.critic["state_action"], inputs).output))
        row["saturation"].append(np.abs(agent.act(batch.state, batch.goal)).mean())
        row["loss"].append(crlkit.losses.LOSSES[config.loss](agent.energy(batch.state, batch.action, batch.goal)))
    return {name: np.array(values, np.float16) for name, values in row.items()}


if __name__ == "__main__":
    data = evidence.find_data()
    runs, maze = recorded.runs(data, SUITE, MAZE), crlkit.envs.make(f"{MAZE}_eval").maze
    cells = [cell for cell in maze.free_cells if cell != maze.start]
    far = sorted(maze.goals, key=lambda cell: maze.distance(maze.start, cell))
    agents = [recorded.load(recorded.weights(data, runs[depth])) for depth in TRIO]
    training = stacked([again(evidence.config(data, runs[depth]), far) for depth in TRIO])
    training |= {"goals": np.array(far), "updates": training["updates"][0], "maps": training["maps"][:, :, -1]}
    walked = np.asarray(maze.cell(walks().state))  # [64, 256, 2]
    busiest = np.argmax([len(np.unique(walk, axis=0)) for walk in walked.swapaxes(0, 1)])
    path = (walks().state[:, busiest] - np.asarray(maze.origin)) / maze.cell_size
    made = {
        "goal": stacked([maps_and_paths(agent, cells) for agent in agents]) | {"goals": np.array(cells)},
        "training": training,
        "lights_out": lights_out(data),
        "hindsight": {"path": np.float16(path)},
        "dial": stacked([dial(*switches) for switches in itertools.product(*SWITCHES.values())]),
    }
    for name, arrays in made.items():
        np.savez_compressed(data / "explorables" / f"{name}.npz", **arrays)
