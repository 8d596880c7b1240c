"""In a real browser: JupyterLab opens a notebook, runs it, and the depth slider and an explorable are moved.

Needs Chromium (Debian's package) and Playwright's Python package; skipped, with the reason, where one is missing.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from explorables import MOVES, assert_moves

ROOT = Path(__file__).parents[1]
ACTIVE = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
NOTEBOOK = "07_what_deep_critics_see.ipynb"
TOKEN = "for-this-test-alone"
SETTINGS = {  # draw every cell, also those out of sight; ask nothing
    "notebook-extension/tracker": '{"windowingMode": "none"}',
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}
EXPLORABLES = f"from crlkit import explore\n\nfor name in {[*MOVES]}:\n    display(getattr(explore, name)())"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install playwright")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that serves a copy of the notebook, in the smallest preset."""
    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    notebook = nbformat.read(ROOT / "notebooks" / NOTEBOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(EXPLORABLES))
    nbformat.write(notebook, home / "notebooks" / NOTEBOOK)
    (home / "data").symlink_to(ROOT / "data")
    for name, text in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={home}"]
    environment = os.environ | {
        **{"CRLKIT_PRESET": "smoke", "JUPYTERLAB_SETTINGS_DIR": str(home / "settings")},
        **{
            name: str(home / name)
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR")
        },
    }
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, env=environment, cwd=home, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                assert server.poll() is None, (home / "log").read_text()
                time.sleep(0.5)  # until the server answers
        yield f"{address}/lab/tree/notebooks/{NOTEBOOK}?token={TOKEN}"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture(scope="module")
def page(lab):
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(lab)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        page.wait_for_function(
            "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'", timeout=120_000
        )
        page.evaluate("window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")  # settles when all have run
        yield page
        browser.close()


def errors(page) -> list[str]:
    return page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts()


def test_the_notebook_runs_without_an_error(page):
    assert errors(page) == []
    assert page.locator(".jp-OutputArea-output img").count() > 3


def test_the_arrow_keys_move_the_depth_slider_and_the_picture_follows(page, tmp_path):
    box = page.locator(".widget-vbox", has=page.locator(".widget-label", has_text="beside it")).last
    box.wait_for(timeout=60_000)
    box.scroll_into_view_if_needed()
    slider = box.locator(".widget-inline-hbox", has=page.locator(".widget-label", has_text="depth")).first
    picture = box.locator("img").first
    shown, before = slider.locator(".widget-readout").inner_text(), picture.get_attribute("src")
    slider.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("([image, old]) => image.src != old", arg=[picture.element_handle(), before], timeout=30_000)
    assert int(slider.locator(".widget-readout").inner_text().split()[-1]) < int(shown.split()[-1])
    assert errors(page) == []
    artefact = Path(os.environ.get("CRLKIT_ARTEFACTS", tmp_path)) / "depth_explorer.png"
    artefact.parent.mkdir(parents=True, exist_ok=True)
    box.screenshot(path=artefact)
    assert artefact.stat().st_size > 20_000


@pytest.mark.parametrize("name", MOVES)
def test_explorables_move_in_the_notebook(page, name, tmp_path):
    assert_moves(page, name, Path(os.environ.get("CRLKIT_ARTEFACTS", tmp_path)), "jupyterlab")


def test_an_explorable_takes_the_mouse_and_keeps_its_keys_from_the_notebook(page):
    box = page.locator('[data-explorable="goal"]')
    box.scroll_into_view_if_needed()
    said, maze = box.locator(".said"), box.locator("svg.drag").first
    frame = maze.bounding_box()
    page.mouse.click(frame["x"] + 0.4 * frame["width"], frame["y"] + 0.3 * frame["height"])
    assert said.inner_text().startswith("Goal in row 3, column 3")
    maze.focus()
    active = page.evaluate(ACTIVE)
    page.keyboard.press("ArrowDown")  # which is JupyterLab's own for the next cell; here over a wall
    assert said.inner_text().startswith("Goal in row 5, column 3")
    assert page.evaluate(ACTIVE) == active
    assert errors(page) == []
