"""Illustrations of the demo commune's people out of doors: festival, market, school, sport."""

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
from portal.demo.motifs import NIGHT
from portal.demo.motifs import OCHRE
from portal.demo.motifs import PAPER
from portal.demo.motifs import PINE
from portal.demo.motifs import RED
from portal.demo.motifs import SKIN
from portal.demo.motifs import STONE
from portal.demo.motifs import TEAL
from portal.demo.motifs import TINTS
from portal.demo.motifs import WOOD
from portal.demo.motifs import Arms
from portal.demo.motifs import Headwear
from portal.demo.motifs import basket
from portal.demo.motifs import cloud
from portal.demo.motifs import flag_line
from portal.demo.motifs import person
from portal.demo.motifs import pine
from portal.demo.motifs import teapot
from portal.demo.motifs import tree
from portal.demo.motifs import valley


def festival(canvas: Canvas) -> None:
    """Drums, bunting and a huge teapot before the communal house."""
    valley(canvas, DAWN, LEAF, 0.6, 1.1)
    canvas.gradient("#e0b777", "#b98a4f", 480)
    canvas.box(330, 330, 540, 170, BRICK)
    for x in (350, 460, 570, 680, 790, 840):
        canvas.box(x, 320, 20, 180, RED)
    canvas.polygon(
        [
            (260, 340),
            (330, 190),
            (870, 190),
            (940, 340),
            (970, 305),
            (900, 350),
            (300, 350),
            (230, 305),
        ],
        mix(BRICK, INK, 0.3),
    )
    canvas.polygon([(330, 196), (300, 160), (370, 180), (830, 180), (900, 160), (870, 196)], BRICK)
    flag_line(canvas, -20, 620, 70)
    flag_line(canvas, 580, 1220, 60)
    teapot(canvas, 600, 560, 150)
    for x in (210, 990):
        canvas.box(x - 70, 520, 140, 90, RED, 24)
        canvas.ellipse(x, 522, 70, 26, CREAM)
        canvas.line([(x - 60, 610), (x - 76, 655)], WOOD, 9)
        canvas.line([(x + 60, 610), (x + 76, 655)], WOOD, 9)
    person(canvas, 110, 640, 210, INDIGO, arms="up", wears="scarf")
    person(canvas, 1095, 640, 210, INDIGO, arms="up", wears="scarf")
    for index, x in enumerate((380, 460, 750, 830)):
        person(
            canvas,
            x,
            650 - index % 2 * 14,
            180,
            TINTS[index + 1],
            skirt=INDIGO,
            wears="scarf",
            arms="out",
        )


def office_building(canvas: Canvas) -> None:
    """The commune's three-storey office with a flag and garden."""
    valley(canvas, DAY, MOSS, 0.6, 2.2)
    cloud(canvas, 180, 110, 200)
    cloud(canvas, 880, 80, 150)
    canvas.gradient("#b9c58c", "#8fa466", 500)
    canvas.polygon([(480, 675), (560, 520), (640, 520), (720, 675)], CREAM)
    canvas.box(250, 230, 700, 300, "#f1d79c")
    canvas.box(230, 206, 740, 32, BRICK)
    canvas.box(500, 160, 200, 370, CREAM)
    canvas.polygon([(480, 166), (600, 100), (720, 166)], BRICK)
    for floor in range(3):
        for x in (282, 352, 422, 722, 792, 862):
            canvas.box(x, 260 + floor * 90, 46, 58, TEAL, 3)
            canvas.box(x, 286 + floor * 90, 46, 4, CREAM)
        canvas.box(250, 332 + floor * 90, 250, 6, OCHRE)
        canvas.box(700, 332 + floor * 90, 250, 6, OCHRE)
    canvas.box(560, 420, 80, 110, WOOD, 4)
    canvas.box(535, 215, 130, 60, PINE, 6)
    canvas.disc(600, 245, 20, GOLD)
    canvas.box(596, 40, 6, 66, INK)
    canvas.polygon([(602, 42), (672, 50), (602, 82)], RED)
    for x, size in ((130, 260), (1070, 250)):
        tree(canvas, x, 580, size)
    for x, tint in ((440, INDIGO), (500, RED), (760, TEAL)):
        person(canvas, x, 630, 110, tint)


def waste_sorting(canvas: Canvas) -> None:
    """Three bins at a village gate, a family sorting waste."""
    valley(canvas, DAY, LEAF, 0.58, 3.4)
    canvas.gradient("#d7c49a", "#b69f70", 480)
    canvas.box(70, 160, 30, 400, BRICK)
    canvas.box(330, 160, 30, 400, BRICK)
    canvas.polygon([(30, 190), (80, 120), (350, 120), (400, 190)], mix(BRICK, INK, 0.2))
    canvas.box(110, 196, 210, 44, GOLD, 4)
    for index, (x, tint) in enumerate(((500, LEAF), (680, GOLD), (860, STONE))):
        canvas.polygon([(x, 400), (x + 150, 400), (x + 132, 600), (x + 18, 600)], tint)
        canvas.box(x - 10, 382, 170, 26, mix(tint, INK, 0.25), 8)
        canvas.disc(x + 75, 490, 36, PAPER)
        if index == 0:
            canvas.ellipse(x + 75, 490, 12, 22, LEAF)
        elif index == 1:
            canvas.polygon([(x + 75, 466), (x + 98, 506), (x + 52, 506)], OCHRE)
        else:
            canvas.box(x + 57, 474, 36, 32, INK, 4)
    person(canvas, 440, 640, 240, RED, arms="forward", wears="cone")
    canvas.box(500, 470, 44, 54, mix(LEAF, INK, 0.2), 12)
    person(canvas, 1070, 640, 250, INDIGO, arms="forward", facing=-1)
    canvas.box(968, 460, 30, 46, "#cfe8ea", 6)
    person(canvas, 1150, 640, 150, OCHRE)
    tree(canvas, 1080, 440, 200)


def football(canvas: Canvas) -> None:
    """Women in embroidered skirts playing football between two hills."""
    valley(canvas, DAY, LEAF, 0.55, 4.3)
    for stripe in range(6):
        canvas.box(0, 372 + stripe * 52, 1200, 54, (LEAF, mix(LEAF, MOSS, 0.4))[stripe % 2])
    canvas.line([(0, 400), (1200, 400)], PAPER, 4)
    for index in range(40):
        canvas.disc(20 + index * 30, 356 - index % 3 * 9, 10, TINTS[index % 6])
        canvas.disc(20 + index * 30, 340 - index % 3 * 9, 7, SKIN)
    canvas.box(1010, 280, 8, 190, PAPER)
    canvas.box(1170, 300, 8, 240, PAPER)
    canvas.line([(1014, 282), (1174, 302)], PAPER, 8)
    for step in range(1, 8):
        x = 1014 + step * 20
        canvas.line([(x, 284 + step * 2), (x, 470 + step * 9)], mix(LEAF, PAPER, 0.6), 1)
    players: tuple[tuple[int, int, str, Arms], ...] = (
        (170, 560, RED, "out"),
        (360, 620, TEAL, "up"),
        (560, 570, RED, "forward"),
        (760, 640, TEAL, "out"),
        (930, 560, RED, "out"),
    )
    for x, y, tint, arms in players:
        person(canvas, x, y, 200, tint, skirt=INDIGO, wears="scarf", arms=arms)
    canvas.disc(655, 590, 24, PAPER)
    canvas.disc(655, 590, 9, INK)
    for dx, dy in ((-18, -8), (17, -10), (-10, 17), (13, 16)):
        canvas.disc(655 + dx, 590 + dy, 4, INK)


def market(canvas: Canvas) -> None:
    """Awnings, baskets and shoppers on market day."""
    valley(canvas, DAY, LEAF, 0.5, 5.2)
    canvas.gradient("#e3c48f", "#bd945c", 400)
    for stall, x in enumerate((40, 430, 820)):
        tint = (RED, TEAL, OCHRE)[stall]
        canvas.box(x + 10, 230, 10, 260, WOOD)
        canvas.box(x + 320, 230, 10, 260, WOOD)
        person(canvas, x + 110, 480, 190, TINTS[stall + 2], wears="cone")
        person(canvas, x + 240, 480, 180, TINTS[stall], wears="scarf")
        for strip in range(7):
            left = x - 16 + strip * 53
            canvas.polygon(
                [(left + 14, 190), (left + 60, 190), (left + 53, 262), (left, 262)],
                tint if strip % 2 == 0 else CREAM,
            )
            canvas.half_disc(left + 26, 262, 26, -22, tint if strip % 2 == 0 else CREAM)
        canvas.box(x, 420, 340, 80, WOOD, 4)
        for heap in range(5):
            canvas.half_disc(x + 38 + heap * 66, 424, 30, 30, (LEAF, RED, GOLD, MOSS, OCHRE)[heap])
    shoppers: tuple[tuple[int, str, Headwear], ...] = (
        (210, RED, "scarf"),
        (330, INDIGO, "cone"),
        (640, TEAL, "none"),
        (960, BRICK, "cone"),
    )
    for x, tint, hat in shoppers:
        person(canvas, x, 645, 220, tint, arms="forward", skirt=INDIGO, wears=hat)
        basket(canvas, x + 78, 566, 60, LEAF)
    for x, load in ((80, GOLD), (480, LEAF), (790, RED), (1110, MOSS)):
        basket(canvas, x, 660, 110, load)


def school(canvas: Canvas) -> None:
    """A mountain school with pupils in the yard."""
    valley(canvas, DAWN, LEAF, 0.58, 0.8)
    canvas.gradient("#dcbf8c", "#b8935d", 470)
    canvas.box(170, 260, 860, 230, GOLD)
    canvas.polygon([(130, 270), (200, 170), (1000, 170), (1070, 270)], BRICK)
    for x in (210, 380, 700, 870):
        canvas.box(x, 320, 110, 100, TEAL, 4)
        canvas.box(x + 51, 320, 8, 100, CREAM)
        canvas.box(x, 366, 110, 8, CREAM)
    canvas.box(550, 320, 100, 170, WOOD)
    canvas.box(470, 210, 260, 40, CREAM, 6)
    canvas.box(500, 224, 200, 12, RED, 5)
    canvas.box(1096, 130, 8, 440, STONE)
    canvas.polygon([(1104, 134), (1180, 146), (1104, 184)], RED)
    for index, x in enumerate((150, 260, 370, 500, 780, 880, 980)):
        person(
            canvas,
            x,
            620 + index % 3 * 16,
            140,
            (PAPER, TEAL, PAPER, RED)[index % 4],
            arms=("up", "down", "out")[index % 3],
        )
        canvas.box(x - 8, 512 + index % 3 * 16, 16, 14, RED)
    person(canvas, 640, 650, 210, INDIGO, skirt=INDIGO, arms="out")
    tree(canvas, 80, 560, 260, RED)


def night_market(canvas: Canvas) -> None:
    """Lanterns over tea stalls at night."""
    valley(canvas, NIGHT, INDIGO, 0.6, 2.9)
    canvas.gradient("#5a4661", "#34293f", 440)
    for line, y in ((0, 60), (1, 120)):
        for index in range(9):
            x = 30 + index * 142 + line * 70
            top = y + 40 * (index % 2)
            canvas.line([(x, 0), (x, top)], INK, 2)
            canvas.ellipse(x, top + 30, 30, 34, mix("#34293f", GOLD, 0.25))
            canvas.ellipse(x, top + 30, 22, 27, (GOLD, "#e9734a", OCHRE)[index % 3])
            canvas.box(x - 8, top + 1, 16, 5, INK)
    for x, tint in ((60, RED), (460, BRICK), (860, TEAL)):
        canvas.box(x, 300, 290, 24, tint, 6)
        canvas.box(x + 6, 320, 8, 200, WOOD)
        canvas.box(x + 276, 320, 8, 200, WOOD)
        canvas.box(x + 10, 326, 270, 120, mix(GOLD, WOOD, 0.45))
        person(canvas, x + 145, 520, 190, INDIGO, wears="scarf", arms="out")
        canvas.box(x - 6, 460, 302, 80, WOOD, 6)
        teapot(canvas, x + 70, 462, 34)
        for cup in range(4):
            canvas.half_disc(x + 150 + cup * 36, 450, 13, -18, PAPER)
    for index, x in enumerate((130, 260, 400, 640, 790, 1000, 1110)):
        person(
            canvas,
            x,
            660,
            180,
            TINTS[index % 6],
            wears=("none", "cap")[index % 2],
            arms="forward" if index % 2 else "down",
        )


def older_people(canvas: Canvas) -> None:
    """Two older people drinking tea under a tree."""
    valley(canvas, DUSK, LEAF, 0.6, 5.9)
    canvas.ridge(590, 60, mix(LEAF, PINE, 0.3), 0.9, 0.8)
    canvas.box(215, 250, 50, 350, WOOD)
    for x, y, radius in ((130, 200, 120), (340, 190, 130), (230, 110, 140), (240, 230, 110)):
        canvas.disc(x, y, radius, mix(LEAF, PINE, radius % 50 / 90))
    canvas.box(360, 520, 520, 22, WOOD, 8)
    for x in (390, 830):
        canvas.box(x, 540, 20, 100, WOOD)
    person(canvas, 460, 640, 260, INDIGO, skirt=INK, wears="scarf", arms="forward")
    person(canvas, 790, 640, 270, STONE, arms="forward", facing=-1)
    canvas.half_disc(790, 392, 28, 28, PAPER)
    canvas.line([(855, 500), (868, 640)], WOOD, 9)
    teapot(canvas, 620, 522, 44)
    for x in (556, 690):
        canvas.half_disc(x, 506, 14, -18, PAPER)
    person(canvas, 1000, 640, 150, RED, arms="up")
    canvas.disc(1050, 420, 16, GOLD)


def health_station(canvas: Canvas) -> None:
    """The health station with an ambulance."""
    valley(canvas, DAY, MOSS, 0.6, 1.7)
    canvas.gradient("#c8cfa5", "#98a873", 490)
    canvas.box(140, 280, 560, 240, PAPER)
    canvas.box(110, 256, 620, 34, TEAL, 4)
    canvas.box(360, 380, 120, 140, TEAL, 4)
    for x in (180, 270, 520, 610):
        canvas.box(x, 350, 60, 70, "#a9d0d6", 4)
    canvas.disc(420, 220, 60, PAPER)
    canvas.box(408, 184, 24, 72, LEAF, 4)
    canvas.box(384, 208, 72, 24, LEAF, 4)
    canvas.box(760, 440, 300, 130, PAPER, 14)
    canvas.polygon([(1050, 450), (1110, 500), (1120, 570), (1050, 570)], PAPER)
    canvas.polygon([(1056, 462), (1096, 502), (1056, 502)], INDIGO)
    canvas.box(760, 520, 360, 16, LEAF)
    canvas.box(880, 456, 18, 54, LEAF, 3)
    canvas.box(862, 474, 54, 18, LEAF, 3)
    for x in (830, 1050):
        canvas.disc(x, 574, 30, INK)
        canvas.disc(x, 574, 13, STONE)
    person(canvas, 330, 640, 190, PAPER, wears="cap")
    person(canvas, 560, 640, 180, RED, skirt=INDIGO, wears="scarf", arms="forward")
    person(canvas, 640, 640, 110, OCHRE)
    pine(canvas, 60, 540, 240)
    tree(canvas, 1150, 540, 230)


SCENES = {
    "le-hoi": festival,
    "tru-so": office_building,
    "phan-loai-rac": waste_sorting,
    "bong-da-nu": football,
    "cho-phien": market,
    "truong-hoc": school,
    "cho-dem-tra": night_market,
    "nguoi-cao-tuoi": older_people,
    "tram-y-te": health_station,
}
