"""Albums and films of the demo, from `albums.yaml`, `videos.yaml` and the files beside them."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.content import commands
from portal.content.drafts import AlbumDraft
from portal.content.drafts import VideoDraft
from portal.content.values import Captions
from portal.media import Storage
from portal.media.renditions import store_file
from portal.media_types import media_type_of

Items = list[Mapping[str, Any]]


def load_albums(
    session: Session,
    site: str,
    items: Items,
    pictures: Mapping[str, int],
    moment: Callable[[str], datetime],
) -> None:
    """Save every album; `pictures` are the ids of media by stem."""
    for item in items:
        draft = AlbumDraft(
            slug=item["slug"],
            title=item["title"],
            description=item.get("description", {}),
            published=moment(item["published"]),
            pictures=tuple(pictures[stem] for stem in item["pictures"]),
        )
        commands.save_album(session, site, draft)


def load_videos(
    session: Session,
    site: str,
    items: Items,
    pictures: Mapping[str, int],
    moment: Callable[[str], datetime],
    files: Path,
    media: Storage,
) -> None:
    """Save every film with its captions; `files` is the folder that holds both."""
    for item in items:
        name = item["file"]
        stem = name.rpartition(".")[0]
        captions = [(locale, f"{stem}.{locale}.vtt") for locale in item["captions"]]
        draft = VideoDraft(
            slug=item["slug"],
            title=item["title"],
            description=item.get("description", {}),
            published=moment(item["published"]),
            src=store_file((files / name).read_bytes(), name, media),
            media_type=media_type_of(name),
            width=int(item["width"]),
            height=int(item["height"]),
            seconds=int(item["seconds"]),
            poster_id=pictures[item["poster"]],
            captions=tuple(
                Captions(locale, store_file((files / file).read_bytes(), file, media))
                for locale, file in captions
            ),
            transcript=item.get("transcript", {}),
        )
        commands.save_video(session, site, draft)
