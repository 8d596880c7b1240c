"""The checks of notebooks 05 to 13: the right answer passes, every mistake they know is named, and a plan is judged."""

from dataclasses import replace

import pytest

import crlkit
from crlkit.course import checks_depth
from crlkit.course.checks import Check
from crlkit.suites import FIRST_SEED

CHECKS = {name: check for name, check in vars(checks_depth).items() if isinstance(check, Check)}
MISTAKES = [(name, mistake) for name, check in CHECKS.items() for mistake in check.mistakes]


@pytest.mark.parametrize("name", CHECKS)
def test_the_right_answer_is_correct(name, capsys):
    assert CHECKS[name](CHECKS[name].right) is True
    assert capsys.readouterr().out == f"{CHECKS[name].name}: correct\n"


@pytest.mark.parametrize("name,mistake", MISTAKES, ids=lambda value: getattr(value, "words", value)[:50])
def test_every_mistake_is_named(name, mistake, capsys):
    assert CHECKS[name](mistake.answer) is False
    assert mistake.words in capsys.readouterr().out


def arms(**options):
    base = crlkit.Config(preset="smoke", env="point_u_maze", depth=4, seeds=3, seed=FIRST_SEED, **options)
    return [base, replace(base, energy="cosine")]


@pytest.mark.parametrize(
    "answer,said",
    [
        (lambda: arms(), "correct"),
        (lambda: None, "no answer yet"),
        (lambda: 1 / 0, "ZeroDivisionError"),
        (lambda: tuple(arms()), "a list of crlkit.Config"),
        (lambda: arms()[:1], "two arms at least"),
        (lambda: arms()[:1] * 2, "two that are the same"),
        (lambda: [arms()[0], replace(arms()[1], discount=0.5)], "differ in discount, energy"),
        (lambda: [arms()[0], replace(arms()[0], seed=500)], "same seeds"),
        (lambda: [arms()[0], replace(arms()[0], depth=8)], "`replace` keeps actor_depth and critic_depth"),
        (lambda: [replace(config, seeds=2) for config in arms()], "three seeds or more"),
        (lambda: [replace(config, seed=0) for config in arms()], f"from {FIRST_SEED} up"),
        (lambda: [crlkit.Config(preset="smoke", depth=d, seeds=3, seed=FIRST_SEED) for d in (4, 8)], "correct"),
    ],
)
def test_a_plan_is_judged(answer, said, capsys):
    assert checks_depth.check_plan(answer) is (said == "correct")
    assert said in capsys.readouterr().out
