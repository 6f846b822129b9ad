"""Upright and square pictures of the demo commune, and the one for social cards."""

from __future__ import annotations

from portal.demo.canvas import Canvas
from portal.demo.canvas import mix
from portal.demo.motifs import BRICK
from portal.demo.motifs import CREAM
from portal.demo.motifs import DAWN
from portal.demo.motifs import GOLD
from portal.demo.motifs import INDIGO
from portal.demo.motifs import INK
from portal.demo.motifs import LEAF
from portal.demo.motifs import MOSS
from portal.demo.motifs import OCHRE
from portal.demo.motifs import PAPER
from portal.demo.motifs import PINE
from portal.demo.motifs import RED
from portal.demo.motifs import SKIN
from portal.demo.motifs import TEAL
from portal.demo.motifs import WOOD
from portal.demo.motifs import person
from portal.demo.motifs import stilt_house
from portal.demo.motifs import teapot
from portal.demo.motifs import valley


def _portrait(canvas: Canvas, wall: str, robe: str, scarf: str) -> None:
    middle = canvas.width / 2
    canvas.gradient(mix(wall, PAPER, 0.4), wall, 0)
    canvas.disc(middle, 440, 330, mix(wall, PAPER, 0.45))
    canvas.polygon(
        [
            (middle - 390, 1200),
            (middle - 300, 800),
            (middle - 90, 720),
            (middle + 90, 720),
            (middle + 300, 800),
            (middle + 390, 1200),
        ],
        robe,
    )
    canvas.polygon([(middle - 80, 720), (middle, 860), (middle + 80, 720)], CREAM)
    for side in (-1, 1):
        canvas.line(
            [(middle + side * 84, 724), (middle + side * 6, 880), (middle + side * 6, 1200)],
            GOLD,
            16,
        )
    canvas.box(middle - 62, 600, 124, 160, mix(SKIN, INK, 0.14), 50)
    canvas.ellipse(middle, 500, 165, 195, SKIN)
    canvas.half_disc(middle, 470, 190, 230, scarf)
    for step in range(5):
        canvas.box(
            middle - 186 + step * 10,
            440 - step * 34,
            372 - step * 20,
            12,
            (GOLD, RED, CREAM, TEAL, GOLD)[step],
            6,
        )
    ink = mix(SKIN, INK, 0.75)
    for side in (-1, 1):
        canvas.line(
            [(middle + side * 96, 520), (middle + side * 70, 508), (middle + side * 44, 520)],
            ink,
            7,
        )
        canvas.disc(middle + side * 110, 570, 28, mix(SKIN, RED, 0.25))
        canvas.disc(middle + side * 172, 560, 16, GOLD)
    canvas.line([(middle, 520), (middle - 8, 572), (middle + 10, 576)], mix(SKIN, INK, 0.35), 6)
    canvas.line([(middle - 46, 616), (middle, 636), (middle + 46, 616)], mix(RED, INK, 0.2), 9)


def weaver_portrait(canvas: Canvas) -> None:
    """Portrait of a master weaver in indigo."""
    _portrait(canvas, "#d9a867", INDIGO, mix(INDIGO, INK, 0.4))
    for index in range(6):
        canvas.box(40 + index * 4, 960 + index * 26, 150, 20, mix(INDIGO, "#b9d3df", index / 6))


def grandmother_portrait(canvas: Canvas) -> None:
    """Portrait of an old pupil holding her phone."""
    _portrait(canvas, "#7fa08a", mix(BRICK, INK, 0.3), RED)
    canvas.box(590, 850, 150, 270, INK, 22)
    canvas.box(602, 868, 126, 234, "#cfe8ea", 14)
    canvas.disc(665, 950, 34, OCHRE)
    canvas.half_disc(665, 1030, 50, 46, OCHRE)
    canvas.disc(640, 1070, 14, LEAF)
    canvas.disc(692, 1070, 14, RED)
    canvas.ellipse(596, 1040, 34, 60, SKIN)


def tea_set(canvas: Canvas) -> None:
    """A teapot, cups and a jar of white tea."""
    canvas.gradient("#f3dfb8", "#dcae6d", 0)
    canvas.disc(500, 400, 330, mix(GOLD, PAPER, 0.55))
    canvas.gradient(mix(WOOD, OCHRE, 0.3), mix(WOOD, INK, 0.25), 720)
    canvas.ellipse(500, 770, 430, 60, mix(WOOD, INK, 0.35))
    teapot(canvas, 420, 770, 250)
    for x in (690, 850):
        canvas.half_disc(x, 730, 64, -84, CREAM)
        canvas.ellipse(x, 730, 64, 15, mix(OCHRE, GOLD, 0.4))
    for shift in (0, 34, 68):
        canvas.line([(640 + shift, 690), (655 + shift, 640), (636 + shift, 590)], PAPER, 7)
    canvas.line([(150, 900), (320, 850), (470, 880)], PINE, 9)
    for x, y in ((190, 880), (250, 862), (330, 846), (400, 858), (455, 872)):
        canvas.ellipse(x, y - 18, 18, 34, LEAF)
        canvas.ellipse(x + 22, y + 16, 18, 30, MOSS)


def share_card(canvas: Canvas) -> None:
    """The picture for social cards: tea hills, river and a stilt house."""
    valley(canvas, DAWN, LEAF, 0.55, 0.6)
    stilt_house(canvas, 160, 420, 190)
    for row in range(10):
        canvas.ridge(450 + row * 18, 120, mix(LEAF, PINE, row % 2 * 0.3 + row * 0.03), 1.2, 0.9)
    canvas.ridge(640, 40, mix(TEAL, PAPER, 0.3), 0.2, 1.4)
    canvas.ridge(652, 36, mix(TEAL, PAPER, 0.55), 1.0, 1.4)
    person(canvas, 760, 520, 130, RED, wears="cone", arms="forward")
    person(canvas, 900, 540, 130, INDIGO, wears="cone", arms="forward", facing=-1)


SCENES = {
    "chan-dung-nghe-nhan": weaver_portrait,
    "chan-dung-ba-chan": grandmother_portrait,
    "am-tra": tea_set,
    "chia-se": share_card,
}
