"""The WSGI entry that gunicorn serves: kept pages first, Django for everything else."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum_portal.settings")

django = get_wsgi_application()

from forum_portal.page_cache import KeptFirst  # noqa: E402  its imports need the settings

application = KeptFirst(django)
