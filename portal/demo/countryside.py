"""Illustrations of the demo commune's land and the people who work it."""

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
from portal.demo.motifs import STORM
from portal.demo.motifs import TEAL
from portal.demo.motifs import WOOD
from portal.demo.motifs import Headwear
from portal.demo.motifs import bamboo
from portal.demo.motifs import basket
from portal.demo.motifs import cloud
from portal.demo.motifs import house
from portal.demo.motifs import person
from portal.demo.motifs import pine
from portal.demo.motifs import river
from portal.demo.motifs import stilt_house
from portal.demo.motifs import tree
from portal.demo.motifs import valley


def terraced_fields(canvas: Canvas) -> None:
    """Rice terraces stepping down a slope at dawn."""
    valley(canvas, DAWN, MOSS, 0.5, 0.8)
    cloud(canvas, 260, 120, 190)
    for step in range(9):
        base = 330 + step * 42
        phase = 0.5 + step * 0.42
        water = mix("#f6dfae", RIVER, step / 9) if step % 3 == 1 else mix(GOLD, LEAF, step / 8)
        canvas.ridge(base + 30, 62, mix(PINE, MOSS, 0.35), phase, 0.9)
        canvas.ridge(base + 40, 62, water, phase, 0.9)
    stilt_house(canvas, 830, 405, 130)
    tree(canvas, 800, 410, 110)
    person(canvas, 330, 560, 100, BRICK, wears="cone", arms="forward")
    person(canvas, 430, 580, 100, INDIGO, wears="cone", facing=-1, arms="forward")


def flood(canvas: Canvas) -> None:
    """Houses standing in brown water, a rescue boat with people."""
    valley(canvas, STORM, PINE, 0.62, 3.3)
    for x, y, size in ((180, 90, 300), (560, 60, 380), (980, 110, 320)):
        cloud(canvas, x, y, size, mix("#56656f", INK, 0.15))
    house(canvas, 120, 500, 190)
    house(canvas, 860, 520, 230, PAPER, BRICK)
    tree(canvas, 400, 520, 230, PINE)
    canvas.gradient("#a98a63", "#6d553c", 452)
    for row in range(6):
        for column in range(6):
            x = column * 223 + row * 91 - 60
            canvas.line([(x, 478 + row * 34), (x + 90, 478 + row * 34)], "#c2a67f", 3)
    for x in range(10, 1240, 46):
        canvas.line([(x, 170 + x * 7 % 120), (x - 22, 250 + x * 7 % 120)], "#d7dedb", 2)
    for x, tint in ((500, RED), (570, INDIGO), (640, TEAL), (715, OCHRE)):
        person(canvas, x, 590, 120, tint, wears="helmet" if x in {500, 715} else "cone")
    canvas.polygon([(430, 545), (800, 545), (755, 610), (470, 610)], OCHRE)
    canvas.polygon([(424, 537), (806, 537), (800, 555), (430, 555)], RED)
    canvas.line([(735, 500), (830, 630)], WOOD, 7)


def tea_hills(canvas: Canvas) -> None:
    """Rows of tea over round hills, pickers with baskets."""
    valley(canvas, DAWN, LEAF, 0.46, 5.0)
    for hill in range(3):
        base = 430 + hill * 95
        for row in range(9):
            shade = mix(mix(LEAF, PINE, 0.25 * (row % 2)), MOSS, 0.3 - hill * 0.1)
            canvas.ridge(
                base + row * (13 + hill * 5), 150 - hill * 20, shade, 1.1 + hill * 2.2, 0.9
            )
    pine(canvas, 1010, 380, 130)
    for x, y, tint, size in ((300, 560, RED, 130), (480, 585, INDIGO, 130), (880, 600, BRICK, 150)):
        basket(canvas, x - size * 0.22, y - size * 0.3, size * 0.4, MOSS)
        person(canvas, x, y, size, tint, wears="cone", arms="forward")
    for step in range(3):
        canvas.ridge(650 + step * 16, 34, mix(PINE, LEAF, step / 4), 3.4, 2.2)


def forest_watch(canvas: Canvas) -> None:
    """A fire tower above dry pines, smoke far away."""
    valley(canvas, DUSK, OCHRE, 0.66, 0.3)
    for step in range(6):
        canvas.disc(
            250 + step * 16, 330 - step * 36, 20 + step * 9, mix("#6b6480", STONE, step / 8)
        )
    canvas.polygon([(215, 372), (250, 310), (262, 340), (280, 300), (300, 372)], RED)
    canvas.polygon([(236, 372), (256, 336), (276, 372)], GOLD)
    for index in range(16):
        x = index * 82 - 10
        pine(
            canvas,
            x,
            560 + index % 3 * 30,
            190 + index * 53 % 80,
            mix(PINE, BRICK, index % 3 * 0.12),
        )
    canvas.ridge(675, 70, mix(PINE, INK, 0.25), 0.4)
    for x in (770, 900):
        canvas.line([(x, 640), (x + (22 if x == 770 else -22), 250)], WOOD, 11)
    for y in range(300, 620, 76):
        canvas.line([(775, y + 60), (890, y)], WOOD, 6)
        canvas.line([(782, y), (896, y + 60)], WOOD, 6)
    canvas.box(762, 236, 146, 20, mix(WOOD, INK, 0.3))
    person(canvas, 820, 238, 92, TEAL, wears="cap", arms="forward", facing=-1)
    canvas.box(770, 200, 130, 38, WOOD)
    for x in (768, 896):
        canvas.box(x, 130, 7, 106, WOOD)
    canvas.polygon([(745, 136), (835, 84), (925, 136)], BRICK)


def tree_planting(canvas: Canvas) -> None:
    """People planting saplings on a slope."""
    valley(canvas, DAY, MOSS, 0.52, 1.2)
    cloud(canvas, 240, 110, 180)
    canvas.ridge(520, 130, "#b98f5f", 0.6, 0.8)
    canvas.ridge(600, 110, "#a37a4d", 1.2, 0.8)
    for row in range(3):
        for column in range(11):
            x = 50 + column * 112 + row * 40
            y = canvas.crest(555 + row * 56, 110, 1.0, 0.8, x)
            canvas.line([(x, y), (x, y - 38)], WOOD, 4)
            canvas.ellipse(x - 11, y - 36, 14, 8, LEAF)
            canvas.ellipse(x + 11, y - 44, 14, 8, MOSS)
    figures: tuple[tuple[int, int, str, Headwear], ...] = (
        (210, 545, RED, "cone"),
        (420, 565, INDIGO, "cap"),
        (690, 600, OCHRE, "scarf"),
        (960, 590, TEAL, "cone"),
    )
    for x, y, tint, hat in figures:
        person(canvas, x, y, 165, tint, wears=hat, arms="forward")
        canvas.line([(x + 68, y - 104), (x + 92, y + 12)], WOOD, 8)
        canvas.polygon(
            [(x + 76, y + 2), (x + 108, y - 4), (x + 104, y + 34), (x + 90, y + 42)], STONE
        )
    basket(canvas, 560, 640, 110, LEAF)


def fishing(canvas: Canvas) -> None:
    """A lift net and a bamboo boat on the river at dusk."""
    valley(canvas, DUSK, INDIGO, 0.55, 2.8)
    river(canvas, 390, "#c98b6a")
    canvas.ellipse(283, 412, 60, 9, "#f3c98c")
    canvas.line([(240, 560), (420, 170)], INK, 8)
    canvas.line([(420, 170), (560, 250)], INK, 5)
    canvas.polygon([(420, 170), (300, 400), (560, 410)], mix("#c98b6a", CREAM, 0.4))
    for step in range(6):
        canvas.line([(420, 170), (300 + step * 52, 400 + step * 2)], INK, 2)
        share = 0.3 + step * 0.12
        canvas.line(
            [(420 - 120 * share, 170 + 230 * share), (420 + 140 * share, 170 + 240 * share)], INK, 2
        )
    person(canvas, 240, 565, 150, INDIGO, wears="cone", arms="forward")
    canvas.polygon([(120, 548), (380, 548), (330, 600), (165, 600)], mix(WOOD, INK, 0.3))
    person(canvas, 840, 545, 150, BRICK, wears="cone", arms="forward", facing=-1)
    canvas.polygon([(690, 530), (1000, 530), (955, 588), (735, 588)], mix(WOOD, INK, 0.35))
    canvas.line([(795, 430), (690, 620)], WOOD, 6)
    bamboo(canvas, 1140, 700, 380)


def beehives(canvas: Canvas) -> None:
    """Hives in a flowering meadow below the mountain."""
    valley(canvas, DAY, LEAF, 0.56, 4.5)
    canvas.ridge(520, 70, MOSS, 0.2, 0.8)
    for index in range(170):
        x = index * 397 % 1200
        y = 480 + index * 263 % 190
        canvas.disc(x, y, 3 + index % 4, ("#b58cc0", PAPER, "#d9b4dd", GOLD)[index % 4])
    for x, y, tint in ((150, 560, GOLD), (330, 590, TEAL), (520, 560, CREAM), (700, 600, OCHRE)):
        for level in range(2):
            canvas.box(x, y - 60 * level - 60, 120, 56, mix(tint, INK, level * 0.06), 4)
            canvas.box(x + 42, y - 60 * level - 28, 36, 8, INK, 4)
        canvas.box(x - 8, y - 134, 136, 16, BRICK, 3)
        canvas.box(x + 10, y - 6, 12, 26, WOOD)
        canvas.box(x + 98, y - 6, 12, 26, WOOD)
    for index in range(14):
        x = 120 + index * 67 % 820
        y = 330 + index * 97 % 150
        canvas.ellipse(x, y - 5, 5, 6, PAPER)
        canvas.ellipse(x, y, 8, 5, GOLD)
        canvas.box(x - 1, y - 5, 3, 10, INK)
    person(canvas, 960, 640, 270, CREAM, wears="cone", arms="forward", facing=-1)
    canvas.box(815, 470, 84, 60, WOOD)
    for x in (826, 848, 870):
        canvas.box(x, 476, 12, 48, GOLD)


def rice_harvest(canvas: Canvas) -> None:
    """Cutting ripe rice, sheaves standing in rows."""
    valley(canvas, DAWN, OCHRE, 0.5, 5.3)
    canvas.gradient("#edc464", "#d59a34", 370)
    for row in range(9):
        for x in range(-20 + row % 2 * 24, 1220, 48):
            y = 400 + row * 34
            canvas.line([(x, y), (x + 8, y - 26)], mix(GOLD, BRICK, 0.25), 3)
            canvas.ellipse(x + 12, y - 26, 7, 4, "#f7df9a")
    for x, y in ((180, 560), (1010, 540), (890, 620)):
        canvas.polygon(
            [
                (x - 50, y),
                (x - 14, y - 70),
                (x - 42, y - 130),
                (x + 42, y - 130),
                (x + 14, y - 70),
                (x + 50, y),
            ],
            OCHRE,
        )
        canvas.box(x - 18, y - 76, 36, 12, BRICK)
    for x, y, tint in ((370, 610, INDIGO), (540, 580, RED), (720, 620, TEAL)):
        person(canvas, x, y, 175, tint, wears="cone", arms="forward")
        canvas.line([(x + 60, y - 110), (x + 92, y - 128), (x + 108, y - 104)], STONE, 6)


def vegetable_field(canvas: Canvas) -> None:
    """Winter vegetables in beds after the flood."""
    valley(canvas, DAY, LEAF, 0.5, 0.7)
    canvas.gradient("#a8845a", "#7f5f3e", 370)
    for bed in range(7):
        y = 410 + bed * 44
        canvas.ellipse(600, y + 10, 700, 13 + bed, "#8f6c46")
        step = 46 + bed * 7
        for column in range(-1, 27):
            x = column * step + bed % 2 * 22
            radius = 11 + bed * 1.8
            canvas.disc(x, y, radius, mix(LEAF, PINE, bed % 2 * 0.3))
            canvas.disc(x, y - 2, radius * 0.55, MOSS)
    house(canvas, 90, 390, 130)
    person(canvas, 420, 560, 170, RED, wears="cone", arms="forward")
    person(canvas, 720, 600, 180, INDIGO, wears="cone", arms="forward", facing=-1)
    basket(canvas, 560, 625, 100, MOSS)
    basket(canvas, 900, 640, 110, LEAF)


SCENES = {
    "ruong-bac-thang": terraced_fields,
    "lu-song-ngan": flood,
    "doi-che": tea_hills,
    "chay-rung": forest_watch,
    "trong-cay": tree_planting,
    "danh-ca": fishing,
    "to-ong": beehives,
    "lua-chin": rice_harvest,
    "trong-mau": vegetable_field,
}
