"""The web server's settings: `gunicorn --config forum_portal/gunicorn.py forum_portal.wsgi`."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from forum_portal import metrics
from forum_portal.environment import bound_to, load, log_format
from forum_portal.logs import JsonLog, MaskedRecord

# Of a copy: a reload (HUP) reads `.env` again, here and in the new workers.
_env = load(Path(__file__).resolve().parent.parent, into={**os.environ})
try:
    # Loopback only, if nobody says otherwise: in production an HTTPS proxy is in front.
    bind = bound_to(_env)
    workers = _env.int("WEB_WORKERS", default=2, least=1, most=64)
    # A request that arrives slowly holds a thread until it is whole, and so does a refusal that pauses
    # (`costly.PAUSING`). So there are more threads than the work needs: 20 dawdlers leave some free.
    threads = _env.int("WEB_THREADS", default=32, least=1, most=256)
    # Seconds: a worker that gives no sign of life is ended, requests under way may end at a stop, and
    # an idle connection is kept.
    timeout = _env.int("WEB_TIMEOUT", default=60, least=5, most=3600)
    graceful_timeout = _env.int("WEB_GRACEFUL_TIMEOUT", default=30, least=1, most=3600)
    keepalive = _env.int("WEB_KEEPALIVE", default=2, least=1, most=300)
    _as_json = log_format(_env) == "json"
    _has_metrics = bool(_env.str("METRICS_TOKEN", default="")) or _env.bool(
        "METRICS_LOOPBACK", default=False
    )
except ImproperlyConfigured as _error:
    sys.exit(str(_error))


if _has_metrics:  # before the workers begin
    metrics.begin_together()


def child_exit(server: Any, worker: Any) -> None:
    metrics.forget(worker.pid)


def on_exit(server: Any) -> None:
    metrics.end_together()


class ServerLog(Logger):
    """The server's own lines, masked and in the form of the portal's."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logging.setLogRecordFactory(MaskedRecord)
        if _as_json:
            for handler in (*self.error_log.handlers, *self.access_log.handlers):
                handler.setFormatter(JsonLog())


worker_class = "gthread"
logger_class = ServerLog
max_requests = 0  # workers are not recycled: no memory leak is known
# No header changes the addresses that the portal writes: without this, one named SCRIPT_NAME does, from
# whoever connects over loopback, as the proxy does with every visitor's headers.
forwarder_headers = ""
header_map = "drop"  # nor does another one with an underscore stand for its namesake
accesslog = None  # it would record readers' addresses; the portal writes its own (ACCESS_LOG)
errorlog = "-"
control_socket_disable = True  # one socket per home folder would make two portals collide
