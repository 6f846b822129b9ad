"""What deploy/README.md says for a machine without containers, done as it is written there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.operation.load import fill
from tests.operation.running import GRANIAN
from tests.operation.running import HOST
from tests.operation.running import REPOSITORY
from tests.operation.running import RunningServer
from tests.operation.running import environment
from tests.operation.running import free_port
from tests.operation.running import run_server
from tests.operation.running import wait_until
from tests.operation.test_proxy import ask
from tests.operation.test_proxy import make_certificate
from tests.operation.test_proxy import open_to_others
from tests.operation.test_proxy import wait_for_port
from tests.servers import PostgreSQLServer
from tests.servers import RedisServer
from tests.servers import find_program
from tests.servers import run_postgresql
from tests.servers import run_redis

README = REPOSITORY / "deploy" / "README.md"
UNIT = REPOSITORY / "deploy" / "systemd" / "portal@.service"
COPIED = ("config", "deploy", "templates")


def read_commands(text: str, heading: str) -> str:
    """The first commands of a section."""
    section = text.partition(f"{heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[0]


def replace_places(commands: str, places: dict[str, str]) -> str:
    """The commands with places of this test; each place must be there to be replaced."""
    assert [shipped for shipped in places if shipped not in commands] == []
    longest_first = sorted(places, key=len, reverse=True)
    # All at once: what stands in for one may look like another.
    return re.sub("|".join(map(re.escape, longest_first)), lambda found: places[found[0]], commands)


def options_of(configuration: Path) -> list[str]:
    """The lines of a file of Redis as its command line takes them."""
    lines = [line.split() for line in configuration.read_text().splitlines()]
    settings = [line for line in lines if line and not line[0].startswith("#")]
    return [part for name, value in settings for part in (f"--{name}", value.strip('"'))]


@dataclass(frozen=True, slots=True)
class Deployment:
    """A checkout in which the commands ran, and the ports of proxy and replicas."""

    checkout: Path
    output: str
    proxy: int
    replicas: tuple[int, int]

    @property
    def environ(self) -> dict[str, str]:
        """What the unit gives to a replica."""
        lines = (self.checkout / "deploy/secrets/portal.env").read_text().splitlines()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        return kept | {name: value for name, _, value in (line.partition("=") for line in lines)}


def start_nginx_as_apt_does(folder: Path, configuration: Path, port: int) -> str:
    """With a site of its own at the port of plain HTTP; the command to go on with."""
    configuration.write_text(
        f"pid {folder}/nginx.pid; events {{}}\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:{port} default_server; }} }}\n"
    )
    program = find_program("nginx", "Debian package nginx-light", ["usr/sbin"])
    command = [str(program), "-e", f"{folder}/error.log", "-c", str(configuration)]
    subprocess.run(command, timeout=60, check=True)
    return " ".join(command)


@contextmanager
def deployed(folder: Path, postgres: PostgreSQLServer, redis: RedisServer) -> Iterator[Deployment]:
    """The commands, run to their end."""
    checkout, etc = folder / "checkout", folder / "etc"
    for name in COPIED:
        shutil.copytree(REPOSITORY / name, checkout / name, ignore=shutil.ignore_patterns("demo"))
    for name in ("nginx", "redis"):
        (etc / name).mkdir(parents=True)
    shutil.copyfile("/etc/nginx/mime.types", etc / "nginx" / "mime.types")
    key, certificate = make_certificate(folder)
    psql = find_program("psql", "Debian package postgresql", ["usr/lib/postgresql/*/bin"])
    first, second, proxy, plain = (free_port() for _ in range(4))
    nginx = start_nginx_as_apt_does(folder, etc / "nginx" / "nginx.conf", plain)
    steps = read_commands(README.read_text("utf-8"), "### Without containers")
    script = replace_places(
        steps,
        {
            # Packages are there, services are those of the test, and systemd does not run here.
            "apt-get install --yes make python3-venv postgresql redis-server nginx-light\n": "",
            "make runtime  ": "true  ",
            "$PWD/.venv/bin": str(Path(sys.executable).parent),
            "service postgresql start\n": "",
            "service redis-server restart\n": "",
            "cp deploy/systemd/portal@.service /etc/systemd/system/\n": "",
            "systemctl enable --now portal@8001 portal@8002\n": "",
            # The owner of the test's server has that name already.
            "CREATE ROLE portal LOGIN": "ALTER ROLE portal",
            "su postgres -c psql": (
                f"{psql} -X -v ON_ERROR_STOP=1"
                f" -h {postgres.sockets} -p {postgres.port} -U portal -d postgres"
            ),
            "@127.0.0.1/portal": f"@127.0.0.1:{postgres.port}/portal",
            "127.0.0.1:6379": f"127.0.0.1:{redis.port}",
            "www.example.gov.vn": HOST,
            "/var/lib/portal": str(folder / "state"),
            "/etc/": f"{etc}/",
            "/path/to/your/fullchain.pem": str(certificate),
            "/path/to/your/key.pem": str(key),
            "s|/tmp/nginx.pid|/run/nginx.pid|; s|/tmp/|/var/lib/nginx/|;": f"s|/tmp/|{folder}/|;",
            "s|/dev/stdout|/var/log/nginx/access.log|": (
                f"s|/dev/stdout|{folder}/access.log|;"
                f" s|/etc/nginx/upstream.conf|{etc}/nginx/upstream.conf|"
            ),
            "8001": str(first),
            "8002": str(second),
            "s/ 8080/ 80/; s/:8080/:80/;": f"s/ 8080/ 127.0.0.1:{plain}/; /:8080/d;",
            "s/ 8443 ssl/ 443 ssl http2/;": f"s/ 8443 ssl/ 127.0.0.1:{proxy} ssl http2/;",
            "s/:8443 ssl/:443 ssl http2/;": "/:8443/d;",
            "nginx -t\n": f"{nginx} -t\n",
            # What systemd does; the pid file is gone when the port is.
            "systemctl restart nginx": (
                f"{nginx} -s quit; while [ -e {folder}/nginx.pid ]; do sleep 0.1; done; {nginx}"
            ),
        },
    )
    open_to_others(folder)
    output = folder / "output"
    try:
        # Into a file: nginx stays, and a pipe that it holds would never end.
        with output.open("wb") as written:
            done = subprocess.run(
                ["bash", "-e", "-u", "-o", "pipefail", "-c", script],
                cwd=checkout,
                env={"PATH": os.environ["PATH"], "HOME": str(folder)},
                stdout=written,
                stderr=written,
                timeout=120,
                check=False,
            )
        assert done.returncode == 0, output.read_text()
        wait_for_port(proxy)
        yield Deployment(checkout, output.read_text(), proxy, (first, second))
    finally:
        os.kill(int((folder / "nginx.pid").read_text()), signal.SIGTERM)


@contextmanager
def replica(deployment: Deployment, port: int, folder: Path) -> Iterator[RunningServer]:
    """What systemd would start as `portal@PORT`."""
    (started,) = re.findall(
        r"(?m)^ExecStart=/opt/portal/.venv/bin/portal (.*) %i$", UNIT.read_text()
    )
    command = (sys.executable, "-m", "portal.cli", *started.split(), str(port), "--workers", "1")
    folder.mkdir()
    with run_server(command[:-3], deployment.environ, folder, *command[-2:], port=port) as server:
        yield server


def test_its_commands_give_two_replicas_behind_the_proxy(tmp_path: Path):
    with (
        run_postgresql(["127.0.0.1"]) as postgres,
        run_redis(*options_of(REPOSITORY / "deploy" / "redis.conf")) as redis,
        deployed(tmp_path, postgres, redis) as deployment,
    ):
        assert "the schema is at" in deployment.output
        assert re.findall(r"(?m)^(\w+)\tredis maxmemory-policy", deployment.output) == ["ok"]
        # What stood there before is kept, and is not what a reboot starts.
        nginx = tmp_path / "etc" / "nginx"
        assert "access_log off" in (nginx / "nginx.conf.debian").read_text()
        assert "limit_req_zone" in (nginx / "nginx.conf").read_text()
        for secret in (deployment.checkout / "deploy" / "secrets").iterdir():
            assert secret.name == ".gitignore" or secret.stat().st_mode & 0o077 == 0, secret
        fill(deployment.environ["PORTAL_DATABASE_URL"], tmp_path)
        first, second = deployment.replicas
        with replica(deployment, first, tmp_path / "first") as one:
            with replica(deployment, second, tmp_path / "second") as other:

                def both_have_answered() -> bool:
                    assert ask(deployment.proxy, "/").status == 200
                    return all('"path": "/"' in each.log.read_text() for each in (one, other))

                wait_until(both_have_answered)
            # One of the two is gone: nobody notices.
            for _ in range(10):
                assert ask(deployment.proxy, "/tin-tuc/").status == 200
        wait_until(lambda: ask(deployment.proxy, "/").status in {502, 503})


def test_secrets_of_the_first_deploy_are_kept_and_doctor_says_so(tmp_path: Path, sqlite_url: str):
    """The commands up to the containers; in these doctor sees the files below /run/secrets."""
    steps = read_commands(README.read_text("utf-8"), "## First deploy in 15 minutes")
    steps = steps.partition("export PORTAL_TRUSTED_HOSTS")[0]
    key, certificate = make_certificate(tmp_path)
    secrets = tmp_path / "deploy" / "secrets"
    secrets.mkdir(parents=True)
    open_to_others(secrets)
    script = replace_places(
        steps,
        {"/path/to/your/fullchain.pem": str(certificate), "/path/to/your/key.pem": str(key)},
    )
    subprocess.run(["bash", "-e", "-u", "-c", script], cwd=tmp_path, timeout=60, check=True)
    assert {file.name for file in secrets.iterdir()} == {
        *("secret_key", "database_password", "database_url", "tls.crt", "tls.key")
    }
    # Other users of containers read them, others of this machine do not get to them.
    assert all(file.stat().st_mode & 0o004 for file in secrets.iterdir())
    environ = environment(sqlite_url, tmp_path, SECRET_KEY="", TRUSTED_HOSTS=HOST)
    environ["PORTAL_SECRET_KEY_FILE"] = str(secrets / "secret_key")
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "doctor"],
        cwd=REPOSITORY,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PORTAL_SECRET_KEY_FILE" in done.stdout


def test_nginx_is_set_up_as_the_unit_of_debian_runs_it():
    """That one waits for its file with the process id, and gives a socket for standard output."""
    steps = read_commands(README.read_text("utf-8"), "### Without containers")
    found = re.search(r"^sed .*?(?= > /etc/nginx/nginx\.conf$)", steps, re.DOTALL | re.MULTILINE)
    assert found is not None
    written = subprocess.run(
        ["bash", "-c", found[0]],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    unit = Path("/usr/lib/systemd/system/nginx.service").read_text("utf-8")
    (place,) = re.findall(r"(?m)^PIDFile=(.*)$", unit)
    assert f"pid {place};" in written
    for kept_away in ("/dev/stdout", "/tmp/", "/run/secrets", "8080", "8443"):  # noqa: S108 - not written to
        assert kept_away not in written
    for port in ("80", "443 ssl http2"):
        assert f"listen {port} default_server;" in written
        assert f"listen [::]:{port} default_server;" in written


def test_a_stop_by_systemd_drains_before_a_worker_goes(tmp_path: Path, sqlite_url: str):
    """Unless the unit says otherwise, systemd tells every process of the service at once."""
    (mode,) = re.findall(r"(?m)^KillMode=(.*)$", UNIT.read_text()) or ["control-group"]
    environ = environment(sqlite_url, tmp_path, DRAIN="4s")
    with run_server(GRANIAN, environ, tmp_path, "--workers", "2") as server:
        workers = server.workers()
        server.signal(signal.SIGTERM)
        for worker in workers if mode == "control-group" else ():
            os.kill(worker, signal.SIGTERM)
        wait_until(lambda: server.ask("/-/health/ready").status == 503)
        assert server.ask("/").getheader("Connection") == "close"
        assert server.workers() == workers
        assert server.process.wait(timeout=30) == 0


def test_the_unit_is_one_that_systemd_understands(tmp_path: Path):
    program = find_program("systemd-analyze", "Debian package systemd")
    stand_in = tmp_path / "portal"
    stand_in.write_text("#!/bin/sh\n")
    stand_in.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/portal/.venv/bin/portal", str(stand_in)))
    checked = subprocess.run(
        [program, "verify", "--man=no", unit],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_unit_gives_away_what_the_portal_does_not_need():
    """By systemd's own measure: 0 for nothing, 10 for everything; a plain service has 9.6."""
    program = find_program("systemd-analyze", "Debian package systemd")
    command = [program, "security", "--offline=yes", "--threshold=20", "--no-pager", UNIT]
    measured = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert measured.returncode == 0, measured.stdout
    assert "Overall exposure level" in measured.stdout
