"""Static files under hashed names, pictures and attachments."""

from __future__ import annotations

import gzip
import hashlib
import os
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import request
from flask import send_from_directory
from werkzeug.wsgi import FileWrapper

from portal.compose import asset_type
from portal.errors import MediaRefused
from portal.media import is_public
from portal.media_types import media_type_of
from portal.web.conditions import meet_conditions
from portal.web.forms import SMALLEST_COMPRESSED
from portal.web.forms import choose_coding
from portal.web.headers import IMMUTABLE_CACHE_CONTROL
from portal.web.headers import PAGE_CACHE_CONTROL
from portal.web.headers import STORED_FILE_HEADERS
from portal.web.pages import answer_failure

if TYPE_CHECKING:
    from portal.web.services import Services

PIECE = 262_144
_SHOWN = (
    "image/avif",
    "image/webp",
    "image/jpeg",
    "image/png",
    "video/mp4",
    "video/webm",
    "text/vtt",
)
_TEXTS = frozenset({"application/json", "image/svg+xml"})


def make_files(services: Services) -> Blueprint:
    """The blueprint of everything that is served as a file."""
    files = Blueprint("portal-files", __name__)

    @files.get("/-/assets/<path:name>")
    def asset(name: str) -> Response:
        found = services.assets.find(request.path)
        if found is not None:
            response = Response(found.content, content_type=found.media_type)
        else:
            content = services.find_older_asset(request.path)
            if content is None:
                return answer_failure(services, 404)
            response = Response(content, content_type=asset_type(name))
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
        # The name has a digest of the content, so it is as good as one.
        response.set_etag(name)
        if _is_text(response):
            _compress(response, name)
        return meet_conditions(response)

    @files.get("/-/offline.js")
    def offline() -> Response:
        """The service worker: one address for ever, because browsers know a worker by it."""
        response = Response(
            services.assets.read("portal/offline/worker.js"),
            content_type="text/javascript; charset=utf-8",
        )
        response.headers["Cache-Control"] = PAGE_CACHE_CONTROL
        response.headers["Service-Worker-Allowed"] = "/"
        response.add_etag()
        return meet_conditions(response)

    @files.get("/-/media/<path:name>")
    def media(name: str) -> Response:
        """A stored file. Names carry a digest of the content, so they never change."""
        folder = services.media.folder
        if not is_public(name):
            return answer_failure(services, 404)
        if folder is not None:
            found: Response | None = send_from_directory(
                folder.resolve(), name, mimetype=media_type_of(name), conditional=False
            )
        else:
            found = _open(services, name)
        if found is None:
            return answer_failure(services, 404)
        response = meet_conditions(found)
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
        if response.mimetype not in _SHOWN:
            # A stored document never runs in the portal's origin.
            response.headers.update(STORED_FILE_HEADERS)
        return response

    return files


def _is_text(response: Response) -> bool:
    """Whether a file shrinks when it is compressed; fonts and pictures are compressed already."""
    media_type = response.mimetype or ""
    return media_type.startswith("text/") or media_type in _TEXTS


def _compress(response: Response, name: str) -> None:
    """Send a text compressed to whoever takes that; a part of a file is one of its own bytes."""
    response.vary.add("Accept-Encoding")
    coding = choose_coding(request.headers.get("Accept-Encoding", ""))
    content = response.get_data()
    if coding == "identity" or "Range" in request.headers or len(content) < SMALLEST_COMPRESSED:
        return
    response.set_data(_compressed(content))
    response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{name}-gzip")


@lru_cache(maxsize=1024)
def _compressed(content: bytes) -> bytes:
    """Compressed once for as long as the process lives: these files never change."""
    return gzip.compress(content, 9, mtime=0)


def _open(services: Services, name: str) -> Response | None:
    """A file of an object store, piece by piece, from where its reader wants it."""
    try:
        file = services.media.open(name)
    except (FileNotFoundError, MediaRefused):
        return None
    response = Response(
        FileWrapper(file, PIECE), mimetype=media_type_of(name), direct_passthrough=True
    )
    response.content_length = file.seek(0, os.SEEK_END)
    file.seek(0)
    # The name has a digest of the content, so its own is as good as one.
    response.set_etag(hashlib.sha256(name.encode()).hexdigest()[:32])
    return response
