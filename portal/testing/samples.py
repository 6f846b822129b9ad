"""The sample articles that examples stand on: one for each state an article can be in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content.drafts import AlbumDraft
from portal.content.drafts import ArticleDraft
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import MediaDraft
from portal.content.drafts import SectionDraft
from portal.content.drafts import VideoDraft
from portal.content.values import Author
from portal.content.values import Captions
from portal.content.values import Correction
from portal.content.values import Source
from portal.content.values import Term
from portal.media import LocalStorage
from portal.media.renditions import store_picture

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

SECTIONS = (
    SectionDraft(
        "tin-tuc",
        {"vi": "Tin tức", "en": "News"},
        {"vi": "Việc trong vùng", "en": "What happens here"},
        (SectionDraft("hoat-dong", {"vi": "Hoạt động", "en": "Activities"}),),
    ),
    SectionDraft("thong-bao", {"vi": "Thông báo", "en": "Notices"}),
)

_BODY = (
    "<p>Sáng nay, hơn <strong>120</strong> người dân đến bộ phận một cửa làm thủ tục.</p>"
    "<h2>Việc đã làm</h2><ul><li>Rút ngắn thời gian</li><li>Hướng dẫn tận nơi</li></ul>"
    "<h3>Con số</h3><table><caption>Hồ sơ theo tháng</caption><thead><tr><th scope='col'>Tháng</th>"
    "<th scope='col'>Hồ sơ</th></tr></thead><tbody><tr><td>10</td><td>412</td></tr></tbody></table>"
    "<blockquote>Nhanh hơn trước nhiều.<cite>Bà Lường Thị Mỷ</cite></blockquote>"
    "<p>Xem <a href='https://example.org/van-ban'>văn bản</a> và <em lang='en'>one-stop shop</em>."
    " ./.</p>"
)


def _day(number: int) -> datetime:
    return NOW - timedelta(days=number)


def load_samples(session: Session, site: str, media: Path) -> dict[str, int]:
    """Store the sample site's content; returns the ids of the named articles."""
    commands.save_site(session, site)
    commands.save_sections(session, site, SECTIONS)
    picture = commands.save_media(session, site, _picture(media)).id
    normal = _normal(picture)
    named = {
        "normal": normal,
        "english": replace(
            normal,
            locale="en",
            headline="One-stop shop opens on Saturdays",
            lead="People who work on weekdays can now hand in papers on Saturday morning.",
            body="<p>More than 120 people came on the first Saturday.</p><h2>What changed</h2>"
            "<p>Two desks are open from 7:30 to 11:30.</p>",
            slug="one-stop-shop",
            tags=(Term("mot-cua", "One-stop shop"),),
            topic=Term("cai-cach", "Reform"),
        ),
        "long": _long(normal),
        "empty": replace(_bare("Tin không có nội dung", 4), lead="", body=""),
        "no_image": replace(normal, headline="Bài không có ảnh", hero_id=None, slug="khong-anh"),
        "expired": replace(
            _bare("Thông báo đã hết hiệu lực", 40), expires=NOW - timedelta(days=10)
        ),
        "corrected": replace(
            _bare("Bài đã đính chính", 6),
            updated=NOW - timedelta(days=2),
            corrections=(
                Correction(NOW - timedelta(days=2), "correction", "Sửa lại con số hồ sơ."),
            ),
        ),
        "unbroken_token": replace(
            _bare("Mã " + "x" * 60, 7), lead="y" * 60, body=f"<p>{'z' * 200}</p>"
        ),
        "day_precision": replace(_bare("Tin chỉ biết ngày", 8), precision="day"),
        "static_page": replace(
            _bare("Giới thiệu", 400), kind="page", section=None, slug="gioi-thieu"
        ),
    }
    ids = {
        name: commands.save_article(
            session,
            site,
            replace(draft, translation_group=draft.translation_group or name),
            now=NOW,
        ).article_id
        for name, draft in named.items()
    }
    today = NOW.date()
    # Read most: the one that is withdrawn while tests watch, then others in a known order.
    read = ("day_precision", "normal", "english", "corrected", "no_image", "long")
    commands.add_views(
        session, site, {(ids[name], today): 60 - 7 * place for place, name in enumerate(read)}
    )
    for number in range(1, 31):
        section = "thong-bao" if number % 3 == 0 else "tin-tuc"
        draft = replace(_bare(f"Tin số {number} trong tuần", 9 + number), section=section)
        commands.save_article(session, site, replace(draft, hero_id=picture), now=NOW)
    _load_films(session, site, picture)
    return ids


def _load_films(session: Session, site: str, picture: int) -> None:
    """An album and a film in both languages; the files of the film are not there."""
    words = {"vi": "Một cửa sáng thứ Bảy", "en": "Saturdays at the one-stop shop"}
    about = {"vi": "Buổi đầu tiên.", "en": "The first morning."}
    commands.save_album(
        session, site, AlbumDraft("mot-cua", words, (picture,), _day(2), description=about)
    )
    commands.save_video(
        session,
        site,
        VideoDraft(
            "mot-cua",
            words,
            _day(2),
            "films/mot-cua.webm",
            "video/webm",
            640,
            360,
            12,
            description=about,
            poster_id=picture,
            captions=(Captions("vi", "films/mot-cua.vi.vtt"),),
            transcript={"vi": "Quầy mở cửa.\n\nNgười dân vào.", "en": "The desk opens."},
        ),
    )


def _normal(picture: int) -> ArticleDraft:
    return ArticleDraft(
        locale="vi",
        status="published",
        headline="Bộ phận một cửa mở cửa sáng thứ Bảy",
        lead="Người đi làm trong tuần có thể nộp hồ sơ vào sáng thứ Bảy, bắt đầu từ tháng này.",
        body=_BODY + f'<figure data-media="{picture}"></figure>',
        section="tin-tuc/hoat-dong",
        published=_day(1),
        authors=(Author("Lò Văn Phúc"), Author("Hà Minh", role="photo")),
        source=Source("Báo Vùng cao", "https://example.org/"),
        tags=(Term("mot-cua", "Một cửa"), Term("cai-cach", "Cải cách")),
        topic=Term("cai-cach", "Cải cách hành chính"),
        hero_id=picture,
        attachments=(
            AttachmentDraft(
                "Quyết định", "quyet-dinh.pdf", "application/pdf", 48_213, "files/a.pdf", 3
            ),
        ),
        end_mark=True,
        translation_group="one-stop",
    )


def _bare(headline: str, days: int) -> ArticleDraft:
    return ArticleDraft(
        locale="vi",
        status="published",
        headline=headline,
        lead="Một câu dẫn ngắn cho bản tin này.",
        body="<p>Một đoạn văn ngắn. Đoạn này đủ để thấy chữ đứng ra sao.</p>",
        section="tin-tuc",
        published=_day(days),
        tags=(Term("mot-cua", "Một cửa"),),
    )


def _long(normal: ArticleDraft) -> ArticleDraft:
    parts = "".join(
        f"<h2>Phần {number}</h2>" + "<p>Câu văn dài để trang có nhiều chữ hơn.</p>" * 12
        for number in range(1, 9)
    )
    return replace(
        normal,
        headline="Tiêu đề rất dài của một bài viết " * 8,
        lead="Câu dẫn cũng dài như tiêu đề. " * 10,
        body=parts,
        slug="bai-dai",
        published=_day(3),
        translation_group=None,
    )


def _picture(media: Path) -> MediaDraft:
    buffer = BytesIO()
    Pillow.linear_gradient("L").resize((960, 540)).convert("RGB").save(buffer, "PNG")
    stored = store_picture(buffer.getvalue(), LocalStorage(media))
    return MediaDraft(
        name="sample",
        alt={"vi": "Người dân nộp hồ sơ tại quầy", "en": "People handing in papers at a desk"},
        caption={"vi": "Sáng thứ Bảy đầu tiên", "en": "The first Saturday"},
        credit="Hà Minh",
        width=stored.width,
        height=stored.height,
        renditions=stored.renditions,
        content_digest=stored.digest,
    )
