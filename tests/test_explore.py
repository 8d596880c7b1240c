"""Every explorable in a real Chromium, in a page exported from a notebook, moved by mouse and keyboard: what it shows
then is what NumPy says; nothing in the console; no request leaves the machine. Pictures before and after go to
$CRLKIT_ARTEFACTS."""

import os
import re
import runpy
import shutil
from pathlib import Path

import jax
import numpy as np
import pandas as pd
import pytest

import crlkit
from crlkit import evidence, explore

ROOT = Path(__file__).parents[1]
BAKED = ROOT / "data" / "explorables"
BAKE = runpy.run_path(str(BAKED / "bake.py"))  # the script that made them
NAMES = ("goal", "lights_out", "dial", "hindsight", "seeds", "training")
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
browsing = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")


def baked(name: str) -> dict[str, np.ndarray]:
    with np.load(BAKED / f"{name}.npz") as held:
        return dict(held)


PIXELS = """canvas => {
  const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  const context = copy.getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  return [...context.getImageData(0, 0, copy.width, copy.height).data];
}"""


class Mulberry:
    """The pages' generator, in Python's whole numbers."""

    def __init__(self, seed: int):
        self.seed = seed

    def __call__(self) -> float:
        self.seed = (self.seed + 0x6D2B79F5) % 2**32
        t = (self.seed ^ self.seed >> 15) * (1 | self.seed) % 2**32
        t = ((t + (t ^ t >> 7) * (61 | t)) % 2**32) ^ t
        return (t ^ t >> 14) / 2**32


class Box:
    """One explorable on the page."""

    def __init__(self, page, name: str, folder: Path):
        self.page, self.name, self.folder = page, name, folder
        self.root = page.locator(f'[data-explorable="{name}"]')
        self.root.scroll_into_view_if_needed()
        self.pictures: list[bytes] = []
        self.picture("before")

    @property
    def said(self) -> str:
        return self.root.locator(".said").inner_text()

    def picture(self, when: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pictures.append(self.root.screenshot(path=self.folder / f"explorable_{self.name}_{when}.png"))
        assert self.pictures.count(self.pictures[-1]) == 1  # it changed

    def press(self, where, key: str) -> None:
        where.focus()
        self.page.keyboard.press(key)

    def slider(self, name: str):
        return self.root.get_by_role("slider", name=name)

    def choose(self, group: str, option: str) -> None:
        self.root.get_by_role("group", name=group, exact=True).get_by_text(option, exact=True).click()


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed: pip install playwright"
    )
    import nbformat
    from nbconvert import HTMLExporter

    shown = [
        nbformat.v4.new_code_cell(
            f"explore.{name}()",
            outputs=[nbformat.v4.new_output("display_data", {"text/html": getattr(explore, name)().data})],
        )
        for name in NAMES
    ]
    absent = dict.fromkeys(("require_js_url", "mathjax_url", "jquery_url", "mermaid_js_url", "widget_renderer_url"), "")
    html, _ = HTMLExporter(**absent).from_notebook_node(nbformat.v4.new_notebook(cells=shown))
    file = tmp_path_factory.mktemp("site") / "exported.html"
    file.write_text(html)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1000}, reduced_motion="reduce")
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on(
            "request", lambda request: page.complaints.append(request.url) if request.url.startswith("http") else None
        )
        page.goto(file.as_uri())
        yield page
        browser.close()


@pytest.fixture
def box(page, request, tmp_path):
    box = Box(page, request.node.name.removeprefix("test_"), Path(os.environ.get("CRLKIT_ARTEFACTS", tmp_path)))
    yield box
    box.picture("after")
    assert page.complaints == []


@browsing
def test_goal(box):
    held, maze = baked("goal"), crlkit.envs.make("point_big_maze").maze
    goals = [tuple(cell) for cell in held["goals"].tolist()]
    maps = box.root.locator("svg.drag")

    def shows(goal):
        g = goals.index(goal)
        for d, depth in enumerate((4, 16, 64)):
            points = maps.nth(d).locator("polyline").last.get_attribute("points")
            walked = np.array([list(map(float, point.split(",")))[::-1] for point in points.split()])
            np.testing.assert_allclose(walked, held["paths"][d, g], atol=2e-3)
            near = np.linalg.norm(held["paths"][d, g].astype(float) - goal, axis=-1) < 0.5
            told = f"reaches G in {near.argmax()} steps" if near.any() else "does not reach G"
            assert box.root.locator("figcaption small").nth(d).inner_text() == told
            canvas = box.root.locator(".map canvas").nth(d)
            pixels = np.array(canvas.evaluate(PIXELS))
            brightness = pixels.reshape(*held["maps"].shape[2:], 4)[..., :3].sum(-1)
            values = held["maps"][d, g].astype(float)
            free = ~np.isnan(values)
            assert np.corrcoef(brightness[free], values[free])[0, 1] > 0.98
            reached = int((held["steps"][d] >= 0).sum())
            assert f"depth {depth} reaches {reached}" in box.said
        assert f"Goal in row {goal[0]}, column {goal[1]}, {maze.distance(maze.start, goal):.0f} cells" in box.said

    frame = maps.nth(1).bounding_box()
    place = lambda cell: (  # noqa: E731
        frame["x"] + (cell[1] - 0.25) / (len(maze.rows[0]) - 1.5) * frame["width"],
        frame["y"] + (cell[0] - 0.25) / (len(maze.rows) - 1.5) * frame["height"],
    )
    box.page.mouse.move(*place((1, 6)))
    box.page.mouse.down()
    for cell in ((2, 4), (4, 4), (6, 6)):
        box.page.mouse.move(*place(cell), steps=3)
        shows(cell)
    box.page.mouse.up()
    box.press(maps.nth(0), "ArrowUp")
    shows((5, 6))
    box.press(maps.nth(2), "ArrowLeft")  # over a wall to the next free cell
    shows((5, 4))


TOGGLES = [
    sum(1 << 8 - (3 * i + j) for i in range(3) for j in range(3) if abs(i - a) + abs(j - b) <= 1)
    for a in range(3)
    for b in range(3)
]


def played(press: np.ndarray, board: int) -> list[int]:
    """The boards that a table of presses makes of one."""
    boards = [board]
    while boards[-1] and len(boards) <= 9:
        boards.append(boards[-1] ^ TOGGLES[press[boards[-1]]])
    return boards


@browsing
def test_lights_out(box):
    held, board = baked("lights_out"), 0
    lamps = box.root.locator("button[aria-pressed]")
    for k in range(9):
        board = 2 * board + (lamps.nth(k).get_attribute("aria-pressed") == "true")
    for k in (0, 4, 5):
        lamps.nth(k).click()
        board ^= 1 << 8 - k
    lamps.nth(5).focus()
    box.page.keyboard.press("ArrowDown")
    box.page.keyboard.press("Space")
    board ^= 1
    box.choose("seed", "103")
    for d in range(len(held["depths"])):
        games = [played(press, board) for press in held["press"][d]]
        mine = games[list(held["seeds"]).index(103)]
        told = box.root.locator("figure .note").nth(d).inner_text()
        assert (
            f"dark after {len(mine) - 1} presses" if mine[-1] == 0 else "not dark after 9 presses"
        ) == told.splitlines()[0]
        assert f"{sum(game[-1] == 0 for game in games)} of 6 seeds solve this board" in told
    box.press(box.slider("press"), "Home")
    box.page.keyboard.press("ArrowRight")
    for d in range(len(held["depths"])):
        lit = (
            box.root.locator("figure svg")
            .nth(d)
            .locator("rect")
            .evaluate_all("all => all.map(r => r.getAttribute('fill') == '#f0e442')")
        )
        assert int("".join(str(int(x)) for x in lit), 2) == played(held["press"][d, 3], board)[1]


@browsing
def test_dial(box):
    held = baked("dial")
    begins = np.cumsum([0, *(depth // 4 for depth in crlkit.config.DEPTHS)])

    def shows(row: int, place: int):
        blocks = slice(begins[place], begins[place + 1])
        tiles = [float(text) for text in box.root.locator(".tile b").all_inner_texts()]
        expected = (
            10 ** held["gradient"][row, blocks][0].astype(float),
            10 ** held["stream"][row, blocks][-1].astype(float),
        )
        np.testing.assert_allclose(
            tiles, [*expected, held["saturation"][row, place], held["loss"][row, place]], rtol=0.06, atol=6e-3
        )
        bold = box.root.locator("svg").nth(1).locator("polyline").last.get_attribute("points").split()
        assert len(bold) == blocks.stop - blocks.start

    shows(2, 6)  # what froze: 256 layers, plain head
    box.choose("head", "norm")
    shows(0, 6)
    box.press(box.slider("depth"), "End")
    shows(0, 8)
    box.page.keyboard.press("ArrowLeft")
    shows(0, 7)
    box.choose("head", "plain")
    shows(2, 7)
    box.page.keyboard.press("ArrowLeft")  # back
    shows(0, 7)
    box.choose("shortcut", "off")
    box.choose("norm", "none")
    box.choose("activation", "relu")
    shows(8 + 4 + 1, 7)


def stream_by_hand(params: dict, x: np.ndarray) -> list[np.ndarray]:
    """The residual stream of a stack with layer norm and swish, after the first layer and every block."""

    def layer(p, x):
        x = x @ np.float64(p["dense"]["kernel"]) + p["dense"]["bias"]
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6) * p["norm"]["scale"] + p["norm"][
            "bias"
        ]
        return x / (1 + np.exp(-x))

    places = [layer(params["first"], x)]
    for block in range(len(params["blocks"]["layers"][0]["dense"]["kernel"])):
        y = places[-1]
        for number in range(4):
            p = params["blocks"]["layers"][number]
            y = layer({part: {name: leaf[block] for name, leaf in p[part].items()} for part in p}, y)
        places.append(places[-1] + y)
    return places


def test_the_dials_stream_is_that_of_a_stack_by_hand():
    from crlkit import replay
    from crlkit.agents.trained import untrained

    config = crlkit.Config(depth=16)
    batch = replay.sample(BAKE["walks"](), jax.random.key(1), 256, config.discount)
    params = untrained(config, explore.SEED).critic["state_action"]
    places = stream_by_hand(params, np.concatenate([batch.state, batch.action], axis=-1).astype(float))
    norms = [np.linalg.norm(place, axis=-1).mean() for place in places[1:]]
    np.testing.assert_allclose(10 ** baked("dial")["stream"][0, 3:7].astype(float), norms, rtol=5e-3)


@browsing
def test_hindsight(box):
    rows = box.root.locator("tbody tr")

    def expected(count: int, discount: float) -> list[tuple]:
        random, drawn = Mulberry(7), []
        for n in range(count):
            t = int(random() * 63)
            left, u = 63 - t, random()
            share = discount ** np.arange(1, left + 1)
            k = 1 + int(np.searchsorted(np.cumsum(share) / share.sum(), u, side="right"))
            drawn.append((n + 1, t, left, f"{u:.3f}", min(k, left)))
        return drawn

    def shows(count: int, discount: float):
        draws = expected(count, discount)
        told = [text.split("\t")[:5] for text in rows.all_inner_texts()]
        assert told == [[str(value) for value in draw] for draw in draws[:-7:-1]]
        assert f"Mean offset so far {np.mean([draw[-1] for draw in draws]):.2f}" in box.said
        heights = (
            box.root.locator("figure svg")
            .last.locator("rect[fill^='var(--']")
            .evaluate_all("all => all.map(r => +r.getAttribute('height'))")
        )
        counts = np.bincount([draw[-1] for draw in draws], minlength=64)
        np.testing.assert_allclose(np.array(heights) / max(heights), counts / counts.max(), atol=1e-6)

    draw = box.root.get_by_role("button", name="draw", exact=True)
    draw.click()
    shows(1, 0.98)
    box.press(draw, "Space")
    shows(2, 0.98)
    box.press(box.slider("discount"), "ArrowRight")
    assert "No draw yet" in box.said
    box.root.get_by_text("draw 100").click()
    shows(100, 0.99)


@browsing
def test_seeds(box):
    table = evidence.read(ROOT / "data/depth-gpu").query("env == 'point_big_maze' and status == 'finished'")
    last = table[table.updates > 0.9 * table.updates.max()]
    score = (last.time_at_goal / last.episode_length).groupby([last.depth, last.seed]).mean()

    def shows(arms: tuple[int, int], n: int, spins: int):
        random, wins = Mulberry(1), [0, 0]
        for _ in range(spins):
            means = [np.mean([score[depth].to_numpy()[int(random() * 20)] for _ in range(n)]) for depth in arms]
            wins[int(means[0] < means[1])] += 1
        assert f"depth {arms[0]} won {wins[0]}, depth {arms[1]} won {wins[1]}" in box.said
        drawn = box.root.locator("svg").first.locator("text", has_text="mean").all_text_contents()
        assert drawn == [f"mean {mean:.3f}" for mean in means]
        better, worse = sorted(arms, key=lambda depth: -score[depth].mean())
        dice = np.random.default_rng(0)
        pulls = [dice.choice(score[depth], (20_000, n)).mean(axis=1) for depth in (worse, better)]
        wrong = int(re.search(r"wrong depth wins (\d+) of 100", box.said)[1])
        assert abs(wrong - 100 * (pulls[0] > pulls[1]).mean()) < 5

    shows((16, 4), 3, 1)
    box.root.get_by_role("button", name="spin", exact=True).click()
    shows((16, 4), 3, 2)
    box.press(box.slider("seeds per depth"), "ArrowRight")
    shows((16, 4), 4, 1)
    box.choose("this depth", "64")
    box.press(box.slider("seeds per depth"), "End")
    box.root.get_by_text("spin 100 times").click()
    shows((64, 4), 20, 101)


@browsing
def test_training(box):
    held, rows = baked("training"), evidence.read(ROOT / "data/cured_depth-laptop")
    rows = rows.query("env == 'point_big_maze' and seed == 100")

    def shows(place: int):
        now = rows[rows.updates == held["updates"][place]].set_index("depth").success
        for d, depth in enumerate((4, 16, 64)):
            assert f"depth {depth} has success {now[depth]:.2f}" in box.said
            paths = box.root.locator(".map svg").nth(d).locator("polyline[stroke^='#0'], polyline[stroke^='#d']")
            ends = [
                float(points.split()[-1].split(",")[0])
                for points in paths.evaluate_all("all => all.map(p => p.getAttribute('points'))")
            ]
            np.testing.assert_allclose(ends, held["paths"][d, place, :, -1, 1], atol=0.03)

    slider = box.slider("updates")
    box.press(slider, "End")
    shows(-1)
    frame = slider.bounding_box()
    box.page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    shows(len(held["updates"]) // 2)
    box.page.keyboard.press("ArrowLeft")
    shows(len(held["updates"]) // 2 - 1)


def test_the_last_moment_of_training_is_the_recorded_agent():
    at_goal, in_time = baked("goal"), baked("training")
    goals = [tuple(cell) for cell in at_goal["goals"].tolist()]
    far = [goals.index(tuple(cell)) for cell in in_time["goals"].tolist()]
    np.testing.assert_allclose(in_time["paths"][:, -1], at_goal["paths"][:, far], atol=2e-2)
    np.testing.assert_allclose(in_time["maps"][:, -1], at_goal["maps"][:, far[-1]], atol=0.1)


def test_what_is_baked_is_what_the_recorded_weights_do():
    from crlkit.figures import recorded

    held, data = baked("goal"), evidence.find_data()
    agent = recorded.load(recorded.weights(data, recorded.runs(data, explore.SUITE, explore.MAZE)[4]))
    made = BAKE["maps_and_paths"](agent, [tuple(cell) for cell in held["goals"].tolist()])
    np.testing.assert_allclose(made["paths"], held["paths"][0], atol=2e-2)
    np.testing.assert_allclose(made["maps"], held["maps"][0], atol=0.05)
    np.testing.assert_array_equal(made["steps"], held["steps"][0])


def test_paths_keep_to_the_maze_and_to_the_speed_of_the_point():
    held, maze = baked("goal"), crlkit.envs.make("point_big_maze").maze
    paths = held["paths"].astype(float)
    nearby = [np.rint(paths + (i, j)).astype(int) for i in (-0.005, 0.005) for j in (-0.005, 0.005)]  # half precision
    assert not np.all([maze.walls[cells[..., 0], cells[..., 1]] for cells in nearby], axis=0).any()
    assert np.abs(np.diff(paths, axis=-2)).max() < 0.61
    assert (paths[..., 0, :] == maze.start).all()


def test_the_table_of_presses_is_as_good_as_the_recorded_critics():
    held = baked("lights_out")
    rows = pd.concat(evidence.read(ROOT / f"data/{suite}-laptop") for suite in ("boards", "boards_rates"))
    env = crlkit.envs.make("lights_out_3x3")
    last = rows[(rows.updates == rows.updates.max()) & (rows.seed >= 100)].groupby(["depth", "run"]).solved_4.mean()
    four = np.flatnonzero(env.distances == 4)
    there, recorded = [], []
    for press, depth, run in zip(held["press"], held["depths"], held["runs"]):
        there.append(np.mean([[played(seed, board)[-1] == 0 for board in four] for seed in press]))
        recorded.append(last[depth, run])
        assert last[depth, run] > last[depth].max() - 0.1  # the better rate, told by boards five presses away
    np.testing.assert_allclose(there, recorded, atol=0.12)  # one goal in the table, all 512 in the rows
    assert np.abs(np.subtract(there, recorded)).mean() < 0.05


def test_what_is_not_there_is_one_line(tmp_path):
    with pytest.raises(crlkit.UserError, match=r"no such file; nearest: python data/explorables/bake.py"):
        explore.goal(tmp_path)
