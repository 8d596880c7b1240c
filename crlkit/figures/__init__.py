"""Every figure that `crlkit figures` writes, by name, and whether the written ones still match `data/`.

A figure is an entry of `catalogue.py`: its `title`; `sources`, what it reads; `draw(data)` returns the picture,
`words(data)` says it in words.
"""

import hashlib
import posixpath
import re
from pathlib import Path

from PIL import Image

from crlkit import evidence
from crlkit.errors import check_choice
from crlkit.figures import style

KINDS = ("png", "pdf")
DATA_FILES = (".csv", ".npz", ".safetensors")


def __getattr__(name: str) -> tuple[str, ...]:
    """`NAMES`, of all figures in the order of the page. Imported when asked for: `style` alone needs none of them."""
    if name != "NAMES":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return tuple(_figures())


def _figures() -> dict:
    from crlkit.figures.catalogue import FIGURES

    return FIGURES


def module(name: str):
    """A figure, by name. Raises UserError, with the nearest name, for an unknown one."""
    check_choice("figure", name, _figures())
    return _figures()[name]


def sources(name: str, data: str | Path) -> list[Path]:
    """The files under `data` that a figure is drawn from: tables of the paper (`../name` is one beside its folder), and
    what its suites recorded."""
    read = module(name).sources
    tables = [Path(data, posixpath.normpath(f"{source}.csv")) for source in read if source.startswith("paper/")]
    suites = [source for source in read if not source.startswith("paper/")]
    folders = evidence.folders(data, *suites) if suites else []
    return tables + [file for folder in folders for file in sorted(folder.rglob("*")) if file.suffix in DATA_FILES]


def digest(name: str, data: str | Path) -> str:
    """SHA-256 over the names and contents of a figure's sources."""
    total = hashlib.sha256()
    for file in sources(name, data):
        total.update(f"{file.relative_to(data).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"


def write(names: tuple[str, ...] = (), data: str | Path = "data", out: str | Path = "figures") -> list[Path]:
    """Draws the named figures (all by default) as PNG and PDF, and the page that shows every picture in `out`.

    Title, takeaway, alt text, sources and their digest go along as metadata. Raises UserError for an unknown name.
    """
    data, out, written = Path(data), Path(out), []
    for name, this in {name: module(name) for name in names or _figures()}.items():
        said, read = this.words(data), [file.relative_to(data) for file in sources(name, data)]
        files = (f"{file.parts[0]}/" if file.parts[0] not in ("paper", file.name) else file.as_posix() for file in read)
        recorded = " ".join(dict.fromkeys(files))
        metadata = {"Title": this.title, "Takeaway": said.takeaway, "Alt": said.alt, "Sources": recorded}
        metadata["Digest"] = digest(name, data)
        figure = this.draw(data)
        written += [style.save(figure, out / f"{name}.{kind}", metadata) for kind in KINDS]
    page = out / "README.md"
    page.write_text(readme(out), encoding="utf-8")
    return [*written, page]


def readme(out: Path) -> str:
    """The page of a folder of pictures, from what the pictures say about themselves."""
    page = (
        "# Figures\n\nWritten by `crlkit figures` from `data/`; `crlkit figures --check` says which are out of date.\n"
    )
    for file in (out / f"{name}.png" for name in _figures()):
        if file.exists():
            with Image.open(file) as image:
                said = image.text
            files = ", ".join(f"`data/{read}`" for read in said["Sources"].split()) or "nothing in `data/`"
            page += (
                f"\n## {said['Title']}\n\n![{said['Alt']}]({file.name})\n\n{said['Takeaway']}\n\n"
                f"Drawn from {files}. [PDF]({file.stem}.pdf)\n"
            )
    return page


def check(names: tuple[str, ...] = (), data: str | Path = "data", out: str | Path = "figures") -> list[str]:
    """One line a picture that is missing, lacks a digest or was drawn from other data, with what mends it.

    Reads and compares; draws nothing. Raises UserError for an unknown name.
    """
    data, out, lines = Path(data), Path(out), []
    mend = f" --data {data}" * (data != Path("data")) + f" --out {out}" * (out != Path("figures"))
    for name in names or _figures():
        now = digest(name, data).encode()
        for file in (out / f"{name}.{kind}" for kind in KINDS):
            held = file.read_bytes() if file.exists() else b""
            written = re.search(rb"sha256:[0-9a-f]{64}", held)
            if not written or written[0] != now:
                wrong = "drawn from other data" if written else "does not say what it was drawn from"
                lines.append(f"{file}: {wrong if held else 'missing'}; crlkit figures {name}{mend}")
    return lines
