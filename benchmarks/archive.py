"""An archive to search in and to relate articles of, in any database and of any size.

The texts are made of syllables as frequent as in real ones, so that some words stand nearly
everywhere, most are uncommon, and names stand in a few articles each; three of five articles name
the office. Tags and topics are as
skewed: one tag is on most articles, one topic has more than a tenth of them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from benchmarks.bulk import store
from portal.app import Portal
from portal.app import create_app
from portal.cli.content import open_session
from portal.content import schema
from portal.content.drafts import ArticleDraft
from portal.content.reader import Reader
from portal.content.values import Author
from portal.content.values import Term
from portal.settings import Settings

SECTIONS = ("tin-tuc", "kinh-te", "thong-bao", "van-hoa-xa-hoi")
TAGS = tuple(Term(f"tu-khoa-{number}", f"Từ khoá {number}") for number in range(500))
TOPICS = tuple(Term(f"chuyen-de-{number}", f"Chuyên đề {number}") for number in range(40))
ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()
RIMES = (
    "a à á ả ạ an àn án ang áng anh ảnh ao áo ay ày ăn ắn âm ấm ân ận ây ấy e è en ê ề ên ết"
    " i ì ích iên iến iêu o ó oa oà ói ong òng ô ố ôi ội ông ống ơ ờ ơi ời u ú ung ùng ư ừ ươi ường"
).split()
_WORDS_OF_TITLE = 9
_WORDS_OF_LEAD = 31
_WORDS_OF_BODY = 300
_NAMES = 20_000
_NAMES_OF_BODY = 2


@dataclass(frozen=True, slots=True)
class Sample:
    """An article of the archive to ask about."""

    number: int
    title: str
    name: str


@dataclass(frozen=True, slots=True)
class Archive:
    """The shipped site with many articles, and some of them, evenly spread."""

    portal: Portal
    number: int
    samples: tuple[Sample, ...]
    now: datetime

    def reader(self, session: Session) -> Reader:
        """A reader of its articles."""
        key = self.portal.folder.site.key
        return Reader(session, key, "vi", "vi", "Asia/Ho_Chi_Minh", self.now)


def make_archive(address: str, media: Path, number: int, samples: int) -> Archive:
    """Fill the empty database at `address` with `number` articles."""
    schema.upgrade(address)
    settings = Settings(environment="development", database_url=address, media=media)
    portal: Portal = create_app(settings).extensions["portal"]
    with open_session(portal):
        pass  # the site's sections
    now = portal.clock()
    chosen: list[Sample] = []

    def noted() -> Iterator[ArticleDraft]:
        for place, draft in enumerate(_drafts(number, now)):
            if place % max(1, number // samples) == 0:
                name = draft.body.removesuffix(".</p>").rpartition(" ")[2]
                chosen.append(Sample(place + 1, draft.headline, name))
            yield draft

    store(portal.engine(), portal.folder.site.key, noted(), now)
    return Archive(portal, number, tuple(chosen[:samples]), now)


def _drafts(number: int, now: datetime) -> Iterator[ArticleDraft]:
    chance = random.Random(11)  # noqa: S311 - sample data, the same in every run
    words = [onset + rime for onset, rime in itertools.product(ONSETS, RIMES)]
    chance.shuffle(words)
    often = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(words))))
    names = [f"{chance.choice(words)}{chance.choice(words)}" for _ in range(_NAMES)]
    for place in range(number):
        text = chance.choices(
            words, cum_weights=often, k=_WORDS_OF_TITLE + _WORDS_OF_LEAD + _WORDS_OF_BODY
        )
        lead = text[_WORDS_OF_TITLE : _WORDS_OF_TITLE + _WORDS_OF_LEAD]
        body = text[_WORDS_OF_TITLE + _WORDS_OF_LEAD :] + chance.choices(names, k=_NAMES_OF_BODY)
        if chance.random() < 0.6:
            body.insert(0, chance.choice(("Uỷ ban nhân dân", "UBND")))
        yield ArticleDraft(
            locale="vi",
            status="published",
            headline=" ".join(text[:_WORDS_OF_TITLE]).capitalize(),
            lead=" ".join(lead),
            body=f"<p>{' '.join(body)}.</p>",
            section=chance.choice(SECTIONS),
            published=now - timedelta(minutes=40 * (place + 1)),
            authors=(Author("Lò Văn Phúc"),),
            tags=tuple(
                dict.fromkeys(TAGS[min(499, int(chance.paretovariate(0.8)) - 1)] for _ in range(4))
            ),
            topic=TOPICS[0] if chance.random() < 0.1 else chance.choice(TOPICS),
        )
