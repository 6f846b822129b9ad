"""No secret is part of the repository."""

from __future__ import annotations

import re

import pytest

from tests.meta.test_repository import texts

# The parts are joined here so that this file does not contain what it looks for.
PATTERNS = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*" + r"PRIVATE KEY",
    "AWS key": r"\b(?:AKIA|ASIA)" + r"[0-9A-Z]{16}\b",
    "GitHub token": r"\bgh[pousr]_" + r"[A-Za-z0-9]{36}",
    "GitLab token": r"\bglpat-" + r"[A-Za-z0-9_-]{20}",
    "Slack token": r"\bxox[abprs]-" + r"[A-Za-z0-9-]{10,}",
    "Google key": r"\bAIza" + r"[0-9A-Za-z_-]{35}",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\." + r"eyJ[A-Za-z0-9_-]{10,}\.",
    "PyPI token": r"\bpypi-" + r"AgEIcHlwaS5vcmc",
    "password in an address": r"://[\w.-]+:"
    + r"(?!\*|hunter2|PASSWORD|w%40rd|%s|\$)[^@\s/\"'{}<]{6,}@",
    "assigned secret": r"(?i)(?:secret_key|password|api_key|token)\s*[=:]\s*"
    + r"[\"'][0-9a-zA-Z+/_-]{40,}[\"']",
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=list(PATTERNS))
def test_no_file_holds_a_secret(pattern: str) -> None:
    looked_for = re.compile(pattern)
    assert [
        f"{name}: {match[0][:12]}…" for name, text in texts() for match in looked_for.finditer(text)
    ] == []


@pytest.mark.parametrize(
    ("kind", "sample"),
    [
        ("private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("AWS key", "AKIA" + "A" * 16),
        ("GitHub token", "ghp_" + "a" * 36),
        ("password in an address", "postgresql://portal:" + "s3cr3tword@db/portal"),
        ("assigned secret", "SECRET_KEY = " + '"' + "a" * 40 + '"'),
    ],
)
def test_a_secret_would_be_found(kind: str, sample: str) -> None:
    assert re.search(PATTERNS[kind], sample)
