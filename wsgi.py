"""The portal as a plain WSGI application."""

import os

from portal.starting import start

app = start(os.environ)

if app.extensions["portal"].settings.shows_gallery:
    # It brings sample content, which a portal without it never loads.
    from portal.gallery import add_gallery

    add_gallery(app)
