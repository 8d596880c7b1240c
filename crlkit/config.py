"""Every choice of a run in one frozen dataclass, checked when made; the only place where defaults live, but for those
that an environment declares.

A field left at None takes the value of the preset (`tutorial`: what 2 CPU cores do in minutes; `paper`: the published
size; `smoke`: seconds, for tests) that is declared with the environment (`envs.catalogue`).
"""

import math
import os
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral
from typing import Any, NoReturn

from crlkit import envs, losses, networks, registration
from crlkit.agents import AGENTS
from crlkit.envs.catalogue import POINT
from crlkit.errors import UserError, check_choice, check_number, nearest_name

DEPTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
PRESETS = ("smoke", "tutorial", "paper")
_KINDS = (AGENTS, networks.BLOCKS, networks.NORMS, networks.ACTIVATIONS, losses.ENERGIES, losses.LOSSES)
REGISTRIES = {registry.kind: registry for registry in _KINDS}
CHOICES = {
    "preset": PRESETS,
    "data": ("online", "walks"),
    "actor_head": tuple(networks.HEADS),
    "critic_head": tuple(networks.HEADS),
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
    """crl, contrastive reinforcement learning (the paper's); from rewards sac and td3, with hindsight unless `hindsight`
    is none; from imitation gcbc and gcsl."""
    agent_options: str = ""
    """Numbers that only this agent has: name=value,name=value."""
    data: str = "online"
    """Who learns, and from what. online: actor and critic, from what the actor does. walks: the critic alone, from
    `num_envs` random walks of `episode_length` steps, made once."""
    depth: int = 32
    """Dense layers inside residual blocks, of actor and critic: a multiple of 4 up to 1024."""
    actor_depth: int | None = None
    """Depth of the actor alone."""
    critic_depth: int | None = None
    """Depth of the critic's two encoders alone."""
    collector_depth: int | None = None
    """Depth of a second agent that alone fills the buffer and learns from the same batches, beside the agent that is
    scored (the paper's figure 8); without it the agent fills its own buffer."""
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
    a gate that begins almost shut."""
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
        """Fills in what is unset and refuses the first value that cannot run: alone, then beside the others."""
        for name in ("preset", "data"):
            check_choice(name, getattr(self, name), CHOICES[name])
        defaults = dict(envs.entry(self.env).presets[self.preset], eval_env=envs.eval_name(self.env))
        self._set("depth", _check_depth("depth", self.depth))
        for name, value in (defaults | dict(actor_depth=self.depth, critic_depth=self.depth)).items():
            if getattr(self, name) is None and (name != "updates" or self.data == "walks"):
                self._set(name, value)
        if self.data == "walks":
            for name in ("buffer_size", "prefill", "unroll_length"):
                self._set(name, self.episode_length)
        self._check_each()
        self._check_agent()
        self._check_together()

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _refuse(self, name: str, rule: str, nearest: Any) -> NoReturn:
        raise UserError(f"{name} {getattr(self, name)!r}: {rule}; nearest: {nearest}")

    def _check_each(self):
        for name in ("actor_depth", "critic_depth", "collector_depth"):
            if getattr(self, name) is not None:
                self._set(name, _check_depth(name, getattr(self, name)))
        for name, (low, high) in _RANGES.items():
            if name != "updates" or self.data == "walks":
                whole = name not in _REAL
                self._set(name, check_number(name, getattr(self, name), low, high, _EXAMPLES[name], whole))
        for name in ("residual", "fixed_goals"):
            if not isinstance(getattr(self, name), bool):
                self._refuse(name, "must be True or False", True)
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        envs.check(self.eval_env, "eval_env")
        if envs.species(self.eval_env) != envs.species(self.env):
            self._refuse("eval_env", "another body than env", envs.eval_name(self.env))
        if isinstance(self.out, os.PathLike):
            self._set("out", os.fspath(self.out))
        if not isinstance(self.out, str | None):
            self._refuse("out", "must be the name of a directory, or None", f"runs/{self.out}")

    def _check_agent(self):
        agent = AGENTS[self.agent]
        if not isinstance(self.agent_options, str):
            self._refuse("agent_options", "must be a text name=value,name=value", "''")
        for text in filter(None, self.agent_options.split(",")):
            name, _, value = text.partition("=")
            if name not in agent.OPTIONS:
                known = ",".join(f"{name}={default}" for name, default in agent.OPTIONS.items()) or "none"
                raise UserError(f"agent_options {text!r}: agent {self.agent} has other options; nearest: {known}")
            try:
                if not math.isfinite(float(value)):
                    raise ValueError
            except ValueError:
                nearest = f"{name}={agent.OPTIONS[name]}"
                raise UserError(f"agent_options {text!r}: must be a number; nearest: {nearest}") from None
        if self.data == "walks":
            if self.collector_depth is not None:
                self._refuse("collector_depth", "on walks nobody collects", "leave it out")
            if self.hindsight == "none":
                self._refuse("hindsight", "random walks are told no goal", "geometric")
            if not hasattr(agent, "update_critic"):
                self._refuse("data", f"agent {self.agent} has no critic to train alone", "online")

    def _check_together(self):
        each, unroll = self.updates_per_unroll, self.steps_per_round
        if self.data == "walks":
            self._set("env_steps", self.num_envs * self.episode_length)
            if self.updates % each:
                nearest = max(1, round(self.updates / each)) * each
                self._refuse("updates", f"must be a multiple of updates_per_unroll ({each})", nearest)
        elif self.updates is not None:
            rule = f"only with data walks, online they follow from env_steps ({each} in every {unroll})"
            self._refuse("updates", rule, f"--env-steps {self.env_steps}")
        if self.seed + self.seeds - 1 > _LARGEST:
            self._refuse("seed", f"too large for {self.seeds} seeds", _LARGEST + 1 - self.seeds)
        for name in ("unroll_length", "prefill"):
            if getattr(self, name) > self.buffer_size:
                self._refuse(name, "more than buffer_size", self.buffer_size)
        if self.num_envs * self.buffer_size > _LARGEST:
            self._refuse("buffer_size", f"too large for {self.num_envs} environments", _LARGEST // self.num_envs)
        filled = self.num_envs * min(self.buffer_size, self.prefill_unrolls * self.unroll_length)
        if self.batch_size > filled:
            rule = f"larger than the buffer at the first update ({filled} steps: num_envs x prefill)"
            self._refuse("batch_size", rule, filled)
        if self.rounds < 1:
            rule = f"not enough to fill the buffer ({self.prefill_unrolls} x {unroll}) and train one round"
            self._refuse("env_steps", rule, (self.prefill_unrolls + 1) * unroll)

    def agent_option(self, name: str) -> float:
        """A number that only this agent has: what `agent_options` says last, or its default."""
        given = dict(text.split("=", 1) for text in filter(None, self.agent_options.split(",")))
        return float(given.get(name, AGENTS[self.agent].OPTIONS[name]))

    def replace(self, **changes: Any) -> "Config":
        """This config with changes. An option that stands at its default follows: the depths of actor and critic follow
        the depth, all that a preset sets follows preset and environment."""
        chosen = dict(preset=self.preset, env=self.env, data=self.data, depth=self.depth)
        defaults = Config(**chosen)
        kept = {name: value for name, value in self.to_dict().items() if value != getattr(defaults, name)}
        return Config(**chosen | kept | changes)

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
_REAL = {  # numbers: least and largest; 1e-30 stands for "more than nothing"
    **dict.fromkeys(("learning_rate", "alpha_learning_rate"), (1e-30, 1e30)),
    **dict.fromkeys(("log_alpha_init", "log_alpha_max"), (-80.0, 80.0)),
    **dict.fromkeys(("logsumexp_penalty", "checkpoint_seconds"), (0.0, 1e30)),
    **dict(cosine_temperature=(1e-6, 1e30), target_entropy_per_action=(-1e30, 1e30)),
    "discount": (1e-6, 0.999999),  # beyond, its logarithm is lost in single precision
}
_RANGES = {  # and whole numbers before them
    **{f.name: (1, _LARGEST) for f in fields(Config) if f.type in (int, int | None) and "depth" not in f.name},
    **dict.fromkeys(("batch_size", "episode_length", "buffer_size", "prefill"), (2, _LARGEST)),
    **dict(seed=(0, _LARGEST), env_steps=(None, 2**53)),
    **_REAL,
}
# A good value where the one given says nothing: the default, or that of a point in a maze.
_EXAMPLES = POINT["tutorial"] | {f.name: f.default for f in fields(Config) if f.default is not None}


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
    named = registration.places(*(f"{kind} {getattr(config, kind)}" for kind in REGISTRIES))
    needed = envs.needed(config.env, config.eval_env) | named
    return config.to_dict() | ({"registered": needed} if needed else {})


def from_dict(values: dict[str, Any]) -> Config:
    """The inverse of `Config.to_dict` and of `to_file`. Raises UserError for a field that does not exist, and for a
    registration that has not been made here."""
    values = dict(values)
    registration.require(dict(values.pop("registered", {})))
    known = [f.name for f in fields(Config)]
    for name in sorted(values.keys() - known):
        raise UserError(f"{name!r}: no such option of a run; nearest: {nearest_name(name, known)}")
    return Config(**BEFORE | values)
