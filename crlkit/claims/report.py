"""The ledger for people: a table for the terminal, one entry in full, and the pages `crlkit claims --write` renews."""

import re
import textwrap
from collections import Counter
from pathlib import Path

from rich import box
from rich.table import Table

from crlkit.claims import CLAIMS, Claim, recorded
from crlkit.claims.verdicts import OUTCOMES, RECOUNTS, WORDS, Verdict
from crlkit.errors import UserError, check_choice

BEGIN, END = "<!-- claims -->", "<!-- /claims -->"
README, PAGE = "README.md", "docs/claims.md"
WIDTHS = {"claim": 30, "published": 24, "here": 28, "seeds": 5, "verdict": 10, "evidence": 13}  # in the terminal
SHORT = ("claim", "here", "seeds", "verdict", "evidence")  # of the README
HERE = {"reproduced": "holds here", "not reproduced": "does not hold here"}  # of what the paper does not claim


def filled(text: str, **words) -> str:
    """A text of `pages.toml` with what it names, in lines."""
    text = " ".join(text.format(**WORDS | words).split())
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def outcome(claim: Claim, verdict: Verdict) -> str:
    """In the words for what the paper claims, or for a question to it."""
    return HERE.get(verdict.outcome, verdict.outcome) if claim.source.startswith("question") else verdict.outcome


def told(name: str, data: Path) -> dict[str, str]:
    """All that is said of a claim."""
    claim, verdict = CLAIMS[name], CLAIMS[name].judge(data)
    words = {"claim": claim.sentence, "source": claim.source, "published": claim.published}
    words |= {"tested by": ", ".join(claim.suites) or claim.basis, "statistic": claim.statistic, "rule": claim.rule}
    words |= {"verdict": outcome(claim, verdict), "here": verdict.here or "-"}
    return words | {"seeds": str(verdict.seeds or "-"), "evidence": verdict.size or "-"}


def verdicts(data: Path) -> dict[str, dict[str, str]]:
    return {name: told(name, data) for name in CLAIMS}


def _tally(judged: dict[str, dict[str, str]]) -> str:
    number = Counter(words["verdict"] for words in judged.values())
    every = (*OUTCOMES, *HERE.values(), *RECOUNTS)
    return ", ".join(f"{number[outcome]} {outcome}" for outcome in every if number[outcome])


def table(data: Path) -> Table:
    """Readable at 120 columns."""
    judged = verdicts(data)
    caption = f"{_tally(judged)}. {WORDS['how']}"
    drawn = Table(box=box.SIMPLE_HEAD, show_lines=True, padding=(0, 1, 0, 0), caption=caption)
    for name, width in WIDTHS.items():
        drawn.add_column(name, max_width=width)
    for name, words in judged.items():
        sentence, *cells = (words[column].replace("[", r"\[") for column in WIDTHS)
        drawn.add_row(f"{sentence}\n[dim]{name}[/dim]", *cells)
    return drawn


def entry(name: str, data: Path) -> str:
    """One claim in full. Raises UserError, with the nearest name, for an unknown one."""
    check_choice("claim", name, CLAIMS)
    words = told(name, data)
    words["rule"] += f". {WORDS['beats']}" if "P " in words["statistic"] else ""
    return "\n".join(
        textwrap.fill(text, 118, initial_indent=f"{title:<10} ", subsequent_indent=" " * 11)
        for title, text in words.items()
    )


def _markdown(judged: dict[str, dict[str, str]], columns: tuple[str, ...]) -> str:
    rows = [columns, *([words[name].replace("|", "\\|") for name in columns] for words in judged.values())]
    head, *lines = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(columns), *lines])


def section(data: Path) -> str:
    """The README's: the headlines, and of all claims the tally."""
    judged = verdicts(data)
    tested = {name: words for name, words in judged.items() if CLAIMS[name].suites}
    rest = {name: words for name, words in judged.items() if name not in tested}
    numbers = {"tested": len(tested), "outcomes": _tally(tested), "rest": len(rest), "others": _tally(rest)}
    drawn = _markdown({name: judged[name] for name in WORDS["headlines"]}, SHORT)
    return f"{BEGIN}\n{filled('{made} {how}')}\n\n{drawn}\n\n{filled(WORDS['count'], **numbers)}\n{END}"


def page(data: Path) -> str:
    """docs/claims.md: the whole table, then a paragraph a claim."""
    judged = verdicts(data)
    about = (filled(text, number=len(judged), outcomes=_tally(judged)) for text in WORDS["page"])
    parts = ["# The claims ledger", *about, _markdown(judged, tuple(WIDTHS))]
    for name, words in judged.items():
        here = f" Here: {words['here']} ({words['evidence']})." if words["here"] != "-" else ""
        tested = ", ".join(f"`{suite}`" for suite in CLAIMS[name].suites) or CLAIMS[name].basis
        text = filled(WORDS["claim"], **words | {"tested by": tested, "here": here})
        parts += [f"## {name}: {words['verdict']}", text]
    return "\n\n".join(parts) + "\n"


def write(data: Path, folder: Path = Path()) -> list[Path]:
    """Renews docs/claims.md, docs/recorded.md and README.md, there what stands between the markers, in `folder`. Raises
    UserError where that is impossible."""
    files = [folder / name for name in (README, PAGE, recorded.PAGE)]
    try:
        readme = re.sub(f"{BEGIN}.*{END}", lambda _: section(data), files[0].read_text("utf-8"), flags=re.DOTALL)
        for file, text in zip(files, (readme, page(data), recorded.page(data))):
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        where = f"{error.filename or folder}: {error.strerror or error}"
        raise UserError(f"{where}; nearest: the folder that holds {README} and docs/") from error
    return files
