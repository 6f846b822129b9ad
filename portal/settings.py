"""The operator's settings: `PORTAL_*` environment variables, typed, frozen, checked all at once."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field
from pydantic import ValidationError

from portal.errors import ConfigError

PREFIX = "PORTAL_"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """What an operator may set; each field is `PORTAL_<NAME>` in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    environment: Literal["development", "production"] = "production"
    """`development` reloads templates and generates missing secrets; never use it in public."""
    database_url: str = "sqlite:///var/portal.sqlite3"
    """SQLAlchemy address of the database; SQLite alone by default, or `postgresql://…`."""
    config: Path = Path("config")
    """Folder of the site: `site.yaml`, `sections.yaml`, `layouts/`."""
    templates: Path = Path("templates")
    """Folder of page templates and of the site's overrides of block templates."""
    media: Path = Path("var/media")
    """Folder where renditions and attachments are stored."""
    secret_key: str | None = None
    """At least 32 characters; seals cache entries. Without one, each start begins cold."""
    cache_bytes: Annotated[int, Field(ge=0)] = 64_000_000
    """Bytes that one process may use for fragments; 0 switches caching off."""
    blocks_disabled: Names = ()
    """Comma-separated names of installed blocks that this deployment refuses."""
    trusted_hosts: Names = ()
    """Comma-separated host names that are answered; empty answers to all."""
    render_budget: str = "5s"
    """Longest time one block may take where its placement names none."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severe level that is logged."""

    @property
    def sealing_key(self) -> str:
        """The configured secret, or one that lives as long as the process."""
        return self.secret_key or secrets.token_hex(32)


def load_settings(environ: Mapping[str, str], **overrides: object) -> Settings:
    """Read settings from `environ`; raise one `ConfigError` that names every problem."""
    values: dict[str, object] = {
        name[len(PREFIX) :].lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    values.update(overrides)
    problems = [_unknown(name) for name in values if name not in Settings.model_fields]
    known = {name: value for name, value in values.items() if name in Settings.model_fields}
    try:
        settings = Settings.model_validate(known)
    except ValidationError as error:
        problems += [
            f"{PREFIX}{str(item['loc'][0]).upper()}: {item['msg']} (got {item['input']!r})"
            for item in error.errors()
        ]
    if problems:
        raise ConfigError("settings cannot be used:\n  " + "\n  ".join(sorted(problems)))
    if settings.secret_key is not None and len(settings.secret_key) < 32:
        raise ConfigError(
            f"{PREFIX}SECRET_KEY is shorter than 32 characters; generate one with"
            " python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return settings


def _unknown(name: str) -> str:
    names = [field.upper() for field in Settings.model_fields]
    close = difflib.get_close_matches(name.upper(), names, n=1)
    hint = f"; did you mean {PREFIX}{close[0]}?" if close else ""
    known = ", ".join(PREFIX + field for field in sorted(names))
    return f"{PREFIX}{name.upper()}: unknown setting{hint} (known: {known})"
