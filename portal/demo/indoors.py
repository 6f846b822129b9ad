"""Illustrations of the demo commune indoors: offices, lessons, crafts."""

from __future__ import annotations

from portal.demo.canvas import Canvas
from portal.demo.canvas import mix
from portal.demo.motifs import BRICK
from portal.demo.motifs import CREAM
from portal.demo.motifs import GOLD
from portal.demo.motifs import INDIGO
from portal.demo.motifs import INK
from portal.demo.motifs import LEAF
from portal.demo.motifs import OCHRE
from portal.demo.motifs import PAPER
from portal.demo.motifs import PINE
from portal.demo.motifs import RED
from portal.demo.motifs import SKIN
from portal.demo.motifs import STONE
from portal.demo.motifs import TEAL
from portal.demo.motifs import TINTS
from portal.demo.motifs import WOOD
from portal.demo.motifs import basket
from portal.demo.motifs import person
from portal.demo.motifs import room
from portal.demo.motifs import teapot


def _desk(canvas: Canvas, x: float, y: float, width: float, height: float = 110) -> None:
    canvas.box(x, y - height, width, height, mix(WOOD, OCHRE, 0.3), 4)
    canvas.box(x - 10, y - height - 12, width + 20, 18, mix(WOOD, OCHRE, 0.6), 6)


def _screen(canvas: Canvas, x: float, y: float, width: float, glow: str = TEAL) -> None:
    canvas.box(x, y - width * 0.68, width, width * 0.6, INK, 6)
    canvas.box(x + 6, y - width * 0.68 + 6, width - 12, width * 0.6 - 12, glow, 3)
    for row in range(3):
        canvas.box(x + 16, y - width * (0.56 - row * 0.13), width * (0.6 - row * 0.12), 6, PAPER, 3)
    canvas.box(x + width * 0.44, y - width * 0.08, width * 0.12, width * 0.08, INK)


def one_stop_shop(canvas: Canvas) -> None:
    """Three counters with officials and visitors."""
    room(canvas, "#e9d7b4", "#b58d63", window=False)
    canvas.box(0, 60, 1200, 74, PINE)
    for column, x in enumerate((140, 500, 860)):
        canvas.box(x + 60, 78, 130, 38, CREAM, 6)
        canvas.box(x + 108, 88, 34, 18, (RED, OCHRE, TEAL)[column], 4)
        person(canvas, x + 120, 500, 260, (TEAL, INDIGO, BRICK)[column])
        canvas.box(x - 50, 430, 330, 150, mix(WOOD, OCHRE, 0.35), 6)
        canvas.box(x - 64, 412, 358, 24, CREAM, 8)
        _screen(canvas, x + 170, 414, 108)
        canvas.box(x + 10, 398, 80, 12, PAPER)
        canvas.box(x + 20, 390, 66, 8, STONE)
    person(canvas, 210, 650, 270, RED, skirt=INDIGO, wears="scarf", arms="forward")
    person(canvas, 300, 650, 150, GOLD)
    person(canvas, 640, 650, 280, OCHRE, arms="forward")
    person(canvas, 1010, 650, 270, LEAF, wears="cone")
    canvas.box(40, 470, 50, 180, STONE, 6)
    canvas.half_disc(65, 470, 60, 110, LEAF)


def phone_lesson(canvas: Canvas) -> None:
    """An evening lesson around the hearth of a stilt house."""
    canvas.gradient("#4a2f22", "#6f4730", 0)
    for x in range(0, 1200, 92):
        canvas.box(x, 0, 6, 480, "#3b251b")
    canvas.box(90, 90, 240, 190, "#1d2747", 4)
    canvas.disc(260, 150, 26, "#f7ecc0")
    canvas.polygon(
        [(90, 280), (90, 240), (170, 190), (240, 240), (330, 205), (330, 280)], "#2f3f57"
    )
    canvas.gradient("#8b5e3c", "#5d3c28", 480)
    for radius in (300, 230, 165):
        canvas.ellipse(600, 560, radius, radius * 0.33, mix("#7a5035", GOLD, 0.5 - radius / 700))
    canvas.box(540, 560, 120, 16, INK, 8)
    canvas.polygon(
        [(555, 562), (575, 470), (598, 515), (612, 440), (632, 510), (645, 480), (652, 562)], RED
    )
    canvas.polygon([(578, 562), (600, 500), (614, 530), (622, 500), (632, 562)], GOLD)
    teapot(canvas, 700, 575, 46, INK)
    canvas.box(500, 110, 220, 140, PINE, 6)
    canvas.disc(560, 180, 26, LEAF)
    canvas.disc(655, 180, 26, RED)
    people = ((150, INDIGO), (270, RED), (385, TEAL), (830, BRICK), (945, INDIGO), (1065, OCHRE))
    for index, (x, tint) in enumerate(people):
        facing = 1 if x < 600 else -1
        person(
            canvas,
            x,
            640,
            250,
            tint,
            wears="scarf" if index % 2 == 0 else "none",
            arms="forward",
            facing=facing,
            skirt=INDIGO if index % 2 == 0 else None,
        )
        hand = x + facing * 84
        canvas.box(hand - 13, 464, 27, 46, INK, 5)
        canvas.box(hand - 10, 468, 21, 37, "#bfe3e0", 3)


def meeting_hall(canvas: Canvas) -> None:
    """A speaker before a full hall seen from behind."""
    room(canvas, "#d8b98c", "#9b7350", window=False)
    canvas.box(180, 0, 840, 400, mix(RED, INK, 0.12))
    for x in range(180, 1020, 60):
        canvas.box(x, 0, 14, 400, mix(RED, INK, 0.3))
    canvas.box(330, 60, 540, 84, GOLD, 6)
    for row, width in ((84, 420), (108, 300)):
        canvas.box(600 - width / 2, row, width, 12, BRICK, 5)
    canvas.box(150, 396, 900, 50, WOOD)
    for x, tint in ((380, TEAL), (480, INDIGO), (760, BRICK), (860, OCHRE)):
        person(canvas, x, 440, 180, tint)
    canvas.box(330, 340, 190, 64, CREAM)
    canvas.box(710, 340, 190, 64, CREAM)
    person(canvas, 615, 430, 220, PINE, arms="out")
    canvas.polygon([(568, 300), (662, 300), (648, 420), (582, 420)], mix(WOOD, OCHRE, 0.4))
    for row in range(3):
        for seat in range(12):
            x = 40 + seat * 104 + row % 2 * 48
            y = 520 + row * 64
            tint = TINTS[(seat * 5 + row * 2) % 6]
            canvas.half_disc(x, y + 90, 44, 80, mix(tint, INK, 0.15))
            canvas.disc(x, y, 24, mix(INK, WOOD, seat % 3 * 0.14))


def birth_registration(canvas: Canvas) -> None:
    """Young parents with a baby at the registrar's desk."""
    room(canvas, "#e6c9a0", "#a87d54")
    canvas.box(760, 120, 300, 190, PAPER, 6)
    for row in range(4):
        canvas.box(790, 150 + row * 36, 240 - row * 28, 14, (RED, STONE, STONE, STONE)[row], 6)
    person(canvas, 880, 560, 330, TEAL, arms="forward", facing=-1)
    person(canvas, 330, 640, 350, OCHRE)
    person(canvas, 480, 640, 330, RED, skirt=INDIGO)
    canvas.ellipse(490, 452, 74, 42, PAPER)
    canvas.disc(540, 440, 25, SKIN)
    canvas.half_disc(540, 436, 26, 24, GOLD)
    _desk(canvas, 640, 650, 470, 150)
    _screen(canvas, 960, 490, 120)
    canvas.polygon([(690, 486), (810, 486), (790, 466), (680, 466)], PAPER)
    canvas.disc(788, 476, 7, RED)


def vaccination(canvas: Canvas) -> None:
    """A nurse, a mother and a child at the health station."""
    room(canvas, "#cfe0d4", "#a9b99b")
    canvas.box(830, 90, 280, 220, PAPER, 8)
    canvas.box(945, 130, 50, 140, LEAF, 6)
    canvas.box(900, 175, 140, 50, LEAF, 6)
    person(canvas, 770, 640, 360, PAPER, arms="forward", facing=-1, wears="cap")
    canvas.line([(612, 424), (662, 436)], STONE, 12)
    canvas.line([(590, 420), (612, 424)], INK, 3)
    person(canvas, 400, 640, 350, BRICK, skirt=INDIGO, wears="scarf", arms="out")
    person(canvas, 520, 640, 220, GOLD)
    canvas.disc(560, 516, 11, PAPER)
    canvas.box(900, 490, 220, 16, STONE, 6)
    for x in (915, 1095):
        canvas.box(x, 500, 10, 150, STONE)
    canvas.box(930, 430, 90, 60, TEAL, 8)
    canvas.box(1040, 450, 18, 40, CREAM, 4)
    canvas.box(1066, 456, 18, 34, GOLD, 4)
    person(canvas, 180, 640, 330, INDIGO)


def weaving(canvas: Canvas) -> None:
    """A weaver at a wooden loom, indigo cloths on a pole."""
    room(canvas, "#c99b6b", "#7d5435", window=False)
    canvas.box(0, 70, 1200, 14, WOOD)
    for index in range(9):
        x = 20 + index * 132
        canvas.box(x, 76, 104, 200 + index * 37 % 90, mix(INDIGO, "#b9d3df", index / 9))
        canvas.box(x, 240 + index * 37 % 90, 104, 10, PAPER)
    canvas.box(470, 330, 20, 320, WOOD)
    canvas.box(980, 330, 20, 320, WOOD)
    canvas.box(450, 330, 570, 18, mix(WOOD, INK, 0.3))
    canvas.polygon([(490, 440), (980, 400), (980, 520), (490, 540)], CREAM)
    for step in range(24):
        x = 492 + step * 20
        canvas.line([(x, 440 - step * 1.7), (x, 540 - step * 0.8)], INDIGO, 2)
    for row, tint in enumerate((RED, GOLD, TEAL, RED, INDIGO, GOLD)):
        canvas.polygon(
            [
                (490 + row * 24, 440 - row * 2),
                (508 + row * 24, 438 - row * 2),
                (508 + row * 24, 540 - row),
                (490 + row * 24, 541 - row),
            ],
            tint,
        )
    person(canvas, 380, 640, 350, INDIGO, skirt=INK, wears="scarf", arms="forward")
    canvas.box(290, 540, 170, 20, WOOD, 6)
    basket(canvas, 160, 650, 150, CREAM)
    canvas.disc(130, 580, 22, RED)
    canvas.disc(185, 572, 22, INDIGO)


def mobile_library(canvas: Canvas) -> None:
    """Shelves of books, children reading on mats."""
    room(canvas, "#d9c7a3", "#a67c52", window=False)
    for shelf in range(3):
        canvas.box(60, 60 + shelf * 140, 1080, 122, mix(WOOD, INK, 0.15), 4)
        x = 76.0
        index = shelf * 7
        while x < 1105:
            width = 16 + index * 29 % 17
            tall = 72 + index * 47 % 34
            canvas.box(x, 176 + shelf * 140 - tall, width, tall, TINTS[index * 5 % 6], 2)
            canvas.box(x + 3, 190 + shelf * 140 - tall, width - 6, 6, CREAM)
            x += width + 4
            index += 1
        canvas.box(50, 174 + shelf * 140, 1100, 12, WOOD)
    canvas.ellipse(600, 615, 480, 58, TEAL)
    canvas.ellipse(600, 612, 440, 46, mix(TEAL, PAPER, 0.25))
    for index, x in enumerate((270, 430, 600, 770, 930)):
        person(canvas, x, 640, 200, TINTS[index], arms="forward", facing=1 if x < 600 else -1)
        side = 1 if x < 600 else -1
        canvas.polygon(
            [
                (x + side * 44, 518),
                (x + side * 92, 506),
                (x + side * 92, 546),
                (x + side * 44, 556),
            ],
            PAPER,
        )
    person(canvas, 1070, 640, 310, BRICK, arms="out")


def scam_warning(canvas: Canvas) -> None:
    """A phone with a masked caller on its screen, a shield beside it."""
    canvas.gradient("#223055", "#5b3d56", 0)
    for radius in (330, 260, 195):
        canvas.disc(440, 340, radius, mix("#223055", RED, 0.34 - radius / 1400))
    canvas.box(320, 70, 250, 540, INK, 34)
    canvas.box(336, 96, 218, 486, "#e7eef0", 20)
    canvas.disc(445, 240, 74, "#9aa7ad")
    canvas.disc(445, 218, 36, INK)
    canvas.half_disc(445, 310, 62, 60, INK)
    canvas.box(402, 208, 86, 20, PAPER, 8)
    canvas.disc(428, 218, 6, INK)
    canvas.disc(462, 218, 6, INK)
    canvas.box(376, 350, 140, 16, STONE, 8)
    canvas.box(396, 378, 100, 12, STONE, 6)
    for index in range(6):
        canvas.box(372 + index * 25, 420, 20, 28, CREAM, 4)
        canvas.disc(382 + index * 25, 434, 4, INK)
    canvas.disc(390, 520, 30, LEAF)
    canvas.disc(500, 520, 30, RED)
    shield = [(750, 190), (860, 150), (970, 190), (970, 340), (860, 470), (750, 340)]
    canvas.polygon([(860 + (x - 860) * 1.14, 310 + (y - 310) * 1.14) for x, y in shield], CREAM)
    canvas.polygon(shield, TEAL)
    canvas.line([(805, 310), (848, 356), (922, 250)], PAPER, 22)
    person(canvas, 1050, 640, 280, OCHRE, skirt=INDIGO, wears="scarf", arms="out")


def computer_class(canvas: Canvas) -> None:
    """Learners of all ages at a row of computers, charts on the wall."""
    room(canvas, "#d5dcc6", "#9c8a66", window=False)
    canvas.box(120, 70, 420, 230, PAPER, 8)
    for index, tall in enumerate((60, 110, 84, 150, 126, 176)):
        canvas.box(160 + index * 60, 280 - tall, 38, tall, TINTS[index], 4)
    canvas.box(640, 70, 440, 230, PINE, 8)
    canvas.line([(670, 250), (760, 200), (840, 222), (930, 140), (1040, 120)], GOLD, 7)
    for x, y in ((670, 250), (760, 200), (840, 222), (930, 140), (1040, 120)):
        canvas.disc(x, y, 9, CREAM)
    canvas.box(30, 512, 1140, 24, mix(WOOD, OCHRE, 0.5), 6)
    for x in (60, 590, 1120):
        canvas.box(x, 530, 20, 130, WOOD)
    for index, x in enumerate((110, 340, 570, 800, 1030)):
        _screen(canvas, x - 64, 514, 150, (TEAL, INDIGO)[index % 2])
        person(canvas, x + 10, 668, 190, TINTS[index], wears=("none", "scarf")[index % 2])
    person(canvas, 1130, 500, 200, BRICK, arms="out")


SCENES = {
    "mot-cua": one_stop_shop,
    "lop-hoc-dien-thoai": phone_lesson,
    "hoi-truong": meeting_hall,
    "khai-sinh": birth_registration,
    "tiem-chung": vaccination,
    "det-tho-cam": weaving,
    "thu-vien": mobile_library,
    "canh-bao-lua-dao": scam_warning,
    "may-tinh": computer_class,
}
