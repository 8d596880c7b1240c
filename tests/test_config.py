"""What a run may be: every wrong value is refused in one line that can be acted upon, and the paper's numbers."""

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crlkit import Config, UserError, envs, preset
from crlkit.config import CHOICES, DEPTHS, PRESETS, from_dict

NAN, INF = float("nan"), float("inf")


def refusal(options: dict) -> str:
    with pytest.raises(UserError) as error:
        Config(**options)
    text = str(error.value)
    assert text and "\n" not in text and "\r" not in text
    return text


def advice(text: str):
    """The value after 'nearest:', as a person would type it in."""
    word = text.split("nearest: ")[1].split()[0].rstrip(",")
    for read in (int, float):
        try:
            return read(word)
        except ValueError:
            pass
    return {"True": True, "False": False}.get(word, word)


WRONG = [
    *[("depth", value) for value in (6, 0, 1028, -4, 10**10, "8", 4.0, True, None)],
    *[("actor_depth", value) for value in (6, 2000, "8")],
    *[("critic_depth", value) for value in (3, -1)],
    *[("env", value) for value in ("point_bg_maze", "", "maze", "ant_u4_maze_single_eval", 7, None, ["point_u_maze"])],
    ("eval_env", "ant_big_maze_eval"),
    ("eval_env", "point_nowhere"),
    ("eval_env", 3),
    *[("preset", value) for value in ("huge", "", "Paper", 3, None)],
    *[("energy", value) for value in ("l3", "L2", "", 2, None)],
    *[("loss", value) for value in ("infonce", None)],
    *[("norm", value) for value in ("batch", None, False)],
    *[("activation", "tanh"), ("activation", 1)],
    *[("hindsight", "future"), ("hindsight", None)],
    *[("discount", value) for value in (0, 1, 0.0, 1.0, 1.5, -0.5, NAN, INF, "0.9", True)],
    *[("learning_rate", value) for value in (0, 0.0, -1e-3, NAN, INF, "1e-3", True)],
    *[("alpha_learning_rate", value) for value in (0.0, NAN)],
    *[("cosine_temperature", value) for value in (0.0, -1.0, INF, None)],
    *[("logsumexp_penalty", value) for value in (-0.1, NAN, INF, None)],
    *[("log_alpha_init", value) for value in (NAN, INF, "cold")],
    *[("target_entropy_per_action", value) for value in (NAN, -INF, None)],
    *[("width", value) for value in (0, -3, 32.0, 3e9, "32", True)],
    *[("embedding_size", value) for value in (0, None)],
    *[("seeds", value) for value in (0, -1, 1.0, "3", True, None)],
    *[("seed", value) for value in (-1, 2**31, 2**40, 0.5, None)],
    *[("batch_size", value) for value in (0, 1, 4097, 10**6, 64.0)],
    *[("env_steps", value) for value in (0, 1, 8191, 1e6)],
    *[("episode_length", value) for value in (0, 1, -5)],
    *[("unroll_length", value) for value in (0, 1281)],
    *[("prefill", value) for value in (0, 1, 1281, "64")],
    *[("updates_per_unroll", 0), ("evaluations", 0), ("eval_episodes", 0), ("evaluations", 2.5)],
    *[("residual", value) for value in ("yes", 1, None)],
    ("fixed_goals", "no"),
]


@pytest.mark.parametrize("field, value", WRONG, ids=[f"{field}={value!r}" for field, value in WRONG])
def test_a_wrong_value_is_named_and_a_good_one_offered(field, value):
    text = refusal({field: value})
    assert text.split()[0] == field
    assert str(value) in text or repr(value) in text
    assert "nearest: " in text
    Config(**{field: advice(text)})


@pytest.mark.parametrize("value", [5, -1, 1023, 1026, 2, 510])
def test_the_nearest_depth_is_the_nearest(value):
    distance = min(abs(value - depth) for depth in range(4, 1025, 4))
    assert abs(advice(refusal({"depth": value})) - value) == distance


@pytest.mark.parametrize("field", ["depth", "seeds", "width", "batch_size", "env_steps", "log_alpha_init"])
@pytest.mark.parametrize("value", [10**400, -(10**400)], ids=["huge", "-huge"])
def test_a_huge_number_is_no_crash(field, value):
    try:
        Config(**{field: value})
    except UserError as error:
        assert "\n" not in str(error)


ENTANGLED = [
    {"num_envs": 0},
    {"buffer_size": 0},
    {"buffer_size": 1},
    {"buffer_size": 32},
    {"num_envs": 2, "unroll_length": 8, "prefill": 2},
    {"preset": "paper", "env_steps": 100_000},
    {"unroll_length": 4000, "buffer_size": 2000},
    {"num_envs": 100_000},
    {"batch_size": 10**12},
    {"preset": "paper", "env": "ant_u_maze", "num_envs": 1},
]


@pytest.mark.parametrize("options", ENTANGLED, ids=str)
def test_following_the_advice_ends_in_a_run(options):
    """Where values hang together the first advice may call for a second."""
    for _ in range(6):
        try:
            Config(**options)
            return
        except UserError as error:
            options = {**options, str(error).split()[0]: advice(str(error))}
    pytest.fail(f"no end: {options}")


def test_advice_on_env_steps_is_exact():
    needed = advice(refusal({"env_steps": 10}))
    assert Config(env_steps=needed).rounds == 1
    refusal({"env_steps": needed - 1})


def test_advice_on_batch_size_is_the_first_updates_buffer():
    options = dict(num_envs=3, unroll_length=10, prefill=25, buffer_size=28, env_steps=3000)
    assert advice(refusal({**options, "batch_size": 500})) == 3 * 28  # 3 unrolls of 10 do not fit
    assert Config(**options, batch_size=84).batch_size == 84
    refusal({**options, "batch_size": 85})


@pytest.mark.parametrize("out", [5, Path("runs/first"), "runs/first", None])
def test_out_can_be_written_down_or_is_refused(out):
    try:
        config = Config(out=out)
    except UserError as error:
        assert str(out) in str(error) and "\n" not in str(error)
        assert not isinstance(out, str | None)
    else:
        assert from_dict(json.loads(json.dumps(config.to_dict()))) == config
        assert config.out is None or config.out == str(out)


def test_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().depth = 8


ALL = [(size, name) for size in PRESETS for name in envs.names()]


@pytest.mark.parametrize("size, name", ALL)
def test_every_preset_of_every_env_is_complete_and_survives_json(size, name):
    config = Config(preset=size, env=name)
    values = config.to_dict()
    assert [field for field, value in values.items() if value is None] == ["collector_depth", "updates", "out"]
    assert from_dict(values) == config
    assert from_dict(json.loads(json.dumps(values))) == config
    assert config.actor_depth == config.critic_depth == config.depth


@pytest.mark.parametrize("depth", DEPTHS)
def test_depths(depth):
    config = Config(depth=depth, critic_depth=8)
    assert (config.depth, config.actor_depth, config.critic_depth) == (depth, depth, 8)


def test_a_value_given_beats_the_preset_even_where_it_is_zero():
    config = Config(log_alpha_init=0.0, width=8, discount=0.5, evaluations=3)
    assert (config.log_alpha_init, config.width, config.discount, config.evaluations) == (0.0, 8, 0.5, 3)
    assert Config().log_alpha_init != 0.0


def test_round_trip_of_what_is_not_default():
    config = Config(env="ant_u4_maze", depth=64, actor_depth=16, seeds=2, energy="cosine", out="x", fixed_goals=True)
    assert from_dict(config.to_dict()) == config != Config()


def test_an_unknown_option_is_refused_with_the_closest():
    with pytest.raises(UserError) as error:
        from_dict({"dept": 8})
    assert "dept" in str(error.value) and advice(str(error.value)) == "depth" and "\n" not in str(error.value)


PAPER = dict(width=256, batch_size=512, num_envs=512, discount=0.99, learning_rate=3e-4, alpha_learning_rate=3e-4)
PAPER |= dict(updates_per_unroll=800, unroll_length=62, buffer_size=10_000, prefill=1000, episode_length=1000)
PAPER |= dict(env_steps=98_946_048, evaluations=100, eval_episodes=128, log_alpha_init=0.0)
PAPER |= dict(energy="l2", loss="forward", logsumexp_penalty=0.1, embedding_size=64, norm="layer", activation="swish")
PAPER |= dict(hindsight="geometric", residual=True, target_entropy_per_action=-0.5)


@pytest.mark.parametrize(
    "name, changed",
    [
        ("ant_big_maze", {"eval_env": "ant_big_maze_eval"}),
        ("ant_u4_maze", {"eval_env": "ant_u4_maze_eval"}),
        ("ant_u5_maze", {"eval_env": "ant_u5_maze_eval", "env_steps": 394_165_248, "evaluations": 400}),
        ("ant_hardest_maze", {"eval_env": "ant_hardest_maze", "env_steps": 197_352_448, "evaluations": 200}),
    ],
)
def test_the_paper_preset_is_the_papers_table(name, changed):
    values = Config(preset="paper", env=name).to_dict()
    assert {field: values[field] for field in PAPER | changed} == PAPER | changed


def test_the_papers_schedule():
    """17 unrolls (539,648 steps) fill the buffer; then 31,744 steps and 800 updates a round: 1 update to 39.7 steps."""
    config = Config(preset="paper", env="ant_big_maze")
    assert config.prefill_unrolls == 17
    assert config.steps_per_round == 31_744
    assert config.prefill_unrolls * config.steps_per_round == 539_648
    used = (config.prefill_unrolls + config.rounds) * config.steps_per_round
    assert config.env_steps - config.steps_per_round < used <= config.env_steps
    assert config.rounds == 3100 and config.evaluation_rounds == list(range(31, 3101, 31))  # 31 rounds an epoch


def test_presets_grow():
    for name in ("point_u_maze", "ant_u_maze"):
        smoke, tutorial, paper = (Config(preset=size, env=name) for size in ("smoke", "tutorial", "paper"))
        for field in ("width", "batch_size", "num_envs", "env_steps", "updates_per_unroll", "buffer_size"):
            assert getattr(smoke, field) < getattr(tutorial, field) <= getattr(paper, field)
        assert smoke.rounds * smoke.updates_per_unroll < 100


@pytest.mark.parametrize("rounds, evaluations", [(1, 1), (1, 5), (7, 7), (7, 3), (10, 4), (50, 10), (99, 98), (3, 1)])
def test_evaluation_rounds(rounds, evaluations):
    shape = dict(num_envs=8, unroll_length=16, prefill=16, buffer_size=64, batch_size=8)
    config = Config(**shape, env_steps=8 * 16 * (1 + rounds), evaluations=evaluations)
    after = config.evaluation_rounds
    assert config.rounds == rounds
    assert len(after) == min(evaluations, rounds) and after[-1] == rounds and after[0] >= 1
    assert all(a < b for a, b in zip(after, after[1:], strict=False))
    assert all(abs(a - (k + 1) * rounds / len(after)) <= 0.5 for k, a in enumerate(after))


@pytest.mark.parametrize("name", envs.names())
def test_agents_are_scored_on_the_far_goals_where_there_are_any(name):
    far = name if name.endswith("eval") else f"{name}_eval"
    has_far = far in envs.names() and not name.startswith("humanoid")  # the paper scores humanoids where they train
    assert Config(env=name).eval_env == (far if has_far else name)
    assert Config(env=name, eval_env=name).eval_env == name


def test_what_was_not_chosen_follows_a_change():
    config = Config(env="point_u_maze", depth=16, width=48)
    deeper = config.replace(depth=64)
    assert deeper == Config(env="point_u_maze", depth=64, width=48) and deeper.critic_depth == 64
    assert Config(depth=16, critic_depth=8).replace(depth=64).critic_depth == 8
    ant = config.replace(env="ant_u4_maze", preset="paper")
    assert ant == Config(env="ant_u4_maze", preset="paper", depth=16, width=48) and ant.eval_env == "ant_u4_maze_eval"
    walks = Config(data="walks", updates=200).replace(depth=8)
    assert walks.data == "walks" and walks.updates == 200 and walks.actor_depth == 8


def test_preset_and_the_variable_that_overrides_it(monkeypatch):
    monkeypatch.delenv("CRLKIT_PRESET", raising=False)
    assert preset("paper", env="ant_u4_maze", depth=8) == Config(preset="paper", env="ant_u4_maze", depth=8)
    monkeypatch.setenv("CRLKIT_PRESET", "smoke")
    assert preset("paper", env="ant_u4_maze", depth=8) == Config(preset="smoke", env="ant_u4_maze", depth=8)
    assert Config(preset="paper").preset == "paper"
    monkeypatch.setenv("CRLKIT_PRESET", "somke")
    with pytest.raises(UserError, match="'somke'.*nearest: smoke"):
        preset("paper")


FIELDS = [field.name for field in dataclasses.fields(Config)]
NUMBERS = st.one_of(st.sampled_from([2, 4, 8, 16, 64, 256, 1000, 10**6]), st.integers(-5, 5000), st.integers())
ANYTHING = st.one_of(
    NUMBERS, st.floats(), st.floats(0, 1), st.booleans(), st.none(), st.text(max_size=12), st.lists(st.integers())
)


def values_of(field: str) -> st.SearchStrategy:
    if field in ("env", "eval_env"):
        return st.one_of(st.sampled_from(envs.names()), st.from_regex(r"(point|ant)_u\w*", fullmatch=True), ANYTHING)
    if field in CHOICES:
        return st.one_of(st.sampled_from(sorted(CHOICES[field])), ANYTHING)
    if field in ("num_envs", "unroll_length", "prefill", "buffer_size", "batch_size", "env_steps", "episode_length"):
        return st.one_of(NUMBERS, NUMBERS, ANYTHING)
    return ANYTHING


OPTIONS = st.lists(st.sampled_from(FIELDS), unique=True, max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: values_of(name) for name in names})
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(OPTIONS)
def test_any_values_make_a_run_or_one_line_of_complaint(options):
    try:
        config = Config(**options)
    except UserError as error:
        assert str(error) and len(str(error).splitlines()) == 1
        return
    walks = config.data == "walks"
    of_walks = {"buffer_size", "prefill", "unroll_length", "env_steps"} if walks else ()  # they are the walks' own
    for field, value in options.items():
        assert value is None or field in of_walks or getattr(config, field) == value
    assert from_dict(config.to_dict()) == config
    assert all(getattr(config, field) in allowed for field, allowed in CHOICES.items())
    assert config.depth % 4 == config.actor_depth % 4 == config.critic_depth % 4 == 0
    assert config.rounds >= 1
    assert walks or (config.prefill_unrolls + config.rounds) * config.steps_per_round <= config.env_steps
    stored = min(config.buffer_size, config.prefill_unrolls * config.unroll_length)
    assert 2 <= config.batch_size <= config.num_envs * stored
    assert config.unroll_length <= config.buffer_size
    for name in (config.env, config.eval_env):
        envs.entry(name)
