"""The gallery: every block in every state, theme and width, for people who build with blocks.

It stands on the sample content of `portal.testing`, never on the site's own, so it shows nothing
that is not public; it is off unless an operator asks for it. `shelf` reads what there is to show,
`showing` makes one example's page, this module answers requests.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint
from flask import Flask
from flask import Response
from flask import abort
from flask import request
from flask import send_from_directory

from portal.app import Portal
from portal.gallery.shelf import read_shelf
from portal.gallery.showing import MEDIA
from portal.gallery.showing import THEMES
from portal.gallery.showing import Showroom
from portal.i18n import Catalog
from portal.testing.harness import sample
from portal.web.headers import CONTENT_SECURITY_POLICY

WIDTHS = (360, 768, 1280)

HTML = "text/html; charset=utf-8"
_HERE = Path(__file__).parent
_NOT_FOR_READERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
_FRAMING = CONTENT_SECURITY_POLICY + "; frame-src 'self'"
_FRAMED = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")


def add_gallery(app: Flask) -> None:
    """Give a portal its gallery at `/-/gallery/`."""
    portal: Portal = app.extensions["portal"]
    app.register_blueprint(make_gallery(portal))


def make_gallery(portal: Portal) -> Blueprint:
    """The blueprint of the gallery."""
    gallery = Blueprint("portal-gallery", __name__, url_prefix="/-/gallery")
    catalog = Catalog.load("gallery", _HERE / "catalog.yaml")
    showroom = Showroom(portal)

    def render(template: str, **values: object) -> Response:
        locale = request.args.get("locale", portal.folder.site.default_locale)
        if locale not in portal.folder.site.locales:
            abort(404)
        html = portal.render(template, catalog, locale, **values)
        response = Response(html, content_type=HTML, headers=_NOT_FOR_READERS)
        response.headers["Content-Security-Policy"] = _FRAMING
        return response

    @gallery.get("/")
    def index() -> Response:
        return render("programs/gallery.html", blocks=read_shelf(portal.registry))

    @gallery.get("/<name>/")
    def block(name: str) -> Response:
        found = next((item for item in read_shelf(portal.registry) if item.name == name), None)
        if found is None:
            abort(404)
        return render("programs/gallery_block.html", block=found, themes=THEMES, widths=WIDTHS)

    @gallery.get("/<name>/<example>")
    def frame(name: str, example: str) -> Response:
        """One example alone, to be shown in a frame of the gallery."""
        theme = request.args.get("theme", "light")
        page = showroom.show(name, example, theme) if theme in THEMES else None
        if page is None:
            abort(404)
        response = Response(page, content_type=HTML, headers=_NOT_FOR_READERS)
        response.headers["Content-Security-Policy"] = _FRAMED
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @gallery.get(f"{MEDIA.removeprefix('/-/gallery')}<path:name>")
    def media(name: str) -> Response:
        return send_from_directory(sample().folder / "media", name)

    return gallery
