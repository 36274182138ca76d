"""The web server's settings: `gunicorn --config forum_portal/gunicorn.py forum_portal.wsgi`."""

import os

# Loopback only: outside a laptop, a proxy that speaks HTTPS stands in front.
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
timeout = 60
max_requests = 0  # workers are not recycled: nothing here is known to leak
accesslog = None  # addresses of readers are nobody's business; a proxy may keep its own log
errorlog = "-"
control_socket_disable = True  # one socket per home folder would make two portals collide
