"""`/-/ops/` and `/-/studio/`: the pages of those who run and build the site, behind a login.

Read in the order of a request: `gate` (who asks, and did they mean to), `login` (by password) and
`single_sign_on` (by the identity provider), which both end in `letting`, then `board` (the
operators' page), `studio` (the builders'), `programs` (what programs may ask with a token).
`passwords`, `provider` and `purging` are what these work with. All of it is off by default.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from portal.i18n import Catalog
from portal.web.operating.board import add_board
from portal.web.operating.gate import Gate
from portal.web.operating.login import add_login
from portal.web.operating.programs import make_programs
from portal.web.operating.single_sign_on import SingleSignOn
from portal.web.operating.single_sign_on import add_single_sign_on
from portal.web.operating.studio import make_studio

if TYPE_CHECKING:
    from portal.web.services import Services

__all__ = ["add_operating"]


def add_operating(app: Flask, services: Services) -> None:
    """Give `app` these pages."""
    catalog = Catalog.load("operating", Path(__file__).parent / "catalog.yaml")
    gate = Gate(services, catalog)
    ops = gate.make_blueprint("ops", "/-/ops", roles=("operator",))
    single_sign_on = None
    if services.provider is not None:
        single_sign_on = SingleSignOn(gate, services.provider, services.groups)
        add_single_sign_on(ops, single_sign_on)
    add_login(ops, gate, single_sign_on)
    add_board(ops, gate)
    app.register_blueprint(ops)
    app.register_blueprint(make_studio(gate))
    app.register_blueprint(make_programs(services))
