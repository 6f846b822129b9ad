"""The portal as a plain WSGI application."""

import os

from portal.app import create_app
from portal.settings import load_settings

app = create_app(load_settings(os.environ))
