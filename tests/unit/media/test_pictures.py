"""What comes in as a picture goes out clean and in every size, or is refused with a reason."""

from __future__ import annotations

import struct
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL import ImageCms

from portal.errors import MediaRefused
from portal.media import LocalStorage
from portal.media.renditions import StoredPicture
from portal.media.renditions import card_box
from portal.media.renditions import rebuild_picture
from portal.media.renditions import store_picture
from portal.media.verifying import open_picture

_LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    """An empty folder for files."""
    return LocalStorage(tmp_path / "media")


def encoded(picture: Pillow.Image, form: str = "PNG", **options: object) -> bytes:
    """The bytes of a picture."""
    buffer = BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def halves(width: int = 1200, height: int = 800) -> Pillow.Image:
    """A picture that is red on the left and blue on the right."""
    picture = Pillow.new("RGB", (width, height), "#d00000")
    picture.paste("#0000d0", (width // 2, 0, width, height))
    return picture


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has very many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    ends = chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + ends


def files(stored: StoredPicture, storage: LocalStorage) -> dict[str, Pillow.Image]:
    """The stored files by name, decoded."""
    found = {}
    for item in stored.renditions:
        with storage.open(item.src) as file:
            data = file.read()
        assert len(data) == item.size
        picture = Pillow.open(BytesIO(data))
        picture.load()
        assert picture.format == item.format.upper()
        assert picture.size == (item.width, item.height)
        found[item.src] = picture
    return found


def test_a_picture_is_stored_in_three_formats_and_several_widths(storage: LocalStorage):
    stored = store_picture(encoded(halves()), storage)
    whole = {(item.format, item.width) for item in stored.renditions if not item.crop}
    assert whole == {(form, w) for form in ("avif", "webp", "jpeg") for w in (480, 960, 1200)}
    assert (stored.width, stored.height) == (1200, 800)
    assert len(files(stored, storage)) == len(stored.renditions)


def test_a_small_picture_is_never_enlarged(storage: LocalStorage):
    stored = store_picture(encoded(halves(90, 30)), storage)
    assert {item.width for item in stored.renditions if not item.crop} == {90}


def test_storing_again_gives_the_same_names_and_writes_nothing(storage: LocalStorage):
    data = encoded(halves(300, 200))
    first = store_picture(data, storage)
    assert storage.folder is not None
    written = {file: file.stat().st_mtime_ns for file in storage.folder.rglob("*.*")}
    assert store_picture(data, storage) == first
    assert {f: f.stat().st_mtime_ns for f in storage.folder.rglob("*.*")} == written


def test_cards_are_cut_around_the_focal_point(storage: LocalStorage):
    tall = Pillow.new("RGB", (800, 1600), "#ffffff")
    tall.paste("#d00000", (0, 0, 800, 500))
    for focus, colour in (((0.5, 0.0), (208, 0, 0)), ((0.5, 1.0), (255, 255, 255))):
        stored = store_picture(encoded(tall), storage, focus)
        card = next(
            item for item in stored.renditions if item.crop == "16:9" and item.format == "jpeg"
        )
        assert abs(card.width / card.height - 16 / 9) < 0.02
        middle = files(stored, storage)[card.src].getpixel((card.width // 2, card.height // 2))
        assert isinstance(middle, tuple)
        assert all(abs(a - b) < 12 for a, b in zip(middle, colour, strict=True))


@pytest.mark.parametrize(
    ("size", "focus", "box"),
    [
        ((1600, 900), (0.1, 0.9), (0, 0, 1600, 900)),
        ((1600, 1600), (0.5, 0.5), (0, 350, 1600, 1250)),
        ((1600, 1600), (0.5, 0.0), (0, 0, 1600, 900)),
        ((1600, 1600), (0.5, 1.0), (0, 700, 1600, 1600)),
        ((3200, 900), (1.0, 0.5), (1600, 0, 3200, 900)),
        ((1, 1000), (0.5, 0.5), (0, 500, 1, 501)),
    ],
)
def test_a_card_is_the_largest_part_of_its_shape(
    size: tuple[int, int], focus: tuple[float, float], box: tuple[int, int, int, int]
):
    assert card_box(size, focus) == box


def test_a_focus_outside_of_the_picture_is_refused(storage: LocalStorage):
    with pytest.raises(MediaRefused, match="fractions from 0 to 1"):
        store_picture(encoded(halves(90, 60)), storage, (1.2, 0.5))


def test_camera_and_place_are_not_kept_and_the_picture_stands_upright(storage: LocalStorage):
    exif = Pillow.Exif()
    exif[0x0112] = 6  # the camera was turned: the right edge is the top
    exif[0x010F] = "Camera of Lo Van Phuc"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (21.0, 2.0, 3.0)
    data = encoded(halves(400, 200), "JPEG", exif=exif, comment=b"taken at home")
    stored = store_picture(data, storage)
    assert (stored.width, stored.height) == (200, 400)
    assert storage.folder is not None
    for file in storage.folder.rglob("*.*"):
        content = file.read_bytes()
        assert b"Phuc" not in content
        assert b"taken at home" not in content
        with Pillow.open(file) as picture:
            assert len(picture.getexif()) == 0
            assert "icc_profile" not in picture.info


@pytest.mark.parametrize("profile", [b"not a profile", _LAB], ids=["broken", "of other colours"])
def test_a_profile_that_does_not_fit_the_pixels_is_passed_over(profile: bytes):
    data = encoded(Pillow.new("RGB", (4, 4), "#d00000"), icc_profile=profile)
    assert open_picture(data).getpixel((0, 0)) == (208, 0, 0)


def test_transparent_parts_become_white():
    picture = Pillow.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert open_picture(encoded(picture)).getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixels_becomes_rgb(mode: str):
    assert open_picture(encoded(Pillow.new(mode, (8, 8)))).mode == "RGB"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_the_content_decides_what_a_file_is(form: str):
    assert open_picture(encoded(halves(40, 20), form)).size == (40, 20)


@pytest.mark.parametrize("form", ["BMP", "TIFF", "ICO", "PPM", "TGA"])
def test_other_formats_are_refused(form: str):
    with pytest.raises(MediaRefused, match="JPEG, PNG, WEBP, AVIF, GIF"):
        open_picture(encoded(halves(40, 20), form))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        b"<!doctype html><img>",
    ],
    ids=["nothing", "head only", "svg", "pdf", "broken png", "html"],
)
def test_what_is_no_picture_is_refused(data: bytes):
    with pytest.raises(MediaRefused, match="no picture that can be read"):
        open_picture(data)


def test_half_a_picture_is_refused():
    data = encoded(halves(), "JPEG")
    with pytest.raises(MediaRefused, match="truncated"):
        open_picture(data[: len(data) // 2])


def test_a_moving_picture_is_refused():
    frames = [halves(20, 20), Pillow.new("RGB", (20, 20))]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    with pytest.raises(MediaRefused, match="still one"):
        open_picture(data)


@pytest.mark.parametrize(
    ("width", "height"), [(30_000, 30_000), (8000, 8000), (1, 40_000), (2**31 - 1, 2**31 - 1)]
)
def test_a_pixel_bomb_is_refused_before_it_is_decoded(width: int, height: int):
    begin = time.process_time()
    with pytest.raises(MediaRefused):
        open_picture(bomb(width, height))
    assert time.process_time() - begin < 0.5


def test_what_hangs_on_a_picture_is_left_behind(storage: LocalStorage):
    hidden = b"PK\x03\x04<script>alert(1)</script><?php system($_GET['c']); ?>"
    store_picture(encoded(halves(60, 40), "JPEG") + hidden, storage)
    assert storage.folder is not None
    for file in storage.folder.rglob("*.*"):
        assert b"script" not in file.read_bytes()
        assert b"<?php" not in file.read_bytes()


def test_lost_files_are_made_again_from_the_master(storage: LocalStorage):
    stored = store_picture(encoded(halves(600, 600)), storage)
    for item in stored.renditions[::2]:
        storage.delete(item.src)
    assert rebuild_picture(stored.digest, storage) == stored
    assert len(files(stored, storage)) == len(stored.renditions)


def test_without_a_master_nothing_is_made(storage: LocalStorage):
    with pytest.raises(MediaRefused, match="add the picture again"):
        rebuild_picture("0" * 20, storage)
