"""What the explorables show, computed once: `python -m crlkit.bake` writes `data/explorables/`.

goal.npz        the critic's map and the path for every goal cell of the big maze, from recorded weights
training.npz    the same for the far goals while three of these agents train again, seed for seed
lights_out.npz  the press that recorded critics of each depth rate highest, for every board, all lights out the goal
hindsight.npz   a random walk in the big maze
dial.npz        gradient and residual stream by block of fresh critics, by depth and switches
"""

import itertools
import sys
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

MOMENTS = 25  # of a training


def maps_and_paths(agent: TrainedAgent, goals) -> dict[str, np.ndarray]:
    """For each of `goals`, cells: `maps` `[goals, rows * 4, columns * 4]`, `paths` from the middle of the start cell
    `[goals, length + 1, 2]` in cells, and after how many `steps` they first reach the goal `[goals]`, -1 for never."""
    env, maze = agent.env, agent.env.maze
    wanted = np.float32(maze.position(goals))
    begin = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), len(goals)))
    states = begin._replace(state=np.broadcast_to(np.float32(maze.position(maze.start)), wanted.shape), goal=wanted)
    step, places = jax.jit(jax.vmap(env.step)), [np.asarray(states.state)]
    for _ in range(agent.config.episode_length):
        states = step(states, agent.act(states.state, states.goal))
        places.append(np.asarray(states.state))
    walked = np.stack(places, axis=1)  # [goals, length + 1, 2]
    near = np.linalg.norm(walked - wanted[:, None], axis=-1) < env.threshold
    return {
        "maps": np.stack([critic_map(agent, goal, PLACES).values for goal in goals]).astype(np.float16),
        "paths": ((walked - np.asarray(maze.origin)) / maze.cell_size).astype(np.float16),
        "steps": np.where(near.any(axis=1), near.argmax(axis=1), -1).astype(np.int8),
    }


def goal(data: Path) -> dict[str, np.ndarray]:
    """Arrays of `maps_and_paths` by depth `[depths, goals, ...]`; `goals` `[goals, 2]`."""
    runs = recorded.runs(data, SUITE, MAZE)
    agents = [recorded.load(recorded.weights(data, runs[depth])) for depth in TRIO]
    maze = agents[0].env.maze
    goals = [cell for cell in maze.free_cells if cell != maze.start]
    return {"goals": np.array(goals)} | _stacked([maps_and_paths(agent, goals) for agent in agents])


def _stacked(trees: list[dict]) -> dict[str, np.ndarray]:
    return jax.tree.map(lambda *parts: np.stack(parts), *trees)


def training(data: Path) -> dict[str, np.ndarray]:
    """Arrays of `maps_and_paths` by depth and moment `[depths, moments, goals, ...]`, maps of the farthest goal alone;
    `updates` `[moments]`, `success` as the trainer measured it `[depths, moments]`."""
    runs, maze, tables = recorded.runs(data, SUITE, MAZE), crlkit.envs.make(f"{MAZE}_eval").maze, []
    far = sorted(maze.goals, key=lambda cell: maze.distance(maze.start, cell))
    for depth in TRIO:
        config = evidence.config(data, runs[depth])
        keep, moments = config.evaluations // MOMENTS, []

        def watch(run, keep=keep, moments=moments):
            if run.rows[-1]["updates"] % (keep * run.config.updates_per_unroll) == 0:
                now = maps_and_paths(run.agents[0], far)
                moments.append(now | {name: np.array(run.rows[-1][name]) for name in ("updates", "success")})

        crlkit.train(config.replace(seeds=1), callback=watch, progress=False)
        tables.append(_stacked(moments))
    kept = _stacked(tables)
    return kept | {"goals": np.array(far), "updates": kept["updates"][0], "maps": kept["maps"][:, :, -1]}


def lights_out(data: Path, runs: Path = Path("runs/sweeps")) -> dict[str, np.ndarray]:
    """Of every depth at its better learning rate `press` `[depths, seeds, boards]`, a cell's number; `depths`, `seeds`;
    `runs`, their names."""
    rows = evidence.rows(data, "boards", "boards_rates").query(f"seed >= {FIRST_SEED}")
    last = rows[rows.updates == rows.updates.max()].groupby(["depth", "run"]).solved_5.mean()
    names, press = last.groupby("depth").idxmax().str[1], []
    for name in names:
        agents = crlkit.open_run(next(runs.glob(f"boards*/{name}"))).agents
        boards = agents[0].env.every_board
        press.append([agent.act(boards, -np.ones_like(boards)).argmax(axis=-1) for agent in agents])
    seeds = np.array([agent.seed for agent in agents])
    return dict(press=np.uint8(press), depths=names.index.to_numpy(), seeds=seeds, runs=np.array(list(names)))


def _walks() -> replay.Buffer:
    return jax.jit(random_walks, static_argnums=(0, 2, 3))(crlkit.envs.make(MAZE), jax.random.key(0), 256, 64)


def hindsight(data: Path) -> dict[str, np.ndarray]:
    """`path` `[64, 2]` in cells: of 256 random walks the one that spends its steps in most cells."""
    maze, states = crlkit.envs.make(MAZE).maze, np.asarray(_walks().state)  # [64, 256, 2]
    visited = [len(np.unique(maze.cell(walk), axis=0)) for walk in states.swapaxes(0, 1)]
    walk = states[:, int(np.argmax(visited))]
    return {"path": ((walk - np.asarray(maze.origin)) / maze.cell_size).astype(np.float16)}


def dial(data: Path) -> dict[str, np.ndarray]:
    """Of the state-action encoder, log10, blocks of all depths in a row, `[switches, blocks]`: `gradient` and `stream`,
    the norm of what leaves a block; `saturation` of the policy and contrastive `loss` in nats `[switches, depths]`."""
    walks, rows = _walks(), []
    for residual, norm, head, activation in itertools.product(*SWITCHES.values()):
        row = {name: [] for name in ("gradient", "stream", "saturation", "loss")}
        switches = dict(residual=residual, norm=norm, activation=activation, actor_head=head, critic_head=head)
        for depth in DEPTHS:
            config = Config(MAZE, depth=depth, **switches)
            agent = untrained(config, SEED)
            batch = replay.sample(walks, jax.random.key(1), config.batch_size, config.discount)
            inputs = np.concatenate([batch.state, batch.action], axis=-1)
            row["gradient"] += list(gradient_norms(config, agent.critic, batch))
            row["stream"] += list(residual_norms(config, agent.critic["state_action"], inputs).output)
            row["saturation"].append(np.abs(agent.act(batch.state, batch.goal)).mean())
            row["loss"].append(crlkit.losses.LOSSES[config.loss](agent.energy(batch.state, batch.action, batch.goal)))
        rows.append(row)
    table = {name: np.array([row[name] for row in rows], float) for name in rows[0]}
    with np.errstate(divide="ignore"):  # a gradient that single precision rounded to 0 is -inf
        table |= {name: np.log10(table[name]) for name in ("gradient", "stream")}
    return {name: values.astype(np.float16) for name, values in table.items()}


def main(*names: str) -> None:
    """Writes the named files, by default all."""
    data = evidence.find_data()
    (data / "explorables").mkdir(exist_ok=True)
    for make in (goal, hindsight, lights_out, dial, training):
        if not names or make.__name__ in names:
            np.savez_compressed(data / "explorables" / f"{make.__name__}.npz", **make(data))


if __name__ == "__main__":
    main(*sys.argv[1:])
