"""Every choice of a run in one frozen dataclass, checked when made.

A field left at None takes the value of the preset (`tutorial`: what 2 CPU cores do in minutes; `paper`: the published
size; `smoke`: seconds, for tests) that is declared with the environment (`envs.catalogue`).
"""

import math
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from crlkit import envs, losses, networks, registration
from crlkit.agents import AGENTS
from crlkit.envs.catalogue import POINT
from crlkit.errors import UserError, check_choice, check_number

DEPTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
PRESETS = ("smoke", "tutorial", "paper")
_KINDS = (AGENTS, networks.BLOCKS, networks.NORMS, networks.ACTIVATIONS, losses.ENERGIES, losses.LOSSES)
REGISTRIES = {registry.kind: registry for registry in _KINDS}
CHOICES = {
    "preset": PRESETS,
    "data": ("online", "walks"),
    **dict.fromkeys(("actor_head", "critic_head"), tuple(networks.HEADS)),
    "hindsight": ("geometric", "uniform", "final", "none"),
    "reward": tuple(envs.REWARDS),
    **REGISTRIES,
}
# What a run had that was recorded before an option existed: such options leave the names of old runs as they are.
BEFORE = {"actor_head": "plain", "critic_head": "plain"}


@dataclass(frozen=True)
class Config:
    """One experiment. Raises UserError, in one line, for any value that cannot run.

    Unset options are filled in at once; `config.replace(depth=16)` changes one and those that follow from it."""

    env: str = "point_big_maze"
    """Environment to train in; `crlkit envs` lists them."""
    preset: str = "tutorial"
    """Where unset options come from: smoke, tutorial or paper."""
    agent: str = "crl"
    """crl, contrastive (the paper's); from rewards sac and td3; from imitation gcbc and gcsl."""
    agent_options: str = ""
    """Numbers that only this agent has: name=value,name=value."""
    data: str = "online"
    """online: actor and critic learn from what the actor does. walks: the critic alone, from `num_envs` random walks of
    `episode_length` steps, made once."""
    depth: int = 32
    """Dense layers inside residual blocks, of actor and critic: a multiple of 4 up to 1024."""
    actor_depth: int | None = None
    """Depth of the actor alone."""
    critic_depth: int | None = None
    """Depth of the critic's two encoders alone."""
    collector_depth: int | None = None
    """Depth of a second agent that alone fills the buffer and learns from the same batches (the paper's figure 8)."""
    width: int | None = None
    """Units of every hidden layer."""
    seeds: int = 1
    """How many seeds to train, in one program."""
    seed: int = 0
    """The first seed."""
    env_steps: int | None = None
    """Environment steps of a seed, all environments together, those that fill the buffer included. With data="walks" it,
    buffer_size, prefill and unroll_length are those of the walks."""
    updates: int | None = None
    """Gradient updates with data="walks"; online they follow from env_steps."""
    batch_size: int | None = None
    """State-action pairs (and so goals) of an update; every other goal of the batch is a negative."""
    energy: str = "l2"
    """f(s, a, g): l2 (the paper's), l2_squared, dot or cosine."""
    loss: str = "forward"
    """forward (the paper's), backward or symmetric InfoNCE, or binary NCE."""
    cosine_temperature: float = 0.1
    """Divides the cosine energy."""
    logsumexp_penalty: float = 0.1
    """Weight of the squared log-sum-exp in the critic's loss."""
    discount: float | None = None
    """Of the geometric distribution of hindsight goals, and of rewards."""
    hindsight: str = "geometric"
    """Which later state becomes the goal: geometric (the paper's), uniform, final or none (it keeps the one told)."""
    reward: str = "sparse"
    """Of agents that learn from one: sparse, 0 at the goal and -1 elsewhere, or dense, minus the distance."""
    block: str = "residual"
    """What a stack repeats: residual (the paper's), four layers and the identity around them; gated, the layers behind
    a gate that begins almost shut."""
    residual: bool = True
    """Identity around every block."""
    norm: str = "layer"
    """After every Dense: layer (the paper's), rms or none."""
    activation: str = "swish"
    """swish (the paper's), relu or gelu."""
    actor_head: str | None = None
    """How the actor ends: plain (the paper's), nothing before the head; norm, a layer normalisation; scaled, the stream
    divided by sqrt(blocks); zero, a head that begins at zero."""
    critic_head: str | None = None
    """The same of the critic's two encoders."""
    embedding_size: int = 64
    """Size of the two embeddings that the energy compares."""
    learning_rate: float | None = None
    """Adam, actor and critic."""
    alpha_learning_rate: float | None = None
    """Adam, log of the temperature."""
    log_alpha_init: float | None = None
    """Log of the entropy temperature at the start."""
    log_alpha_max: float = 80.0
    """The log of the temperature is clipped here; 80 never is."""
    target_entropy_per_action: float = -0.5
    """The temperature is tuned towards this entropy, in nats, times the number of action dimensions."""
    num_envs: int | None = None
    """Environments stepped side by side."""
    episode_length: int | None = None
    """Steps until an episode is cut."""
    unroll_length: int | None = None
    """Steps of every environment in a round, between updates."""
    updates_per_unroll: int | None = None
    """Gradient updates in a round."""
    buffer_size: int | None = None
    """Steps kept of every environment."""
    prefill: int | None = None
    """Steps of every environment, with the untrained actor, before the first update (whole unrolls)."""
    fixed_goals: bool = False
    """Keep the first start and goal of every environment for the whole run, as the paper's code does."""
    eval_env: str | None = None
    """Environment to be scored in; the far-goal layout of the same maze where the paper has one."""
    evaluations: int | None = None
    """How often the agent is scored, evenly spaced."""
    eval_episodes: int | None = None
    """Episodes of a score."""
    checkpoint_seconds: float = 300.0
    """Seconds between two checkpoints of a run that has a directory."""
    out: str | None = None
    """Run directory; None keeps the run in memory."""

    def __post_init__(self):
        """Fills in what is unset and refuses the first value that cannot run: alone, then beside the others."""
        for name in ("preset", "data"):
            check_choice(name, getattr(self, name), CHOICES[name])
        entry, walks = envs.entry(self.env), self.data == "walks"
        defaults = entry.presets[self.preset] | dict(eval_env=entry.eval_env, actor_depth=self.depth)
        for name, value in (defaults | dict(critic_depth=self.depth)).items():
            if getattr(self, name) is None and (name != "updates" or walks):
                self._set(name, value)
        if walks:
            for name in ("buffer_size", "prefill", "unroll_length"):
                self._set(name, self.episode_length)
        if isinstance(self.out, os.PathLike):
            self._set("out", os.fspath(self.out))
        for name, (low, high) in RANGES.items():
            value, whole = getattr(self, name), isinstance(high, int)
            if value is not None or name not in ("updates", "collector_depth"):
                self._set(name, check_number(name, value, low, high, _EXAMPLES.get(name, 32), whole))
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        if walks:
            self._set("env_steps", self.num_envs * self.episode_length)
        for broken, name, rule, nearest in self._rules():
            if broken:
                raise UserError(f"{name} {getattr(self, name)!r}: {rule}; nearest: {nearest}")
        self._agent_numbers()

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _rules(self) -> Iterator[tuple[Any, str, str, Any]]:
        """Whether a rule is broken, by which option, how it goes, and a good value; each relies on those before it."""
        for name in ("residual", "fixed_goals"):
            yield not isinstance(getattr(self, name), bool), name, "must be True or False", True
        yield not isinstance(self.out, str | None), "out", "must be the name of a directory", f"runs/{self.out}"
        for name in ("depth", "actor_depth", "critic_depth", "collector_depth"):
            layers = getattr(self, name) or 4
            yield layers % 4, name, "must be a multiple of 4 (Dense layers a block)", 4 * ((layers + 2) // 4)
        entry = envs.entry(self.env)
        moved = envs.entry(self.eval_env, "eval_env").species != entry.species
        yield moved, "eval_env", "another body than env", entry.eval_env
        each, unroll, first = self.updates_per_unroll, self.steps_per_round, self.prefill_unrolls
        if self.data == "walks":
            yield self.collector_depth, "collector_depth", "on walks nobody collects", "leave it out"
            yield self.hindsight == "none", "hindsight", "random walks are told no goal", "geometric"
            alone = hasattr(AGENTS[self.agent], "update_critic")
            yield not alone, "data", f"agent {self.agent} has no critic to train alone", "online"
            nearest = max(1, round(self.updates / each)) * each
            yield self.updates % each, "updates", f"must be a multiple of updates_per_unroll ({each})", nearest
        else:
            rule = f"only with data walks, online they follow from env_steps ({each} in every {unroll})"
            yield self.updates is not None, "updates", rule, f"--env-steps {self.env_steps}"
        for name in ("unroll_length", "prefill"):
            yield getattr(self, name) > self.buffer_size, name, "more than buffer_size", self.buffer_size
        most = _LARGEST // self.num_envs
        yield self.buffer_size > most, "buffer_size", f"too large for {self.num_envs} environments", most
        filled = self.num_envs * min(self.buffer_size, first * self.unroll_length)
        rule = f"larger than the buffer at the first update ({filled} steps: num_envs x prefill)"
        yield self.batch_size > filled, "batch_size", rule, filled
        rule = f"not enough to fill the buffer ({first} x {unroll}) and train one round"
        yield self.rounds < 1, "env_steps", rule, (first + 1) * unroll

    def _agent_numbers(self) -> dict[str, float]:
        numbers = dict(AGENTS[self.agent].OPTIONS)
        for text in filter(None, str(self.agent_options).split(",")):
            name, _, value = text.partition("=")
            try:
                if name not in numbers or not math.isfinite(float(value)):
                    raise ValueError
                numbers[name] = float(value)
            except ValueError:
                nearest = ",".join(f"{known}={number}" for known, number in numbers.items()) or "none"
                rule = f"must be name=number, of agent {self.agent}"
                raise UserError(f"agent_options {text!r}: {rule}; nearest: {nearest}") from None
        return numbers

    def agent_option(self, name: str) -> float:
        """A number that only this agent has: what `agent_options` says last, or its default."""
        return float(self._agent_numbers()[name])

    def replace(self, **changes: Any) -> "Config":
        """This config with changes. An option that stands at its default follows: the depths of actor and critic follow
        the depth, all that a preset sets follows preset and environment."""
        chosen = dict(preset=self.preset, env=self.env, data=self.data, depth=self.depth)
        defaults = Config(**chosen)
        kept = {name: value for name, value in self.to_dict().items() if value != getattr(defaults, name)}
        return Config(**chosen | kept | changes)

    @property
    def steps_per_round(self) -> int:  # of all environments
        return self.num_envs * self.unroll_length

    @property
    def prefill_unrolls(self) -> int:
        return -(-self.prefill // self.unroll_length)

    @property
    def rounds(self) -> int:
        """Rounds (collect, then update) that fit into `env_steps` after filling the buffer; on walks just updates."""
        if self.data == "walks":
            return self.updates // self.updates_per_unroll
        return self.env_steps // self.steps_per_round - self.prefill_unrolls

    @property
    def evaluation_rounds(self) -> list[int]:
        """After which rounds the agent is scored, the last one included."""
        count = min(self.evaluations, self.rounds)
        return [round((k + 1) * self.rounds / count) for k in range(count)]

    @property
    def parts(self) -> tuple:
        """What its names stand for at the moment: a notebook cell that runs again registers another part."""
        return tuple(registry[getattr(self, kind)] for kind, registry in REGISTRIES.items())

    def of_collector(self) -> "Config":  # that of the agent that fills the buffer
        depth = self.collector_depth
        return replace(self, depth=depth, actor_depth=depth, critic_depth=depth, collector_depth=None, out=None)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


_LARGEST = 2**31 - 1  # counters on the device are int32
RANGES = {  # of every number the least and the largest; 1e-30 stands for "more than nothing"
    **dict.fromkeys(("depth", "actor_depth", "critic_depth", "collector_depth"), (4, 1024)),
    **dict.fromkeys(("episode_length", "batch_size", "buffer_size", "prefill"), (2, _LARGEST)),
    **dict.fromkeys(("width", "embedding_size", "seeds", "updates", "updates_per_unroll"), (1, _LARGEST)),
    **dict.fromkeys(("num_envs", "unroll_length", "evaluations", "eval_episodes"), (1, _LARGEST)),
    **dict(seed=(0, _LARGEST), env_steps=(None, 2**53)),
    **dict.fromkeys(("learning_rate", "alpha_learning_rate"), (1e-30, 1e30)),
    **dict.fromkeys(("log_alpha_init", "log_alpha_max"), (-80.0, 80.0)),
    **dict.fromkeys(("logsumexp_penalty", "checkpoint_seconds"), (0.0, 1e30)),
    **dict(cosine_temperature=(1e-6, 1e30), target_entropy_per_action=(-1e30, 1e30)),
    "discount": (1e-6, 0.999999),  # beyond, its logarithm is lost in single precision
}
# A good value where the one given says nothing: the default, or that of a point in a maze.
_EXAMPLES = POINT["tutorial"] | {f.name: f.default for f in fields(Config) if f.default is not None}


def preset(name: str, **options) -> Config:
    """`Config(preset=name, **options)`, the one line that sets a notebook's size; the variable CRLKIT_PRESET overrides
    the name, so that tests run every notebook at size `smoke`."""
    return Config(preset=os.environ.get("CRLKIT_PRESET", name), **options)


def to_file(config: Config) -> dict[str, Any]:
    """What a file keeps of a config: its options, and what it needs that people's own files registered."""
    named = registration.places(*(f"{kind} {getattr(config, kind)}" for kind in REGISTRIES))
    needed = envs.needed(config.env, config.eval_env) | named
    return config.to_dict() | ({"registered": needed} if needed else {})


def from_dict(values: dict[str, Any]) -> Config:
    """The inverse of `Config.to_dict` and of `to_file`. Raises UserError for a field that does not exist, and for a
    registration that has not been made here."""
    values = dict(values)
    registration.require(dict(values.pop("registered", {})))
    for name in sorted(values):
        check_choice("option", name, [f.name for f in fields(Config)])
    return Config(**BEFORE | values)
