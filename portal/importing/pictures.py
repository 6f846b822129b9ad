"""Stores a picture as the files that pages show: several widths, in formats browsers prefer."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

from PIL import Image as Pillow

from portal.content.values import Rendition
from portal.errors import ImportRefused

WIDTHS = (480, 960, 1200)
# A picture beyond this many pixels is refused before it is decoded (decompression bomb).
MOST_PIXELS = 50_000_000
_OPTIONS: dict[str, dict[str, object]] = {
    "webp": {"quality": 80, "method": 4},
    "jpeg": {"quality": 82, "optimize": True, "progressive": True},
}


def store_picture(data: bytes, media: Path) -> tuple[Rendition, ...]:
    """Write renditions of `data` below `media` and return them, smallest first.

    Names carry a digest of the original, so storing the same picture again writes nothing and a
    changed one gets new addresses. Metadata (EXIF, GPS) is not carried over. Raises
    `ImportRefused` for what is no picture or too large.
    """
    digest = hashlib.blake2b(data, digest_size=10).hexdigest()
    folder = media / digest[:2] / digest
    with _open(data) as original:
        sizes = _sizes(original.width, original.height)
        wanted = [(width, height, name) for width, height in sizes for name in _OPTIONS]
        for width, height, name in wanted:
            file = folder / f"{width}.{name}"
            if not file.exists():
                _write(original.resize((width, height), Pillow.Resampling.LANCZOS), file, name)
    return tuple(
        Rendition(f"{digest[:2]}/{digest}/{width}.{name}", width, height, name)
        for width, height, name in wanted
    )


def store_file(data: bytes, name: str, media: Path) -> str:
    """Write an attachment below `media` and return its name there."""
    digest = hashlib.blake2b(data, digest_size=10).hexdigest()
    file = media / "files" / digest / name
    if not file.exists():
        _replace(file, data)
    return f"files/{digest}/{name}"


def _open(data: bytes) -> Pillow.Image:
    try:
        picture = Pillow.open(io.BytesIO(data))
        if picture.width * picture.height > MOST_PIXELS:
            raise ImportRefused(
                f"the picture has {picture.width} × {picture.height} pixels;"
                f" at most {MOST_PIXELS:,} are taken"
            )
        return picture.convert("RGB")
    except (OSError, Pillow.DecompressionBombError) as problem:
        raise ImportRefused(f"the file is no picture that can be read: {problem}") from problem


def _sizes(width: int, height: int) -> list[tuple[int, int]]:
    """The widths to make: never wider than the original, always at least one."""
    widths = [wanted for wanted in WIDTHS if wanted <= width] or [width]
    return [(wanted, max(1, round(height * wanted / width))) for wanted in widths]


def _write(picture: Pillow.Image, file: Path, name: str) -> None:
    buffer = io.BytesIO()
    picture.save(buffer, name.upper(), **_OPTIONS[name])
    _replace(file, buffer.getvalue())


def _replace(file: Path, data: bytes) -> None:
    """Write so that nobody ever sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(file)
