"""Where the API is: the path of each route, as OpenAPI writes it."""

from __future__ import annotations

from collections.abc import Mapping

PREFIX = "/api/v1"

PATHS: Mapping[str, str] = {
    "articles": "/articles",
    "article": "/articles/{id}",
    "sections": "/sections",
    "search": "/search",
}
"""By the name of the route, which is also the key of its words in the catalog."""
