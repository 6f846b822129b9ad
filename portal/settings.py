"""The operator's settings: `PORTAL_*` environment variables, typed, frozen, checked all at once.

Each may also come from a file, as container platforms hand out secrets: `PORTAL_SECRET_KEY_FILE`
names the file that holds the value of `PORTAL_SECRET_KEY`.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import AfterValidator
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError

from portal.durations import parse_duration
from portal.errors import SettingsError
from portal.field_help import Explained
from portal.field_help import read_help
from portal.masking import MASK
from portal.masking import mask_url

PREFIX = "PORTAL_"
FILE_SUFFIX = "_FILE"
LARGEST_FILE = 65_536
SHORTEST_SECRET = 32
FEWEST_DIFFERENT = 8

Origin = Literal["default", "environment", "file", "argument"]

# The options of connections may hold a password as well.
_SECRET_NAMES = ("_key", "_token", "_password", "_secret", "_options")
_SAFE_ISSUER = re.compile(
    r"(?:https://[^/?#\s@]+|http://(?:127\.0\.0\.1|localhost)(?::\d+)?)(?:/[^?#\s]*)?"
)


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _parse_options(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else value


def _duration(value: str) -> str:
    try:
        parse_duration(value)
    except OverflowError as problem:
        raise ValueError(f"{value!r} is longer than anything lasts") from problem
    return value


def _between(least: str, most: str, reason: str) -> AfterValidator:
    """Both ends are allowed; `reason` tells an operator why there are any."""

    def check(value: str) -> str:
        if not parse_duration(least) <= parse_duration(value) <= parse_duration(most):
            raise ValueError(f"{value!r} is not between {least} and {most}: {reason}")
        return value

    return AfterValidator(check)


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
Duration = Annotated[str, AfterValidator(_duration)]
Budget = Annotated[
    Duration, _between("1ms", "1m", "without time no block is shown, and readers wait for it all")
]
Timeout = Annotated[
    Duration, _between("1ms", "1h", "without time nothing is done, and PostgreSQL takes 0 for ever")
]
Patience = Annotated[
    Duration, _between("1ms", "1m", "without time no page is new, and readers wait for it all")
]
# What is under way when the drain is over has 30 s more (GRACE_SECONDS of the server).
Drain = Annotated[
    Duration, _between("0s", "15s", "with 30s for requests under way, a platform waits 45s in all")
]


class Settings(Explained):
    """What an operator may set; each field is `PORTAL_<NAME>` in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    environment: Literal["development", "production"] = "production"
    """`development` reloads templates and generates missing secrets; never use it in public."""
    database_url: str = "sqlite:///var/portal.sqlite3"
    """SQLAlchemy address of the database; SQLite alone by default, or `postgresql://…`."""
    database_replica_url: str = ""
    """Hot standby of that PostgreSQL database; pages are rendered from it while it keeps up."""
    config: Path = Path("config")
    """Folder of the site: `site.yaml`, `sections.yaml`, `layouts/`."""
    templates: Path = Path("templates")
    """Folder of page templates and of the site's overrides of block templates."""
    media: Path = Path("var/media")
    """Folder where renditions and attachments are stored."""
    media_store: str = ""
    """Where they are stored instead: `s3://BUCKET/PREFIX`; empty uses the folder."""
    media_endpoint: str = ""
    """Address of an S3-compatible server that is not Amazon's."""
    snapshot: Path | None = None
    """Folder of `portal snapshot`: its pages are shown while the database cannot be read."""
    secret_key: str | None = None
    """At least 32 characters; seals cache entries. Development makes one beside the media."""
    cache_bytes: Annotated[int, Field(ge=0)] = 64_000_000
    """Bytes that one process may use for fragments; 0 switches caching off."""
    cdn_seconds: Annotated[int, Field(ge=0)] = 0
    """How long a content delivery network that is purged by tag may keep pages; 0 forbids it."""
    cache_status: bool = False
    """Tell in a header how each page came to be (RFC 9211)."""
    freshness: Literal["follow", "strict"] = "follow"
    """`strict` reads the change log for every page; `follow` trusts a proof of the last second."""
    cache_type: str = ""
    """Null-, Simple-, Redis-, RedisSentinel- or RedisClusterCache; empty: as the addresses say."""
    cache_redis_url: str | None = None
    """Redis that processes share entries in: `redis://`, `rediss://USER:PASSWORD@…`, `unix://`."""
    cache_key_prefix: str = "portal:"
    """What stands before every key in Redis; tells portals that share one apart."""
    cache_redis_sentinels: Names = ()
    """Comma-separated `HOST:PORT` of the Sentinels."""
    cache_redis_sentinel_master: str = "mymaster"
    """Name under which the Sentinels know the master."""
    cache_redis_cluster: Names = ()
    """Comma-separated `HOST:PORT` of some nodes of a Redis Cluster."""
    cache_options: Annotated[dict[str, Any], BeforeValidator(_parse_options)] = {}
    """JSON object of further options of connections to Redis: `{"ssl_ca_certs": "/ca.pem"}`."""
    blocks_disabled: Names = ()
    """Comma-separated names of installed blocks that this deployment refuses."""
    trusted_hosts: Names = ()
    """Comma-separated host names that are answered; empty answers to all."""
    render_budget: Budget = "5s"
    """Longest time one block may take where its placement names none; 1m at most."""
    gallery: bool | None = None
    """Show the gallery of blocks at `/-/gallery/`; unless told otherwise only in development."""
    operators: Literal["off", "local", "oidc", "both"] = "off"
    """Who gets into `/-/ops/`, `/-/studio/`: `local` accounts, an `oidc` provider's, or `both`."""
    oidc_issuer: str = ""
    """Issuer of the OpenID provider, exactly as it writes it: `https://sso.example.gov.vn/…`."""
    oidc_client_id: str = ""
    """Name under which the provider knows this portal."""
    oidc_client_secret: str | None = None
    """Secret that the provider gave with that name; empty for a public client (PKCE alone)."""
    oidc_scopes: Names = ("openid", "profile")
    """Comma-separated scopes to ask for; more where groups need one of their own."""
    oidc_groups_claim: str = "groups"
    """Claim of the ID token (else of the user info) that lists the groups of who logs in."""
    oidc_operator_groups: Names = ()
    """Comma-separated groups whose members are operators."""
    oidc_builder_groups: Names = ()
    """Comma-separated groups whose members are builders; who is in neither is refused."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe level that is logged."""
    log_format: Literal["auto", "json", "plain"] = "auto"
    """`json` for machines, `plain` for people; `auto` is plain in development, else JSON."""
    database_pool: Annotated[int, Field(ge=1, le=100)] = 5
    """Connections that one process keeps to PostgreSQL; it may open twice as many."""
    database_statement_timeout: Timeout = "30s"
    """Longest time one statement may take on PostgreSQL."""
    database_lock_timeout: Timeout = "2s"
    """Longest wait for a lock on PostgreSQL; on SQLite for the one writer."""
    database_patience: Patience = "1s"
    """How long PostgreSQL may be silent before pages are shown as last known; more if it is far."""
    proxy_hops: Annotated[int, Field(ge=0, le=5)] = 0
    """Reverse proxies in front, each adding to X-Forwarded-For and -Proto; 0 believes none."""
    body_limit: Annotated[int, Field(ge=0)] = 1_000_000
    """Most bytes of a request's body; more is refused (413) before it is read."""
    drain: Drain = "5s"
    """Time between readiness off and the stop of a worker, 15s at most; none in development."""
    metrics: bool = False
    """Whether `/-/metrics` tells Prometheus; without a token only callers of this machine."""
    metrics_token: str | None = None
    """Bearer token (32 characters or more) with which Prometheus may ask from elsewhere."""
    server_timing: bool = False
    """Whether answers say where their time went (Server-Timing); always in development."""
    tracing: bool = False
    """Whether requests are traced; needs the OpenTelemetry packages and their OTEL_* variables."""
    revision: str = ""
    """What this build was made of, such as a commit; shown by `/-/version`."""

    @property
    def shows_gallery(self) -> bool:
        """Whether the gallery is there."""
        return self.environment == "development" if self.gallery is None else self.gallery

    @property
    def developing(self) -> bool:
        """Whether this is a developer's machine."""
        return self.environment == "development"


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting as it is: its name, value as text with secrets masked, origin and meaning."""

    name: str
    value: str
    origin: Origin
    meaning: str


def load_settings(environ: Mapping[str, str], **overrides: object) -> Settings:
    """Read settings from `environ`; raise one `SettingsError` that names every problem."""
    values, _ = _read(environ, overrides)
    return values


def effective_settings(environ: Mapping[str, str]) -> tuple[Effective, ...]:
    """Every setting with its origin, for showing: secrets and passwords are masked."""
    settings, origins = _read(environ, {})
    return tuple(
        Effective(
            PREFIX + name.upper(),
            _shown(name, getattr(settings, name)),
            origins.get(name, "default"),
            meaning,
        )
        for name, meaning in read_help(Settings).items()
    )


def require_secrets(settings: Settings) -> None:
    """Refuse to serve in production with a missing or guessable secret (`SettingsError`)."""
    if settings.developing:
        return
    problems = []
    if settings.secret_key is None:
        problems.append(f"{PREFIX}SECRET_KEY is not set, and production needs one")
    for name in ("secret_key", "metrics_token"):
        value = getattr(settings, name)
        if value is not None and (weakness := find_weakness(value)):
            problems.append(f"{PREFIX}{name.upper()} {weakness}")
    if problems:
        raise SettingsError(
            "the portal does not start:\n  " + "\n  ".join(problems) + f"\n{_HOW_TO_MAKE_ONE}"
        )


_HOW_TO_MAKE_ONE = (
    "generate one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
    f" and set it, or name a file that holds it: {PREFIX}SECRET_KEY{FILE_SUFFIX}"
)


def find_weakness(secret: str) -> str:
    """Why a secret can be guessed, as a predicate; empty when nothing speaks against it."""
    if len(secret) < SHORTEST_SECRET:
        return f"is shorter than {SHORTEST_SECRET} characters"
    if len(set(secret)) < FEWEST_DIFFERENT:
        return f"has fewer than {FEWEST_DIFFERENT} different characters"
    return ""


def is_secret(name: str) -> bool:
    """Whether the value of a setting must not be shown."""
    return name.endswith(_SECRET_NAMES)


def settings_table() -> str:
    """Every setting as a Markdown table, for the operators' documentation."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    for name, help_text in read_help(Settings).items():
        value = Settings.model_fields[name].default
        default = "" if value is None else _shown(name, value)
        shown = f"`{default}`" if default else "none"
        meaning = help_text.replace("\n", " ").replace("|", "\\|")
        rows.append(f"| `{PREFIX}{name.upper()}` | {shown} | {meaning} |")
    return "\n".join(rows)


def _read(
    environ: Mapping[str, str], overrides: Mapping[str, object]
) -> tuple[Settings, dict[str, Origin]]:
    values, origins, problems = _collect(environ)
    values.update(overrides)
    origins.update(dict.fromkeys(overrides, "argument"))
    problems += [_unknown(name) for name in values if name not in Settings.model_fields]
    known = {name: value for name, value in values.items() if name in Settings.model_fields}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        problems += [_explain(item["loc"], item["msg"], item["input"]) for item in error.errors()]
    else:
        problems += _find_short(settings) + _find_missing_of_provider(settings)
    if problems:
        raise SettingsError("settings cannot be used:\n  " + "\n  ".join(sorted(problems)))
    return settings, origins


def _collect(
    environ: Mapping[str, str],
) -> tuple[dict[str, object], dict[str, Origin], list[str]]:
    values: dict[str, object] = {}
    origins: dict[str, Origin] = {}
    problems = []
    for variable, value in environ.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable[len(PREFIX) :].lower()
        plain = name.removesuffix(FILE_SUFFIX.lower())
        if plain == name or plain not in Settings.model_fields:
            values[name], origins[name] = value, "environment"
        elif PREFIX + plain.upper() in environ:
            problems.append(f"{variable}: {PREFIX}{plain.upper()} is set as well; keep one of them")
        else:
            try:
                values[plain], origins[plain] = _read_file(Path(value)), "file"
            except (OSError, ValueError) as problem:
                problems.append(f"{variable}: {value} cannot be read: {problem}")
    return values, origins, problems


def _read_file(file: Path) -> str:
    with file.open("rb") as opened:
        content = opened.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ValueError(f"it is larger than {LARGEST_FILE} bytes")
    return content.decode().rstrip("\r\n")


def _find_short(settings: Settings) -> list[str]:
    return [
        f"{PREFIX}{name.upper()} is shorter than {SHORTEST_SECRET} characters; generate one with"
        " python3 -c 'import secrets; print(secrets.token_hex(32))'"
        for name in ("secret_key", "metrics_token")
        if (value := getattr(settings, name)) is not None and len(value) < SHORTEST_SECRET
    ]


def _find_missing_of_provider(settings: Settings) -> list[str]:
    """What a login by an OpenID provider needs and does not have."""
    if settings.operators not in {"oidc", "both"}:
        return []
    asked = f"{PREFIX}OPERATORS={settings.operators}"
    problems = [
        f"{PREFIX}{name.upper()} is not set, and {asked} needs it"
        for name in ("oidc_issuer", "oidc_client_id")
        if not getattr(settings, name)
    ]
    if settings.oidc_issuer and not _SAFE_ISSUER.fullmatch(settings.oidc_issuer):
        problems.append(
            f"{PREFIX}OIDC_ISSUER: {settings.oidc_issuer!r} is no https address without query;"
            " http is for 127.0.0.1 and localhost alone"
        )
    if not settings.oidc_operator_groups and not settings.oidc_builder_groups:
        problems.append(
            f"{PREFIX}OIDC_OPERATOR_GROUPS and {PREFIX}OIDC_BUILDER_GROUPS are empty, so that"
            f" {asked} would let nobody in; name a group"
        )
    return problems


def _explain(place: tuple[int | str, ...], message: str, value: object) -> str:
    name = str(place[0])
    got = "" if is_secret(name) else f" (got {mask_url(repr(value))})"
    return f"{PREFIX}{name.upper()}: {message}{got}"


def _shown(name: str, value: object) -> str:
    if value is None or value == {}:
        return ""
    if is_secret(name):
        return MASK
    if isinstance(value, tuple):
        return mask_url(", ".join(map(str, value)))
    if isinstance(value, bool):
        return str(value).lower()
    return mask_url(str(value))


def _unknown(name: str) -> str:
    names = [field.upper() for field in Settings.model_fields]
    close = difflib.get_close_matches(name.upper(), names, n=1)
    hint = f"; did you mean {PREFIX}{close[0]}?" if close else ""
    known = ", ".join(PREFIX + field for field in sorted(names))
    return f"{PREFIX}{name.upper()}: unknown setting{hint} (known: {known})"
