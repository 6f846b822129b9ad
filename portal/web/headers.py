"""Response headers that every answer carries, and those of cached pages.

No nonce: a cached page cannot carry one. Pages therefore have no inline code at all, and the
policy says so (Content Security Policy Level 3).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
    )
)

SECURITY_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("X-Frame-Options", "DENY"),
)

STORED_FILE_HEADERS: tuple[tuple[str, str], ...] = (
    ("Content-Security-Policy", "sandbox; default-src 'none'"),
    ("Content-Disposition", "attachment"),
    *(header for header in SECURITY_HEADERS if header[0] != "Content-Security-Policy"),
)

PAGE_CACHE_CONTROL = "public, max-age=0, must-revalidate"
ERROR_CACHE_CONTROL = "no-store"
IMMUTABLE_CACHE_CONTROL = "public, max-age=31536000, immutable"

MOST_SURROGATE_KEYS = 32
LONGEST_SURROGATE_KEY = 32


@lru_cache(maxsize=1024)
def surrogate_keys(tags: frozenset[str]) -> str:
    """The page's tags for a CDN: at most 32 of at most 32 characters, as RFC 9875 caches must take.

    Longer tags are hashed; where there are more, whole classes stand for their rows.
    """
    names = tags if len(tags) <= MOST_SURROGATE_KEYS else {tag.partition(":")[0] for tag in tags}
    return " ".join(
        sorted(
            tag
            if len(tag) <= LONGEST_SURROGATE_KEY
            else hashlib.blake2b(tag.encode(), digest_size=12).hexdigest()
            for tag in names
        )
    )
