"""What several illustrations share: skies and valleys, rooms, houses, trees and people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from portal.demo.canvas import Canvas
from portal.demo.canvas import mix

INK = "#2f2a26"
CREAM = "#f7ecd6"
PAPER = "#fffaf0"
RED = "#b5402c"
BRICK = "#8a3f2b"
OCHRE = "#d9952f"
GOLD = "#f0bd52"
LEAF = "#5b8c4b"
PINE = "#2c5a45"
MOSS = "#8fae5d"
TEAL = "#2f7a78"
INDIGO = "#2d4270"
SKY = "#a9d0d6"
RIVER = "#6ea9b4"
WOOD = "#8b5e3c"
STONE = "#b9aea0"
SKIN = "#d9a37a"
TINTS = (RED, TEAL, OCHRE, INDIGO, BRICK, LEAF)

Arms = Literal["down", "up", "out", "forward"]
Headwear = Literal["none", "cone", "scarf", "helmet", "cap"]


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of an hour: upper and lower sky, sun, far hills."""

    zenith: str
    horizon: str
    sun: str
    haze: str


DAY = Light("#8fc4cf", "#fbeecf", "#fff3c4", "#a8c3ae")
DAWN = Light("#e9a97a", "#fdebc8", "#fff6d8", "#c9a58e")
DUSK = Light("#39456f", "#e79a6b", "#ffd98a", "#6b6480")
STORM = Light("#56656f", "#a9b3ae", "#a9b3ae", "#7a8a88")
NIGHT = Light("#141d3a", "#3c4a78", "#f7ecc0", "#26315a")


def valley(
    canvas: Canvas, light: Light, near: str = LEAF, horizon: float = 0.62, shape: float = 0
) -> None:
    """Sky, sun and three rows of hills that get darker as they come nearer.

    `horizon` is a share of the height; `shape` (radians) moves peaks and sun, so that no two
    pictures show the same skyline.
    """
    level = canvas.height * horizon
    sun = canvas.width * (0.5 + 0.28 * math.cos(shape))
    canvas.gradient(light.zenith, light.horizon, 0, level + 20)
    if light is not STORM:
        canvas.disc(sun, level * 0.42, 62, mix(light.sun, light.horizon, 0.55))
        canvas.disc(sun, level * 0.42, 44, light.sun)
    for step, (rise, phase, waves) in enumerate(((210, 0.4, 1.3), (150, 2.6, 1.7), (95, 4.4, 1.2))):
        shade = mix(light.haze, mix(near, light.haze, 0.25), step / 2)
        canvas.ridge(level + 12 + step * 16, rise, shade, phase + shape, waves)


def cloud(canvas: Canvas, x: float, y: float, size: float, fill: str = PAPER) -> None:
    """A flat-bottomed cloud `size` wide."""
    for shift, lift, radius in ((-0.28, 0, 0.17), (0, 0.07, 0.25), (0.29, 0, 0.19)):
        canvas.disc(x + shift * size, y - lift * size, radius * size, fill)
    canvas.box(x - 0.45 * size, y, 0.93 * size, 0.19 * size, fill, 0.09 * size)


def tree(canvas: Canvas, x: float, y: float, size: float, fill: str = LEAF) -> None:
    """A broad-leaved tree standing at `y`, `size` high."""
    canvas.box(x - size * 0.04, y - size * 0.4, size * 0.08, size * 0.4, WOOD)
    dark = mix(fill, PINE, 0.35)
    for dx, dy, radius, tint in (
        (-0.17, 0.5, 0.2, dark),
        (0.18, 0.53, 0.2, dark),
        (0, 0.7, 0.26, fill),
        (-0.08, 0.78, 0.13, mix(fill, GOLD, 0.25)),
    ):
        canvas.disc(x + dx * size, y - dy * size, radius * size, tint)


def pine(canvas: Canvas, x: float, y: float, size: float, fill: str = PINE) -> None:
    """A conifer standing at `y`, `size` high."""
    canvas.box(x - size * 0.03, y - size * 0.2, size * 0.06, size * 0.2, WOOD)
    for low, width in ((0.12, 0.28), (0.36, 0.22), (0.6, 0.15)):
        canvas.polygon(
            [
                (x - width * size, y - low * size),
                (x, y - (low + 0.4) * size),
                (x + width * size, y - low * size),
            ],
            mix(fill, MOSS, low * 0.4),
        )


def bamboo(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A clump of bamboo leaning with the wind."""
    for index, lean in enumerate((-0.22, -0.08, 0.06, 0.2)):
        top = (x + lean * size, y - size * (0.86 + 0.05 * (index % 2)))
        canvas.line([(x + lean * size * 0.2, y), top], mix(LEAF, PINE, index / 4), size * 0.022)
        for fall in (0.02, 0.14, 0.26):
            leaf_x = top[0] - lean * size * fall
            leaf_y = top[1] + fall * size
            for side in (-1, 1):
                canvas.polygon(
                    [
                        (leaf_x, leaf_y),
                        (leaf_x + side * size * 0.15, leaf_y + size * 0.03),
                        (leaf_x + side * size * 0.04, leaf_y + size * 0.06),
                    ],
                    mix(MOSS, LEAF, index / 3),
                )


def house(
    canvas: Canvas, x: float, y: float, size: float, wall: str = CREAM, roof: str = BRICK
) -> None:
    """A gabled house, `size` wide, its threshold at `y`."""
    canvas.box(x, y - size * 0.46, size, size * 0.46, wall)
    canvas.polygon(
        [
            (x - size * 0.1, y - size * 0.44),
            (x + size * 0.16, y - size * 0.78),
            (x + size * 0.84, y - size * 0.78),
            (x + size * 1.1, y - size * 0.44),
        ],
        roof,
    )
    canvas.box(x + size * 0.41, y - size * 0.32, size * 0.18, size * 0.32, WOOD)
    for shift in (0.12, 0.7):
        canvas.box(x + size * shift, y - size * 0.31, size * 0.18, size * 0.15, TEAL)


def stilt_house(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A house on posts with a deep thatched roof and a ladder, `size` wide."""
    for shift in (0.08, 0.36, 0.64, 0.92):
        canvas.box(x + size * shift - 4, y - size * 0.3, 8, size * 0.3, mix(WOOD, INK, 0.3))
    canvas.box(x, y - size * 0.56, size, size * 0.28, WOOD)
    canvas.box(x, y - size * 0.33, size, size * 0.05, mix(WOOD, INK, 0.35))
    for shift in (0.14, 0.42, 0.7):
        canvas.box(x + size * shift, y - size * 0.5, size * 0.14, size * 0.15, GOLD)
    canvas.polygon(
        [
            (x - size * 0.14, y - size * 0.5),
            (x + size * 0.14, y - size * 0.96),
            (x + size * 0.86, y - size * 0.96),
            (x + size * 1.14, y - size * 0.5),
        ],
        mix(OCHRE, WOOD, 0.55),
    )
    canvas.polygon(
        [
            (x - size * 0.14, y - size * 0.5),
            (x + size * 1.14, y - size * 0.5),
            (x + size * 1.07, y - size * 0.6),
            (x - size * 0.07, y - size * 0.6),
        ],
        mix(OCHRE, WOOD, 0.75),
    )


def person(
    canvas: Canvas,
    x: float,
    y: float,
    size: float,
    clothes: str = INDIGO,
    *,
    arms: Arms = "down",
    wears: Headwear = "none",
    skirt: str | None = None,
    facing: int = 1,
) -> None:
    """A figure standing at `y`, `size` high; `facing` is 1 for right and -1 for left."""
    low = mix(clothes, INK, 0.55)
    if skirt is None:
        for side in (-1, 1):
            canvas.line(
                [(x + side * size * 0.06, y - size * 0.42), (x + side * size * 0.07, y)],
                low,
                size * 0.1,
            )
    else:
        canvas.polygon(
            [
                (x - size * 0.1, y - size * 0.46),
                (x + size * 0.1, y - size * 0.46),
                (x + size * 0.2, y - size * 0.04),
                (x - size * 0.2, y - size * 0.04),
            ],
            skirt,
        )
        canvas.box(x - size * 0.19, y - size * 0.1, size * 0.38, size * 0.035, GOLD)
        for side in (-1, 1):
            canvas.line([(x + side * size * 0.06, y - 4), (x + side * size * 0.06, y)], low, 6)
    canvas.box(x - size * 0.14, y - size * 0.8, size * 0.28, size * 0.42, clothes, size * 0.09)
    _arms(canvas, x, y, size, clothes, arms, facing)
    canvas.box(x - size * 0.04, y - size * 0.84, size * 0.08, size * 0.08, mix(SKIN, INK, 0.12))
    _head(canvas, x, y - size * 0.9, size, wears)


def _arms(
    canvas: Canvas, x: float, y: float, size: float, clothes: str, arms: Arms, facing: int
) -> None:
    sleeve = mix(clothes, INK, 0.16)
    hands = {
        "down": ((-0.2, 0.42), (0.2, 0.42)),
        "up": ((-0.26, 1.02), (0.26, 1.02)),
        "out": ((-0.36, 0.62), (0.36, 0.62)),
        "forward": ((0.3 * facing, 0.55), (0.34 * facing, 0.63)),
    }[arms]
    for side, (dx, dy) in zip((-1, 1), hands, strict=True):
        shoulder = (x + side * size * 0.11, y - size * 0.74)
        hand = (x + dx * size, y - dy * size)
        canvas.line([shoulder, hand], sleeve, size * 0.075)
        canvas.disc(hand[0], hand[1], size * 0.042, SKIN)


def _head(canvas: Canvas, x: float, y: float, size: float, wears: Headwear) -> None:
    radius = size * 0.1
    canvas.disc(x, y, radius, SKIN)
    if wears == "cone":
        canvas.polygon(
            [
                (x - radius * 2, y - radius * 0.2),
                (x, y - radius * 1.7),
                (x + radius * 2, y - radius * 0.2),
            ],
            mix(CREAM, OCHRE, 0.25),
        )
        return
    shade = {"none": INK, "scarf": RED, "helmet": GOLD, "cap": TEAL}[wears]
    canvas.half_disc(x, y - radius * 0.05, radius * 1.08, radius * 1.12, shade)
    if wears in {"helmet", "cap"}:
        canvas.box(x - radius * 1.3, y - radius * 0.22, radius * 2.6, radius * 0.26, shade, 2)
    if wears == "scarf":
        canvas.box(x - radius * 1.08, y - radius * 0.3, radius * 2.16, radius * 0.34, INDIGO, 2)


def room(canvas: Canvas, wall: str, floor: str, window: bool = True) -> None:
    """An interior with a skirting board and, on request, a window that looks out on hills."""
    level = canvas.height * 0.76
    canvas.gradient(mix(wall, PAPER, 0.35), wall, 0, level)
    canvas.gradient(floor, mix(floor, INK, 0.2), level)
    canvas.box(0, level - 8, canvas.width, 10, mix(wall, INK, 0.25))
    if window:
        left = canvas.width * 0.06
        canvas.box(left - 10, 90, 300, 230, PAPER, 6)
        canvas.box(left, 100, 280, 210, SKY)
        canvas.polygon(
            [
                (left, 310),
                (left, 230),
                (left + 90, 170),
                (left + 170, 240),
                (left + 220, 200),
                (left + 280, 250),
                (left + 280, 310),
            ],
            LEAF,
        )
        canvas.disc(left + 215, 148, 22, GOLD)
        canvas.box(left + 136, 100, 8, 210, PAPER)
        canvas.box(left, 200, 280, 8, PAPER)


def flag_line(canvas: Canvas, start: float, end: float, y: float, sag: float = 34) -> None:
    """Bunting between two points of the same height."""
    count = 12
    points = []
    for index in range(count + 1):
        share = index / count
        points.append((start + (end - start) * share, y + sag * 4 * share * (1 - share)))
    canvas.line(points, INK, 2)
    for index, (x, top) in enumerate(points[:-1]):
        tint = (RED, GOLD, TEAL, CREAM)[index % 4]
        canvas.polygon([(x + 6, top + 4), (x + 44, top + 4), (x + 25, top + 46)], tint)


def basket(canvas: Canvas, x: float, y: float, size: float, load: str) -> None:
    """A round basket with something heaped in it, standing at `y`."""
    canvas.half_disc(x, y - size * 0.42, size * 0.48, size * 0.36, load)
    canvas.polygon(
        [
            (x - size * 0.5, y - size * 0.45),
            (x + size * 0.5, y - size * 0.45),
            (x + size * 0.36, y),
            (x - size * 0.36, y),
        ],
        mix(OCHRE, WOOD, 0.3),
    )
    canvas.line([(x - size * 0.45, y - size * 0.25), (x + size * 0.45, y - size * 0.25)], WOOD, 3)


def teapot(canvas: Canvas, x: float, y: float, size: float, fill: str = TEAL) -> None:
    """A round-bellied teapot standing at `y`, its belly about one and a half `size` wide."""
    canvas.line(
        [(x + size * 0.6, y - size * 0.2), (x + size * 1.15, y - size * 0.85)], fill, size * 0.16
    )
    canvas.ellipse(x - size * 0.86, y - size * 0.42, size * 0.36, size * 0.36, fill)
    canvas.ellipse(x - size * 0.86, y - size * 0.42, size * 0.22, size * 0.22, "#d9b27a")
    canvas.ellipse(x, y - size * 0.42, size * 0.78, size * 0.56, fill)
    canvas.ellipse(x - size * 0.2, y - size * 0.58, size * 0.34, size * 0.2, mix(fill, PAPER, 0.25))
    canvas.half_disc(x, y - size * 0.88, size * 0.4, size * 0.16, mix(fill, INK, 0.2))
    canvas.disc(x, y - size * 1.08, size * 0.08, OCHRE)


def river(canvas: Canvas, top: float, fill: str = RIVER) -> None:
    """Rippled water across the width from `top` down."""
    canvas.gradient(mix(fill, PAPER, 0.35), mix(fill, INDIGO, 0.25), top)
    for row in range(7):
        y = top + 26 + row * (canvas.height - top - 30) / 7
        for column in range(5):
            x = (column * 271 + row * 137) % canvas.width
            canvas.line([(x, y), (x + 70 + row * 8, y)], mix(fill, PAPER, 0.5), 3)
