"""What a page of the system is about follows from its address, before anything is asked."""

from __future__ import annotations

import pytest

from portal.block import ListKey
from portal.block import Subject
from portal.compose.places import guess_place


@pytest.mark.parametrize(
    ("path", "locale", "number", "subject"),
    [
        ("/tu-khoa/x/", "vi", 1, Subject("tag", "/tu-khoa/x/", listing=ListKey("tag", "x"))),
        (
            "/tag/x/",
            "en",
            2,
            Subject("tag", "/tag/x/?page=2", page_number=2, listing=ListKey("tag", "x")),
        ),
        ("/luu-tru/", "vi", 1, Subject("archive", "/luu-tru/", listing=ListKey("archive", ""))),
        (
            "/luu-tru/2026/11/24/",
            "vi",
            1,
            Subject("archive", "/luu-tru/2026/11/24/", listing=ListKey("archive", "2026-11-24")),
        ),
        ("/thu-vien-anh/", "vi", 3, Subject("gallery", "/thu-vien-anh/?page=3", page_number=3)),
        ("/thu-vien-anh/a/", "vi", 1, Subject("album", "/thu-vien-anh/a/", item="a")),
        ("/video/", "en", 1, Subject("videos", "/video/")),
        ("/so-do/", "vi", 1, Subject("sitemap", "/so-do/")),
    ],
)
def test_address_says_what_the_page_is_about(path: str, locale: str, number: int, subject: Subject):
    assert guess_place(path, path, locale, number) == subject


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/tu-khoa/", 1),
        ("/tu-khoa/a/b/", 1),
        ("/tag/x/", 1),
        ("/so-do/", 2),
        ("/so-do/x/", 1),
        ("/thu-vien-anh/a/", 2),
        ("/luu-tru/2026/13/", 1),
        ("/luu-tru/2026-11/", 1),
        ("/luu-tru/2026/11/24/01/", 1),
        ("/tin-tuc/", 1),
    ],
)
def test_other_addresses_say_nothing(path: str, number: int):
    assert guess_place(path, path, "vi", number) is None
