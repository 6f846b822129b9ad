"""Fills a portal with many articles that resemble a real office's: skewed sections and tags."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from datetime import timedelta

from portal.app import Portal
from portal.cli.content import open_session
from portal.content import commands
from portal.content import queries
from portal.content.drafts import ArticleDraft
from portal.content.values import Article
from portal.content.values import Author
from portal.content.values import Term

WORDS = (
    "ruộng bậc thang chè búp hợp tác xã hồ sơ một cửa chuyển đổi số cầu đường thôn bản lớp học"
    " trạm y tế rừng phòng hộ chợ phiên giống lúa nước sạch điện lưới dân số nông thôn mới"
).split()
SECTIONS = ("tin-tuc", "kinh-te", "thong-bao", "nong-nghiep-moi-truong", "van-hoa-xa-hoi")
TAGS = tuple(Term(f"tu-khoa-{number}", f"Từ khoá {number}") for number in range(500))
TOPICS = tuple(Term(f"chuyen-de-{number}", f"Chuyên đề {number}") for number in range(40))
BATCH = 1000


def fill(portal: Portal, number: int) -> str:
    """Store `number` articles and return the path of one in the middle (always the same one)."""
    keys = {section.key for root in portal.folder.sections for section in root.walk()}
    sections = [key for key in SECTIONS if key in keys]
    drafts = _drafts(number, sections, portal.clock())
    chosen = 0
    for start in range(0, number, BATCH):
        batch = [draft for _, draft in zip(range(BATCH), drafts, strict=False)]
        with open_session(portal) as session:
            changes = commands.save_articles(
                session,
                portal.folder.site.key,
                batch,
                now=portal.clock(),
                similar=start + BATCH >= number,
            )
        chosen = changes[len(changes) // 2].article_id
    with portal.read("vi") as reader:
        found = queries.find_article(reader, chosen)
    assert isinstance(found, Article)
    return found.path


def _drafts(number: int, sections: list[str], now: datetime) -> Iterator[ArticleDraft]:
    chance = random.Random(7)  # noqa: S311 - sample data, the same in every run
    for position in range(number):
        words = chance.choices(WORDS, k=220)
        yield ArticleDraft(
            locale="vi",
            status="published",
            headline=f"Bản tin {position}: " + " ".join(words[:9]),
            lead=" ".join(words[9:40]),
            body="".join(f"<p>{' '.join(words[n : n + 45])}.</p>" for n in range(40, 220, 45)),
            section=chance.choices(sections, weights=range(len(sections), 0, -1))[0],
            published=now - timedelta(hours=number - position),
            authors=(Author("Lò Văn Phúc"),),
            tags=tuple(
                dict.fromkeys(TAGS[min(499, int(chance.paretovariate(0.8)))] for _ in range(4))
            ),
            topic=chance.choice(TOPICS),
        )
