"""What operators see of a running portal: logs, metrics and timings; no address, no reader.

Other rooms tell an `Observer` what happened and know nothing of who listens.
"""

from __future__ import annotations

from portal.sight.logs import configure_logs
from portal.sight.metrics import Metrics
from portal.sight.metrics import make_metrics
from portal.sight.observer import SILENT
from portal.sight.observer import Observer
from portal.sight.telemetry import trace_requests
from portal.sight.trace import Trace
from portal.sight.trace import begin_trace
from portal.sight.trace import current_trace
from portal.sight.trace import end_trace

__all__ = [
    "SILENT",
    "Metrics",
    "Observer",
    "Trace",
    "begin_trace",
    "configure_logs",
    "current_trace",
    "end_trace",
    "make_metrics",
    "trace_requests",
]
