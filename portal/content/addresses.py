"""How content is addressed: one scheme, written here and parsed by the web room."""

from __future__ import annotations


def locale_prefix(locale: str, default_locale: str) -> str:
    """Nothing for the default language, `/en` for another."""
    return "" if locale == default_locale else f"/{locale}"


def section_path(prefix: str, key: str) -> str:
    """`/tin-tuc/cai-cach-hanh-chinh/`."""
    return f"{prefix}/{key}/"


def article_path(prefix: str, section_key: str | None, slug: str, number: int) -> str:
    """`/tin-tuc/le-hoi-tra-12`; without a section `/tin/le-hoi-tra-12`."""
    return f"{prefix}/{section_key or 'tin'}/{slug}-{number}"


def page_path(prefix: str, slug: str) -> str:
    """`/gioi-thieu`."""
    return f"{prefix}/{slug}"
