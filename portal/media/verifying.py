"""From bytes of unknown origin to clean pixels, or a refusal that says what to do.

The file's name and declared type count for nothing: its content decides. What passes is decoded
and later encoded anew, so that nothing of the original file – metadata, appended archives,
scripts between markers – reaches a reader.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image as Pillow
from PIL import ImageCms
from PIL import ImageOps

from portal.errors import MediaRefused

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
# A picture beyond this many pixels is refused before it is decoded (decompression bomb).
MOST_PIXELS = 50_000_000
MOST_BYTES = 60_000_000
LONGEST_SIDE = 20_000

_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    Pillow.DecompressionBombError,
    Pillow.DecompressionBombWarning,
)


def open_picture(data: bytes) -> Pillow.Image:
    """The picture upright, in sRGB without transparency, and nothing but its pixels.

    Raises `MediaRefused` for what is no single still picture of a known format and bounded size.
    """
    if len(data) > MOST_BYTES:
        raise MediaRefused(f"the file has {len(data):,} bytes; at most {MOST_BYTES:,} are taken")
    try:
        with Pillow.open(BytesIO(data), formats=FORMATS) as picture:
            _check(picture)
            picture.load()
            return _clean(picture)
    except _UNREADABLE as problem:
        raise MediaRefused(
            f"the file is no picture that can be read ({problem});"
            f" send one of {', '.join(FORMATS)}, complete"
        ) from problem


def _check(picture: Pillow.Image) -> None:
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise MediaRefused(
            f"the picture has {width} × {height} pixels; at most {MOST_PIXELS:,} in all and"
            f" {LONGEST_SIDE:,} on a side are taken; make it smaller"
        )
    if getattr(picture, "n_frames", 1) > 1:
        raise MediaRefused(
            "the picture moves; moving pictures distract readers and cannot be stopped"
            " (WCAG 2.2, 2.2.2); send a still one"
        )


def _clean(picture: Pillow.Image) -> Pillow.Image:
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture)
    if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
        layer = upright.convert("RGBA")
        ground = Pillow.new("RGBA", layer.size, "#ffffff")
        upright = Pillow.alpha_composite(ground, layer)
    elif profile:
        upright = _to_srgb(upright, profile)
    pixels = upright.convert("RGB")
    # A new picture has no `info` from which an encoder could take metadata.
    bare = Pillow.new("RGB", pixels.size)
    bare.paste(pixels)
    return bare


def _to_srgb(picture: Pillow.Image, profile: bytes) -> Pillow.Image:
    """The picture's colours as every screen shows them; as they are if its profile is broken."""
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return converted or picture
