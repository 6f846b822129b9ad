"""Takes votes and says how many there are. Nothing here says who voted."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Response
from flask import abort
from flask import jsonify
from flask import redirect
from flask import request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from portal.block import Block
from portal.block import current_store
from portal.block import is_from_here
from portal.block import normalise
from portal.content import commands
from portal.content import queries
from portal.content.values import Article

LEAST_VOTES = 10
"""Fewer votes say little, and might say who cast them."""
LONGEST_COMMENT = 500
LEAST_MILLISECONDS = 2000
"""Nobody reads an article, judges it and presses a button in less."""
LARGEST_FORM = 8_000
VOTES_PER_SENDER = 5
PER = timedelta(minutes=10)
_NUMBER = re.compile(r"[1-9][0-9]{0,11}")
_PLACEMENT = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def add_routes(block: Block[Any]) -> None:
    """Give the block its two addresses."""

    @block.post("/votes")
    def vote() -> AnyResponse:
        """Store a vote and lead back to the article, so that reloading votes no second time."""
        if (request.content_length or 0) > LARGEST_FORM:
            abort(413)
        if not is_from_here(request.headers, request.host, unsaid=True):
            abort(403)
        article = _article(request.form.get("article", ""))
        store = current_store()
        outcome = "refused"
        score = request.form.get("score", "")
        # As it will be stored: some letters become two.
        comment = normalise(request.form.get("comment", "")).strip()
        if _is_robot(request.form):
            # It is told that all went well, so that it does not learn what gave it away.
            outcome = "thanks"
        elif re.fullmatch("[1-5]", score) and len(comment) <= LONGEST_COMMENT:
            limit = store.limit("rating", VOTES_PER_SENDER, PER)
            if limit.allows(request.remote_addr or "", store.clock()):
                with store.write() as session:
                    commands.save_rating(
                        session,
                        store.site.key,
                        article.id,
                        int(score),
                        day=store.today(),
                        comment=comment,
                    )
                outcome = "thanks"
        placement = request.form.get("placement", "")
        anchor = placement if _PLACEMENT.fullmatch(placement) else "rating"
        return redirect(f"{article.path}#{anchor}-{outcome}", 303)

    @block.get("/<number>.json")
    def result(number: str) -> Response:
        """The average and the number of votes; nothing while there are few."""
        article = _article(number)
        store = current_store()
        with store.read(article.locale) as reader:
            totals = queries.rating_totals(reader, article.id)
        shown: dict[str, object] = {}
        if totals.count >= LEAST_VOTES:
            shown = {"count": totals.count, "mean": round(totals.mean, 1)}
        response = jsonify(shown)
        response.headers["Cache-Control"] = "public, max-age=60"
        return response


def _article(number: str) -> Article:
    if not _NUMBER.fullmatch(number):
        abort(404)
    store = current_store()
    with store.read(store.site.default_locale) as reader:
        found = queries.find_article(reader, int(number))
    if not isinstance(found, Article):
        abort(404)
    return found


def _is_robot(form: MultiDict[str, str]) -> bool:
    """A filled trap, or an answer faster than anybody reads; without scripts there is no time."""
    spent = form.get("spent", "")
    too_fast = spent.isdecimal() and int(spent[:9]) < LEAST_MILLISECONDS
    return bool(form.get("website")) or too_fast
