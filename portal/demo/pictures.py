"""The demo site's pictures by name, drawn on demand: the same name always gives the same pixels."""

from __future__ import annotations

from PIL import Image

from portal.demo import countryside
from portal.demo import gatherings
from portal.demo import indoors
from portal.demo import portraits
from portal.demo import public_works
from portal.demo.canvas import Canvas

SHARE_CARD = "chia-se"

_LANDSCAPE = (1200, 675)
_OTHER_SIZES = {
    "chan-dung-nghe-nhan": (900, 1200),
    "chan-dung-ba-chan": (900, 1200),
    "am-tra": (1000, 1000),
    SHARE_CARD: (1200, 630),
}
_SCENES = {
    **countryside.SCENES,
    **public_works.SCENES,
    **indoors.SCENES,
    **gatherings.SCENES,
    **portraits.SCENES,
}

STEMS = tuple(_SCENES)


def draw(stem: str) -> Image.Image:
    """The picture called `stem`, as RGB pixels; `KeyError` names what exists if it is unknown."""
    scene = _SCENES.get(stem)
    if scene is None:
        raise KeyError(f"no picture {stem!r}; there are: {', '.join(sorted(STEMS))}")
    canvas = Canvas(*_OTHER_SIZES.get(stem, _LANDSCAPE))
    scene(canvas)
    return canvas.finished()
