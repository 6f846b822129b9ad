"""From the files of `config/demo/` to articles, pictures and attachments of the site."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy.orm import Session

from portal.content import commands
from portal.content.drafts import ArticleDraft
from portal.content.drafts import AttachmentDraft
from portal.content.drafts import MediaDraft
from portal.content.drafts import Status
from portal.content.values import Author
from portal.content.values import Correction
from portal.content.values import Precision
from portal.content.values import Rendition
from portal.content.values import Source
from portal.content.values import Term
from portal.demo.films import load_albums
from portal.demo.films import load_videos
from portal.demo.pictures import draw
from portal.errors import ConfigError
from portal.media import Storage
from portal.media.renditions import StoredPicture
from portal.media.renditions import store_file
from portal.media.renditions import store_picture
from portal.media_types import media_type_of

SYSTEM = "demo"
REQUIRED = ("slug", "group", "kind", "headline", "published")
# What was drawn and stored already, so that loading again draws nothing.
DRAWN = "demo-pictures.json"
VIEWED_DAYS = 7
_PDF_PAGE = re.compile(rb"/Type\s*/Page\b")


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One file: its front matter and its body. `number` orders the files."""

    file: Path
    number: str
    locale: str
    matter: Mapping[str, Any]
    body: str


@dataclass(slots=True)
class Loading:
    """What one run of the loader knows and counts."""

    session: Session
    site: str
    folder: Path
    media: Storage
    zone: ZoneInfo
    now: datetime
    pictures: dict[str, int] = field(default_factory=dict)
    titles: dict[str, Mapping[str, str]] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    pinned: list[tuple[int, int]] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(
        default_factory=lambda: {"created": 0, "updated": 0, "unchanged": 0}
    )


def read_articles(folder: Path) -> list[DemoArticle]:
    """Every article file below `folder`, in order. Raises `ConfigError` for a malformed one."""
    found = []
    for file in sorted((folder / "articles").glob("*.html")):
        _, _, rest = file.read_text(encoding="utf-8").partition("---\n")
        matter, mark, body = rest.partition("\n---\n")
        name, _, locale = file.stem.rpartition(".")
        if not mark or not locale:
            raise ConfigError(
                f"{file}: needs a front matter between --- lines and a locale in its name"
            )
        values = _load(matter)
        missing = [key for key in REQUIRED if key not in values]
        if missing:
            raise ConfigError(f"{file}: the front matter lacks {', '.join(missing)}")
        found.append(DemoArticle(file, name.partition("-")[0], locale, values, body))
    return found


class _Plain(yaml.SafeLoader):
    """YAML without timestamps: `2026-10-02` stays text, because it means a day, not midnight."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if "timestamp" not in tag]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _load(text: str) -> Any:
    # A subclass of the safe loader: it only knows fewer types.
    return yaml.load(text, _Plain)  # noqa: S506 - _Plain is a SafeLoader


def load_demo(
    session: Session,
    *,
    site: str,
    folder: Path,
    media: Storage,
    time_zone: str,
    now: datetime,
    step: Callable[[], None] = lambda: None,
) -> dict[str, int]:
    """Create or update every article of the demo; returns how many were created and so on.

    The section tree must be stored already. The caller commits.
    """
    loading = Loading(session, site, folder, media, ZoneInfo(time_zone), now)
    articles = read_articles(folder)
    _load_pictures(loading)
    for item in _read_yaml(folder / "attachments.yaml"):
        loading.titles[item["file"]] = item["title"]
    # Successors first: a withdrawn article names the one that replaces it.
    for article in sorted(articles, key=lambda item: item.matter.get("successor") is not None):
        _load_article(loading, article)
        step()
    commands.add_views(session, site, _views(loading))
    _load_films(loading)
    commands.set_pins(session, site, "home", [number for _, number in sorted(loading.pinned)])
    return loading.counts


def _load_films(loading: Loading) -> None:
    def moment(written: str) -> datetime:
        return _moment(loading, written)[0]

    folder, pictures = loading.folder, loading.pictures
    load_albums(loading.session, loading.site, _read_yaml(folder / "albums.yaml"), pictures, moment)
    load_videos(
        loading.session,
        loading.site,
        _read_yaml(folder / "videos.yaml"),
        pictures,
        moment,
        folder / "videos",
        loading.media,
    )


def picture_names(folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """The pictures that `pictures.yaml` describes, by stem."""
    return {item["stem"]: item for item in _read_yaml(folder / "pictures.yaml")}


def _read_yaml(file: Path) -> list[Mapping[str, Any]]:
    if not file.exists():
        return []
    found: list[Mapping[str, Any]] = _load(file.read_text(encoding="utf-8"))
    return found


def _load_pictures(loading: Loading) -> None:
    drawn = _store_pictures(loading)
    for stem, words in picture_names(loading.folder).items():
        stored = drawn[stem]
        draft = MediaDraft(
            name=f"{SYSTEM}:{stem}",
            alt=words["alt"],
            caption=words.get("caption", {}),
            credit=words.get("credit", ""),
            width=stored.width,
            height=stored.height,
            renditions=stored.renditions,
            content_digest=stored.digest,
        )
        loading.pictures[stem] = commands.save_media(loading.session, loading.site, draft).id


def _store_pictures(loading: Loading) -> dict[str, StoredPicture]:
    """The stored pictures by stem; drawn only if a program changed or files are missing."""
    stems = sorted(picture_names(loading.folder))
    version = _version_of_programs()
    if loading.media.exists(DRAWN):
        with loading.media.open(DRAWN) as file:
            known = json.loads(file.read())
        pictures = {stem: _read_stored(item) for stem, item in known["pictures"].items()}
        names = [item.src for stored in pictures.values() for item in stored.renditions]
        if (
            known["version"] == version
            and sorted(pictures) == stems
            and all(map(loading.media.exists, names))
        ):
            return pictures
    pictures = {stem: _draw(loading, stem) for stem in stems}
    note = {"version": version, "pictures": {stem: asdict(item) for stem, item in pictures.items()}}
    loading.media.put(DRAWN, json.dumps(note).encode())
    return pictures


def _version_of_programs() -> str:
    """A digest of everything that decides how a picture of the demo looks and how it is stored."""
    programs = hashlib.blake2b(digest_size=16)
    here = Path(__file__).parent
    for file in sorted((*here.glob("*.py"), *(here.parent / "media").glob("*.py"))):
        programs.update(file.read_bytes())
    return programs.hexdigest()


def _read_stored(item: dict[str, Any]) -> StoredPicture:
    return StoredPicture(
        **{**item, "renditions": tuple(Rendition(**file) for file in item["renditions"])}
    )


def _draw(loading: Loading, stem: str) -> StoredPicture:
    buffer = BytesIO()
    draw(stem).save(buffer, "PNG", compress_level=1)
    return store_picture(buffer.getvalue(), loading.media)


def _load_article(loading: Loading, article: DemoArticle) -> None:
    changed = commands.save_article(
        loading.session, loading.site, _draft(loading, article), now=loading.now, actor=SYSTEM
    )
    loading.counts[changed.outcome] += 1
    if changed.outcome == "created" and article.matter["kind"] == "article":
        loading.created.append(changed.article_id)
    matter = article.matter
    loading.numbers[(matter["group"], article.locale)] = changed.article_id
    if matter.get("pinned"):
        loading.pinned.append((int(matter["pinned"]), changed.article_id))


def _views(loading: Loading) -> dict[tuple[int, date], int]:
    """Readings of the last days for new articles, so that the list of the most read has some.

    They follow from the article's id alone: the same demo gives the same order.
    """
    today = loading.now.astimezone(loading.zone).date()
    return {
        (number, today - timedelta(days=back)): 20 + number * 37 % 101 * (VIEWED_DAYS - back) // 3
        for number in loading.created
        for back in range(VIEWED_DAYS)
    }


def _draft(loading: Loading, article: DemoArticle) -> ArticleDraft:
    matter = article.matter
    at, precision = _moment(loading, matter["published"])
    status: Status = "withdrawn" if matter.get("status") == "withdrawn" else "published"
    topic = matter.get("topic")
    source = matter.get("source")
    return ArticleDraft(
        headline=matter["headline"],
        lead=matter.get("lead", ""),
        body=_body(loading, article),
        locale=article.locale,
        kind=matter["kind"],
        section=matter.get("section"),
        slug=matter["slug"],
        translation_group=matter["group"],
        published=at,
        precision=precision,
        time_zone=str(loading.zone),
        updated=_instant(loading, matter.get("updated")),
        expires=_instant(loading, matter.get("expires")),
        authors=tuple(Author(**author) for author in matter.get("authors", ())),
        source=Source(source["name"], source.get("url")) if source else None,
        tags=tuple(
            Term(slug, name)
            for slug, name in zip(
                matter.get("tag_slugs") or (), matter.get("tags") or (), strict=True
            )
        ),
        topic=Term(topic["slug"], topic["name"]) if topic else None,
        hero_id=loading.pictures[matter["hero"]] if matter.get("hero") else None,
        attachments=tuple(
            _attach(loading, name, article.locale) for name in matter.get("attachments") or ()
        ),
        corrections=tuple(_corrections(loading, matter.get("corrections") or ())),
        end_mark=bool(matter.get("end_mark")),
        status=status,
        withdrawn_reason=matter.get("reason") or "",
        successor_id=loading.numbers.get((matter.get("successor") or "", article.locale)),
        legacy_system=SYSTEM,
        legacy_id=f"{article.number}.{article.locale}",
        provenance=({"file": article.file.name},),
    )


def _body(loading: Loading, article: DemoArticle) -> str:
    body = article.body
    for stem, number in loading.pictures.items():
        body = body.replace(f'data-picture="{stem}"', f'data-media="{number}"')
    return body


def _moment(loading: Loading, written: str) -> tuple[datetime, Precision]:
    """`2026-10-02` is a day; `2026-10-02T08:30` a minute, both in the site's zone."""
    if "T" not in written:
        # Noon keeps the day the same in every zone a reader may be in.
        noon = datetime.combine(date.fromisoformat(written), time(12), tzinfo=loading.zone)
        return noon.astimezone(UTC), "day"
    return datetime.fromisoformat(written).replace(tzinfo=loading.zone).astimezone(UTC), "minute"


def _instant(loading: Loading, written: str | None) -> datetime | None:
    return _moment(loading, written)[0] if written else None


def _corrections(loading: Loading, items: Iterable[Mapping[str, str]]) -> Iterable[Correction]:
    for item in items:
        kind: Any = item["kind"]
        yield Correction(_moment(loading, item["at"])[0], kind, item["note"])


def _attach(loading: Loading, name: str, locale: str) -> AttachmentDraft:
    data = (loading.folder / "attachments" / name).read_bytes()
    pages = len(_PDF_PAGE.findall(data)) if name.endswith(".pdf") else 0
    return AttachmentDraft(
        title=loading.titles[name][locale],
        file_name=name,
        media_type=media_type_of(name),
        size=len(data),
        src=store_file(data, name, loading.media),
        pages=pages or None,
    )
