"""What tests in a browser share: a key that moves each explorable, and that it does."""

from pathlib import Path

MOVES = {  # a control of each, and a key that moves it
    "goal": ("svg.drag", "ArrowDown"),
    "lights_out": ("button[aria-pressed]", "Space"),
    "dial": ("input[type=range]", "ArrowLeft"),
    "hindsight": ("button.first", "Space"),
    "seeds": ("input[type=range]", "ArrowRight"),
    "training": ("input[type=range]", "Home"),
}


def assert_moves(page, name: str, folder: Path, place: str) -> None:
    """Its words and its picture change; both pictures are kept as `<place>_<name>_<before or after>.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    box, (selector, key) = page.locator(f'[data-explorable="{name}"]'), MOVES[name]
    box.scroll_into_view_if_needed()
    said, before = box.locator(".said").inner_text(), box.screenshot(path=folder / f"{place}_{name}_before.png")
    box.locator(selector).first.focus()
    page.keyboard.press(key)
    assert box.locator(".said").inner_text() != said
    assert box.screenshot(path=folder / f"{place}_{name}_after.png") != before
