"""Every choice of a run in one frozen dataclass, checked when made; the only place where defaults live, but for those
that an environment declares.

A field left at None takes the value of the preset (`tutorial`: what 2 CPU cores do in minutes; `paper`: the published
size; `smoke`: seconds, for tests) that is declared with the environment (`envs.presets`).
"""

import difflib
import math
import os
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral, Real
from typing import Any

from crlkit import envs, losses, networks, registration
from crlkit.agents import AGENTS
from crlkit.errors import UserError
from crlkit.registration import Registry

DEPTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
PRESETS = ("smoke", "tutorial", "paper")
HEADS = tuple(networks.HEADS)
REGISTRIES = {
    registry.kind: registry
    for registry in (AGENTS, networks.BLOCKS, networks.NORMS, networks.ACTIVATIONS, losses.ENERGIES, losses.LOSSES)
}
CHOICES = {
    "preset": PRESETS,
    "data": ("online", "walks"),
    "actor_head": HEADS,
    "critic_head": HEADS,
    "hindsight": ("geometric", "uniform", "final", "none"),
    "reward": tuple(envs.REWARDS),
    **REGISTRIES,
}
# What a run had that was recorded before an option existed: such options leave the names of old runs as they are.
BEFORE = {"actor_head": "plain", "critic_head": "plain"}


@dataclass(frozen=True)
class Config:
    """One experiment. Raises UserError, in one line, for any value that cannot run.

    Unset options are filled in at once; to change one and let those follow that follow from it,
    `config.replace(depth=16)`.
    """

    env: str = "point_big_maze"
    """Environment to train in; `crlkit envs` lists them."""
    preset: str = "tutorial"
    """Where unset options come from: smoke, tutorial or paper."""
    agent: str = "crl"
    """The algorithm: crl, contrastive reinforcement learning (the paper's); from rewards sac and td3, with hindsight
    unless `hindsight` is none; from imitation gcbc and gcsl."""
    agent_options: str = ""
    """Numbers that only this agent has: name=value,name=value."""
    data: str = "online"
    """online: actor and critic learn from what the actor does. walks: the critic alone learns from `num_envs` random
    walks of `episode_length` steps, made once."""
    depth: int = 32
    """Dense layers inside residual blocks, of actor and critic: a multiple of 4 up to 1024."""
    actor_depth: int | None = None
    """Depth of the actor alone."""
    critic_depth: int | None = None
    """Depth of the critic's two encoders alone."""
    collector_depth: int | None = None
    """Depth of a second agent that alone fills the buffer and learns from the same batches, beside the agent that is
    scored (the paper's figure 8: exploration apart from expressivity); without it the agent fills its own buffer."""
    width: int | None = None
    """Units of every hidden layer."""
    seeds: int = 1
    """How many seeds to train, in one program."""
    seed: int = 0
    """The first seed."""
    env_steps: int | None = None
    """Environment steps of a seed, all environments together, those that fill the buffer included. With data="walks"
    the steps of the walks, and so are buffer_size, prefill and unroll_length those of a walk."""
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
    """Which later state becomes the goal: geometric (the paper's), uniform or final; none: no relabelling, the goal of
    a step is the one it was told."""
    reward: str = "sparse"
    """Of agents that learn from one: sparse, 0 at the goal and -1 elsewhere, or dense, minus the distance."""
    block: str = "residual"
    """What a stack repeats: residual (the paper's), four layers and the identity around them; gated, the layers behind
    a gate that begins almost shut; prenorm, the norm before the layers instead of in each (with head norm at both
    ends)."""
    residual: bool = True
    """Identity around every block."""
    norm: str = "layer"
    """After every Dense: layer (the paper's), rms or none."""
    activation: str = "swish"
    """swish (the paper's), relu or gelu."""
    actor_head: str | None = None
    """How the actor ends: plain, the head on the residual stream as it is (the paper's); norm, a layer normalisation
    before the head; scaled, the stream divided by sqrt(blocks); zero, a head that begins at zero."""
    critic_head: str | None = None
    """The same of the critic's two encoders."""
    embedding_size: int = 64
    """Size of the two embeddings that the energy compares."""
    learning_rate: float | None = None
    """Adam, actor and critic."""
    alpha_learning_rate: float | None = None
    """Adam, log of the entropy temperature."""
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
        _check_choice("preset", self.preset)
        _check_choice("data", self.data)
        envs.check(self.env)
        _check_depth("depth", self.depth)
        defaults = dict(envs.entry(self.env).presets[self.preset])
        defaults.update(actor_depth=self.depth, critic_depth=self.depth, eval_env=envs.eval_name(self.env))
        walks = self.data == "walks"
        updates = defaults.pop("updates")
        if walks:
            defaults["updates"] = updates
        for name, value in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)
        if walks:
            for name in ("buffer_size", "prefill", "unroll_length"):
                object.__setattr__(self, name, self.episode_length)
        self._check()

    def _check(self):
        for name in ("depth", "actor_depth", "critic_depth"):
            object.__setattr__(self, name, _check_depth(name, getattr(self, name)))
        if self.collector_depth is not None:
            object.__setattr__(self, "collector_depth", _check_depth("collector_depth", self.collector_depth))
            if self.data == "walks":
                raise UserError(
                    f"collector_depth {self.collector_depth}: on walks nobody collects; nearest: leave it out"
                )
        for name, (low, high) in _WHOLE.items():
            if name == "updates" and self.data == "online":
                continue
            object.__setattr__(self, name, _check_whole(name, getattr(self, name), low, high))
        for name, (low, high) in _REAL.items():
            object.__setattr__(self, name, _check_real(name, getattr(self, name), low, high))
        for name in ("residual", "fixed_goals"):
            if not isinstance(getattr(self, name), bool):
                raise UserError(f"{name} {getattr(self, name)!r}: must be True or False; nearest: True")
        for name in CHOICES:
            _check_choice(name, getattr(self, name))
        self._check_agent()
        envs.check(self.eval_env, "eval_env")
        if envs.species(self.eval_env) != envs.species(self.env):
            raise UserError(f"eval_env {self.eval_env!r}: another body than env; nearest: {envs.eval_name(self.env)}")
        if isinstance(self.out, os.PathLike):
            object.__setattr__(self, "out", os.fspath(self.out))
        if not isinstance(self.out, str | None):
            raise UserError(f"out {self.out!r}: must be the name of a directory, or None; nearest: runs/{self.out}")
        self._check_sizes()

    def _check_agent(self):
        agent = AGENTS[self.agent]
        if not isinstance(self.agent_options, str):
            raise UserError(f"agent_options {self.agent_options!r}: must be a text name=value,name=value; nearest: ''")
        for text in filter(None, self.agent_options.split(",")):
            name, _, value = text.partition("=")
            if name not in agent.OPTIONS:
                known = ",".join(f"{name}={default}" for name, default in agent.OPTIONS.items()) or "none"
                raise UserError(f"agent_options {text!r}: agent {self.agent} has other options; nearest: {known}")
            try:
                good = math.isfinite(float(value))
            except ValueError:
                good = False
            if not good:
                raise UserError(f"agent_options {text!r}: must be a number; nearest: {name}={agent.OPTIONS[name]}")
        if self.data == "walks" and self.hindsight == "none":
            raise UserError("hindsight 'none': random walks are told no goal; nearest: geometric")
        if self.data == "walks" and not hasattr(agent, "update_critic"):
            raise UserError(f"data 'walks': agent {self.agent} has no critic to train alone; nearest: online")

    def agent_option(self, name: str) -> float:
        """A number that only this agent has: what `agent_options` says last, or its default."""
        given = dict(text.split("=", 1) for text in filter(None, self.agent_options.split(",")))
        return float(given.get(name, AGENTS[self.agent].OPTIONS[name]))

    def replace(self, **changes: Any) -> "Config":
        """This config with changes. An option that stands at its default follows: the depths of actor and critic follow
        the depth, all that a preset sets follows preset and environment."""
        defaults = Config(preset=self.preset, env=self.env, data=self.data, depth=self.depth)
        kept = {name: value for name, value in self.to_dict().items() if value != getattr(defaults, name)}
        return Config(
            **{"preset": self.preset, "env": self.env, "data": self.data, "depth": self.depth, **kept, **changes}
        )

    def _check_sizes(self):
        if self.data == "walks":
            object.__setattr__(self, "env_steps", self.num_envs * self.episode_length)
            if self.updates % self.updates_per_unroll:
                nearest = max(1, round(self.updates / self.updates_per_unroll)) * self.updates_per_unroll
                raise UserError(
                    f"updates {self.updates}: must be a multiple of updates_per_unroll ({self.updates_per_unroll}); "
                    f"nearest: {nearest}"
                )
        elif self.updates is not None:
            raise UserError(
                f"updates {self.updates!r}: only with data walks, online they follow from env_steps "
                f"({self.updates_per_unroll} in every {self.steps_per_round}); nearest: --env-steps {self.env_steps}"
            )
        if self.seed + self.seeds - 1 > _LARGEST:
            raise UserError(f"seed {self.seed}: too large for {self.seeds} seeds; nearest: {_LARGEST + 1 - self.seeds}")
        if self.unroll_length > self.buffer_size:
            raise UserError(f"unroll_length {self.unroll_length}: more than buffer_size; nearest: {self.buffer_size}")
        if self.prefill > self.buffer_size:
            raise UserError(f"prefill {self.prefill}: more than buffer_size; nearest: {self.buffer_size}")
        if self.num_envs * self.buffer_size > _LARGEST:
            nearest = _LARGEST // self.num_envs
            raise UserError(
                f"buffer_size {self.buffer_size}: too large for {self.num_envs} environments; nearest: {nearest}"
            )
        filled = self.num_envs * min(self.buffer_size, self.prefill_unrolls * self.unroll_length)
        if self.batch_size > filled:
            raise UserError(
                f"batch_size {self.batch_size}: larger than the buffer at the first update "
                f"({filled} steps: num_envs x prefill); nearest: {filled}"
            )
        if self.rounds < 1:
            needed = (self.prefill_unrolls + 1) * self.steps_per_round
            raise UserError(
                f"env_steps {self.env_steps}: not enough to fill the buffer ({self.prefill_unrolls} x "
                f"{self.steps_per_round}) and train one round; nearest: {needed}"
            )

    @property
    def steps_per_round(self) -> int:
        """Environment steps of one round of collection, all environments."""
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
        """What its names stand for at the moment; a notebook cell that runs again gives a name another meaning."""
        return tuple(registry[getattr(self, kind)] for kind, registry in REGISTRIES.items())

    def of_collector(self) -> "Config":
        """This config with the depth of the agent that fills the buffer."""
        depth = self.collector_depth
        return replace(self, depth=depth, actor_depth=depth, critic_depth=depth, collector_depth=None, out=None)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


_LARGEST = 2**31 - 1  # counters on the device are int32
_WHOLE = {  # whole numbers: least and largest
    **{f.name: (1, _LARGEST) for f in fields(Config) if f.type in (int, int | None) and "depth" not in f.name},
    **dict(seed=(0, _LARGEST), batch_size=(2, _LARGEST), episode_length=(2, _LARGEST)),
    **dict(buffer_size=(2, _LARGEST), prefill=(2, _LARGEST), env_steps=(None, 2**53)),
}
_REAL = {  # numbers: least and largest; 1e-30 stands for "more than nothing"
    "learning_rate": (1e-30, 1e30),
    "alpha_learning_rate": (1e-30, 1e30),
    "cosine_temperature": (1e-6, 1e30),
    "logsumexp_penalty": (0.0, 1e30),
    "discount": (1e-6, 0.999999),  # beyond, its logarithm is lost in single precision
    "log_alpha_init": (-80.0, 80.0),
    "log_alpha_max": (-80.0, 80.0),
    "target_entropy_per_action": (-1e30, 1e30),
    "checkpoint_seconds": (0.0, 1e30),
}


def _check_whole(name: str, value: Any, low: int | None, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral):
        real = isinstance(value, Real) and math.isfinite(value) and not isinstance(value, bool)
        nearest = max(round(value), low or 1) if real else _example(name)
        raise UserError(f"{name} {value!r}: must be a whole number; nearest: {nearest}")
    nearest = min(max(int(value), int(value) if low is None else low), high)
    if nearest != value:
        raise UserError(
            f"{name} {value}: must be {f'from {low} to' if low is not None else 'at most'} {high}; nearest: {nearest}"
        )
    return int(value)


def _check_real(name: str, value: Any, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or value != value:
        raise UserError(f"{name} {value!r}: must be a number; nearest: {_example(name)}")
    nearest = min(max(value, low), high)
    if nearest != value:
        raise UserError(f"{name} {value}: must be from {low} to {high}; nearest: {nearest}")
    return float(value)


def _example(name: str) -> Any:
    """A good value where the one given says nothing: the default."""
    default = next(f.default for f in fields(Config) if f.name == name)
    return envs.entry(Config.env).presets["tutorial"][name] if default is None else default


def _check_choice(name: str, value: Any) -> None:
    if isinstance(CHOICES[name], Registry):
        CHOICES[name].check(value)
    elif value not in CHOICES[name]:
        close = difflib.get_close_matches(str(value), CHOICES[name], n=1, cutoff=0.0)[0]
        raise UserError(f"{name} {value!r}: must be one of {', '.join(CHOICES[name])}; nearest: {close}")


def _check_depth(name: str, value: Any) -> int:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value % 4 or not 4 <= value <= 1024:
        nearest = min(max(4 * ((int(value) + 2) // 4), 4), 1024) if whole else 32
        rule = "must be a multiple of 4 from 4 to 1024 (4 Dense layers a block)"
        raise UserError(f"{name} {value!r}: {rule}; nearest: {nearest}")
    return int(value)


def preset(name: str, **options) -> Config:
    """`Config(preset=name, **options)`, the one line that sets a notebook's size.

    The variable CRLKIT_PRESET overrides the name, so that tests run every notebook at size `smoke`.
    """
    return Config(preset=os.environ.get("CRLKIT_PRESET", name), **options)


def to_file(config: Config) -> dict[str, Any]:
    """What a file keeps of a config: its options, and what it needs that people's own files registered."""
    needed = envs.needed(config.env, config.eval_env)
    for kind in REGISTRIES:
        needed |= registration.places(f"{kind} {getattr(config, kind)}")
    return config.to_dict() | ({"registered": needed} if needed else {})


def from_dict(values: dict[str, Any]) -> Config:
    """The inverse of `Config.to_dict` and of `to_file`. Raises UserError for a field that does not exist, and for a
    registration that has not been made here."""
    values = dict(values)
    registration.require(dict(values.pop("registered", {})))
    known = [f.name for f in fields(Config)]
    for name in values:
        if name not in known:
            close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.0)[0]
            raise UserError(f"{name!r}: no such option of a run; nearest: {close}")
    values = BEFORE | values
    return Config(**values)
