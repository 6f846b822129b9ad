"""Static files under hashed names, pictures and attachments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import request
from flask import send_from_directory

from portal.web.headers import IMMUTABLE_CACHE_CONTROL
from portal.web.headers import STORED_FILE_HEADERS
from portal.web.pages import answer_failure

if TYPE_CHECKING:
    from portal.web.services import Services

_SHOWN = ("image/avif", "image/webp", "image/jpeg", "image/png")


def make_files(services: Services) -> Blueprint:
    """The blueprint of everything that is served as a file."""
    files = Blueprint("files", __name__)

    @files.get("/-/assets/<path:name>")
    def asset(name: str) -> Response:
        found = services.assets.find(request.path)
        if found is None:
            return answer_failure(services, 404)
        response = Response(found.content, content_type=found.media_type)
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
        return response

    @files.get("/-/media/<path:name>")
    def media(name: str) -> Response:
        """A stored file. Names carry a digest of the content, so they never change."""
        response = send_from_directory(services.media.resolve(), name)
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
        if response.mimetype not in _SHOWN:
            # A stored document never runs in the portal's origin.
            response.headers.update(STORED_FILE_HEADERS)
        return response

    return files
