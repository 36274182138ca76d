"""Settings of the portal, read from the environment (and from `.env` in the root, if it is there).

`.env.example` lists and explains them; `forum_portal.environment` refuses what is no value of its kind.

PORTAL_ENV is `local` (a laptop, plain HTTP on loopback) or `production`. The default is
`production`, so that a forgotten setting makes the portal stricter, never laxer.
"""

import re
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from forum_portal.deployment import (
    LOOPBACK,
    SQLITE,
    contact,
    data_licence,
    database,
    expiry,
    in_bucket,
    keep_private,
    link,
    object_storage,
    refuse_unsafe,
)
from forum_portal.environment import bound_to, is_production, load, log_format

ROOT = Path(__file__).resolve().parent.parent

env = load(ROOT)

PRODUCTION = is_production(env)
PORTAL_ENV = "production" if PRODUCTION else "local"

DEBUG = env.bool("DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production: it shows secrets to visitors")

SECRET_KEY = env.str("SECRET_KEY")  # no default: without a key the server does not start
# Earlier keys, the newest first: what was signed or encrypted with them still counts. What uses the key
# stands in `docs/deployment.md`; whatever Django's Signer does not do goes through `forum_portal.keys`.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or ([] if PRODUCTION else [*LOOPBACK])
# Whether our own proxy is in front of the portal. Only then are X-Forwarded-* headers trusted.
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The portal's own address, with which every whole address begins (see `forum_portal.addresses`).
# Only a local portal may lack it: its links then name the host and port of the request.
LOCAL_PORT = "".join(re.findall(r":([0-9]+)$", bound_to(env))) or "8000"
PORTAL_URL = env.str("PORTAL_URL", default="").rstrip("/") or (
    "https://" + "".join(ALLOWED_HOSTS[:1]) if PRODUCTION else ""
)
if PRODUCTION:
    refuse_unsafe(
        keys={"SECRET_KEY": [SECRET_KEY], "SECRET_KEY_FALLBACKS": SECRET_KEY_FALLBACKS},
        hosts=ALLOWED_HOSTS,
        portal_url=PORTAL_URL,
        trusted_origins=CSRF_TRUSTED_ORIGINS,
    )

# The public noun for a numbered proposal. The source says ข้อเสนอ; if the committee decides on
# another noun, only this setting changes.
PORTAL_ITEM_NOUN = env.str("PORTAL_ITEM_NOUN", default="ข้อเสนอ")
PORTAL_ITEM_NOUN_EN = env.str("PORTAL_ITEM_NOUN_EN", default="Proposal")
# The resolution that obliges the committee to follow up and to report every year, as a full code;
# empty if none does. See `followup.duty`.
PORTAL_DUTY = env.str("PORTAL_DUTY", default="2565-8")
if PORTAL_DUTY and not re.fullmatch("[0-9]{4}-[0-9]{1,4}", PORTAL_DUTY):
    raise ImproperlyConfigured(f"PORTAL_DUTY must be a code such as 2565-8, not {PORTAL_DUTY!r}")

# Whether the public sees of an open round how many reports were received, and in the calendar when they
# are due; nothing else of it is public.
PORTAL_SHOW_OPEN_ROUND = env.bool("PORTAL_SHOW_OPEN_ROUND", default=False)

# Open data: its licence, the mailbox in its catalogue entry and on the privacy page, and the host
# in the feed's identifiers. That host must not change: feed readers would show every old entry as new.
# Why this licence: see followup/opendata/licences.py.
DATA_LICENSE = data_licence(
    env.str("DATA_LICENSE_NAME", default="Open Data Commons Attribution License (ODC-By) v1.0"),
    env.str("DATA_LICENSE_URL", default="https://opendatacommons.org/licenses/by/1-0/"),
)
DATA_CONTACT_EMAIL = env.str("DATA_CONTACT_EMAIL", default="")
# How the public reaches the office, in the footer of public pages; what is empty is left out.
PORTAL_CONTACT = contact(
    phone=env.str("PORTAL_CONTACT_PHONE", default=""),
    email=env.str("PORTAL_CONTACT_EMAIL", default=""),
    address=env.str("PORTAL_CONTACT_ADDRESS", default=""),
)
# Where the code of this portal is public, for the link on /about/.
SOURCE_URL = link("SOURCE_URL", env.str("SOURCE_URL", default=""), ("https", "http"))
# /.well-known/security.txt, which is there if SECURITY_CONTACT is. SECURITY_EXPIRES: until when the
# office stands by it; without it a time after the release that runs (`followup.views.security_txt`).
SECURITY_CONTACT = link(
    "SECURITY_CONTACT", env.str("SECURITY_CONTACT", default=""), ("mailto", "https")
)
SECURITY_POLICY = link("SECURITY_POLICY", env.str("SECURITY_POLICY", default=""))
SECURITY_EXPIRES = expiry(
    "SECURITY_EXPIRES", env.str("SECURITY_EXPIRES", default=""), today=date.today()
)
FEED_AUTHORITY = (
    env.str("FEED_AUTHORITY", default="")
    or (ALLOWED_HOSTS or ["localhost"])[0].strip(".*")
    or "localhost"
)

INSTALLED_APPS = [
    "forum_portal.apps.PortalConfig",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "proposals",
    "followup",
    "forum_portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",  # its templates
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "import_export",
    "simple_history",
    "csp",
]

MIDDLEWARE = [
    "forum_portal.page_cache.PageCacheMiddleware",  # first: it keeps final answers
    "forum_portal.display.ThaiDigitsMiddleware",
    "forum_portal.languages.PathLanguageMiddleware",
    "forum_portal.headers.IsolationMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "forum_portal.bodies.BodyLimitMiddleware",  # before CSRF, which reads the body
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "forum_portal.request_log.CurrentRequestMiddleware",
    "forum_portal.security_log.SecurityLogMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "followup.middleware.SessionEndMiddleware",
    "followup.middleware.TwoFactorMiddleware",
    "followup.middleware.OwnPasswordMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "forum_portal.middleware.PrivatePagesMiddleware",
    "forum_portal.middleware.CanonicalYearMiddleware",
]

ROOT_URLCONF = "forum_portal.urls"
WSGI_APPLICATION = "forum_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "forum_portal.templatetags.addresses",
                "forum_portal.templatetags.thai",
                "followup.templatetags.components",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "followup.context.portal",
            ],
        },
    },
]

DATABASES = {"default": database(env.str("DATABASE_URL", default=""), ROOT)}
# var/ holds personal data: whoever makes a file there first, nobody else on this machine reads it.
keep_private(ROOT / "var", DATABASES["default"])
if DATABASES["default"]["ENGINE"] == SQLITE:
    # IMMEDIATE: writers queue for the lock instead of failing when two save at once. FULL: a power
    # cut must not undo a commit, because a typed report would be lost.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": env.float("SQLITE_LOCK_SECONDS", default=20, least=1, most=300),
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-32000;PRAGMA temp_store=MEMORY;"
        ),
    }
    DATABASES["default"]["ENGINE"] = "forum_portal.sqlite"  # also reads on a full disk
    # Open for good: a first connection makes files beside the database, which a full disk refuses.
    DATABASES["default"].setdefault("CONN_MAX_AGE", None)
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["ENGINE"] = (
        "forum_portal.postgres"  # also ends the wait for a silent server
    )
    _seconds = {
        "statement_timeout": env.int("POSTGRES_STATEMENT_SECONDS", default=60, least=1, most=3600),
        "lock_timeout": env.int("POSTGRES_LOCK_SECONDS", default=15, least=1, most=600),
        "idle_in_transaction_session_timeout": env.int(
            "POSTGRES_IDLE_SECONDS", default=300, least=1, most=3600
        ),
    }
    DATABASES["default"]["OPTIONS"] = {
        # Seconds; libpq's shortest is 2.
        "connect_timeout": env.int("POSTGRES_CONNECT_SECONDS", default=3, least=2, most=60),
        "tcp_user_timeout": 10_000,  # milliseconds, as those below
        "options": " ".join(f"-c {name}={each * 1000}" for name, each in _seconds.items()),
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "followup.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "staff-queue"
LOGOUT_REDIRECT_URL = "home"
CSRF_FAILURE_VIEW = "followup.views.unsaved.csrf_failure"
# Length instead of character classes, and no password that an attacker would try first.
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "followup.passwords.MaximumLengthValidator", "OPTIONS": {"max_length": 128}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name", "email"]},
    },
    {"NAME": "followup.passwords.GuessableValidator"},
]

# The second factor: required in production, not in a local demo.
REQUIRE_TWO_FACTOR = env.bool("REQUIRE_TWO_FACTOR", default=PRODUCTION)
MFA_ADAPTER = "followup.accounts.SecondFactorAdapter"
MFA_TOTP_ISSUER = "CSOs Forum"
MFA_RECOVERY_CODES_SHOW_ONCE = True

# Login by user name: no sign-up, no reset by e-mail; an administrator makes accounts.
ACCOUNT_ADAPTER = "followup.accounts.AccountAdapter"
ACCOUNT_FORMS = {"login": "followup.accounts.LoginForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Failed logins are limited per user name and client address (`key`, tight), per client address
# (`ip`, loose, because a whole office may share one), and per user name from any address
# (`login_failed_user`). A device on which the person has signed in before has a counter of its own
# instead (`followup.devices`): strangers cannot lock the person out of it.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": "5/15m/key,100/15m/ip",
    "login_failed_user": "100/h/key",
    "login_failed_device": "10/15m/key",
}

# The cache that web processes share: counts of failed logins, used one-time codes. It is a table in
# the database, or the Redis in CACHE_URL. MAX_ENTRIES is high, so that nobody can evict their own
# counts by filling the cache.
CACHES = {"default": env.cache("CACHE_URL", default="dbcache://portal_cache?max_entries=20000")}
if (
    "redis" in CACHES["default"]["BACKEND"].lower()
):  # seconds; a silent server must not hold requests
    CACHES["default"].setdefault("OPTIONS", {}).update(
        {"socket_connect_timeout": 2, "socket_timeout": 2}
    )

# Work off the request: jobs are rows, committed with what they are about; `manage.py work` runs them.
# Each queue has a thread of its own in a worker, so that no long job keeps short ones waiting: see
# `followup.jobs`.
TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["mail", "files", "imports", "links"],
    }
}

# For `/readyz`: the secret that a probe sends as a bearer token to read the details, and the file that
# the backup job touches, with the hours after which a backup is overdue.
PROBE_TOKEN = env.str("PROBE_TOKEN", default="")
BACKUP_MARK = env.str("BACKUP_MARK", default="")
BACKUP_HOURS = env.int("BACKUP_HOURS", default=26, least=1, most=8760)

# Who reads `/metrics`: whoever sends this bearer token, or programs on this machine that ask the web
# server itself, not the proxy. With neither there is no such address. `forum_portal.gunicorn` reads
# them as well.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_LOOPBACK = env.bool("METRICS_LOOPBACK", default=False)
if METRICS_LOOPBACK:  # such a program names the machine, not the portal
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, *(name for name in LOOPBACK if name not in ALLOWED_HOSTS)]

# E-mail: written to the console where no server is named.
vars().update(env.email("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20, least=1, most=600)  # seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="portal@localhost")

# News by e-mail for whoever asks for it: so many mails that ask for a confirmation are sent in an hour,
# to all addresses together. Somebody's script must not make the portal mail strangers.
FOLLOW_MAILS_PER_HOUR = env.int("FOLLOW_MAILS_PER_HOUR", default=60)

LANGUAGE_CODE = "th"
LANGUAGES = [("th", _("ไทย")), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = "Asia/Bangkok"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"
STATICFILES_DIRS = [ROOT / "static"]
_folder = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": env.str("EVIDENCE_FOLDER", default="") or str(ROOT / "var" / "evidence"),
        "base_url": None,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
# Object storage for the files that every host must see, see `forum_portal.object_storage`; none if empty.
_s3 = object_storage(
    bucket=env.str("S3_BUCKET", default="").strip(),
    prefix=env.str("S3_PREFIX", default="").strip(),
    endpoint=env.str("S3_ENDPOINT", default="").strip().rstrip("/"),
    region=env.str("S3_REGION", default="").strip(),
    key=env.str("S3_ACCESS_KEY", default="").strip(),
    secret=env.str("S3_SECRET_KEY", default="").strip(),
    seconds=env.float("S3_SECONDS", default=4, least=0.5, most=60),
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Not under STATIC_ROOT or any served folder: one view sends evidence, as attachments.
    "evidence": in_bucket(_s3, "evidence", replaces=False) if _s3 else _folder,
    "evidence-folder": _folder,  # for `manage.py copy_evidence`
    # Uploads of imports that wait for their confirmation, see `forum_portal.pending_files`.
    "imports": in_bucket(_s3, "imports", replaces=True)
    if _s3
    else {"BACKEND": "forum_portal.pending_files.FolderStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        # Public: another server's user may read them.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}

# Files that are made of what is in the database, see `forum_portal.kept_files`. They may be deleted.
KEEPS_DATA_FILES = True
KEPT_FILES = env.str("KEPT_FILES", default="") or str(ROOT / "var" / "files")

# No inline scripts or styles and no other origin, on every page including the admin.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Seconds: a session ends after SESSION_IDLE_AGE without a request, and always after
# SESSION_COOKIE_AGE.
SESSION_IDLE_AGE = env.int("SESSION_IDLE_AGE", default=2 * 60 * 60, least=60, most=7 * 24 * 60 * 60)
SESSION_COOKIE_AGE = env.int(
    "SESSION_COOKIE_AGE", default=12 * 60 * 60, least=60, most=30 * 24 * 60 * 60
)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
# Of this host alone, over HTTPS alone: browsers accept `__Host-` only with Secure, Path=/ and no
# Domain, so that no neighbour under the same domain can set or replace a cookie of ours.
COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
MESSAGES_COOKIE_NAME = f"{COOKIE_PREFIX}messages"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
DISPLAY_COOKIE_NAME = f"{COOKIE_PREFIX}display"
MESSAGE_STORAGE = "forum_portal.message_cookie.MessageStorage"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_SSL_HOST = urlsplit(PORTAL_URL).netloc  # not the Host header's
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # programs ask over plain HTTP
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # The number of our own proxies: the client's address is that many entries from the end of
        # X-Forwarded-For.
        ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", default=1, least=1, most=10)

# Bytes. Large enough for the longest form with every text over its limit: a text that is too long
# then gets its field's message and stays on the page, instead of a bare 400.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# The largest evidence file. A larger one is dropped on arrival, before it fills disk or memory.
EVIDENCE_MAX_BYTES = env.int("EVIDENCE_MAX_MB", default=20, least=1, most=1000) * 1024 * 1024
# The virus scanner (clamd): the path of its socket, or host:port; empty for none. With one, a file that
# it could not scan within CLAMAV_SECONDS is refused.
CLAMAV_ADDRESS = env.str("CLAMAV_ADDRESS", default="")
CLAMAV_SECONDS = env.float("CLAMAV_SECONDS", default=20, least=0.1, most=600)
# Whether the links of evidence are opened now and then (`followup.link_checks`), and whom the owner of a
# host asks about that: it stands in the User-Agent, or the DATA_CONTACT_EMAIL does.
LINK_CHECKS = env.bool("LINK_CHECKS", default=True)
LINK_CHECKS_CONTACT = env.str("LINK_CHECKS_CONTACT", default="")
# Messages of the public (/feedback/). The times are promises that its pages make: working days until
# somebody looks, days until the answer. The limits are for each hour: from one address, and from all.
FEEDBACK_START_DAYS = env.int("FEEDBACK_START_DAYS", default=7)
FEEDBACK_ANSWER_DAYS = env.int("FEEDBACK_ANSWER_DAYS", default=30)
FEEDBACK_FROM_ONE = env.int("FEEDBACK_FROM_ONE", default=10)
FEEDBACK_FROM_ALL = env.int("FEEDBACK_FROM_ALL", default=100)
# The largest file of a message; never more than EVIDENCE_MAX_MB.
FEEDBACK_MAX_BYTES = min(
    EVIDENCE_MAX_BYTES, env.int("FEEDBACK_MAX_MB", default=10, most=1000) * 1024 * 1024
)

FILE_UPLOAD_HANDLERS = [
    "forum_portal.uploads.LimitedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Of answers that cost much (large files, the annual report, searches) one visitor gets so many in a
# minute from each web process.
COSTLY_PER_MINUTE = env.int("COSTLY_PER_MINUTE", default=30)

# Public pages that a web process keeps (0: none), and for how many seconds a shared cache in front of the
# portal may serve one without asking. The function reads the stamp that they are kept under.
PAGE_CACHE_BYTES = env.int("PAGE_CACHE_BYTES", default=32 * 1024 * 1024)
PUBLIC_S_MAXAGE = env.int("PUBLIC_S_MAXAGE", default=0)
PUBLIC_STAMP = "followup.public_revision.stamp"

# The function that reads tables for the admin's imports, see `forum_portal.tables`.
TABLE_READER = "followup.spreadsheets.lists.read_list"
# Seconds for which the child process that reads a spreadsheet may use the processor, and may take in all.
IMPORT_CPU_SECONDS = env.int("IMPORT_CPU_SECONDS", default=30, least=1, most=600)
IMPORT_SECONDS = env.int("IMPORT_SECONDS", default=90, least=1, most=3600)

# Uploads wait here for confirmation, for a day at most; with S3_BUCKET these are copies for this host's
# readers of spreadsheets. The folder is never served.
IMPORT_FOLDER = ROOT / "var" / "imports"
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"
IMPORT_EXPORT_USE_TRANSACTIONS = True

# The security log: a file that only its owner reads, or standard error. It tells addresses truncated to
# their network, or hashed with the SECRET_KEY.
SECURITY_LOG_FILE = env.str("SECURITY_LOG_FILE", default="")
SECURITY_LOG_ADDRESS = env.choice(
    "SECURITY_LOG_ADDRESS", default="truncated", among=("truncated", "hashed")
)

# Days for which personal data is kept; `manage.py purge_personal_data` removes what is older, and the
# privacy page tells these figures. The security log is removed by whatever rotates its file.
RETENTION_DAYS = {
    "digests": env.int("KEEP_DIGESTS_DAYS", default=90, most=36500),  # after the day of the mail
    "link_uses": env.int(
        "KEEP_LINK_USES_DAYS", default=730, most=36500
    ),  # after the link has ended
    "focal_points": env.int(
        "KEEP_FOCAL_POINTS_DAYS", default=365, most=36500
    ),  # after the agency has ended
    "mails": env.int("KEEP_MAILS_DAYS", default=365, most=36500),  # after the day of the mail
    "accounts": env.int(
        "KEEP_ACCOUNTS_DAYS", default=365, most=36500
    ),  # after the account was made inactive
    # A message of the public: after its answer; one that nobody answered, after it was sent.
    "feedback": env.int("KEEP_FEEDBACK_DAYS", default=90, most=36500),
    "feedback_unanswered": env.int("KEEP_UNANSWERED_FEEDBACK_DAYS", default=365, most=36500),
    "security_log": env.int("KEEP_SECURITY_LOG_DAYS", default=90, most=36500),
    "unconfirmed": env.int(
        "KEEP_UNCONFIRMED_DAYS", default=7, most=36500
    ),  # after the request to follow
    "news": env.int(
        "KEEP_NEWS_DAYS", default=30, most=36500
    ),  # after the mails about an edition were queued
}

# The logs on standard error, and whether each request has a line there (see `forum_portal.logs`).
LOG_FORMAT = log_format(env)
ACCESS_LOG = env.bool("ACCESS_LOG", default=PRODUCTION or LOG_FORMAT == "json")
# Where errors are reported, without personal data; nowhere if empty (see `forum_portal.error_reports`).
SENTRY_DSN = env.str("SENTRY_DSN", default="")
LOGGING_CONFIG = "forum_portal.logs.configure"  # masks what no log may hold
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "security": {"()": "forum_portal.logs.JsonLine"},
        "json": {"()": "forum_portal.logs.JsonLog"},
        "text": {"()": "forum_portal.logs.TextLog", "whole": not PRODUCTION},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "security": {
            "()": "forum_portal.logs.security_handler",
            "path": SECURITY_LOG_FILE,
            "formatter": "security",
        },
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # no mail with a whole request in it
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "pikepdf": {"level": "WARNING"},
        "portal.security": {"handlers": ["security"], "level": "INFO", "propagate": False},
    },
}
