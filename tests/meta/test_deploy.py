"""What ships for operators is valid, and names only what exists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import click
import pytest
import yaml
from packaging.requirements import Requirement

from portal.cache.breaker import PROBE_SECONDS
from portal.cache.redis_tier.tier import PROBE_PATIENCE
from portal.cli.running import group
from portal.settings import Settings
from portal.settings import settings_table
from portal.sight import make_metrics
from portal.web.hosts import WATCHED

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "deploy"
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
ALERTS = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yaml").read_text(encoding="utf-8"))
DASHBOARD = json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text(encoding="utf-8"))
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
COMPOSE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
_METRIC = re.compile(r"\bportal_[a-z_]+")


def metrics() -> dict[str, set[str]]:
    """Every series that the portal tells, with its labels."""
    found: dict[str, set[str]] = {}
    for metric in make_metrics().registry.collect():
        endings = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}[metric.type]
        found |= {metric.name + ending: set() for ending in endings}
    return found


def expressions() -> list[str]:
    """Every question of the alerts and of the dashboard."""
    alerts = [rule["expr"] for part in ALERTS["groups"] for rule in part["rules"]]
    return alerts + [t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]]


def documents(kind: str) -> list[dict]:
    """The Kubernetes resources of a kind."""
    everything = [
        item for file in MANIFESTS for item in yaml.safe_load_all(file.read_text("utf-8"))
    ]
    return [item for item in everything if item["kind"] == kind]


def pods() -> list[dict]:
    """Every pod that is declared, whatever makes it."""
    templates = [item["spec"]["template"] for item in documents("Deployment") + documents("Job")]
    templates += [i["spec"]["jobTemplate"]["spec"]["template"] for i in documents("CronJob")]
    return [template["spec"] for template in templates]


def test_settings_table_of_the_documentation_is_that_of_the_model() -> None:
    """Written by `portal settings --table`."""
    shown = README.partition("<!-- settings -->\n")[2].partition("\n<!-- /settings -->")[0]
    assert shown == settings_table()


@pytest.mark.parametrize("expression", sorted(set(expressions())))
def test_metric_that_is_asked_for_is_told(expression: str) -> None:
    named = set(_METRIC.findall(expression))
    assert named <= set(metrics())
    assert named or expression.startswith("up{")


def test_metrics_of_every_part_are_shown() -> None:
    shown = set(_METRIC.findall(" ".join(expressions())))
    missing = {
        name.name
        for name in make_metrics().registry.collect()
        if not any(series.startswith(name.name) for series in shown)
    }
    assert missing == set()


def test_every_alert_says_what_to_do() -> None:
    headings = set(re.findall(r"^### (Portal\w+)$", README, re.MULTILINE))
    rules = [rule for part in ALERTS["groups"] for rule in part["rules"]]
    assert {rule["alert"] for rule in rules} == headings
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["runbook"] == f"deploy/README.md#{rule['alert'].lower()}"


def test_alert_of_redis_is_below_what_one_worker_counts_while_redis_is_silent() -> None:
    """The slowest count there is: each probe waits as long as it may."""
    (rule,) = (r for part in ALERTS["groups"] for r in part["rules"] if "redis" in r["expr"])
    threshold = float(rule["expr"].rpartition(">")[2])
    assert threshold < 1 / (PROBE_SECONDS + PROBE_PATIENCE)


def test_prometheus_finds_what_the_manifest_declares_under_the_name_that_alerts_ask_for() -> None:
    text = (DEPLOY / "monitoring" / "prometheus.yaml").read_text(encoding="utf-8")
    (job,) = yaml.safe_load(text)["scrape_configs"]
    asked = set(re.findall(r'job="(\w+)"', " ".join(expressions())))
    assert asked == {job["job_name"]}
    template = documents("Deployment")[0]["spec"]["template"]
    labels, (container,) = template["metadata"]["labels"], template["spec"]["containers"]
    kept = job["relabel_configs"][0]
    values = [labels["app.kubernetes.io/name"], labels["app.kubernetes.io/component"]]
    assert re.fullmatch(kept["regex"], ";".join([*values, container["ports"][0]["name"]]))
    assert job["authorization"]["credentials_file"].endswith("/metrics-token")
    assert job["metrics_path"] in WATCHED


def test_probes_of_pods_ask_for_what_answers_to_any_host() -> None:
    """A probe names the address of its pod; a name written here would be forgotten in a change."""
    probes = [
        probe["httpGet"]
        for pod in pods()
        for container in pod["containers"]
        for name, probe in container.items()
        if name.endswith("Probe")
    ]
    assert len(probes) == 3
    for probe in probes:
        assert probe["path"] in WATCHED
        assert "httpHeaders" not in probe


def test_every_port_that_settings_may_need_is_there_to_be_let_out() -> None:
    """What is not, a pod waits for in vain, and nothing says why."""
    text = (DEPLOY / "kubernetes" / "portal.yaml").read_text(encoding="utf-8")
    needed = {
        "PORTAL_OIDC_ISSUER": 443,
        "PORTAL_MEDIA_STORE": 443,
        "PORTAL_CACHE_REDIS_SENTINELS": 26379,
        "PORTAL_TRACING": 4318,
    }
    for setting, port in needed.items():
        assert re.search(rf"# - {{protocol: TCP, port: {port}}}  # .*\b{setting}\b", text)
        assert f"({port})" in README
    (policy,) = (
        item
        for item in yaml.safe_load_all(text.replace("# - {protocol", "- {protocol"))
        if item["kind"] == "NetworkPolicy"
    )
    let_out = {rule["port"] for rule in policy["spec"]["egress"][0]["ports"]}
    assert let_out == {53, 5432, 6379, *needed.values()}


def test_dashboard_has_panels_with_places_and_a_source() -> None:
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers) > 8
    for panel in DASHBOARD["panels"]:
        assert set(panel["gridPos"]) == {"h", "w", "x", "y"}
        assert panel["datasource"]["uid"] == "${source}"
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: file.name)
def test_manifest_is_what_kubernetes_takes(file: Path) -> None:
    validate = Path(sys.executable).with_name("kubernetes-validate")
    done = subprocess.run(
        [validate, "--strict", file], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_file_is_what_compose_takes() -> None:
    check = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [check, "--builtin-schema", "vendor.compose-spec", REPOSITORY / "compose.yaml"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("pod", pods(), ids=lambda pod: pod["containers"][0]["name"])
def test_pod_has_no_more_rights_than_it_needs(pod: dict) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["automountServiceAccountToken"] is False
    # A Service named `portal` would otherwise set PORTAL_SERVICE_HOST, an unknown setting.
    assert pod["enableServiceLinks"] is False
    for container in pod["containers"]:
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}  # noqa: S108 - a mount


def test_portal_containers_of_compose_have_no_more_rights_than_they_need() -> None:
    for name in ("portal", "migrate"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["user"] == "10001:10001"
        assert service["cap_drop"] == ["ALL"]
    assert COMPOSE["services"]["portal"]["deploy"]["replicas"] == 2
    # Only the proxy is reached from outside.
    assert {n for n, s in COMPOSE["services"].items() if s.get("ports")} == {"proxy"}


def test_settings_that_are_set_for_containers_exist() -> None:
    texts = [file.read_text("utf-8") for file in (*MANIFESTS, REPOSITORY / "compose.yaml")]
    texts += [README, (REPOSITORY / "Dockerfile").read_text("utf-8")]
    named = set(re.findall(r"\bPORTAL_([A-Z_]+)\b", " ".join(texts))) - {"IMAGE", "SERVICE_HOST"}
    assert {name.removesuffix("_FILE").lower() for name in named} <= set(Settings.model_fields)


def pinned(lock: str) -> dict[str, str]:
    """The versions of a file of `requirements/`, by package."""
    text = (REPOSITORY / "requirements" / lock).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;]+)[^\n]*\\\n +--hash=", text, re.MULTILINE))


def test_extras_of_the_image_are_locked_and_fit_what_it_has() -> None:
    """The image installs without looking at dependencies, so the locks must hold all of them."""
    dockerfile = (REPOSITORY / "Dockerfile").read_text("utf-8")
    assert '-r "requirements/${extra}.lock"' in dockerfile
    copied = re.search(r"^COPY (requirements/.*) requirements/$", dockerfile, re.MULTILINE)
    assert copied is not None
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    runtime = pinned("runtime.lock")
    named = re.findall(r'EXTRAS="?([a-z0-9 ]+)', dockerfile + README)
    offered = set(" ".join(named).split())
    assert offered == {"oidc", "s3"}
    for extra in offered:
        assert f"requirements/{extra}.lock" in copied[1].split()
        lock = pinned(f"{extra}.lock")
        wanted = [Requirement(line) for line in extras[extra]]
        assert all(item.specifier.contains(lock[item.name]) for item in wanted)
        both = lock.keys() & runtime.keys()
        assert {name: lock[name] for name in both} == {name: runtime[name] for name in both}
        assert dependencies(lock) <= lock.keys() | runtime.keys()


def dependencies(names: Iterable[str]) -> set[str]:
    """What these packages need here, as far as their own metadata says."""
    needed = set()
    for name in names:
        for line in metadata.requires(name) or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                needed.add(requirement.name.lower().replace("_", "-"))
    return needed


def commands() -> list[tuple[str, ...]]:
    """Every `portal …` that manifests run, without its arguments."""
    listed = [c.get("args") or [] for pod in pods() for c in pod["containers"]]
    listed += [service.get("command", []) for service in COMPOSE["services"].values()]
    told = re.findall(r"(?:^|`)portal ((?:[a-z]+ ?)+)", README, re.MULTILINE)
    listed += [["portal", *words.split()] for words in told]
    return sorted({tuple(words[1:]) for words in listed if words[:1] == ["portal"]})


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_command_that_operators_are_told_exists(words: tuple[str, ...]) -> None:
    command: click.Command = group
    with click.Context(group) as context:
        for word in words:
            if not isinstance(command, click.Group):
                break
            found = command.get_command(context, word)
            assert found is not None, f"portal has no command {word!r}"
            command = found


def test_bill_of_materials_names_what_is_installed() -> None:
    done = subprocess.run(
        [sys.executable, REPOSITORY / ".ci" / "write-sbom"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    bill = json.loads(done.stdout)
    named = {part["name"].lower(): part for part in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert named["flask"]["purl"].startswith("pkg:pypi/flask@3.")
    references = [part["bom-ref"] for part in bill["components"]]
    assert references == sorted(set(references))


def test_services_of_compose_are_connected() -> None:
    """Every service, secret and file that a part names is there; the portal has all it needs."""
    services = COMPOSE["services"]
    environment = services["portal"]["environment"]
    assert environment["PORTAL_CACHE_REDIS_URL"].startswith("redis://redis:")
    assert (DEPLOY / "redis.conf").is_file()
    proxies = [*(DEPLOY / "proxy").glob("*.conf")]
    nginx = " ".join(file.read_text("utf-8") for file in proxies)
    named = set(re.findall(r"^\s*server ([a-z]+):\d+", nginx, re.MULTILINE))
    assert named == {"portal", "varnish"}
    vcl = (DEPLOY / "proxy" / "portal.vcl").read_text("utf-8")
    named |= set(re.findall(r'\.host = "([a-z]+)"', vcl)) | {"redis"}
    assert named <= set(services)
    for service in services.values():
        assert set(service.get("depends_on", [])) <= set(services)
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        for setting, value in service.get("environment", {}).items():
            if setting.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
        assert {part["source"] for part in service.get("configs", [])} <= set(COMPOSE["configs"])
    for config in COMPOSE["configs"].values():
        for upstream in ("portal", "varnish"):
            file = config["file"].replace("${PROXY_UPSTREAM:-portal}", upstream)
            assert (REPOSITORY / file).is_file()


def test_varnish_is_there_only_when_asked_for_and_has_all_that_it_needs() -> None:
    """proxy, Varnish, balance, portal: each waits for the next one's name to be known."""
    services = COMPOSE["services"]
    optional = {name for name, service in services.items() if service.get("profiles")}
    assert optional == {"varnish", "balance"}
    assert services["varnish"]["depends_on"] == ["balance"]
    assert services["balance"]["depends_on"] == ["portal"]
    assert services["proxy"]["depends_on"]["varnish"]["required"] is False
