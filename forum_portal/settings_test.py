"""Settings of the test suite: the portal's own with a fixed environment; `.env` is not read."""

import os
import tempfile

os.environ.update(ENV_FILE=os.devnull, PORTAL_ENV="local", SECRET_KEY="only-for-tests" * 5)
os.environ.pop("DEBUG", None)
os.environ.pop("PORT", None)
os.environ.pop("BIND", None)
os.environ.pop("PORTAL_URL", None)
os.environ.pop("SECRET_KEY_FALLBACKS", None)
os.environ.pop("LOG_FORMAT", None)
os.environ.pop("ACCESS_LOG", None)
os.environ.pop("SENTRY_DSN", None)
os.environ.pop("S3_BUCKET", None)

from forum_portal.settings import *  # noqa: F403
from forum_portal.settings import DATABASES, STORAGES

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
if DATABASES["default"]["ENGINE"] == "forum_portal.sqlite":
    DATABASES["default"]["CONN_MAX_AGE"] = 0  # the threads of a test end with it
    # A file, not memory, so that the live server's threads have their own connections.
    DATABASES["default"]["TEST"] = {
        "NAME": os.path.join(tempfile.gettempdir(), f"portal-test-{os.getpid()}.sqlite3")
    }
LINK_CHECKS = False  # no test opens what an invented report links to
PAGE_CACHE_BYTES = 0  # its reader would not see a test's transaction; its own tests set it
KEEPS_DATA_FILES = False  # the stamp would not show what a test's transaction wrote
KEPT_FILES = os.path.join(tempfile.gettempdir(), f"portal-test-files-{os.getpid()}")
COSTLY_PER_MINUTE = 1_000_000  # a test that reads every address is one visitor
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; never outside tests
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES["evidence"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
STORAGES["evidence-folder"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
