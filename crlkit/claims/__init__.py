"""The claims ledger: every claim of the paper and of the tutorial text, how it is tested, and what `data/` says to it.

A verdict is computed, never written down: `CLAIMS[name].judge(data)`. A new claim is a new entry of `ledger.toml`, which
says what its keys are.
"""

import inspect
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from pkgutil import resolve_name

from crlkit.claims.verdicts import Verdict


@dataclass(frozen=True)
class Claim:
    """An entry. judged: its rule, which turns the data into a verdict."""

    sentence: str
    source: str
    published: str
    statistic: str
    evidence: list[str] | str
    judged: Callable[..., Verdict]

    @property
    def rule(self) -> str:
        """In words: the docstring of what judges, with its parameters filled in."""
        given = {name: one.default for name, one in inspect.signature(self.judged).parameters.items()}
        return " ".join(inspect.getdoc(self.judged.func).format(**given).split())

    @property
    def suites(self) -> list[str]:
        return self.evidence if isinstance(self.evidence, list) else []

    @property
    def basis(self) -> str:
        return "runs" if self.suites else self.evidence

    def judge(self, data: Path) -> Verdict:
        return self.judged(Path(data), *self.suites)


def read(ledger: str) -> dict[str, Claim]:
    """The claims of a text in TOML."""
    claims = {}
    for name, entry in tomllib.loads(ledger).items():
        words = {key: entry.pop(key) for key in ("sentence", "source", "published", "statistic", "evidence")}
        rule = resolve_name(f"crlkit.claims.{entry.pop('rule')}")
        claims[name] = Claim(**words, judged=partial(rule, **entry))
    return claims


CLAIMS = read(Path(__file__).with_name("ledger.toml").read_text(encoding="utf-8"))
