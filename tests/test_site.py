"""The built site in a real browser: no page asks the network for anything or complains, and what moves moves. Skipped until
`make site` has built it."""

import os
import shutil
from pathlib import Path

import pytest
from explorables import MOVES, assert_moves

SITE = Path(__file__).parents[1] / "build" / "site"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install playwright")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
    pytest.mark.skipif(not (SITE / "index.html").exists(), reason="no site: make site"),
]


@pytest.fixture(scope="module")
def page():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1500, "height": 1000})
        page.complaints = []
        page.on("console", lambda message: page.complaints.append((page.url, message.text)))
        page.on("pageerror", lambda error: page.complaints.append((page.url, str(error))))
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:")) else page.complaints.append(request.url),
        )
        yield page
        browser.close()


def pages() -> list[Path]:
    """All but the reference, whose pages differ in words alone: of these one."""
    apart = SITE / "reference", SITE / "index.html"  # the latter leads elsewhere
    written = [file for file in SITE.rglob("*.html") if not {file, *file.parents} & {*apart}]
    return [*written, SITE / "reference/crlkit/losses/index.html"]


def test_no_page_asks_the_network_or_complains(page):
    assert len(list(SITE.glob("notebooks/*.html"))) > 8
    for file in pages():
        page.goto(file.as_uri())
    page.goto((SITE / "index.html").as_uri())
    page.wait_for_url("**/docs/site/index.html")
    assert page.complaints == []


def test_formulas_are_drawn_without_a_script(page):
    page.goto(next(SITE.glob("notebooks/02_*.html")).as_uri())
    formula = page.locator("math").first.bounding_box()
    assert formula["width"] > 5 and formula["height"] > 5


@pytest.mark.parametrize("name", MOVES)
def test_what_moves_on_the_site_moves(page, name, tmp_path):
    page.goto((SITE / "docs/site/explorables.html").as_uri())
    assert_moves(page, name, Path(os.environ.get("CRLKIT_ARTEFACTS", tmp_path)), "site")
    assert page.complaints == []
