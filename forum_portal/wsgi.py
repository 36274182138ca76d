"""The WSGI entry that gunicorn serves: kept pages first, Django for everything else."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum_portal.settings")

try:
    django = get_wsgi_application()
except ImproperlyConfigured as error:
    print(error, file=sys.stderr)
    sys.exit(3)  # by which gunicorn knows that another worker would not start either

from django.core.files.storage import storages

from forum_portal.bodies import DiscardsUnread
from forum_portal.page_cache import KeptFirst
from forum_portal.request_log import RequestLog

kept_first = KeptFirst(django)
logged = RequestLog(kept_first)
application = DiscardsUnread(logged)
for _alias in ("evidence", "imports"):
    # The client of object storage takes up to a second to make: now, and in no request. It asks nobody.
    getattr(storages[_alias], "connection", None)
