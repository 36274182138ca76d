"""The web server's settings: `gunicorn --config forum_portal/gunicorn.py forum_portal.wsgi`."""

import os

# Loopback only: in production an HTTPS proxy is in front.
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
# A request that arrives slowly holds a thread until it is whole, and so does a refusal that pauses
# (`costly.PAUSING`). So there are more threads than the work needs: 20 dawdlers leave some free.
threads = int(os.environ.get("WEB_THREADS") or 32)
timeout = 60
max_requests = 0  # workers are not recycled: no memory leak is known
# No header changes the addresses that the portal writes: without this, one named SCRIPT_NAME does, from
# whoever connects over loopback, as the proxy does with every visitor's headers.
forwarder_headers = ""
header_map = "drop"  # nor does another one with an underscore stand for its namesake
accesslog = None  # readers' addresses are not recorded here; a proxy may keep its own log
errorlog = "-"
control_socket_disable = True  # one socket per home folder would make two portals collide
