"""Illustrations of what the demo commune builds: bridge, roads, dam, buses, houses."""

from __future__ import annotations

from portal.demo.canvas import Canvas
from portal.demo.canvas import mix
from portal.demo.motifs import BRICK
from portal.demo.motifs import CREAM
from portal.demo.motifs import DAWN
from portal.demo.motifs import DAY
from portal.demo.motifs import DUSK
from portal.demo.motifs import GOLD
from portal.demo.motifs import INDIGO
from portal.demo.motifs import INK
from portal.demo.motifs import LEAF
from portal.demo.motifs import MOSS
from portal.demo.motifs import OCHRE
from portal.demo.motifs import PAPER
from portal.demo.motifs import PINE
from portal.demo.motifs import RED
from portal.demo.motifs import RIVER
from portal.demo.motifs import STONE
from portal.demo.motifs import TEAL
from portal.demo.motifs import WOOD
from portal.demo.motifs import bamboo
from portal.demo.motifs import cloud
from portal.demo.motifs import person
from portal.demo.motifs import pine
from portal.demo.motifs import river
from portal.demo.motifs import stilt_house
from portal.demo.motifs import tree
from portal.demo.motifs import valley


def bridge(canvas: Canvas) -> None:
    """A new concrete bridge with a bus on it."""
    valley(canvas, DAY, LEAF, 0.62, 1.7)
    cloud(canvas, 220, 120, 200)
    river(canvas, 470)
    for x in (150, 450, 750, 1050):
        canvas.box(x - 26, 400, 52, 175, STONE)
        canvas.box(x - 40, 386, 80, 20, mix(STONE, INK, 0.2), 4)
        canvas.ellipse(x, 578, 60, 11, mix(RIVER, INDIGO, 0.35))
    canvas.box(0, 350, 1200, 40, mix(STONE, PAPER, 0.35))
    canvas.box(0, 382, 1200, 10, mix(STONE, INK, 0.35))
    canvas.box(0, 308, 1200, 7, PAPER)
    for x in range(12, 1200, 42):
        canvas.box(x, 308, 6, 44, PAPER)
    for x in (90, 390, 690, 990):
        canvas.box(x, 190, 7, 160, mix(INK, STONE, 0.4))
        canvas.line([(x + 3, 194), (x + 46, 182)], mix(INK, STONE, 0.4), 5)
        canvas.ellipse(x + 50, 184, 16, 6, GOLD)
    _bus(canvas, 470, 346, 230)
    for x, tint in ((150, INDIGO), (200, BRICK), (880, TEAL), (930, RED), (1080, INDIGO)):
        person(canvas, x, 350, 78, tint, arms="up" if x in {200, 930} else "down")
    bamboo(canvas, 60, 690, 260)
    bamboo(canvas, 1150, 690, 300)


def _bus(canvas: Canvas, x: float, y: float, size: float, body: str = OCHRE) -> None:
    canvas.box(x, y - size * 0.46, size, size * 0.38, body, 16)
    canvas.box(x, y - size * 0.2, size, size * 0.05, CREAM)
    for index in range(5):
        canvas.box(
            x + size * (0.06 + 0.18 * index),
            y - size * 0.4,
            size * 0.14,
            size * 0.15,
            mix(INDIGO, PAPER, 0.55),
            4,
        )
    for shift in (0.22, 0.78):
        canvas.disc(x + size * shift, y - size * 0.075, size * 0.08, INK)
        canvas.disc(x + size * shift, y - size * 0.075, size * 0.035, STONE)


def bridge_works(canvas: Canvas) -> None:
    """Piers in the river, a crane lowering a girder."""
    valley(canvas, DUSK, PINE, 0.62, 2.5)
    river(canvas, 480, mix(RIVER, INDIGO, 0.3))
    for x in (130, 430, 730, 1030):
        canvas.box(x - 26, 380, 52, 200, STONE)
        canvas.box(x - 44, 368, 88, 20, mix(STONE, INK, 0.25))
    canvas.box(0, 336, 460, 32, mix(STONE, PAPER, 0.3))
    canvas.box(1010, 336, 190, 32, mix(STONE, PAPER, 0.3))
    canvas.polygon([(470, 316), (740, 292), (740, 322), (470, 346)], mix(STONE, PAPER, 0.4))
    canvas.box(300, 70, 16, 268, GOLD)
    canvas.box(180, 76, 560, 14, GOLD)
    canvas.line([(308, 40), (740, 80)], INK, 3)
    canvas.line([(308, 40), (184, 80)], INK, 3)
    canvas.box(180, 90, 50, 40, INK)
    for x in (500, 712):
        canvas.line([(606, 160), (x, 306)], INK, 3)
    canvas.line([(606, 88), (606, 160)], INK, 3)
    for y in range(100, 330, 34):
        canvas.line([(300, y), (316, y + 34)], BRICK, 3)
    for x, tint in ((60, OCHRE), (380, RED), (1090, OCHRE)):
        person(canvas, x, 338, 86, tint, wears="helmet", arms="up" if x == 380 else "down")
    canvas.disc(900, 110, 5, PAPER)
    canvas.disc(1000, 60, 3, PAPER)


def road_works(canvas: Canvas) -> None:
    """An excavator clearing a mountain road."""
    valley(canvas, DAY, LEAF, 0.55, 4.1)
    canvas.polygon([(0, 675), (0, 500), (430, 430), (1200, 470), (1200, 675)], "#a98f72")
    canvas.polygon([(0, 640), (0, 560), (1200, 505), (1200, 640)], mix(INK, STONE, 0.35))
    for x in range(20, 1200, 130):
        canvas.polygon(
            [
                (x, 599 - x * 0.022),
                (x + 66, 597 - x * 0.022),
                (x + 66, 606 - x * 0.022),
                (x, 608 - x * 0.022),
            ],
            CREAM,
        )
    canvas.polygon(
        [(760, 530), (850, 400), (960, 360), (1090, 420), (1200, 400), (1200, 540)], "#8c6f52"
    )
    for x, y, r in ((830, 520, 26), (900, 505, 34), (1000, 515, 28), (1090, 508, 38)):
        canvas.disc(x, y, r, STONE)
    _excavator(canvas, 430, 545)
    person(canvas, 230, 600, 130, OCHRE, wears="helmet", arms="out")
    person(canvas, 120, 610, 130, TEAL, wears="helmet")
    for x in (320, 690, 1120):
        canvas.polygon([(x, 615), (x + 18, 560), (x + 36, 615)], RED)
        canvas.box(x + 9, 582, 18, 9, PAPER)
    pine(canvas, 1150, 420, 150)
    pine(canvas, 60, 505, 170)


def _excavator(canvas: Canvas, x: float, y: float) -> None:
    canvas.box(x - 20, y - 50, 220, 52, INK, 26)
    for step in range(4):
        canvas.disc(x + 15 + step * 50, y - 24, 17, STONE)
    canvas.box(x, y - 130, 180, 82, GOLD, 10)
    canvas.box(x + 90, y - 220, 90, 100, GOLD, 10)
    canvas.box(x + 104, y - 206, 62, 62, mix(INDIGO, PAPER, 0.55), 6)
    canvas.line([(x + 160, y - 110), (x + 290, y - 270), (x + 400, y - 150)], OCHRE, 22)
    canvas.polygon(
        [(x + 370, y - 165), (x + 430, y - 160), (x + 440, y - 90), (x + 385, y - 95)], INK
    )


def reservoir(canvas: Canvas) -> None:
    """A dam with its spillway below wooded hills."""
    valley(canvas, DAY, PINE, 0.52, 5.8)
    cloud(canvas, 330, 100, 210)
    canvas.gradient(mix(RIVER, PAPER, 0.45), RIVER, 350, 450)
    canvas.polygon([(0, 430), (1200, 430), (1200, 470), (0, 470)], mix(STONE, PAPER, 0.4))
    canvas.polygon([(0, 470), (1200, 470), (1200, 675), (0, 675)], STONE)
    for x in range(0, 1200, 100):
        canvas.line([(x, 470), (x - 40, 675)], mix(STONE, INK, 0.2), 2)
    for x in (430, 560, 690):
        canvas.box(x, 360, 28, 90, mix(STONE, INK, 0.3))
        canvas.box(x - 4, 350, 36, 14, BRICK)
    for x in (458, 588):
        canvas.polygon(
            [(x, 470), (x + 102, 470), (x + 140, 675), (x - 40, 675)], mix(RIVER, PAPER, 0.65)
        )
        for shift in (22, 50, 78):
            canvas.line([(x + shift, 480), (x + shift * 1.3 - 14, 670)], RIVER, 3)
    canvas.box(850, 350, 90, 80, CREAM)
    canvas.polygon([(838, 354), (895, 310), (952, 354)], BRICK)
    person(canvas, 800, 432, 70, TEAL, wears="cap")
    for x, size in ((60, 180), (150, 140), (1080, 200), (1165, 150)):
        pine(canvas, x, 440, size)


def solar_roof(canvas: Canvas) -> None:
    """A village hall with panels on its roof."""
    valley(canvas, DAY, LEAF, 0.62, 2.0)
    cloud(canvas, 200, 130, 180)
    canvas.ridge(640, 70, mix(LEAF, PINE, 0.2), 1.0, 0.9)
    canvas.box(300, 390, 600, 210, CREAM)
    canvas.polygon([(250, 400), (350, 220), (850, 220), (950, 400)], BRICK)
    for row in range(3):
        for column in range(7):
            top = 238 + row * 50
            lean = (400 - top) * 0.5
            x = 300 + lean * 0.9 + column * (600 - lean * 1.8) / 7
            wide = (600 - lean * 1.8) / 7 - 8
            canvas.polygon(
                [(x + 4, top), (x + wide, top), (x + wide, top + 42), (x, top + 42)],
                mix(INDIGO, TEAL, (row + column) % 3 * 0.14),
            )
            canvas.line([(x + wide / 2, top), (x + wide / 2, top + 42)], mix(INDIGO, PAPER, 0.5), 1)
    canvas.box(545, 460, 110, 140, WOOD)
    for x in (350, 450, 690, 790):
        canvas.box(x, 455, 66, 74, TEAL, 4)
    canvas.box(480, 415, 240, 30, RED, 4)
    for x in (500, 548, 596, 644):
        canvas.box(x, 426, 34, 7, GOLD)
    tree(canvas, 170, 610, 250)
    tree(canvas, 1040, 610, 220, MOSS)
    person(canvas, 760, 640, 150, OCHRE, arms="up")
    person(canvas, 840, 640, 110, RED)


def bus_stop(canvas: Canvas) -> None:
    """The local bus at a stop on a mountain road."""
    valley(canvas, DAWN, LEAF, 0.62, 3.7)
    canvas.box(0, 540, 1200, 135, mix(INK, STONE, 0.35))
    canvas.box(0, 520, 1200, 24, STONE)
    for x in range(30, 1200, 160):
        canvas.box(x, 606, 90, 9, CREAM)
    _bus(canvas, 430, 605, 520, TEAL)
    canvas.box(150, 300, 12, 225, WOOD)
    canvas.box(320, 300, 12, 225, WOOD)
    canvas.polygon([(110, 305), (150, 250), (335, 250), (375, 305)], BRICK)
    canvas.box(160, 460, 165, 14, WOOD)
    person(canvas, 200, 525, 150, INDIGO, skirt=INDIGO, wears="scarf")
    person(canvas, 265, 525, 105, RED)
    person(canvas, 375, 545, 155, OCHRE, arms="up")
    canvas.box(1050, 330, 10, 195, INK)
    canvas.box(1010, 300, 90, 70, RED, 8)
    canvas.box(1028, 320, 54, 24, PAPER, 4)
    tree(canvas, 1130, 530, 210)


def homestay(canvas: Canvas) -> None:
    """Stilt houses by a stream in the evening, lamps lit."""
    valley(canvas, DUSK, PINE, 0.58, 6.1)
    canvas.ridge(560, 80, mix(PINE, INK, 0.25), 1.4, 0.8)
    stilt_house(canvas, 190, 540, 300)
    stilt_house(canvas, 700, 575, 350)
    tree(canvas, 610, 570, 230, PINE)
    canvas.polygon([(480, 675), (560, 590), (640, 590), (720, 675)], RIVER)
    for x in (540, 600, 650):
        canvas.line([(x, 620), (x + 26, 620)], PAPER, 3)
    person(canvas, 400, 640, 120, RED, skirt=INDIGO, wears="scarf", arms="forward")
    person(canvas, 470, 645, 125, TEAL)
    person(canvas, 1120, 650, 130, OCHRE)
    for x, y in ((120, 80), (340, 130), (520, 60), (760, 110), (1100, 70)):
        canvas.disc(x, y, 3, PAPER)


SCENES = {
    "cau-ben-ngan": bridge,
    "cau-ben-ngan-xay-dung": bridge_works,
    "lam-duong": road_works,
    "ho-thuy-loi": reservoir,
    "dien-mat-troi": solar_roof,
    "xe-buyt": bus_stop,
    "nha-san": homestay,
}
