"""The experiments of the paper as named lists of configs, each at four sizes; `suites.toml` has them, and says how to add
one.

smoke: seconds, for tests. laptop: what two cores do in an evening, on point mazes. gpu: the same with more seeds, fresh
ones, and the greatest depths, for a card at hand for an hour. paper: the published size.
Seeds from 100 up are kept for reporting; settings are chosen on seeds below 100.
"""

import tomllib
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from crlkit.config import Config, from_dict
from crlkit.errors import check_choice

FIRST_SEED = 100
SUITES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))  # what an entry holds, by name
SETTINGS, _SIZES = SUITES.pop("settings"), SUITES.pop("sizes")
SIZES = tuple(_SIZES)
# Depth and width of critics with the same number of parameters, and the learning rate that a search found for them.
MATCHED = {int(depth): width for depth, width in SETTINGS["critics"]["width"].items()}
SEARCHED = SETTINGS["critics"]["learning_rate"]


def configs(suite: str, size: str) -> list[Config]:
    """The configs of a suite, without duplicates. Raises UserError, with the nearest name, for an unknown one."""
    check_choice("suite", suite, SUITES)
    check_choice("size", size, SIZES)
    entry = SUITES[suite]
    if size == "gpu" and "gpu" not in entry:
        return [_on_a_card(config) for config in configs(suite, "laptop")]
    tables = entry[size] if size in entry else entry["runs"]
    return list(dict.fromkeys(config for table in tables for config in _configs(table, size)))


def _configs(table: dict[str, Any], size: str) -> list[Config]:
    """A config for every combination of what stands in the lists of a table, the last list varying fastest."""
    fixed, made = dict(_SIZES[size]), []
    for name in table.get("use", ()):
        fixed |= SETTINGS[name]
    axes = {name: value if isinstance(value, list) else [value] for name, value in table.items() if name != "use"}
    if size == "smoke":
        axes |= {name: [4, 8] for name, values in axes.items() if "depth" in name and len(values) > 1}
    for values in product(*axes.values()):
        options = fixed | dict(zip(axes, values))
        each = options.pop("each", {})
        options |= SETTINGS[each] if isinstance(each, str) else each
        if "depth" not in options:
            options["depth"] = max(options["actor_depth"], options["critic_depth"])
        if isinstance(options.get("width"), dict):
            options["width"] = MATCHED[options["depth"]]
        made.append(from_dict(options))
    return made


def _on_a_card(config: Config) -> Config:
    """A laptop's run with more seeds, none of them seen before; where a laptop takes one run per seed, so does a
    card."""
    reported = config.seed >= FIRST_SEED
    return replace(
        config,
        seed=config.seed + (100 if reported else 10),
        seeds=20 if config.seeds > 1 or not reported else 1,
        evaluations=min(config.evaluations, 40),
    )
