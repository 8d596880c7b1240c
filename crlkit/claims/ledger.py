"""What an entry of the claims ledger is: what was claimed, how it is tested, and the rule that turns rows into a verdict."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

OUTCOMES = ("reproduced", "partly", "not reproduced", "undecided", "not run")
OWN = "consistent with its own numbers"  # what a recount of the paper's tables can show, and no more
RECOUNTS = (OWN, f"partly {OWN}", f"not {OWN}")
BENCH = "update_times"  # the table of `crlkit bench`
PUBLISHED, ARITHMETIC, BENCHED = "published data", "arithmetic", "crlkit bench"


class Verdict(NamedTuple):
    """outcome: one of OUTCOMES or, of published data, RECOUNTS. here: what was measured, in words. seeds: of the arm that has fewest, 0 where nothing
    was run. size: of the evidence, such as "4 point mazes, laptop", "published data", "arithmetic"."""

    outcome: str
    here: str = ""
    seeds: int = 0
    size: str = ""


NOT_RUN = Verdict("not run")
NOT_ONE_CLOCK = Verdict("not run", "run on different processors, whose seconds do not compare")
# The README's rows, the most important first; docs/claims.md has all.
HEADLINES = (
    *("new_goals_per_second", "depth_helps", "saturated_head"),  # found
    *("depth_at_equal_seconds", "beyond_64", "critical_depth"),  # not found
)
TWO = "Reproduced: both parts; partly: one; not reproduced: neither, and the reverse of one"


@dataclass(frozen=True)
class Claim:
    """One claim. `rule` says in words what `judge` does in code; docs/evidence.md says which were written after rows had been seen.

    published: of the data folder, the authors' number, in words. suites: the experiments that test it, none where the
    paper's own numbers (`basis` "published data"), counting ("arithmetic") or a clock ("crlkit bench") must do.
    """

    name: str
    sentence: str
    source: str
    published: Callable[[Path], str]
    statistic: str
    rule: str
    judge: Callable[[Path], Verdict]
    suites: tuple[str, ...] = ()
    basis: str = "runs"


def by_parts(held: Iterable[bool | None], needed: int = 1) -> str:
    """reproduced if every part holds and there are at least `needed`, partly if some hold; if none does, not reproduced
    where the rows speak against one (False), else undecided (None: they allow both)."""
    held = list(held)
    if all(held) and len(held) >= needed:
        return "reproduced"
    if any(held):
        return "partly"
    return "not reproduced" if False in held else "undecided"


def counted(number: int, thing: str) -> str:
    """ "1 maze", "4 mazes"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def stated(words: str):
    """What the claim itself says, where no table holds a number for it."""
    return lambda data: words
