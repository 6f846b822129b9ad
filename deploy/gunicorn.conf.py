"""Gunicorn for those who prefer it: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`.

Needs the extra `gunicorn`. Anything here can be overridden on the command line.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from portal.errors import PortalError
from portal.settings import load_settings
from portal.settings import require_secrets
from portal.sight.logs import logs_config
from portal.sight.metrics import MULTIPROCESS_FOLDER
from portal.starting import EXIT_CONFIG
from portal.starting import log_form

worker_class = "gthread"
workers = len(os.sched_getaffinity(0))
threads = 4
bind = "127.0.0.1:8000"
backlog = 1024
timeout = 60
graceful_timeout = 30
keepalive = 30
control_socket_disable = True

# A header name with an underscore cannot be told from one with a hyphen any more.
header_map = "refuse"
limit_request_line = 8190
limit_request_fields = 100
limit_request_field_size = 16_384
# Who may tell the scheme is said by PORTAL_PROXY_HOPS alone.
forwarded_allow_ips = ""

try:
    settings = load_settings(os.environ)
    require_secrets(settings)
except PortalError as problem:
    sys.stderr.write(f"portal: {problem}\n")
    sys.exit(EXIT_CONFIG)

logconfig_dict = logs_config(log_form(settings), settings.log_level)
logconfig_dict["loggers"] |= {
    "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
    "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
}
_folder = None
if settings.metrics and MULTIPROCESS_FOLDER not in os.environ:
    _folder = Path(tempfile.mkdtemp(prefix="portal-"))
    os.environ[MULTIPROCESS_FOLDER] = str(_folder)


def on_exit(server: object) -> None:
    """Remove what the workers counted."""
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)
