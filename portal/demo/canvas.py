"""A small drawing board for flat illustrations: shapes, gradients, smooth edges."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image
from PIL import ImageColor
from PIL import ImageDraw

Point = tuple[float, float]

_OVERSAMPLING = 2


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` (0 to 1) of the way from `first` to `second`, as `#rrggbb`."""
    pairs = zip(ImageColor.getrgb(first)[:3], ImageColor.getrgb(second)[:3], strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


class Canvas:
    """A picture being drawn; lengths are in pixels of the finished picture.

    Everything is drawn at twice the size and reduced once, so that edges come out smooth.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        size = (width * _OVERSAMPLING, height * _OVERSAMPLING)
        self._image = Image.new("RGB", size, "#ffffff")
        self._draw = ImageDraw.Draw(self._image)

    def finished(self) -> Image.Image:
        """The picture at its final size."""
        return self._image.reduce(_OVERSAMPLING)

    def gradient(self, top: str, bottom: str, start: float = 0, end: float | None = None) -> None:
        """Fill the full width between two heights with a vertical gradient."""
        upper = round(start * _OVERSAMPLING)
        lower = round((self.height if end is None else end) * _OVERSAMPLING)
        ramp = Image.linear_gradient("L").resize((1, lower - upper))
        strip = Image.composite(
            Image.new("RGB", ramp.size, bottom), Image.new("RGB", ramp.size, top), ramp
        )
        self._image.paste(strip.resize((self._image.width, lower - upper)), (0, upper))

    def polygon(self, points: Sequence[Point], fill: str) -> None:
        """A filled shape through `points`."""
        self._draw.polygon(_scaled(points), fill=fill)

    def line(self, points: Sequence[Point], fill: str, width: float = 2) -> None:
        """A stroke through `points` with rounded ends."""
        stroke = max(1, round(width * _OVERSAMPLING))
        self._draw.line(_scaled(points), fill=fill, width=stroke, joint="curve")
        if width >= 4:
            for x, y in (points[0], points[-1]):
                self.ellipse(x, y, width / 2, width / 2, fill)

    def ellipse(self, x: float, y: float, across: float, down: float, fill: str) -> None:
        """An ellipse around its centre, given by its two radii."""
        self._draw.ellipse(_scaled([(x - across, y - down), (x + across, y + down)]), fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        """A circle around its centre."""
        self.ellipse(x, y, radius, radius, fill)

    def half_disc(self, x: float, y: float, across: float, up: float, fill: str) -> None:
        """Half an ellipse standing on the line `y`, or hanging from it if `up` is negative."""
        box = _scaled([(x - across, y - abs(up)), (x + across, y + abs(up))])
        start = 180 if up > 0 else 0
        self._draw.pieslice(box, start, start + 180, fill=fill)

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, radius: float = 0
    ) -> None:
        """A rectangle by its upper left corner, with rounded corners on request."""
        corners = _scaled([(x, y), (x + width, y + height)])
        self._draw.rounded_rectangle(corners, radius=radius * _OVERSAMPLING, fill=fill)

    def ridge(self, base: float, rise: float, fill: str, phase: float, waves: float = 1.6) -> None:
        """Hills across the whole width: at most `rise` above `base`, filled down to the edge."""
        points: list[Point] = [(0, self.height)]
        for x in range(0, self.width + 13, 12):
            points.append((x, self.crest(base, rise, phase, waves, x)))
        points.append((self.width + 12, self.height))
        self.polygon(points, fill)

    def crest(self, base: float, rise: float, phase: float, waves: float, x: float) -> float:
        """The height of a ridge at `x`, for things that stand on it."""
        turn = x / self.width * math.tau * waves + phase
        return base - rise * (0.5 + 0.34 * math.sin(turn) + 0.16 * math.sin(turn * 2.3 + 1.7))


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * _OVERSAMPLING, y * _OVERSAMPLING) for x, y in points]
