"""Says why there is no page here, and where to go instead."""

from __future__ import annotations

from portal.block import Block
from portal.block import BlockContext
from portal.block import CachePolicy
from portal.block import Failure
from portal.block import Settings
from portal.content import queries


class ErrorMessageSettings(Settings):
    """What the message offers besides its words."""

    show_sections: bool = True
    """On 404 and 410: list the site's sections as ways on."""


block = Block(
    "error_message",
    __name__,
    settings=ErrorMessageSettings,
    needs={"failure": Failure},
    cache=CachePolicy(fresh="1h", stale="1d"),
    headline=lambda settings: True,
)


@block.render
def render(ctx: BlockContext[ErrorMessageSettings]) -> dict[str, object]:
    """404, 410 with reason and successor, 503. A 503 reads no content: there is no database."""
    failure = ctx.failure
    status = str(failure.status)
    ctx.head.title(ctx.text("title_" + status))
    ctx.head.only_meta("robots", "noindex")
    values: dict[str, object] = {
        "status": status,
        "failure": failure,
        "contact": ctx.site.contact,
        "home": None,
        "sections": (),
    }
    if failure.status != 503:
        values["home"] = queries.home_path(ctx.reader)
        if ctx.settings.show_sections:
            tree = queries.section_tree(ctx.reader)
            values["sections"] = [section for section in tree if section.parent_id is None]
    return values
