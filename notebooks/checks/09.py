"""What the answers of notebook 09 are compared with: the plan of an experiment, a decision."""

import numpy as np
import pandas as pd

from crlkit.analysis.statistics import probability_of_improvement
from crlkit.config import Config
from crlkit.course.checks import Check
from crlkit.suites import FIRST_SEED

# A row a mistake, unformatted: what is wrong with the answer, and a function that makes it so.
# fmt: off
DEPTHS = {"depth", "actor_depth", "critic_depth"}


def plan(answer) -> bool:
    """A plan of an experiment: a function that returns Configs which differ in one option alone, on fresh seeds."""
    name = getattr(answer, "__name__", "my_plan")
    reason = flaw(answer)
    print(f"{name}: correct" if reason is None else f"{name}: not yet: {reason}")
    return reason is None


def flaw(answer) -> str | None:
    """What is wrong with a plan, in one line; None if it is a fair one."""
    try:
        configs = answer()
    except Exception as error:  # an error is an answer to explain
        return f"your code stopped with {type(error).__name__}: {str(error)[:120]}"
    if configs is None or configs is Ellipsis:
        return "there is no answer yet: replace the dots, and end with return"
    if not isinstance(configs, list) or not all(isinstance(config, Config) for config in configs):
        return f"a list of crlkit.Config expected, yours is a {type(configs).__name__}"
    if len(configs) < 2:
        return f"two arms at least expected, to have something to compare; yours has {len(configs)}"
    if len(set(configs)) < len(configs):
        return "every arm once expected, yours has two that are the same"
    values = pd.DataFrame([config.to_dict() for config in configs]).astype(str)
    differ = [column for column in values if values[column].nunique() > 1]
    if "depth" in differ and not DEPTHS & {*differ} - {"depth"}:
        return (
            "networks of different depth expected, yours are the same: `dataclasses.replace` keeps actor_depth and "
            "critic_depth; config.replace(depth=...) lets them follow"
        )
    options = {"depth" if column in DEPTHS else column for column in differ if column != "out"}
    if len(options) != 1:
        return f"one option to differ and all else equal expected, yours differ in {', '.join(sorted(options))}"
    if options & {"seed", "seeds"}:
        return f"all arms on the same seeds expected, yours differ in {options.pop()}"
    first = configs[0]
    if first.seeds < 6:
        return f"six seeds or more an arm expected, yours has {first.seeds}"
    if first.seed < FIRST_SEED:
        return f"fresh seeds expected, from {FIRST_SEED} up; yours begin at {first.seed}, where settings were chosen"
    return None


def right_decision(ours, theirs) -> float:
    """1 where the 95 % interval of P(ours > theirs) lies above 0.5, -1 where below, 0 where it holds 0.5."""
    p = probability_of_improvement([ours], [theirs])
    return float((p.low > 0.5) - (p.high < 0.5))


clear = np.array([0.5, 0.6, 0.55, 0.62, 0.58]), np.array([0.2, 0.3, 0.25, 0.28, 0.22])
unclear = np.array([0.2, 0.5, 0.3, 0.6]), np.array([0.4, 0.25, 0.35, 0.1])
decision = Check(
    "my_decision",
    right_decision,
    [unclear, clear, clear[::-1]],
    {
        "0 where the interval holds 0.5 expected, yours decides by the value of P alone":
            lambda x, y: np.sign(probability_of_improvement([x], [y]).value - 0.5),
        "1 where ours wins expected, yours has the sign the other way": lambda x, y: -right_decision(x, y),
        "three outcomes expected, yours does not know a loss": lambda x, y: max(0, right_decision(x, y)),
        "a decision expected, yours is P itself": lambda x, y: probability_of_improvement([x], [y]).value,
    },
)
