"""Redis by TLS, with certificates of an authority that the test makes by openssl."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
import redis

from portal.cache.inspection import inspect_redis
from portal.cache.redis_tier.raised import kind_of
from portal.settings import Settings
from tests.clocks import StandingClock
from tests.integration.cache.conftest import PATIENT
from tests.integration.cache.conftest import backend_at
from tests.integration.composition.small_site import SmallSite
from tests.servers import free_port
from tests.servers import readable_folder
from tests.servers import run_redis


@dataclass(frozen=True, slots=True)
class TlsServer:
    """A server that listens by TLS at `url`, the authority that vouches for it, and another one."""

    url: str
    right: str
    wrong: str


def make_authority(folder: Path, name: str) -> Path:
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-keyout", key, "-out", certificate)  # fmt: skip
    return certificate


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def server() -> Iterator[TlsServer]:
    with readable_folder("portal-tls-") as folder:
        right, wrong = make_authority(folder, "right"), make_authority(folder, "wrong")
        key, request, certificate = (folder / f"redis.{end}" for end in ("key", "csr", "crt"))
        extensions = folder / "extensions"
        extensions.write_text("subjectAltName=IP:127.0.0.1\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
                "-keyout", key, "-out", request)  # fmt: skip
        openssl("x509", "-req", "-in", request, "-CA", right, "-CAkey", folder / "right.key",
                "-CAcreateserial", "-days", "2", "-extfile", extensions,
                "-out", certificate)  # fmt: skip
        key.chmod(0o644)
        port = str(free_port())
        options = ["--tls-port", port, "--tls-cert-file", str(certificate)]
        options += ["--tls-key-file", str(key), "--tls-ca-cert-file", str(right)]
        with run_redis(*options, "--tls-auth-clients", "no", "--maxmemory", "16mb",
                       "--maxmemory-policy", "volatile-lfu"):  # fmt: skip
            yield TlsServer(f"rediss://127.0.0.1:{port}/0", str(right), str(wrong))


def test_with_the_right_authority_values_come_back(server: TlsServer):
    backend = backend_at(server.url, **PATIENT, ssl_ca_certs=server.right)
    try:
        backend.store({"k": (b"v", 10_000)})
        assert backend.fetch(["k"]) == [b"v"]
    finally:
        backend.close()


@pytest.mark.parametrize("authority", ["wrong", "none"])
def test_a_certificate_that_nobody_vouches_for_is_refused(server: TlsServer, authority: str):
    """Without an authority of its own the portal believes those of the machine."""
    options = {"ssl_ca_certs": server.wrong} if authority == "wrong" else {}
    backend = backend_at(server.url, **PATIENT, **options)
    try:
        with pytest.raises(redis.RedisError, match="CERTIFICATE_VERIFY_FAILED") as refused:
            backend.fetch(["k"])
    finally:
        backend.close()
    assert kind_of(refused.value) == "connection"


def test_a_certificate_of_another_host_is_refused(server: TlsServer):
    url = server.url.replace("127.0.0.1", "localhost")
    backend = backend_at(url, **PATIENT, ssl_ca_certs=server.right)
    try:
        with pytest.raises(redis.RedisError, match="Hostname mismatch|CERTIFICATE_VERIFY_FAILED"):
            backend.fetch(["k"])
    finally:
        backend.close()


def test_the_site_goes_on_without_a_redis_that_it_does_not_believe(
    server: TlsServer, tmp_path: Path, sqlite_url: str, clock: StandingClock
):
    site = SmallSite(tmp_path / "site", sqlite_url, clock)
    site.sections()
    site.words("words", "Bản tin")
    site.lay_out("home", {"key": "a", "block": "words"})
    app = site.app(
        cache_redis_url=server.url, cache_options={**PATIENT, "ssl_ca_certs": server.wrong}
    )
    for _ in range(4):
        answer = app.test_client().get("/")
        assert answer.status_code == 200
        assert "Bản tin" in answer.text
    site.close()


def test_the_doctor_looks_by_the_same_options_and_says_which_to_set(server: TlsServer):
    def look(authority: str) -> dict[str, tuple[bool, str, str]]:
        options = {"ssl_ca_certs": authority}
        settings = Settings(cache_redis_url=server.url, cache_options=options)
        found = inspect_redis(settings, datetime.now(UTC))
        return {item.subject: (item.healthy, item.seen, item.advice) for item in found}

    right = look(server.right)
    assert all(healthy for healthy, _, _ in right.values())
    assert right["redis transport"][1] == "TLS"
    healthy, seen, advice = look(server.wrong)["redis"]
    assert not healthy
    assert "CERTIFICATE_VERIFY_FAILED" in seen
    assert "ssl_ca_certs" in advice
