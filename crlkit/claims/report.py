"""The ledger for people: a table for the terminal, one entry in full, and the pages `crlkit claims --write` renews."""

import textwrap
from collections import Counter
from functools import partial
from pathlib import Path

from rich import box
from rich.table import Table

from crlkit.claims import BENCHED, CLAIMS, HEADLINES, OUTCOMES, RECOUNTS, Claim, Verdict, recorded
from crlkit.claims.comparison import BEATS
from crlkit.errors import UserError, check_choice

BEGIN, END = "<!-- claims -->", "<!-- /claims -->"
README, PAGE = "README.md", "docs/claims.md"
WIDTHS = {"claim": 30, "published": 24, "here": 28, "seeds": 5, "verdict": 10, "evidence": 13}  # in the terminal
SHORT = ("claim", "here", "seeds", "verdict", "evidence")  # of the README
HOW = (
    "Scores are shares of the episode at the goal where no unit is named, mean of the last tenth of a seed's evaluations, "
    "interquartile mean over seeds. P is the share of pairs of seeds in which the first arm beats the second (0.5: no "
    "difference), with its bootstrap interval (95 %, wider where a claim makes several comparisons; with three to six seeds "
    "it is too narrow) and the p of a permutation test. Seeds: of the smallest arm."
)
MADE = "Made by `crlkit claims --write` from what `data/` holds; nothing in it is typed in."
CHANGED = (
    "Made by `crlkit claims --write` from what `data/` holds, and what was published from `crlkit/claims/ledger.toml`, which a "
    "test holds to `data/paper`. Which rules were written or changed with rows in view: [evidence.md](evidence.md). Each can "
    "come out either way: `tests/test_claims.py` plants the truth both ways."
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
PARAGRAPH = "{claim} ({source}). Published: {published}. Tested by {tested by}. Statistic: {statistic}. Rule: {rule}."
HERE = {"reproduced": "holds here", "not reproduced": "does not hold here"}  # of what the paper does not claim
filled = partial(textwrap.fill, width=118, break_long_words=False, break_on_hyphens=False)


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
    drawn = Table(box=box.SIMPLE_HEAD, show_lines=True, padding=(0, 1, 0, 0), caption=_tally(judged) + ". " + HOW)
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
    words["rule"] += f". {BEATS}" if "P " in words["statistic"] else ""
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
    count = (
        f"Of {len(tested)} claims that runs can test: {_tally(tested)}. Of {len(rest)} that the paper's own numbers, "
        f"counting or a clock can check: {_tally(rest)}. All of them, with the rule behind each verdict, stand in "
        "[docs/claims.md](docs/claims.md); how far they reach, and which rules were changed with rows in view, in "
        "[docs/evidence.md](docs/evidence.md)."
    )
    drawn = _markdown({name: judged[name] for name in HEADLINES}, SHORT)
    return f"{BEGIN}\n{filled(f'{MADE} {HOW}')}\n\n{drawn}\n\n{filled(count)}\n{END}"


def page(data: Path) -> str:
    """docs/claims.md: the whole table, then a paragraph a claim."""
    judged = verdicts(data)
    tally = f"{len(judged)} claims: {_tally(judged)}. {HOW} {LIMIT}"
    parts = ["# The claims ledger", filled(CHANGED), filled(tally), filled(EVIDENCE), _markdown(judged, tuple(WIDTHS))]
    for name, words in judged.items():
        here = f" Here: {words['here']} ({words['evidence']})." if words["here"] != "-" else ""
        tested = ", ".join(f"`{suite}`" for suite in CLAIMS[name].suites) or CLAIMS[name].basis
        text = PARAGRAPH.format(**words | {"tested by": tested}) + here
        parts += [f"## {name}: {words['verdict']}", filled(text)]
    return "\n\n".join(parts) + "\n"


def write(data: Path, folder: Path = Path()) -> list[Path]:
    """Renews docs/claims.md, docs/recorded.md and README.md, there what stands between the markers, in `folder`. Raises
    UserError where that is impossible."""
    files = [folder / name for name in (README, PAGE, recorded.PAGE)]
    try:
        before, begin, rest = files[0].read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise UserError(f"{README}: has no {BEGIN} followed by {END}; nearest: add both lines where the table goes")
        for file, text in zip(files, (before + section(data) + after, page(data), recorded.page(data))):
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        where = f"{error.filename or folder}: {error.strerror or error}"
        raise UserError(f"{where}; nearest: the folder that holds {README} and docs/") from error
    return files
