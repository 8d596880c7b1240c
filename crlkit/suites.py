"""The experiments of the paper as named lists of configs, each at four sizes.

smoke: seconds, for tests. laptop: what two cores do in an evening, on point mazes. gpu: the same with more seeds, fresh
ones, and the greatest depths, for a card at hand for an hour. paper: the published size.
Seeds from 100 up are kept for reporting; settings are chosen on seeds below 100.
"""

from collections.abc import Callable
from dataclasses import replace
from inspect import isfunction

from crlkit.config import BEFORE, DEPTHS, Config
from crlkit.envs.presets import paper_steps
from crlkit.errors import check_choice

SIZES = ("smoke", "laptop", "gpu", "paper")
FIRST_SEED = 100
GPU_SEEDS = 20
PAPER_MAZES = ("ant_big_maze", "ant_u4_maze", "ant_u5_maze", "ant_hardest_maze")
LAPTOP_MAZES = ("point_big_maze", "point_u_maze", "point_u4_maze", "point_hardest_maze")


def _base(size: str, env: str = "", **options) -> Config:
    """One config of a size, with the paper's network unless `options` end it otherwise; `env` defaults to the task that
    the size is known for."""
    preset, task, seeds = {
        "paper": ("paper", "ant_big_maze", 3),
        "laptop": ("tutorial", "point_big_maze", 6),
        "smoke": ("smoke", "point_u_maze", 2),
    }[size]
    return Config(**{**BEFORE, "preset": preset, "env": env or task, "seed": FIRST_SEED, "seeds": seeds, **options})


def _gpu(config: Config) -> Config:
    """A laptop's run with more seeds, none of them seen before; where a laptop takes one run per seed, so does a
    card."""
    return replace(
        config,
        seed=config.seed + (100 if config.seed >= FIRST_SEED else 10),
        seeds=GPU_SEEDS if config.seeds > 1 or config.seed < FIRST_SEED else 1,
        evaluations=min(config.evaluations, 40),
    )


def _shallow(size: str, *depths: int) -> tuple[int, ...]:
    return (4, 8) if size == "smoke" else depths


def depth(size: str) -> list[Config]:
    """Figures 1 and 12: depth of actor and critic, everything else fixed. The laptop's ants see one of the
    paper's epochs, 984,064 steps after filling the buffer: its curves are flat there, their critics are not. Those of
    size gpu are the paper's in its hardest maze, for the first 10 of its 200 epochs."""
    if size == "gpu":
        points = [_gpu(c) for c in depth("laptop") if c.env in LAPTOP_MAZES]
        deepest = [_gpu(_base("laptop", depth=d)) for d in (512, 1024)]
        epochs = dict(env_steps=paper_steps(10), evaluations=10)
        return points + deepest + [_base("paper", "ant_hardest_maze", depth=d, **epochs) for d in (4, 8, 16)]
    if size == "laptop":
        rest = [_base(size, env, depth=d) for env in LAPTOP_MAZES[1:] for d in (4, 16, 64)]
        epoch = dict(env_steps=(17 + 248) * 62 * 64, evaluations=8, eval_episodes=16)
        ants = [_base(size, "ant_big_maze", depth=d, seeds=seeds, **epoch) for d, seeds in ((4, 4), (8, 4), (16, 2))]
        return [_base(size, depth=d) for d in DEPTHS if d <= 256] + rest + ants
    if size == "paper":
        return [_base(size, env, depth=d, seeds=5) for env in PAPER_MAZES for d in (4, 8, 16, 32, 64)]
    return [_base(size, depth=d) for d in (4, 8)]


def learning_rate(size: str) -> list[Config]:
    """The same rates for every depth. Each seed is to be scored at the rate that the other seeds choose."""
    if size == "paper":
        return [_base(size, depth=d, learning_rate=rate) for d in (4, 16, 64) for rate in (1e-4, 3e-4, 1e-3)]
    return [_base(size, depth=d, learning_rate=rate) for rate in (1e-3, 3e-4, 3e-3) for d in _shallow(size, 4, 16, 64)]


def limits(size: str) -> list[Config]:
    """Figure 12, the critic alone: what a network of 1024 layers can fit, at two learning rates for every depth. At the
    published size depth 512 and 1024 are those of actor and critic, as in `depth`."""
    if size == "paper":
        return [_base(size, depth=d) for d in (4, 64, 256, 512, 1024)]
    walks = dict(data="walks", num_envs=1000, updates=1000) if size == "laptop" else dict(data="walks")
    depths = _shallow(size, 4, 16, 64, 256, 1024)
    return [_base(size, depth=d, **walks, learning_rate=rate) for d in depths for rate in LEARNING_RATES[::-1]]


def depth_vs_width(size: str) -> list[Config]:
    """Figure 4: deeper at one width against wider at depth 4."""
    widths = {"smoke": (16, 32), "laptop": (32, 64, 128, 256), "paper": (128, 256, 512, 1024, 2048)}[size]
    wide = [_base(size, depth=4, width=width) for width in widths]
    return wide + [_base(size, depth=d) for d in _shallow(size, 4, 8, 16, 32, 64)]


def batch_size(size: str) -> list[Config]:
    """Figure 7: batch size and depth together. Larger batches need a longer first collection on a laptop."""
    batches = {"smoke": (16, 32), "laptop": (64, 256, 1024), "paper": (128, 256, 512, 1024, 2048)}[size]
    depths = (4, 8, 16, 64) if size == "paper" else _shallow(size, 4, 16)
    return [_base(size, depth=d, batch_size=b) for b in batches for d in depths]


def actor_vs_critic(size: str) -> list[Config]:
    """Figure 6: depth of actor and critic apart."""
    depths = _shallow(size, 4, 16, 32) if size != "paper" else (4, 8, 16, 32, 64)
    return [_base(size, depth=max(a, c), actor_depth=a, critic_depth=c) for c in depths for a in depths]


def ablations(size: str) -> list[Config]:
    """Figures 5 and 16: without residual connections, without layer norm, with ReLU. On a laptop the critic alone, on
    random walks: what a network can fit, apart from what it explores."""
    switches = ({}, {"residual": False}, {"norm": "none"}, {"activation": "relu"}, {"norm": "rms"})
    walks = dict(data="walks", num_envs=1000, updates=1000) if size == "laptop" else {}
    return [_base(size, depth=d, **walks, **s) for d in _shallow(size, 64, 4, 16, 32) for s in switches]


def hindsight(size: str) -> list[Config]:
    """Which later state becomes the goal, or none, the commanded goal; and energies and losses beside the paper's."""
    strategies = [{"hindsight": h} for h in ("geometric", "uniform", "final", "none")]
    energies = [{"energy": e} for e in ("l2_squared", "dot", "cosine")]
    contrasts = [{"loss": name} for name in ("backward", "symmetric", "binary")]
    return [_base(size, depth=d, **s) for d in _shallow(size, 4, 16) for s in strategies + energies + contrasts]


def stitching(size: str) -> list[Config]:
    """Figure 11: trained on pairs at most 3 cells apart, scored on goals 4, 5 and 6 cells away."""
    body = "ant" if size == "paper" else "point"
    options = {"env": f"{body}_u_maze_gen_1f2f3f", "eval_env": f"{body}_u_maze_eval"}
    return [_base(size, depth=d, **options) for d in _shallow(size, 4, 16, 64)]


def collector_learner(size: str) -> list[Config]:
    """Figure 8: who fills the buffer, and who learns from it. Learners of one seed and collector see the same data (on
    a card up to rounding, which may part them)."""
    depths = _shallow(size, 4, 32)
    return [_base(size, depth=d, collector_depth=c) for c in depths for d in depths]


# Depth and width of critics with the same number of parameters (within 4 %).
MATCHED = {4: 256, 8: 180, 16: 128, 32: 92, 64: 64, 128: 45}
LEARNING_RATES = (3e-4, 1e-3)
# What `lights_out_search` found: the larger rate is the better one at every depth that was searched
# (tests/test_plateaus.py).
SEARCHED = 1e-3


def _lights_out(size: str, depth: int, width: int | None = None, **options) -> Config:
    """A critic of Lights Out on walks, unless there is a `width` of as many parameters as at every other depth."""
    fixed = dict(preset={"laptop": "tutorial"}.get(size, size), env="lights_out_3x3", data="walks", depth=depth)
    sized = dict(width=width or MATCHED[depth], seed=FIRST_SEED, seeds=2 if size == "smoke" else 6)
    small = dict(num_envs=64, updates=32, width=16) if size == "smoke" else {}
    return Config(**{**fixed, **sized, **BEFORE, **options, **small})


def _critics(size: str, *depths: int, **options) -> list[Config]:
    return [_lights_out(size, d, **options) for d in _shallow(size, *depths)]


def lights_out_search(size: str) -> list[Config]:
    """The same learning rates for every depth, on selection seeds: what `lights_out` takes its rates from."""
    options = dict(seed=0, seeds=2, updates=8_000 if size == "paper" else 5_000, evaluations=25)
    rates = [_critics(size, 4, 64, 16, 32, 8, 128, learning_rate=rate, **options) for rate in LEARNING_RATES]
    return [config for both in zip(*rates) for config in both]


def lights_out(size: str) -> list[Config]:
    """Emergence on a laptop: critics of equal parameters on walks of Lights Out, then critics of equal width."""
    options = dict(updates=16_000, evaluations=80, learning_rate=SEARCHED)
    return _critics(size, 4, 16, 32, 64, 8, 128, **options) + _critics(size, 4, 16, 32, 8, width=64, **options)


def lights_out_rates(size: str) -> list[Config]:
    """A shallow and a deep critic of `lights_out` at the other learning rate: at depth 4 the search hardly told the two
    apart."""
    return _critics(size, 4, 64, updates=16_000, evaluations=80, learning_rate=min(LEARNING_RATES))


def environments(size: str) -> list[Config]:
    """Every maze, shallow and deep."""
    if size == "paper":
        return [_base(size, env, depth=d) for env in PAPER_MAZES for d in (4, 64)]
    mazes = ("u_maze", "big_maze") if size == "smoke" else ("u_maze", "u4_maze", "u5_maze", "big_maze", "hardest_maze")
    return [_base(size, f"point_{maze}", depth=d) for maze in mazes for d in _shallow(size, 4, 32)]


# What was tried against the saturated policy: how actor and critic end, a smaller rate, a bounded temperature, a
# shallow actor.
CURES = (
    {},
    {"actor_head": "norm"},
    {"actor_head": "norm", "critic_head": "norm"},
    {"critic_head": "norm"},
    {"actor_head": "scaled", "critic_head": "scaled"},
    {"actor_head": "zero", "critic_head": "zero"},
    {"log_alpha_max": 0.0},
    {"learning_rate": 3e-4},
    {"actor_depth": 16},
)


def cures(size: str) -> list[Config]:
    """Why agents beyond 64 layers stand still, and what mends them, on selection seeds: the big maze online, then
    critics of Lights Out alone (whose policy is greedy: the actor plays no part)."""
    depths, tried, evaluations = {
        "smoke": ((8,), CURES[:2], 2),
        "paper": ((64, 256, 1024), CURES[:3], 100),
        "laptop": ((256, 64, 4), CURES, 50),
    }[size]
    options = dict(seed=0, seeds=2, evaluations=evaluations)
    mazes = [_base(size, depth=d, **options, **c) for d in depths for c in tried if d >= c.get("actor_depth", 4)]
    if size != "laptop":
        return mazes
    walks = dict(seed=0, seeds=1, updates=6_000, evaluations=60, learning_rate=SEARCHED, energy="dot")
    heads = ("plain", "norm", "scaled", "zero")
    return mazes + [_lights_out(size, d, critic_head=head, **walks) for d in (64, 128, 16, 4) for head in heads]


def published_head(size: str) -> list[Config]:
    """The paper's head and the cured one with the paper's own width, rate and first temperature, for some hundred
    updates on a selection seed: how fast policies saturate there."""
    published = dict(width=256, learning_rate=3e-4, alpha_learning_rate=3e-4, log_alpha_init=0.0, updates_per_unroll=20)
    short = dict(evaluations=10, env_steps=4096 * 11)
    options = dict(seed=0, seeds=1) | (published | short if size == "laptop" else {})
    return [_base(size, depth=d, **options, **cure) for d in _shallow(size, 64, 256, 1024) for cure in CURES[:2]]


def boards_search(size: str) -> list[Config]:
    """What `boards` takes its energy and batch from, on a selection seed: the same choices for every depth."""
    walks = dict(seed=0, seeds=1, updates=6_400 if size == "paper" else 6_000, evaluations=60, learning_rate=SEARCHED)
    smaller = {"batch_size": 16 if size == "smoke" else 128}
    choices = ({"energy": "dot"}, {"energy": "dot", **smaller}, {"energy": "l2"}, {"energy": "cosine"})
    return [config for c in choices for config in _critics(size, 16, 4, 64, **walks, **c)]


BOARDS = dict(updates=16_000, evaluations=80, learning_rate=SEARCHED, energy="dot", critic_head="norm")


def boards(size: str) -> list[Config]:
    """Which boards of Lights Out critics of equal size come to solve, with the inner product as energy: the perfect
    critic of this puzzle is nearly an inner product of two vectors of parities (crlkit/envs/boards.py). Energy and
    batch are what `boards_search` chose, the norm before the head what `cures` did: on the selection seed 16 and 64
    layers gain by it and 4 solve nothing either way."""
    return _critics(size, 16, 4, 64, 8, 32, 128, **BOARDS)


def boards_rates(size: str) -> list[Config]:
    """Whether it is the learning rate that makes critics beyond 16 layers fall behind in `boards`: the same critics and
    seeds at a smaller one. Depth 64 first, on a selection seed."""
    slower = BOARDS | dict(learning_rate=3e-4)
    return [_lights_out(size, 64, **slower, seed=0, seeds=1), *_critics(size, 64, 16, 4, 32, 128, 8, **slower)]


def boards_ablations(size: str) -> list[Config]:
    """Figures 5 and 16 where a critic can be told from a better one: `boards` without residual connections, without
    layer norm, with ReLU, and with the paper's energy and head."""
    switches = ({}, {"residual": False}, {"norm": "none"}, {"activation": "relu"}, {"energy": "l2"})
    walks = BOARDS | dict(updates=8_000, evaluations=40)
    made = [_critics(size, 16, 4, 64, **walks | switch) for switch in (*switches, {"critic_head": "plain"})]
    return [config for of_depth in zip(*made) for config in of_depth]


def boards_stitching(size: str) -> list[Config]:
    """Figure 11: critics that never see two boards more than three presses apart (walks of four steps), scored
    beyond."""
    return _critics(size, 16, 4, 64, **BOARDS, num_envs=65_536, episode_length=4)


CURED_MAZES = ("u", "u4", "u5", "hardest")
OURS = dict(actor_head=None, critic_head=None)  # networks end as the tutorial's do, which is what `cures` chose


def _tutorial(size: str, maze: str, rounds: int = 50, **options) -> Config:
    """A run whose every option is the tutorial's own; on a laptop of so many rounds in a point maze."""
    sized = dict(evaluations=50, env_steps=4096 * (1 + rounds)) if size == "laptop" else {}
    body = "ant" if size == "paper" else "point"
    return _base(size, f"{body}_{maze}_maze", **OURS | sized | options)


def cured_depth(size: str) -> list[Config]:
    """Agents of 4 to 1024 layers whose networks end as `cures` chose: every option is the tutorial's own."""
    if size in ("smoke", "paper"):
        return [_base(size, depth=d, **OURS) for d in _shallow(size, 4, 64, 256)]
    big = [_tutorial(size, "big", depth=d) for d in DEPTHS if d <= 256]
    # A quarter of an hour each and more: one run per seed, so that none waits for the others.
    deepest = [_tutorial(size, "big", depth=d, seeds=1, seed=FIRST_SEED + i) for i in range(3) for d in (1024, 512)]
    # Three seeds more, so that a maze can be decided on its own.
    twice = ((FIRST_SEED, (4, 16, 64, 256)), (FIRST_SEED + 3, (4, 64, 16)))
    mazes = [(seed, d, maze) for seed, depths in twice for d in depths for maze in CURED_MAZES]
    return big + deepest + [_tutorial(size, maze, depth=d, seeds=3, seed=seed) for seed, d, maze in mazes]


def equal_seconds(size: str) -> list[Config]:
    """Depth 4 for as many seconds as depth 64 and 256 of `cured_depth` had: eight and thirty times the steps and
    updates."""
    if size != "laptop":
        return [_base(size, depth=d, **OURS) for d in _shallow(size, 4, 64)]
    return [_tutorial(size, "big", 50 * times, depth=4, seeds=seeds) for times, seeds in ((8, 6), (30, 3))]


# Contrastive RL as published in 2022, in this kit's shallowest stack (five plain layers; theirs had two).
CRL_2022 = dict(energy="dot", loss="binary", logsumexp_penalty=0.0, residual=False, norm="none", activation="relu")
SAC = {"agent": "sac"}
# TD3 tries more than is published (0.1): on a selection seed it otherwise ran into a corner and stayed there.
TD3 = {"agent": "td3", "agent_options": "noise=0.4"}
# Beside the paper's own: SAC with hindsight and without, TD3 with hindsight, and imitation, which relabels uniformly
# (Ghosh et al. 2021; with geometric goals it came and went on a selection seed).
IMITATION = ({"agent": "gcsl", "hindsight": "uniform"}, {"agent": "gcbc", "hindsight": "uniform"})
ALGORITHMS = ({}, SAC, SAC | {"hindsight": "none"}, TD3, *IMITATION)
DENSE = {"hindsight": "none", "reward": "dense"}
ON_DENSE = ({}, SAC | DENSE, TD3 | DENSE)


def _short(size: str, where: str, depths: tuple[int, ...], agents: tuple[dict, ...]) -> list[Config]:
    """Every agent at every depth in a maze or with the reacher; on a laptop half as long as others, of five seeds."""
    five, steps = ({"seeds": 5}, {"env_steps": 150_000}) if size == "laptop" else ({}, {})
    if where == "reacher":
        return [_base(size, where, depth=d, **OURS, **steps, **five, **agent) for agent in agents for d in depths]
    return [_tutorial(size, where, 25, depth=d, **five, **agent) for agent in agents for d in depths]


def algorithms(size: str) -> list[Config]:
    """Figure 13: would other algorithms gain by depth as well? With the sparse reward in the big maze; where there are
    no walls also from minus the distance, for half as many updates. One learning rate for all."""
    depths = _shallow(size, 4, 16, 64)
    sparse = [_tutorial(size, "big", depth=d, **agent) for agent in ALGORITHMS for d in depths]
    sparse.append(_tutorial(size, "big", depth=4, **CRL_2022))
    return sparse + _short(size, "open", depths, ON_DENSE)


def what_they_solve(size: str) -> list[Config]:
    """One easy task for every other algorithm, at depth 4: the reacher from minus the distance, open ground with the
    sparse reward and hindsight, and the U maze, where GCBC has a scripted expert to imitate."""
    gcsl, gcbc = IMITATION
    shown = gcsl, gcbc | {"agent_options": "expert=1"}
    tasks = {"reacher": ON_DENSE[1:], "open": (SAC, TD3), "u": shown}
    return [config for where, agents in tasks.items() for config in _short(size, where, (4,), agents)]


def when_to_use(size: str) -> list[Config]:
    """Four kinds of tasks, after the text on which the kit is based, two each: sparse reward (mazes u4 and u5) and navigation (big and hardest),
    runs of `cured_depth`; dense reward, by SAC, and simple control, on open ground and with the reacher."""
    depths = _shallow(size, 4, 16, 64)
    three = {"seeds": 3} if size == "laptop" else {}
    seeds = {"u4": three, "u5": three, "big": {}, "hardest": three}
    mazes = [_tutorial(size, maze, depth=d, **of) for maze, of in seeds.items() for d in depths]
    ground, arm = (_short(size, where, ds, ON_DENSE[:2]) for where, ds in (("open", depths), ("reacher", depths[:2])))
    return mazes + ground + arm


def bodies(size: str) -> list[Config]:
    """Bodies that learn on a laptop, with the tutorial's own settings: those of `crlkit train --env reacher --depth 4`;
    and the half cheetah with the buffer of the others, which forgets, and at their width, too."""
    three = {} if size == "smoke" else {"seeds": 3}
    short = {} if size == "smoke" else {"buffer_size": 10_000}
    narrow = {} if size == "smoke" else short | dict(width=64, env_steps=1_500_000, evaluations=15)
    tasks = {"reacher": ({},), "half_cheetah": (narrow, short, {}), "arm_reach": ({},)}
    return [_base(size, env, depth=4, **OURS, **three, **sizes) for env, each in tasks.items() for sizes in each]


# Every public function above is a suite.
SUITES: dict[str, Callable[[str], list[Config]]] = {
    name: make
    for name, make in list(globals().items())
    if isfunction(make) and make.__module__ == __name__ and not name.startswith("_")
}


def configs(suite: str, size: str) -> list[Config]:
    """The configs of a suite, without duplicates. Raises UserError, with the nearest name, for an unknown one."""
    check_choice("suite", suite, SUITES)
    check_choice("size", size, SIZES)
    made = map(_gpu, SUITES[suite]("laptop")) if size == "gpu" and suite != "depth" else SUITES[suite](size)
    return list(dict.fromkeys(replace(config, out=None) for config in made))
