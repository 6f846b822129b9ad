"""Shows yesterday's temperature: a block that another office wrote."""

from __future__ import annotations

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Settings


class WeatherSettings(Settings):
    """What a site builder may set."""

    degrees: int = 24
    """Temperature in degrees Celsius."""


block = Block("weather", __name__, settings=WeatherSettings, cache=CachePolicy(fresh="10m"))


@block.render
def render(ctx: BlockContext[WeatherSettings]) -> dict[str, object]:
    """The temperature in words."""
    return {"words": ctx.text("degrees", number=ctx.settings.degrees)}


@block.get("/now.json")
def now() -> dict[str, int]:
    """A route of the block's own."""
    return {"degrees": WeatherSettings().degrees}
