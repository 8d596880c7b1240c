"""The ledger for people: a table for the terminal, one entry in full, and the pages `crlkit claims --write` renews."""

import difflib
import textwrap
from collections import Counter
from pathlib import Path

from rich import box
from rich.table import Table

from crlkit.claims import BENCHED, CLAIMS, HEADLINES, OUTCOMES, RECOUNTS, Claim, Verdict, recorded
from crlkit.claims.comparison import BEATS
from crlkit.errors import UserError

BEGIN, END = "<!-- claims -->", "<!-- /claims -->"
README, PAGE = "README.md", "docs/claims.md"
COLUMNS = ("claim", "paper or text", "here", "seeds", "verdict", "evidence")
SHORT = ("claim", "here", "seeds", "verdict", "evidence")  # of the README
HOW = (
    "Scores are shares of the episode at the goal where no unit is named, mean of the last tenth of a seed's evaluations, "
    "interquartile mean over seeds. P is the share of pairs of seeds in which the first arm beats the second (0.5: no "
    "difference), with its bootstrap interval (95 %, wider where a claim makes several comparisons; with three to six seeds "
    "it is too narrow) and the p of a permutation test. Seeds: of the smallest arm."
)
MADE = "Made by `crlkit claims --write` from what `data/` holds; nothing in it is typed in."
REST = (
    "All of them, with the rule behind each verdict, stand in [docs/claims.md](docs/claims.md); how far they reach, and "
    "which rules were changed with rows in view, in [docs/evidence.md](docs/evidence.md)."
)
CHANGED = (
    "Which rules were written or changed with rows in view: [evidence.md](evidence.md). Each can come out either way: "
    "`tests/test_claims.py` plants the truth both ways."
)
LIMIT = (
    "Not reproduced: the rows speak against the claim. Undecided: they allow it and its opposite; twenty seeds against twenty "
    "show a difference only from P 0.68 on, six against six from 0.86. Nothing corrects for the number of claims, and verdicts "
    "share runs."
)
EVIDENCE = (
    "Of every environment the newest network counts, and of its rows the largest size: laptop has six seeds, gpu twenty "
    "others (of ants three). Seconds are those of laptops alone, because many runs shared the GPU. Evidence `published "
    "data` means that the paper's own numbers were checked against each other, which can make a claim consistent with them "
    f"and no more; `arithmetic` that something was counted; then nothing was run. `{BENCHED}` timed updates. {BEATS}."
)
HERE = {"reproduced": "holds here", "not reproduced": "does not hold here"}  # of what the paper does not claim


def outcome(claim: Claim, verdict: Verdict) -> str:
    """In the words for what the paper claims, or for a question to it."""
    return HERE.get(verdict.outcome, verdict.outcome) if claim.source.startswith("question") else verdict.outcome


def verdicts(data: Path) -> dict[str, Verdict]:
    return {name: claim.judge(Path(data)) for name, claim in CLAIMS.items()}


def _cells(claim: Claim, verdict: Verdict, data: Path) -> dict[str, str]:
    here, seeds, size = verdict.here or "-", str(verdict.seeds or "-"), verdict.size or "-"
    return dict(zip(COLUMNS, (claim.sentence, claim.published(data), here, seeds, outcome(claim, verdict), size)))


def _tally(judged: dict[str, Verdict]) -> str:
    number = Counter(outcome(CLAIMS[name], verdict) for name, verdict in judged.items())
    every = (*OUTCOMES, *HERE.values(), *RECOUNTS)
    return ", ".join(f"{number[outcome]} {outcome}" for outcome in every if number[outcome])


def table(data: Path) -> Table:
    """Readable at 120 columns."""
    judged = verdicts(data)
    drawn = Table(box=box.SIMPLE_HEAD, show_lines=True, padding=(0, 1, 0, 0), caption=_tally(judged) + ". " + HOW)
    for name, width in zip(COLUMNS, (30, 24, 28, 5, 10, 13)):
        drawn.add_column(name, max_width=width)
    for name, verdict in judged.items():
        sentence, *cells = _cells(CLAIMS[name], verdict, data).values()
        drawn.add_row(f"{sentence}\n[dim]{name}[/dim]", *(cell.replace("[", r"\[") for cell in cells))
    return drawn


def entry(name: str, data: Path) -> str:
    """One claim in full. Raises UserError, with the nearest name, for an unknown one."""
    if name not in CLAIMS:
        close = difflib.get_close_matches(name, CLAIMS, n=1, cutoff=0.0)[0]
        raise UserError(f"claim {name!r}: must be one of {', '.join(CLAIMS)}; nearest: {close}")
    claim = CLAIMS[name]
    cells = _cells(claim, claim.judge(Path(data)), Path(data))
    told = {"claim": claim.sentence, "source": claim.source, "published": cells["paper or text"]}
    told |= {"tested by": ", ".join(claim.suites) or claim.basis, "statistic": claim.statistic}
    told |= {"rule": claim.rule + (f". {BEATS}" if "P " in claim.statistic else "")}
    told |= {name: cells[name] for name in ("verdict", "here", "seeds", "evidence")}
    look = {"width": 118, "subsequent_indent": " " * 11}
    return "\n".join(textwrap.fill(text, initial_indent=f"{title:<10} ", **look) for title, text in told.items())


def _markdown(judged: dict[str, Verdict], data: Path, columns: tuple[str, ...] = COLUMNS) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for name, verdict in judged.items():
        cells = _cells(CLAIMS[name], verdict, data)
        lines.append("| " + " | ".join(cells[column].replace("|", "\\|") for column in columns) + " |")
    return "\n".join(lines)


def _wrapped(*texts: str) -> str:
    return textwrap.fill(" ".join(texts), 118, break_long_words=False, break_on_hyphens=False)


def section(data: Path) -> str:
    """The README's: the headlines, and of all claims the tally."""
    judged = verdicts(data)
    tested, rest = (
        {name: v for name, v in judged.items() if bool(CLAIMS[name].suites) == runs} for runs in (True, False)
    )
    table = _markdown({name: judged[name] for name in HEADLINES}, data, SHORT)
    count = (
        f"Of {len(tested)} claims that runs can test: {_tally(tested)}. Of {len(rest)} that the paper's own numbers, "
        f"counting or a clock can check: {_tally(rest)}."
    )
    return f"{BEGIN}\n{_wrapped(MADE, HOW)}\n\n{table}\n\n{_wrapped(count, REST)}\n{END}"


def page(data: Path) -> str:
    """docs/claims.md: the whole table, then a paragraph a claim."""
    judged = verdicts(data)
    tally = f"{len(judged)} claims: {_tally(judged)}."
    parts = ["# The claims ledger", _wrapped(MADE, CHANGED), _wrapped(tally, HOW, LIMIT), _wrapped(EVIDENCE)]
    parts.append(_markdown(judged, data))
    for name, claim in CLAIMS.items():
        verdict, tested = judged[name], ", ".join(f"`{suite}`" for suite in claim.suites) or claim.basis
        size = f" ({verdict.size})" if verdict.size else ""
        measured = f" Here: {verdict.here}{size}." if verdict.here else ""
        words = f"{claim.sentence} ({claim.source}). Published: {claim.published(data)}. Tested by {tested}."
        parts.append(f"## {name}: {outcome(claim, verdict)}")
        parts.append(_wrapped(f"{words} Statistic: {claim.statistic}. Rule: {claim.rule}.{measured}"))
    return "\n\n".join(parts) + "\n"


def with_section(readme: str, data: Path) -> str:
    """`readme` with the section between the markers made anew. Raises UserError where they are missing."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"{README}: has no {BEGIN} followed by {END}; nearest: add both lines where the table goes")
    return before + section(data) + after


def write(data: Path, folder: Path = Path()) -> list[Path]:
    """Renews README.md, docs/claims.md and docs/recorded.md in `folder`. Raises UserError where that is impossible."""
    files = [folder / name for name in (README, PAGE, recorded.PAGE)]
    try:
        texts = with_section(files[0].read_text(encoding="utf-8"), data), page(data), recorded.page(data)
        for file, text in zip(files, texts):
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        where = f"{error.filename or folder}: {error.strerror or error}"
        raise UserError(f"{where}; nearest: the folder that holds {README} and docs/") from error
    return files
