"""Finished pictures: captions, tiles side by side; and the GIF made of them."""

import io
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from crlkit.figures import style

CAPTION = 34  # pixels of the two lines above a picture
COLOURS = 128  # of a GIF
COLUMNS = 4  # of pictures beside each other


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"  # matplotlib brings it
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, size)


def caption(picture: np.ndarray, title: str, about: str, status: str, verdict: str, good: bool) -> np.ndarray:
    """`picture` `[height, width, 3]` under two lines: title and about, then status and verdict (blue where `good`)."""
    page = Image.fromarray(np.pad(picture, ((CAPTION, 0), (0, 0), (0, 0)), constant_values=255))
    pen, width, colour_of_verdict = ImageDraw.Draw(page), page.width, style.REACHED if good else style.MISSED
    lines = (2, title, True, about, "#444444"), (18, status, False, verdict, colour_of_verdict)
    for top, left, bold, right, colour in lines:
        # The largest type in which both fit; a title counts as wide as the longest depth, so that tiles agree.
        for size in range(12, 6, -1):
            least, end = pen.textlength("depth 1024", font=_font(size, True)), pen.textlength(right, font=_font(size))
            if max(pen.textlength(left, font=_font(size, bold)), least) + end + size <= width - 8:
                break
        middle = top + (12 - size) / 2
        pen.text((4, middle), left, font=_font(size, bold), fill="black")
        pen.text((width - 4 - end, middle), right, font=_font(size), fill=colour)
    return np.asarray(page)


def tiles(pictures: list[np.ndarray]) -> np.ndarray:
    """Pictures of equal size beside each other, COLUMNS in a row, white where there is none."""
    missing = -len(pictures) % COLUMNS if len(pictures) > COLUMNS else 0
    pictures = pictures + [np.full_like(pictures[0], 255)] * missing
    return np.vstack([np.hstack(pictures[k : k + COLUMNS]) for k in range(0, len(pictures), COLUMNS)])


def gif(frames: np.ndarray, milliseconds: list[int]) -> bytes:
    """A GIF of `frames` uint8 `[n, height, width, 3]` that repeats for ever; frame k stays for `milliseconds[k]`.

    All frames share one palette: no flicker, and what stands still costs nothing.
    """
    ends = [k for k, stay in enumerate(milliseconds) if stay == max(milliseconds)]  # only they may have a goal's blue
    sample = frames[np.unique([*range(0, len(frames), max(1, len(frames) // 12)), *ends])]
    palette = Image.fromarray(sample.reshape(-1, *frames.shape[2:])).quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    images = [Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    file = io.BytesIO()
    images[0].save(file, "GIF", save_all=True, append_images=images[1:], duration=milliseconds, loop=0, optimize=False)
    return file.getvalue()
