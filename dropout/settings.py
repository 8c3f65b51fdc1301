"""Settings from the environment. Nonsense is refused at start-up, never guessed around.

A clone runs at once: SQLite and a filesystem broker under DATA_DIR. In production DATABASE_URL and
BROKER_URL name PostgreSQL and Redis, and every secret must come from the environment.
"""

import hashlib
from datetime import date, timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from dropout.casework_settings import at_least_one, stage_deadlines

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEMO = env.bool("DEMO", default=False)  # the demo world and its log-ins may exist
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / "var").resolve()
WEB_PROCESSES = env.int("WEB_PROCESSES", default=2)  # of four threads each; only `manage.py serve` starts them
SECRET_LENGTH = 32  # characters; below that a secret can be guessed


def secret(name: str) -> str:
    """The secret `name`; in the demo one kept in DATA_DIR, elsewhere only from the environment."""
    value = env.str(name, default="")
    if value:
        if min(map(len, value.split(","))) < SECRET_LENGTH:
            raise ImproperlyConfigured(f"{name} is too short: give it at least {SECRET_LENGTH} random characters.")
        return value
    if not (DEMO or DEBUG):
        raise ImproperlyConfigured(
            f"{name} is not set. Give it a long random value in the environment, "
            f"or set DEMO=1 to try the product with fictional data."
        )
    kept = DATA_DIR / "secrets" / name
    if not kept.exists():
        import secrets

        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with kept.open("x") as handle:
                handle.write(secrets.token_urlsafe(48))
            kept.chmod(0o600)
        except FileExistsError:  # two processes started together; the first one's value counts
            pass
    return kept.read_text().strip()


SECRET_KEY = secret("SECRET_KEY")
# Two keys apart: one seals identifiers, the other makes their blind index. 32 bytes each, by SHA-256 of the secret.
IDENTITY_SEAL_KEYS = [hashlib.sha256(key.encode()).digest() for key in secret("IDENTITY_SEAL_KEY").split(",")]
IDENTITY_INDEX_KEY = hashlib.sha256(secret("IDENTITY_INDEX_KEY").encode()).digest()
if len({secret(name) for name in ("SECRET_KEY", "IDENTITY_SEAL_KEY", "IDENTITY_INDEX_KEY")}) < 3:
    raise ImproperlyConfigured(
        "SECRET_KEY, IDENTITY_SEAL_KEY and IDENTITY_INDEX_KEY must differ: one leak opens one door."
    )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"] if DEMO or DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_filters",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "schools",
    "cases",
    "reports",
    "dropout",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dropout.compression.CompressPages",
    "schools.middleware.remember_origin",  # outermost of ours: even a refused request has its id and is not cached
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "schools.middleware.demand_new_password",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "dropout.urls"
WSGI_APPLICATION = "dropout.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "dropout.navigation.navigation",
            ],
        },
    }
]

# ── database ──────────────────────────────────────────────────────────────────────────────────────────────────
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'dropout.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    SILENCED_SYSTEM_CHECKS = ["models.W040"]  # covering indexes: PostgreSQL's gain, and SQLite needs none for the demo
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)  # else a dead host hangs every page
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── people ────────────────────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "schools.Person"
AUTHENTICATION_BACKENDS = ["schools.people.PersonBackend"]
PASSWORD_HASHERS = [
    "schools.passwords.SchoolArgon2Hasher",  # argon2id m=19 MiB t=2 p=1: Friday's log-ins decide the capacity
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # only so that older hashes can be read and upgraded
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},  # a telephone or ID number
    {"NAME": "schools.passwords.FamiliarPasswordValidator"},
]
ACCOUNT_ADAPTER = "schools.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "schools.account_forms.LogInForm",
    "change_password": "schools.account_forms.NewPasswordForm",
    "reauthenticate": "schools.account_forms.PasswordAgainForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # nobody signs up; it says that no e-mail is asked
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True  # as long as SESSION_COOKIE_AGE, not a choice
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # AN-09: what needs the password again needs it ten minutes fresh
# Per address: wide, because a whole school sits behind one. Per account: schools.login_delay, whose wait grows.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "reauthenticate": "10/m/user", "change_password": "5/m/user"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

# Every posting is confirmed once a fiscal year by its unit's administrator, or shows nothing after the grace.
POSTINGS_DUE_ON = tuple(int(part) for part in env.str("POSTINGS_DUE_ON", default="10-01").split("-"))  # month-day
POSTINGS_GRACE_DAYS = env.int("POSTINGS_GRACE_DAYS", default=60)
date(2023, *POSTINGS_DUE_ON)  # a day of every year, or the start ends here
if not 0 <= POSTINGS_GRACE_DAYS <= 300:
    raise ImproperlyConfigured("POSTINGS_GRACE_DAYS must be between 0 and 300.")

# ── language and time ─────────────────────────────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "th"
LANGUAGES = [("th", _("ไทย")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Bangkok"

# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or DATA_DIR / "static")  # an image has its own
MEDIA_ROOT = DATA_DIR / "media"
UPLOAD_DIR = DATA_DIR / "uploads"  # sheets waiting to be read
EXPORT_DIR = DATA_DIR / "exports"  # finished workbooks, gone after a day
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_UNUSED = ("redoc", "rest_framework")  # folders of packages' static files that no page of ours names
WHITENOISE_MAX_AGE = 31_536_000
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    *Compressor.SKIP_COMPRESS_EXTENSIONS,
    "map",
)  # megabytes only a debugger asks for
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

# ── counters that must survive a restart (log-in limits) live in the database ─────────────────────────────────────────
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Django's 300 would let an attacker push a victim's counter out by trying 300 other names.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # How often one person asks the API: counted in each web process, where it costs no query and may be forgotten.
    "limits": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# ── the casework ──────────────────────────────────────────────────────────────────────────────────────────────
STAGE_DEADLINES = stage_deadlines(env)
# A child is not found after this many days of looking, in so many ways (cases.attempts): PRODUCT §3
NOT_FOUND_ATTEMPTS = at_least_one(env, "NOT_FOUND_ATTEMPTS", 3, 20)
NOT_FOUND_SOURCES = at_least_one(env, "NOT_FOUND_SOURCES", 2, 4)

# ── background work ───────────────────────────────────────────────────────────────────────────────────────────
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=90)  # how long a job belongs to a worker that says nothing
# A Redis that is gone is noticed at once, one that accepts and never answers after this (kombu's default: never).
REDIS_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 2, "socket_keepalive": True}
PUBLISH_RETRIES = {"max_retries": 1, "interval_start": 0.2, "interval_max": 0.5}
CELERY_BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost//")
if CELERY_BROKER_URL.startswith("filesystem"):
    QUEUE_DIR = DATA_DIR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "processed_folder": str(QUEUE_DIR / "processed"),
        "store_processed": False,
    }
    for _folder in ("messages", "control", "processed"):
        (QUEUE_DIR / _folder).mkdir(parents=True, exist_ok=True)
else:  # Redis: a page that queues a job must not hang when the broker is gone; the job row and the sweeper catch up
    CELERY_BROKER_TRANSPORT_OPTIONS = REDIS_OPTIONS
    CELERY_TASK_PUBLISH_RETRY_POLICY = PUBLISH_RETRIES
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 55 * 60  # a hung job is killed and its row taken up again; Redis would redeliver after 60 min
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # True loops for ever on a poison task; the job row counts attempts
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "Asia/Bangkok"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {  # Bangkok time (CELERY_TIMEZONE); what a sleeping worker missed expires and is not piled up
    "build_weekly_rollup": {
        "task": "reports.build_weekly_rollup",
        "schedule": crontab(minute=5, hour=0, day_of_week="mon"),
        "options": {"expires": 6 * 60 * 60},
    },
    "build_monthly_rollup": {
        "task": "reports.build_monthly_rollup",
        "schedule": crontab(minute=10, hour=0, day_of_month="1"),
        "options": {"expires": 6 * 60 * 60},
    },
    "delete_expired_exports": {
        "task": "reports.delete_expired_exports",
        "schedule": crontab(minute=20),
        "options": {"expires": 30 * 60},
    },
    "find_duplicates": {
        "task": "cases.find_duplicates",
        "schedule": crontab(minute=30, hour=2),
        "options": {"expires": 4 * 60 * 60},
    },
    "expire_referrals": {"task": "cases.expire_referrals", "schedule": 3600.0, "options": {"expires": 3000}},
    "forget_expired_files": {"task": "cases.forget_expired_files", "schedule": 3600.0, "options": {"expires": 3000}},
    "forget_expired_sheets": {
        "task": "schools.forget_expired_sheets",
        "schedule": crontab(minute=40),
        "options": {"expires": 30 * 60},
    },
    "escalate_requests": {
        "task": "cases.escalate_requests",
        "schedule": crontab(minute=30, hour=0),
        "options": {"expires": 6 * 60 * 60},
    },
    "sweep_jobs": {"task": "schools.sweep_jobs", "schedule": 60.0, "options": {"expires": 50}},
}

# ── the guard ─────────────────────────────────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "report-uri": ["/csp-report/"],
    }
}
PERMISSIONS_POLICY = {
    "camera": ["self"],
    "geolocation": ["self"],
    "microphone": [],
    "payment": [],
    "usb": [],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
HTTPS = env.bool("HTTPS", default=not (DEMO or DEBUG))
SECURE_SSL_REDIRECT = HTTPS and env.bool("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked from inside, without TLS, by whatever watches the container
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)  # only then is X-Forwarded-* believed
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60

# ── API ───────────────────────────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "schools.tokens.PersonTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["schools.parsing.StrictJSONParser"],
    "EXCEPTION_HANDLER": "dropout.problems.problem_response",
    "DEFAULT_PAGINATION_CLASS": "schools.api_lists.StrictCursorPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": [
        "schools.api_lists.KnownParametersOnly",
        "django_filters.rest_framework.DjangoFilterBackend",
    ],
    # A person's requests a minute; who reads too much can still send the visits made today (schools.answers).
    "DEFAULT_THROTTLE_RATES": {"reading": "600/min", "submitting": "1200/min"},
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Token", "TOKEN_TTL": timedelta(days=90)}
SPECTACULAR_SETTINGS = {
    "TITLE": "พาน้องกลับมาเรียน",
    "DESCRIPTION": (
        "เด็กนอกระบบการศึกษา การติดตาม และตัวเลข · out-of-school children, visits and figures.\n\n"
        "`Authorization: Token …` ออกด้วย `manage.py create_token USERNAME` · made by `manage.py create_token USERNAME`."
    ),
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",  # operations stand grouped by what follows: units, cases …
    # Without drf-spectacular's enum hook: it invents names where two fields of one name have other codes.
    "POSTPROCESSING_HOOKS": ["dropout.api_schema.describe_problems"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"identifiers": {"()": "cases.identity.LogScrubber"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["identifiers"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Django hangs handlers of its own on these two, which would write what the filter masks.
    "loggers": {name: {"handlers": [], "level": "INFO", "propagate": True} for name in ("django", "django.server")},
}
