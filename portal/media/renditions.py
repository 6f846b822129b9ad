"""Stores a picture as the files that pages show: several widths, in formats browsers prefer.

Beside the whole picture there are files cut to 16:9 around its focal point, for cards. A master
(clean pixels, high quality) is kept, from which everything can be made again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image as Pillow

from portal.content.values import Rendition
from portal.errors import MediaRefused
from portal.media.storage import Storage
from portal.media.verifying import open_picture

WIDTHS = (480, 960, 1200)
CARD_WIDTHS = (480, 960)
CARD = "16:9"
CENTRE = (0.5, 0.5)
# Changes with everything below that changes files, so that changed files get new addresses.
RECIPE = b"1"

_LONGEST_MASTER = 4096
_MASTER: dict[str, object] = {"quality": 95, "subsampling": 0}
_OPTIONS: dict[str, dict[str, object]] = {
    "avif": {"quality": 60, "speed": 8},
    "webp": {"quality": 80, "method": 4},
    "jpeg": {"quality": 82, "optimize": True, "progressive": True},
}


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """The files of a picture. `width` and `height` are those of its widest whole file."""

    digest: str
    width: int
    height: int
    renditions: tuple[Rendition, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One file to make: a box of the master (left, upper, right, lower) at a width."""

    name: str
    box: tuple[int, int, int, int]
    width: int
    height: int
    crop: str = ""


def store_picture(
    data: bytes, storage: Storage, focus: tuple[float, float] | None = None
) -> StoredPicture:
    """Verify `data`, keep its master and make every file of it.

    Names carry a digest of the original, so storing the same picture again writes nothing and a
    changed one gets new addresses. `focus` is the point that cutting keeps, as fractions (x, y).
    Raises `MediaRefused` for what is no picture, too large, or has a focus outside of it.
    """
    digest = hashlib.blake2b(data, digest_size=10).hexdigest()
    master = _master_name(digest)
    if not storage.exists(master):
        picture = open_picture(data)
        picture.thumbnail((_LONGEST_MASTER, _LONGEST_MASTER), reducing_gap=2.0)
        storage.put(master, _encode(picture, "jpeg", _MASTER))
    return rebuild_picture(digest, storage, focus)


def rebuild_picture(
    digest: str, storage: Storage, focus: tuple[float, float] | None = None
) -> StoredPicture:
    """Make the files that are missing from the master; raises `MediaRefused` if there is none."""
    try:
        with storage.open(_master_name(digest)) as file:
            data = file.read()
    except FileNotFoundError as problem:
        raise MediaRefused(
            f"the master {_master_name(digest)} is gone; add the picture again"
        ) from problem
    with Pillow.open(BytesIO(data), formats=("JPEG",)) as master:
        wanted = list(_wanted(master.size, _checked(focus)))
        folder = _folder(digest)
        renditions = tuple(
            _make(master, item, form, folder, storage) for item in wanted for form in _OPTIONS
        )
    widest = max((item for item in wanted if not item.crop), key=lambda item: item.width)
    return StoredPicture(digest, widest.width, widest.height, renditions)


def store_file(data: bytes, name: str, storage: Storage) -> str:
    """Keep an attachment and return the name of its file."""
    digest = hashlib.blake2b(data, digest_size=10).hexdigest()
    stored = f"files/{digest}/{name}"
    if not storage.exists(stored):
        storage.put(stored, data)
    return stored


def _master_name(digest: str) -> str:
    return f"masters/{digest[:2]}/{digest}.jpeg"


def _folder(digest: str) -> str:
    recipe = hashlib.blake2b(digest.encode() + RECIPE, digest_size=10).hexdigest()
    return f"{recipe[:2]}/{recipe}"


def _checked(focus: tuple[float, float] | None) -> tuple[float, float]:
    x, y = focus or CENTRE
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise MediaRefused(
            f"the focus {x}, {y} lies outside of the picture; give fractions from 0 to 1:"
            " 0.5,0.5 is the centre"
        )
    return x, y


def _wanted(size: tuple[int, int], focus: tuple[float, float]) -> Iterator[_Wanted]:
    """Every size to make: never wider than the master, always at least one."""
    width, height = size
    for wide in [item for item in WIDTHS if item <= width] or [width]:
        yield _Wanted(str(wide), (0, 0, width, height), wide, max(1, round(height * wide / width)))
    box = card_box(size, focus)
    if box == (0, 0, width, height):
        return
    across = box[2] - box[0]
    mark = f"{round(focus[0] * 100)}-{round(focus[1] * 100)}"
    for wide in [item for item in CARD_WIDTHS if item <= across] or [across]:
        yield _Wanted(f"{wide}-card-{mark}", box, wide, max(1, round(wide * 9 / 16)), CARD)


def card_box(size: tuple[int, int], focus: tuple[float, float]) -> tuple[int, int, int, int]:
    """The largest 16:9 part of a picture that has the focal point as near its middle as it can.

    The whole picture where it has that shape already, within a hundredth.
    """
    width, height = size
    if abs(width * 9 - height * 16) <= 0.01 * height * 16:
        return 0, 0, width, height
    across = min(width, round(height * 16 / 9))
    down = min(height, round(width * 9 / 16))
    left = min(max(0, round(focus[0] * width - across / 2)), width - across)
    upper = min(max(0, round(focus[1] * height - down / 2)), height - down)
    return left, upper, left + across, upper + max(1, down)


def _make(
    master: Pillow.Image, item: _Wanted, form: str, folder: str, storage: Storage
) -> Rendition:
    name = f"{folder}/{item.name}.{form}"
    if storage.exists(name):
        with storage.open(name) as file:
            size = len(file.read())
    else:
        reduced = master.resize(
            (item.width, item.height),
            Pillow.Resampling.LANCZOS,
            box=item.box,
            reducing_gap=2.0,
        )
        data = _encode(reduced, form, _OPTIONS[form])
        storage.put(name, data)
        size = len(data)
    return Rendition(name, item.width, item.height, form, size, item.crop)


def _encode(picture: Pillow.Image, form: str, options: dict[str, object]) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, form.upper(), **options)
    return buffer.getvalue()
