"""OpenTelemetry, where an operator wants it: `pip install 'provincial-portal[tracing]'`.

Nothing of it is imported unless PORTAL_TRACING is true. Where the spans go is said by
OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME …).
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from portal.errors import ConfigError


def trace_requests(app: Any) -> None:
    """Make each request of a Flask application a span; `ConfigError` without the packages."""
    try:
        wsgi = import_module("opentelemetry.instrumentation.wsgi")
        sdk = import_module("opentelemetry.sdk.trace")
        export = import_module("opentelemetry.sdk.trace.export")
        otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
    except ImportError as problem:
        raise ConfigError(
            f"PORTAL_TRACING is true, but {problem.name} is not installed;"
            " install it with: pip install 'provincial-portal[tracing]'"
        ) from problem
    provider = sdk.TracerProvider()
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    app.wsgi_app = wsgi.OpenTelemetryMiddleware(app.wsgi_app, tracer_provider=provider)
