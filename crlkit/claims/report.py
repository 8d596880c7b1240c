"""The ledger for people: a table for the terminal, one entry in full, and the pages `crlkit claims --write` renews."""

import difflib
import textwrap
from collections import Counter
from pathlib import Path

from rich import box
from rich.table import Table

from crlkit.claims import BENCHED, CLAIMS, OUTCOMES, Claim, Verdict, recorded
from crlkit.claims.measured import BEATS
from crlkit.errors import UserError

BEGIN, END = "<!-- claims -->", "<!-- /claims -->"
README, PAGE = "README.md", "docs/claims.md"
COLUMNS = ("claim", "paper or text", "here", "seeds", "verdict", "evidence")
HOW = (
    "Scores are shares of the episode at the goal where no unit is named. P is the probability that a seed of the first arm "
    "beats one of the second (0.5: no difference), with its interval (95 %, wider where a claim makes several comparisons). "
    "Seeds: of the smallest arm."
)
MADE = "Made by `crlkit claims --write` from what `data/` holds; nothing in it is typed in."
LIMIT = (
    "Each environment counts in the largest size recorded: laptop has six seeds, gpu twenty others (of ants three), run after the rules "
    "were written; seconds are those of laptops alone, because a card's were shared. A verdict is about its evidence and no "
    "more: points in mazes are neither ants nor humanoids, the ants recorded so far saw a hundredth to a twentieth of the paper's steps, and the "
    "big maze was chosen because depths differed in it (docs/point_mazes.md). Not reproduced: the rows speak against the "
    "claim. Undecided: they allow it and its opposite; twenty seeds against twenty show a difference only from P 0.68 on, 0.71 "
    "if two comparisons share the 5 %, 0.74 if five do (six against six: 0.86 and 0.92). Verdicts share runs (the big maze's at depth 4 and "
    "16 are arms of many suites), and nothing corrects for the number of claims."
)


def verdicts(data: Path) -> dict[str, Verdict]:
    return {name: claim.judge(Path(data)) for name, claim in CLAIMS.items()}


def _cells(claim: Claim, verdict: Verdict, data: Path) -> list[str]:
    return [
        claim.sentence,
        claim.published(data),
        verdict.here or "-",
        str(verdict.seeds or "-"),
        verdict.outcome,
        verdict.size or "-",
    ]


def _tally(found: dict[str, Verdict]) -> str:
    number = Counter(verdict.outcome for verdict in found.values())
    return ", ".join(f"{number[outcome]} {outcome}" for outcome in OUTCOMES)


def table(data: Path) -> Table:
    """Readable at 120 columns."""
    found = verdicts(data)
    drawn = Table(box=box.SIMPLE_HEAD, show_lines=True, padding=(0, 1, 0, 0), caption=_tally(found) + ". " + HOW)
    for name, width in zip(COLUMNS, (30, 24, 28, 5, 10, 13)):
        drawn.add_column(name, max_width=width)
    for name, verdict in found.items():
        cells = _cells(CLAIMS[name], verdict, data)
        drawn.add_row(f"{cells[0]}\n[dim]{name}[/dim]", *(cell.replace("[", r"\[") for cell in cells[1:]))
    return drawn


def entry(name: str, data: Path) -> str:
    """One claim in full. Raises UserError, with the nearest name, for an unknown one."""
    if name not in CLAIMS:
        close = difflib.get_close_matches(name, CLAIMS, n=1, cutoff=0.0)[0]
        raise UserError(f"claim {name!r}: must be one of {', '.join(CLAIMS)}; nearest: {close}")
    claim, verdict = CLAIMS[name], CLAIMS[name].judge(Path(data))
    lines = {
        "claim": claim.sentence,
        "source": claim.source,
        "published": claim.published(Path(data)),
        "tested by": ", ".join(claim.suites) or claim.basis,
        "statistic": claim.statistic,
        "rule": claim.rule + (f". {BEATS}" if "P " in claim.statistic else ""),
        "verdict": verdict.outcome,
        "here": verdict.here or "-",
        "seeds": str(verdict.seeds or "-"),
        "evidence": verdict.size or "-",
    }
    return "\n".join(
        textwrap.fill(text, 118, initial_indent=f"{title:<10} ", subsequent_indent=" " * 11)
        for title, text in lines.items()
    )


def _markdown(found: dict[str, Verdict], data: Path) -> list[str]:
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for name, verdict in found.items():
        cells = [cell.replace("|", "\\|") for cell in _cells(CLAIMS[name], verdict, data)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def section(data: Path) -> str:
    """The README's: the claims that runs can test; of the rest the tally."""
    found = verdicts(data)
    tested = {name: verdict for name, verdict in found.items() if CLAIMS[name].suites}
    rest = {name: verdict for name, verdict in found.items() if name not in tested}
    return "\n".join(
        [
            BEGIN,
            MADE,
            "",
            _wrapped(f"Of {len(tested)} claims that runs can test: {_tally(tested)}. {HOW} {LIMIT}"),
            "",
            *_markdown(tested, data),
            "",
            _wrapped(
                f"Another {len(rest)} are checked against the paper's own numbers, by counting or by a clock: {_tally(rest)}. They, and "
                f"the rule behind each verdict, stand in [{PAGE}]({PAGE})."
            ),
            END,
        ]
    )


def page(data: Path) -> str:
    """docs/claims.md: the whole table, then a paragraph a claim."""
    found = verdicts(data)
    head = [
        "# The claims ledger",
        "",
        _wrapped(
            f"{MADE} No rule was written before the depth suite in the big maze had rows, most before any other had, and some were "
            "tightened since: see [evidence.md](evidence.md). Each can come out either way: `tests/test_claims.py` plants "
            "the truth both ways."
        ),
        "",
        _wrapped(f"{len(found)} claims: {_tally(found)}. {HOW} {LIMIT}"),
        "",
        _wrapped(
            "Evidence `published data` means that the paper's own numbers were checked against each other, `arithmetic` that "
            f"something was counted; then nothing was run. `{BENCHED}` timed updates. {BEATS}."
        ),
        "",
        *_markdown(found, data),
    ]
    for name, claim in CLAIMS.items():
        verdict, tested = found[name], ", ".join(f"`{suite}`" for suite in claim.suites) or claim.basis
        size = f" ({verdict.size})" if verdict.size else ""
        measured = f" Here: {verdict.here}{size}." if verdict.here else ""
        head += [
            "",
            f"## {name}: {verdict.outcome}",
            "",
            _wrapped(
                f"{claim.sentence} ({claim.source}). Published: {claim.published(data)}. Tested by {tested}. Statistic: "
                f"{claim.statistic}. Rule: {claim.rule}.{measured}"
            ),
        ]
    return "\n".join(head) + "\n"


def with_section(readme: str, data: Path) -> str:
    """`readme` with the section between the markers made anew. Raises UserError where they are missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"{README}: has no {BEGIN} followed by {END}; nearest: add both lines where the table goes")
    return before + section(data) + after


def write(data: Path, folder: Path = Path()) -> list[Path]:
    """Renews README.md, docs/claims.md and docs/recorded.md in `folder`. Raises UserError where that is impossible."""
    readme, full, runs = folder / README, folder / PAGE, folder / recorded.PAGE
    try:
        text = with_section(readme.read_text(encoding="utf-8"), data)
        readme.write_text(text, encoding="utf-8")
        full.write_text(page(data), encoding="utf-8")
        runs.write_text(recorded.page(data), encoding="utf-8")
    except OSError as error:
        where = f"{error.filename or folder}: {error.strerror or error}"
        raise UserError(f"{where}; nearest: the folder that holds {README} and docs/") from error
    return [readme, full, runs]
