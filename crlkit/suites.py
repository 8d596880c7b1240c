"""The experiments of the paper as named lists of configs, each at four sizes.

smoke: seconds, for tests. laptop: what two cores do in an evening, on point mazes. gpu: the same with more seeds, fresh
ones, and the greatest depths, for a card at hand for an hour. paper: the published size.
Seeds from 100 up are kept for reporting; settings are chosen on seeds below 100.
"""

from dataclasses import dataclass, replace
from itertools import product

from crlkit.config import BEFORE, DEPTHS, Config
from crlkit.envs.catalogue import paper_steps
from crlkit.errors import check_choice

FIRST_SEED = 100
GPU_SEEDS = 20
SIZES = ("smoke", "laptop", "gpu", "paper")
# Where unset options come from, the task that the size is known for, how many seeds.
BASE = {
    "smoke": dict(preset="smoke", env="point_u_maze", seeds=2),
    "laptop": dict(preset="tutorial", env="point_big_maze", seeds=6),
    "paper": dict(preset="paper", env="ant_big_maze", seeds=3),
}
# Depth and width of critics with the same number of parameters (within 4 %).
MATCHED = {4: 256, 8: 180, 16: 128, 32: 92, 64: 64, 128: 45}
LEARNING_RATES = (3e-4, 1e-3)
# What `lights_out_search` found: the larger rate is the better one at every depth that was searched
# (tests/test_plateaus.py).
SEARCHED = 1e-3
BOARDS = dict(updates=16_000, evaluations=80, learning_rate=SEARCHED, energy="dot", critic_head="norm")
OURS = dict(actor_head=None, critic_head=None)  # networks end as the tutorial's do, which is what `cures` chose
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
# Contrastive RL as published in 2022, in this kit's shallowest stack (five plain layers; theirs had two).
CRL_2022 = dict(energy="dot", loss="binary", logsumexp_penalty=0.0, residual=False, norm="none", activation="relu")
SAC = {"agent": "sac"}
# TD3 tries more than is published (0.1): on a selection seed it otherwise ran into a corner and stayed there.
TD3 = {"agent": "td3", "agent_options": "noise=0.4"}
# Beside the paper's own: SAC with hindsight and without, TD3 with hindsight, and imitation, which relabels uniformly
# (Ghosh et al. 2021; with geometric goals it came and went on a selection seed).
GCSL, GCBC = ({"agent": agent, "hindsight": "uniform"} for agent in ("gcsl", "gcbc"))
ALGORITHMS = ({}, SAC, SAC | {"hindsight": "none"}, TD3, GCSL, GCBC)
DENSE = {"hindsight": "none", "reward": "dense"}
ON_DENSE = ({}, SAC | DENSE, TD3 | DENSE)


@dataclass(frozen=True)
class Suites:
    """Every public method is a suite; `size` is smoke, laptop or paper, and for `depth` also gpu."""

    size: str

    def _runs(self, **options) -> list[Config]:
        """A config for every combination of what stands in tuples, the last varying fastest, with the paper's heads
        unless they are given. `each`: dictionaries of options. `width`: also a table by depth. Several depths are 4 and
        8 in a smoke test."""
        axes = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
        if self.size == "smoke":
            axes |= {name: (4, 8) for name, depths in axes.items() if "depth" in name and len(depths) > 1}
        made = []
        for values in product(*axes.values()):
            chosen = dict(zip(axes, values))
            if isinstance(chosen.get("width"), dict):
                chosen["width"] = chosen["width"][chosen["depth"]]
            each = chosen.pop("each", {})
            made.append(Config(**BEFORE | BASE[self.size] | {"seed": FIRST_SEED} | chosen | each))
        return made

    def _critics(self, **options) -> list[Config]:
        """Critics of Lights Out on walks, of as many parameters at every depth unless a `width` is given."""
        fixed = dict(env="lights_out_3x3", data="walks", width=MATCHED, seeds=2 if self.size == "smoke" else 6)
        small = dict(num_envs=64, updates=32, width=16) if self.size == "smoke" else {}
        return self._runs(**fixed | options | small)

    def _mazes(self, *names: str) -> tuple[str, ...]:
        return tuple(f"{'ant' if self.size == 'paper' else 'point'}_{name}_maze" for name in names)

    def _tutorial(self, rounds: int = 50, **options) -> list[Config]:
        """Runs whose every option is the tutorial's own; on a laptop of so many rounds in a point maze."""
        sized = dict(evaluations=50, env_steps=4096 * (1 + rounds)) if self.size == "laptop" else {}
        return self._runs(**OURS | sized | options)

    def depth(self) -> list[Config]:
        """Figures 1 and 12: depth of actor and critic, everything else fixed. The laptop's ants see one of the paper's
        epochs, 984,064 steps after filling the buffer: its curves are flat there, their critics are not. Those of size
        gpu are the paper's in its hardest maze, for the first 10 of its 200 epochs."""
        if self.size == "gpu":
            laptop = Suites("laptop")
            points = [_gpu(c) for c in laptop.depth() + laptop._runs(depth=(512, 1024)) if c.env.startswith("point")]
            epochs = dict(env_steps=paper_steps(10), evaluations=10)
            return points + Suites("paper")._runs(env="ant_hardest_maze", depth=(4, 8, 16), **epochs)
        if self.size == "laptop":
            rest = self._runs(env=self._mazes("u", "u4", "hardest"), depth=(4, 16, 64))
            epoch = dict(env_steps=(17 + 248) * 62 * 64, evaluations=8, eval_episodes=16)
            ants = (dict(depth=4, seeds=4), dict(depth=8, seeds=4), dict(depth=16, seeds=2))
            return self._runs(depth=DEPTHS[:7]) + rest + self._runs(env="ant_big_maze", each=ants, **epoch)
        if self.size == "paper":
            return self._runs(env=self._mazes("big", "u4", "u5", "hardest"), depth=DEPTHS[:5], seeds=5)
        return self._runs(depth=(4, 8))

    def learning_rate(self) -> list[Config]:
        """The same rates for every depth. Each seed is to be scored at the rate that the other seeds choose."""
        if self.size == "paper":
            return self._runs(depth=(4, 16, 64), learning_rate=(1e-4, 3e-4, 1e-3))
        return self._runs(learning_rate=(1e-3, 3e-4, 3e-3), depth=(4, 16, 64))

    def limits(self) -> list[Config]:
        """Figure 12, the critic alone: what a network of 1024 layers can fit, at two learning rates for every depth. At
        the published size depth 512 and 1024 are those of actor and critic, as in `depth`."""
        if self.size == "paper":
            return self._runs(depth=(4, 64, 256, 512, 1024))
        more = dict(num_envs=1000, updates=1000) if self.size == "laptop" else {}
        return self._runs(depth=(4, 16, 64, 256, 1024), learning_rate=LEARNING_RATES[::-1], data="walks", **more)

    def depth_vs_width(self) -> list[Config]:
        """Figure 4: deeper at one width against wider at depth 4."""
        widths = {"smoke": (16, 32), "laptop": (32, 64, 128, 256), "paper": (128, 256, 512, 1024, 2048)}[self.size]
        return self._runs(depth=4, width=widths) + self._runs(depth=DEPTHS[:5])

    def batch_size(self) -> list[Config]:
        """Figure 7: batch size and depth together. Larger batches need a longer first collection on a laptop."""
        batches = {"smoke": (16, 32), "laptop": (64, 256, 1024), "paper": (128, 256, 512, 1024, 2048)}[self.size]
        return self._runs(batch_size=batches, depth=(4, 8, 16, 64) if self.size == "paper" else (4, 16))

    def actor_vs_critic(self) -> list[Config]:
        """Figure 6: depth of actor and critic apart."""
        depths = {"smoke": (4, 8), "laptop": (4, 16, 32), "paper": DEPTHS[:5]}[self.size]
        pairs = [dict(depth=max(a, c), actor_depth=a, critic_depth=c) for c in depths for a in depths]
        return self._runs(each=(*pairs,))

    def ablations(self) -> list[Config]:
        """Figures 5 and 16: without residual connections, without layer norm, with ReLU. On a laptop the critic alone,
        on random walks: what a network can fit, apart from what it explores."""
        switches = ({}, {"residual": False}, {"norm": "none"}, {"activation": "relu"}, {"norm": "rms"})
        walks = dict(data="walks", num_envs=1000, updates=1000) if self.size == "laptop" else {}
        return self._runs(depth=(64, 4, 16, 32), each=switches, **walks)

    def hindsight(self) -> list[Config]:
        """Which later state becomes the goal, or none, the commanded goal; and energies and losses beside the paper's."""
        tried = {"hindsight": ("geometric", "uniform", "final", "none"), "energy": ("l2_squared", "dot", "cosine")}
        tried["loss"] = ("backward", "symmetric", "binary")
        return self._runs(depth=(4, 16), each=tuple({name: value} for name in tried for value in tried[name]))

    def stitching(self) -> list[Config]:
        """Figure 11: trained on pairs at most 3 cells apart, scored on goals 4, 5 and 6 cells away."""
        maze = self._mazes("u")[0]
        return self._runs(env=f"{maze}_gen_1f2f3f", eval_env=f"{maze}_eval", depth=(4, 16, 64))

    def collector_learner(self) -> list[Config]:
        """Figure 8: who fills the buffer, and who learns from it. Learners of one seed and collector see the same data
        (on a card up to rounding, which may part them)."""
        return self._runs(collector_depth=(4, 32), depth=(4, 32))

    def lights_out_search(self) -> list[Config]:
        """The same learning rates for every depth, on selection seeds: what `lights_out` takes its rates from."""
        options = dict(seed=0, seeds=2, updates=8_000 if self.size == "paper" else 5_000, evaluations=25)
        return self._critics(depth=(4, 64, 16, 32, 8, 128), learning_rate=LEARNING_RATES, **options)

    def lights_out(self) -> list[Config]:
        """Emergence on a laptop: critics of equal parameters on walks of Lights Out, then critics of equal width."""
        options = dict(updates=16_000, evaluations=80, learning_rate=SEARCHED)
        equal_width = self._critics(depth=(4, 16, 32, 8), width=64, **options)
        return self._critics(depth=(4, 16, 32, 64, 8, 128), **options) + equal_width

    def lights_out_rates(self) -> list[Config]:
        """A shallow and a deep critic of `lights_out` at the other learning rate: at depth 4 the search hardly told the
        two apart."""
        return self._critics(depth=(4, 64), updates=16_000, evaluations=80, learning_rate=min(LEARNING_RATES))

    def environments(self) -> list[Config]:
        """Every maze, shallow and deep."""
        if self.size == "paper":
            return self._runs(env=self._mazes("big", "u4", "u5", "hardest"), depth=(4, 64))
        names = ("u", "big") if self.size == "smoke" else ("u", "u4", "u5", "big", "hardest")
        return self._runs(env=self._mazes(*names), depth=(4, 32))

    def cures(self) -> list[Config]:
        """Why agents beyond 64 layers stand still, and what mends them, on selection seeds: the big maze online, then
        critics of Lights Out alone (whose policy is greedy: the actor plays no part)."""
        depths, tried, evaluations = {
            "smoke": (8, CURES[:2], 2),
            "paper": ((64, 256, 1024), CURES[:3], 100),
            "laptop": ((256, 64, 4), CURES, 50),
        }[self.size]
        mazes = self._runs(depth=depths, each=tried, seed=0, seeds=2, evaluations=evaluations)
        mazes = [config for config in mazes if config.actor_depth <= config.depth]
        if self.size != "laptop":
            return mazes
        walks = dict(seed=0, seeds=1, updates=6_000, evaluations=60, learning_rate=SEARCHED, energy="dot")
        heads = ("plain", "norm", "scaled", "zero")
        return mazes + self._critics(depth=(64, 128, 16, 4), critic_head=heads, **walks)

    def published_head(self) -> list[Config]:
        """The paper's head and the cured one with the paper's own width, rate and first temperature, for some hundred
        updates on a selection seed: how fast policies saturate there."""
        published = dict(width=256, learning_rate=3e-4, alpha_learning_rate=3e-4, log_alpha_init=0.0)
        short = dict(updates_per_unroll=20, evaluations=10, env_steps=4096 * 11)
        options = published | short if self.size == "laptop" else {}
        return self._runs(depth=(64, 256, 1024), each=CURES[:2], seed=0, seeds=1, **options)

    def boards_search(self) -> list[Config]:
        """What `boards` takes its energy and batch from, on a selection seed: the same choices for every depth."""
        smaller = {"energy": "dot", "batch_size": 16 if self.size == "smoke" else 128}
        choices = ({"energy": "dot"}, smaller, {"energy": "l2"}, {"energy": "cosine"})
        walks = dict(updates=6_400 if self.size == "paper" else 6_000, evaluations=60, learning_rate=SEARCHED)
        return self._critics(each=choices, depth=(16, 4, 64), seed=0, seeds=1, **walks)

    def boards(self) -> list[Config]:
        """Which boards of Lights Out critics of equal size come to solve, with the inner product as energy: the perfect
        critic of this puzzle is nearly an inner product of two vectors of parities (crlkit/envs/lights_out.py). Energy and
        batch are what `boards_search` chose, the norm before the head what `cures` did: on the selection seed 16 and 64
        layers gain by it and 4 solve nothing either way."""
        return self._critics(depth=(16, 4, 64, 8, 32, 128), **BOARDS)

    def boards_rates(self) -> list[Config]:
        """Whether it is the learning rate that makes critics beyond 16 layers fall behind in `boards`: the same critics
        and seeds at a smaller one. Depth 64 first, on a selection seed."""
        slower = BOARDS | dict(learning_rate=3e-4)
        selection = self._critics(depth=64, **slower, seed=0, seeds=1)
        return selection + self._critics(depth=(64, 16, 4, 32, 128, 8), **slower)

    def boards_ablations(self) -> list[Config]:
        """Figures 5 and 16 where a critic can be told from a better one: `boards` without residual connections, without
        layer norm, with ReLU, and with the paper's energy and head."""
        switches = ({}, {"residual": False}, {"norm": "none"}, {"activation": "relu"})
        options = BOARDS | dict(updates=8_000, evaluations=40)
        return self._critics(depth=(16, 4, 64), each=(*switches, {"energy": "l2"}, {"critic_head": "plain"}), **options)

    def boards_stitching(self) -> list[Config]:
        """Figure 11: critics that never see two boards more than three presses apart (walks of four steps), scored
        beyond."""
        return self._critics(depth=(16, 4, 64), **BOARDS, num_envs=65_536, episode_length=4)

    def cured_depth(self) -> list[Config]:
        """Agents of 4 to 1024 layers whose networks end as `cures` chose: every option is the tutorial's own."""
        if self.size != "laptop":
            return self._runs(depth=(4, 64, 256), **OURS)
        # Beyond 256 a quarter of an hour each and more: one run per seed, so that none waits for the others.
        deepest = self._tutorial(seed=(100, 101, 102), depth=(1024, 512), seeds=1)
        mazes = self._mazes("u", "u4", "u5", "hardest")
        first = self._tutorial(depth=(4, 16, 64, 256), env=mazes, seeds=3)
        # Three seeds more, so that a maze can be decided on its own.
        more = self._tutorial(depth=(4, 64, 16), env=mazes, seeds=3, seed=FIRST_SEED + 3)
        return self._tutorial(depth=DEPTHS[:7]) + deepest + first + more

    def equal_seconds(self) -> list[Config]:
        """Depth 4 for as many seconds as depth 64 and 256 of `cured_depth` had: eight and thirty times the steps and
        updates."""
        if self.size != "laptop":
            return self._runs(depth=(4, 64), **OURS)
        return self._tutorial(8 * 50, depth=4) + self._tutorial(30 * 50, depth=4, seeds=3)

    def _short(self, where: str, depths: int | tuple[int, ...], agents: tuple[dict, ...]) -> list[Config]:
        """Every agent at every depth in a maze or with the reacher; on a laptop half as long, of five seeds."""
        five, steps = ({"seeds": 5}, {"env_steps": 150_000}) if self.size == "laptop" else ({}, {})
        if where == "reacher":
            return self._runs(env=where, each=agents, depth=depths, **OURS, **steps, **five)
        return self._tutorial(25, env=self._mazes(where), each=agents, depth=depths, **five)

    def algorithms(self) -> list[Config]:
        """Figure 13: would other algorithms gain by depth as well? With the sparse reward in the big maze; where there
        are no walls also from minus the distance, for half as many updates. One learning rate for all."""
        big, depths = self._mazes("big"), (4, 16, 64)
        sparse = self._tutorial(env=big, each=ALGORITHMS, depth=depths) + self._tutorial(env=big, depth=4, **CRL_2022)
        return sparse + self._short("open", depths, ON_DENSE)

    def what_they_solve(self) -> list[Config]:
        """One easy task for every other algorithm, at depth 4: the reacher from minus the distance, open ground with
        the sparse reward and hindsight, and the U maze, where GCBC has a scripted expert to imitate."""
        shown = GCSL, GCBC | {"agent_options": "expert=1"}
        tasks = {"reacher": ON_DENSE[1:], "open": (SAC, TD3), "u": shown}
        return [config for where, agents in tasks.items() for config in self._short(where, 4, agents)]

    def when_to_use(self) -> list[Config]:
        """Four kinds of tasks, after the text on which the kit is based, two each: sparse reward (mazes u4 and u5) and
        navigation (big and hardest), runs of `cured_depth`; dense reward, by SAC, and simple control, on open ground
        and with the reacher."""
        three = {"seeds": 3} if self.size == "laptop" else {}
        seeds = {"u4": three, "u5": three, "big": {}, "hardest": three}
        mazes = [self._tutorial(env=self._mazes(maze), depth=(4, 16, 64), **of) for maze, of in seeds.items()]
        dense = self._short("open", (4, 16, 64), ON_DENSE[:2]) + self._short("reacher", (4, 16), ON_DENSE[:2])
        return sum(mazes, []) + dense

    def bodies(self) -> list[Config]:
        """Bodies that learn on a laptop, with the tutorial's own settings: those of `crlkit train --env reacher --depth
        4`; and the half cheetah with the buffer of the others, too, and at their width."""
        three, short = {"seeds": 3}, {"buffer_size": 10_000}
        narrow = dict(width=64, env_steps=1_500_000, evaluations=15)
        if self.size == "smoke":
            three = short = narrow = {}
        cheetah = {"env": "half_cheetah"}
        tasks = ({"env": "reacher"}, cheetah | short | narrow, cheetah | short, cheetah, {"env": "arm_reach"})
        return self._runs(depth=4, each=tasks, **OURS, **three)


def _gpu(config: Config) -> Config:
    """A laptop's run with more seeds, none of them seen before; where a laptop takes one run per seed, so does a
    card."""
    return replace(
        config,
        seed=config.seed + (100 if config.seed >= FIRST_SEED else 10),
        seeds=GPU_SEEDS if config.seeds > 1 or config.seed < FIRST_SEED else 1,
        evaluations=min(config.evaluations, 40),
    )


SUITES = {name: make for name, make in vars(Suites).items() if callable(make) and not name.startswith("_")}


def configs(suite: str, size: str) -> list[Config]:
    """The configs of a suite, without duplicates. Raises UserError, with the nearest name, for an unknown one."""
    check_choice("suite", suite, SUITES)
    check_choice("size", size, SIZES)
    repeated = size == "gpu" and suite != "depth"
    made = SUITES[suite](Suites("laptop" if repeated else size))
    return list(dict.fromkeys(replace(config, out=None) for config in (map(_gpu, made) if repeated else made)))
