"""The experiments of the paper as named lists of configs, each at four sizes.

smoke: seconds, for tests. laptop: what two cores do in an evening, on point mazes. gpu: the same with more seeds, fresh
ones, and the greatest depths, for a card at hand for an hour. paper: the published size.
Seeds from 100 up are kept for reporting; settings are chosen on seeds below 100.
"""

import difflib
from collections.abc import Callable
from dataclasses import replace

from crlkit.config import BEFORE, DEPTHS, Config
from crlkit.envs.presets import paper_steps
from crlkit.errors import UserError

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


def _lights_out(size: str, depth: int, width: int, **options) -> Config:
    small = dict(num_envs=64, updates=32, width=16) if size == "smoke" else dict(width=width)
    seeds = {"smoke": 2, "laptop": 6, "paper": 6}[size]
    options = BEFORE | options
    fixed = dict(preset={"laptop": "tutorial"}.get(size, size), env="lights_out_3x3", data="walks")
    return Config(**{**fixed, "seed": FIRST_SEED, "seeds": seeds, "depth": depth, **options, **small})


def lights_out_search(size: str) -> list[Config]:
    """The same learning rates for every depth, on selection seeds: what `lights_out` takes its rates from."""
    options = dict(seed=0, seeds=2, updates=8_000 if size == "paper" else 5_000, evaluations=25)
    return [
        _lights_out(size, d, MATCHED[d], learning_rate=rate, **options)
        for d in _shallow(size, 4, 64, 16, 32, 8, 128)
        for rate in LEARNING_RATES
    ]


def lights_out(size: str) -> list[Config]:
    """Emergence on a laptop: critics of equal parameters on walks of Lights Out, then critics of equal width."""
    options = dict(updates=16_000, evaluations=80, learning_rate=SEARCHED)
    matched = [_lights_out(size, d, MATCHED[d], **options) for d in _shallow(size, 4, 16, 32, 64, 8, 128)]
    return matched + [_lights_out(size, d, 64, **options) for d in _shallow(size, 4, 16, 32, 8)]


def lights_out_rates(size: str) -> list[Config]:
    """A shallow and a deep critic of `lights_out` at the other learning rate: at depth 4 the search hardly told the two
    apart."""
    options = dict(updates=16_000, evaluations=80, learning_rate=min(LEARNING_RATES))
    return [_lights_out(size, d, MATCHED[d], **options) for d in _shallow(size, 4, 64)]


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
    options = dict(seed=0, seeds=2, evaluations=50)
    if size == "smoke":
        return [_base(size, depth=8, **(options | {"evaluations": 2}), **cure) for cure in CURES[:2]]
    if size == "paper":
        return [
            _base(size, depth=d, **(options | {"evaluations": 100}), **cure)
            for d in (64, 256, 1024)
            for cure in CURES[:3]
        ]
    mazes = [
        _base(size, depth=d, **options, **cure)
        for d in (256, 64, 4)
        for cure in CURES
        if d >= cure.get("actor_depth", 4)
    ]
    walks = dict(seed=0, seeds=1, updates=6_000, evaluations=60, learning_rate=SEARCHED, energy="dot")
    heads = [{"critic_head": head} for head in ("plain", "norm", "scaled", "zero")]
    boards = [_lights_out(size, d, MATCHED[d], **walks, **head) for d in (64, 128, 16, 4) for head in heads]
    return mazes + boards


def published_head(size: str) -> list[Config]:
    """The paper's head and the cured one with the paper's own width, rate and first temperature, for some hundred
    updates on a selection seed: how fast policies saturate there."""
    published = dict(width=256, learning_rate=3e-4, alpha_learning_rate=3e-4, log_alpha_init=0.0, updates_per_unroll=20)
    short = dict(seed=0, seeds=1, evaluations=10, env_steps=4096 * 11)
    options = published | short if size == "laptop" else dict(seed=0, seeds=1)
    return [_base(size, depth=d, **options, **cure) for d in _shallow(size, 64, 256, 1024) for cure in CURES[:2]]


def boards_search(size: str) -> list[Config]:
    """What `boards` takes its energy and batch from, on a selection seed: the same choices for every depth."""
    walks = dict(seed=0, seeds=1, updates=6_400 if size == "paper" else 6_000, evaluations=60, learning_rate=SEARCHED)
    smaller = {"batch_size": 16 if size == "smoke" else 128}
    choices = ({"energy": "dot"}, {"energy": "dot", **smaller}, {"energy": "l2"}, {"energy": "cosine"})
    return [_lights_out(size, d, MATCHED[d], **walks, **c) for c in choices for d in _shallow(size, 16, 4, 64)]


def boards(size: str) -> list[Config]:
    """Which boards of Lights Out critics of equal size come to solve, with the inner product as energy: the perfect
    critic of this puzzle is nearly an inner product of two vectors of parities (crlkit/envs/boards.py). Energy and
    batch are what `boards_search` chose, the norm before the head what `cures` did: on the selection seed 16 and 64
    layers gain by it and 4 solve nothing either way."""
    walks = dict(updates=16_000, evaluations=80, learning_rate=SEARCHED, energy="dot", critic_head="norm")
    return [_lights_out(size, d, MATCHED[d], **walks) for d in _shallow(size, 16, 4, 64, 8, 32, 128)]


def boards_rates(size: str) -> list[Config]:
    """Whether it is the learning rate that makes critics beyond 16 layers fall behind in `boards`: the same critics and
    seeds at a smaller one. Depth 64 first, on a selection seed."""
    walks = dict(updates=16_000, evaluations=80, learning_rate=3e-4, energy="dot", critic_head="norm")
    first = _lights_out(size, 64, MATCHED[64], **walks | dict(seed=0, seeds=1))
    return [first, *(_lights_out(size, d, MATCHED[d], **walks) for d in _shallow(size, 64, 16, 4, 32, 128, 8))]


def boards_ablations(size: str) -> list[Config]:
    """Figures 5 and 16 where a critic can be told from a better one: `boards` without residual connections, without
    layer norm, with ReLU, and with the paper's energy and head."""
    switches = (
        {"residual": False},
        {"norm": "none"},
        {"activation": "relu"},
        {"energy": "l2"},
        {"critic_head": "plain"},
    )
    walks = dict(updates=8_000, evaluations=40, learning_rate=SEARCHED) | {"energy": "dot", "critic_head": "norm"}
    return [_lights_out(size, d, MATCHED[d], **walks | s) for d in _shallow(size, 16, 4, 64) for s in ({}, *switches)]


def boards_stitching(size: str) -> list[Config]:
    """Figure 11: critics that never see two boards more than three presses apart (walks of four steps), scored
    beyond."""
    walks = dict(updates=16_000, evaluations=80, learning_rate=SEARCHED, energy="dot", critic_head="norm")
    short = dict(num_envs=65_536, episode_length=4) if size != "smoke" else dict(episode_length=4)
    return [_lights_out(size, d, MATCHED[d], **walks, **short) for d in _shallow(size, 16, 4, 64)]


CURED_MAZES = ("point_u_maze", "point_u4_maze", "point_u5_maze", "point_hardest_maze")


def cured_depth(size: str) -> list[Config]:
    """Agents of 4 to 1024 layers whose networks end as `cures` chose: every option is the tutorial's own."""
    tutorial = dict(actor_head=None, critic_head=None)
    if size in ("smoke", "paper"):
        return [_base(size, depth=d, **tutorial) for d in _shallow(size, 4, 64, 256)]
    big = [_base(size, depth=d, evaluations=50, **tutorial) for d in DEPTHS if d <= 256]
    # A quarter of an hour each and more: one run per seed, so that none waits for the others.
    one = dict(seeds=1, evaluations=50, **tutorial)
    deepest = [_base(size, depth=d, **{**one, "seed": FIRST_SEED + i}) for i in range(3) for d in (1024, 512)]
    three = dict(seeds=3, evaluations=50, **tutorial)
    mazes = [_base(size, env, depth=d, **three) for d in (4, 16, 64, 256) for env in CURED_MAZES]
    # Three seeds more, so that a maze can be decided on its own.
    more = [_base(size, env, depth=d, **three | {"seed": FIRST_SEED + 3}) for d in (4, 64, 16) for env in CURED_MAZES]
    return big + deepest + mazes + more


def equal_seconds(size: str) -> list[Config]:
    """Depth 4 for as many seconds as depth 64 and 256 of `cured_depth` had: eight and thirty times the steps and
    updates."""
    tutorial = dict(actor_head=None, critic_head=None, evaluations=50)
    if size != "laptop":
        return [_base(size, depth=d, actor_head=None, critic_head=None) for d in _shallow(size, 4, 64)]
    return [
        _base(size, depth=4, env_steps=4096 * (1 + 50 * times), seeds=seeds, **tutorial)
        for times, seeds in ((8, 6), (30, 3))
    ]


def environments(size: str) -> list[Config]:
    """Every maze, shallow and deep."""
    if size == "paper":
        return [_base(size, env, depth=d) for env in PAPER_MAZES for d in (4, 64)]
    mazes = ("u_maze", "big_maze") if size == "smoke" else ("u_maze", "u4_maze", "u5_maze", "big_maze", "hardest_maze")
    return [_base(size, f"point_{maze}", depth=d) for maze in mazes for d in _shallow(size, 4, 32)]


# Contrastive RL as published in 2022, in this kit's shallowest stack (five plain layers; theirs had two).
CRL_2022 = {
    "energy": "dot",
    "loss": "binary",
    "logsumexp_penalty": 0.0,
    "residual": False,
    "norm": "none",
    "activation": "relu",
}
# TD3 tries more than is published (0.1): on a selection seed it otherwise ran into a corner and stayed there.
TD3 = {"agent": "td3", "agent_options": "noise=0.4"}
# Beside the paper's own: SAC with hindsight and without, TD3 with hindsight, and imitation, which relabels uniformly
# (Ghosh et al. 2021; with geometric goals it came and went on a selection seed).
IMITATION = ({"agent": "gcsl", "hindsight": "uniform"}, {"agent": "gcbc", "hindsight": "uniform"})
ALGORITHMS = ({}, {"agent": "sac"}, {"agent": "sac", "hindsight": "none"}, TD3, *IMITATION)
ON_DENSE = ({}, *({**agent, "hindsight": "none", "reward": "dense"} for agent in ({"agent": "sac"}, TD3)))


def _tutorial(size: str, maze: str, rounds: int = 50, **options) -> Config:
    """A run whose networks end as the tutorial's do; on a laptop of so many rounds in a point maze, with 50 that of
    `cured_depth`."""
    sized = dict(evaluations=50, env_steps=4096 * (1 + rounds)) if size == "laptop" else {}
    body = "ant" if size == "paper" else "point"
    return _base(size, f"{body}_{maze}_maze", **dict(actor_head=None, critic_head=None) | sized | options)


def _five(size: str) -> dict[str, int]:
    return {"seeds": 5} if size == "laptop" else {}


def algorithms(size: str) -> list[Config]:
    """Figure 13: would other algorithms gain by depth as well? With the sparse reward in the big maze; where there are
    no walls also from minus the distance, for half as many updates. One learning rate for all."""
    depths = _shallow(size, 4, 16, 64)
    sparse = [_tutorial(size, "big", depth=d, **agent) for agent in ALGORITHMS for d in depths]
    sparse.append(_tutorial(size, "big", depth=4, **CRL_2022))
    return sparse + [_tutorial(size, "open", 25, depth=d, **agent, **_five(size)) for agent in ON_DENSE for d in depths]


def what_they_solve(size: str) -> list[Config]:
    """One easy task for every other algorithm, at depth 4: the reacher from minus the distance, open ground with the
    sparse reward and hindsight, and the U maze, where GCBC has a scripted expert to imitate."""
    dense = {"hindsight": "none", "reward": "dense"}
    short = dict(actor_head=None, critic_head=None, **dict(env_steps=150_000) if size == "laptop" else {})
    arm = [
        _base(size, "reacher", depth=4, **short, **agent, **dense, **_five(size)) for agent in ({"agent": "sac"}, TD3)
    ]
    ground = [_tutorial(size, "open", 25, depth=4, **agent, **_five(size)) for agent in ({"agent": "sac"}, TD3)]
    gcsl, gcbc = IMITATION
    shown = (gcsl, gcbc | {"agent_options": "expert=1"})
    return arm + ground + [_tutorial(size, "u", 25, depth=4, **agent, **_five(size)) for agent in shown]


def when_to_use(size: str) -> list[Config]:
    """Four kinds of tasks, after the text on which the kit is based, two each: sparse reward (mazes u4 and u5) and navigation (big and hardest),
    runs of `cured_depth`; dense reward, by SAC, and simple control, on open ground and with the reacher."""
    depths = _shallow(size, 4, 16, 64)
    three = {"seeds": 3} if size == "laptop" else {}
    seeds = {"u4": three, "u5": three, "big": {}, "hardest": three}
    mazes = [_tutorial(size, maze, depth=d, **of) for maze, of in seeds.items() for d in depths]
    agents = ({}, ON_DENSE[1])
    ground = [_tutorial(size, "open", 25, depth=d, **agent, **_five(size)) for agent in agents for d in depths]
    short = dict(actor_head=None, critic_head=None, **dict(env_steps=150_000) if size == "laptop" else {})
    arm = [_base(size, "reacher", depth=d, **short, **agent, **_five(size)) for agent in agents for d in depths[:2]]
    return mazes + ground + arm


def bodies(size: str) -> list[Config]:
    """Bodies that learn on a laptop, with the tutorial's own settings: those of `crlkit train --env reacher --depth 4`;
    and the half cheetah at the width of the others."""
    three = dict(actor_head=None, critic_head=None) | ({} if size == "smoke" else {"seeds": 3})
    narrow = {} if size == "smoke" else dict(width=64, env_steps=1_500_000, evaluations=15)
    tasks = {"reacher": ({},), "half_cheetah": (narrow, {})}
    return [_base(size, env, depth=4, **three, **sizes) for env, each in tasks.items() for sizes in each]


SUITES: dict[str, Callable[[str], list[Config]]] = {
    suite.__name__: suite
    for suite in (
        depth,
        learning_rate,
        limits,
        depth_vs_width,
        batch_size,
        actor_vs_critic,
        ablations,
        hindsight,
        stitching,
        collector_learner,
        lights_out_search,
        lights_out,
        lights_out_rates,
        environments,
        cures,
        published_head,
        boards_search,
        boards,
        boards_rates,
        boards_ablations,
        boards_stitching,
        cured_depth,
        equal_seconds,
        algorithms,
        what_they_solve,
        when_to_use,
        bodies,
    )
}


def configs(suite: str, size: str) -> list[Config]:
    """The configs of a suite, without duplicates. Raises UserError, with the nearest name, for an unknown one."""
    for what, value, known in (("suite", suite, SUITES), ("size", size, SIZES)):
        if value not in known:
            close = difflib.get_close_matches(str(value), known, n=1, cutoff=0.0)[0]
            raise UserError(f"{what} {value!r}: must be one of {', '.join(known)}; nearest: {close}")
    if size == "gpu" and suite != "depth":
        made = map(_gpu, SUITES[suite]("laptop"))
    else:
        made = SUITES[suite](size)
    return list(dict.fromkeys(replace(config, out=None) for config in made))
