"""What programs ask with a token: `POST /-/ops/api/purge`. A token comes in a header only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint
from flask import Response
from flask import jsonify
from flask import request
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import ValidationError

from portal.web.operating.gate import PRIVATE
from portal.web.operating.gate import refuse
from portal.web.operating.purging import Purge
from portal.web.operating.purging import PurgeRefused
from portal.web.operating.purging import purge
from portal.web.tokens import token_for

if TYPE_CHECKING:
    from portal.web.services import Services

LARGEST_BODY = 65_536


class Wanted(BaseModel):
    """The body of a purge: a JSON object of some of these."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    tags: list[str] = []
    urls: list[str] = []
    blocks: list[str] = []
    all: bool = False


def make_programs(services: Services) -> Blueprint:
    """The blueprint of these addresses; no cookie means anything here."""
    programs = Blueprint("portal-programs", __name__, url_prefix="/-/ops/api")

    @programs.post("/purge")
    def end_entries() -> Response:
        token = token_for(services, "purge")
        if token is None:
            return refuse(401)
        if (request.content_length or 0) > LARGEST_BODY:
            return _answer({"problem": f"the body has more than {LARGEST_BODY} bytes"}, 413)
        try:
            wanted = Wanted.model_validate(json.loads(request.get_data(cache=False)))
        except (ValidationError, ValueError, RecursionError):
            known = "tags, urls, blocks: lists of texts; all: true"
            return _answer({"problem": f"the body is no JSON object of these: {known}"}, 400)
        asked = Purge(wanted.tags, wanted.urls, wanted.blocks, wanted.all)
        try:
            return _answer({"ended": list(purge(services, asked, f"token {token}"))}, 200)
        except PurgeRefused as problem:
            return _answer({"problem": str(problem)}, 400)

    return programs


def _answer(values: dict[str, object], status: int) -> Response:
    response = jsonify(values)
    response.status_code = status
    response.headers.update(PRIVATE)
    return response
