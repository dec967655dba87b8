"""Environment -> settings. The only place that reads the environment; .env.example lists every variable.

With nothing set, everything works on one machine: SQLite, mails as files and generated keys in var/, the local
Chorus Pro. With DEBUG set to False, nothing is generated: a missing key stops the start.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from akuiteo import services
from akuiteo.environment import BASE_DIR, Environment, read_env_file
from akuiteo.local_keys import local_keys
from akuiteo.masking import masker

django_stubs_ext.monkeypatch()  # Django's generic classes take their type arguments at run time too

VAR_DIR = BASE_DIR / "var"

read_env_file(Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env"), required=bool(os.environ.get("ENV_FILE")))
env = Environment()

# Security
debug_setting = env.boolean("DEBUG")
DEBUG = bool(debug_setting)
SECRET_KEY = env.text("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = env.texts("FIELD_ENCRYPTION_KEYS")
if debug_setting is not False and not (SECRET_KEY and FIELD_ENCRYPTION_KEYS):
    with env.noting():
        generated = local_keys(VAR_DIR / "keys.env")
        SECRET_KEY = SECRET_KEY or generated["SECRET_KEY"]
        FIELD_ENCRYPTION_KEYS = FIELD_ENCRYPTION_KEYS or [generated["FIELD_ENCRYPTION_KEYS"]]
if debug_setting is False:
    given = {"SECRET_KEY": SECRET_KEY, "FIELD_ENCRYPTION_KEYS": FIELD_ENCRYPTION_KEYS}
    env.problems += [
        f"{name} is missing: with DEBUG off it must be given (.env.example says how to make one)."
        for name, value in given.items()
        if not value
    ]
for key in (SECRET_KEY, *FIELD_ENCRYPTION_KEYS):
    masker.learn(key)
DEFAULT_EXCEPTION_REPORTER = "akuiteo.failure_pages.MaskingReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "akuiteo.failure_pages.SecretsFilter"
SITE_URL = env.url("SITE_URL", "http://127.0.0.1:8000")
site = urlsplit(SITE_URL)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", [str(site.hostname), "localhost", "127.0.0.1", "[::1]"])
# Behind a proxy that ends TLS, requests look like http: what is secure follows from the address that users know.
is_https = site.scheme == "https"
CSRF_TRUSTED_ORIGINS = [f"https://{site.netloc.lower()}"] if is_https else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = is_https
SESSION_COOKIE_AGE = 8 * 3600  # a working day
FILE_UPLOAD_HANDLERS = ["akuiteo.uploads.BodyLimit", "django.core.files.uploadhandler.MemoryFileUploadHandler"]
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if is_https else 0
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains, and
    "security.W021",  # its preloading: the owner of the domain decides that, and can hardly take it back
    "security.W008",  # the proxy that ends TLS redirects http to https; here it would be a loop if it hid the scheme
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AUTH_USER_MODEL = "akuiteo.User"
AUTHENTICATION_BACKENDS = ["akuiteo.lock_out.LockOutBackend", "django.contrib.auth.backends.ModelBackend"]
# Five wrong passwords of one login from one address, then a pause: nobody can lock others out from elsewhere.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page says until when, and that must stay true
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # a row for each login, for ever
AXES_LOCKOUT_CALLABLE = "akuiteo.lock_out.refuse"
AXES_CLIENT_IP_CALLABLE = "akuiteo.lock_out.client_address"
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0, minimum=0)

# The house: floors are named here, never imported
INSTALLED_APPS = [
    "akuiteo",
    "batches",
    "chorus",
    "akuiteo.apps.SiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "simple_history",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "anymail",
    "axes",
]
BATCH_TEMPLATES = ["chorus.batch_templates.CheckFacturesClientChorus"]
DASHBOARD_PANELS = [
    "chorus.dashboard.panels.Warnings",
    "chorus.dashboard.panels.Beginning",
    "chorus.dashboard.panels.Invoices",
    "batches.dashboard.Runs",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "akuiteo.content_security.ContentSecurityPolicyMiddleware",
    "akuiteo.no_store.NoStoreMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "akuiteo.urls"
WSGI_APPLICATION = "akuiteo.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database
DATABASES: dict[str, dict[str, Any]] = {}
with env.noting():
    DATABASES["default"] = services.database(env.text("DATABASE_URL", "sqlite:///var/db.sqlite3"))
    masker.learn(services.secret_of(DATABASES["default"]))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOCK_DIR = env.folder("LOCK_DIR", "var/locks")

# Mail
ANYMAIL: dict[str, Any] = {}
EMAIL_TIMEOUT = ANYMAIL_REQUESTS_TIMEOUT = 20  # seconds; Django's default waits for ever
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.sender("DEFAULT_FROM_EMAIL", "chorus@localhost")
anymail = env.beginning_with("ANYMAIL_")
if anymail and env.text("EMAIL_URL"):
    env.problems.append("EMAIL_URL and ANYMAIL_* are both given: keep the one that shall send the mails.")
is_this_machine = site.hostname in ("localhost", "127.0.0.1", "::1")
if "WEBHOOK_SECRET" in anymail and not is_https and (debug_setting is False or not is_this_machine):
    env.problems.append("ANYMAIL_WEBHOOK_SECRET would travel in clear: SITE_URL must begin with https://.")
with env.noting():
    mail = services.anymail(anymail) if anymail else services.mail(env.text("EMAIL_URL", "filemail:///var/mail"))
    globals().update(mail)
    for secret in services.secrets_of(mail):
        masker.learn(secret)

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["akuiteo.formats"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# Static files
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # no collectstatic needed

# Logs
LOG_ROOT = env.folder("LOG_ROOT", "var/logs")
LOG_STRICT = bool(env.boolean("LOG_STRICT"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "masked": {
            "()": "akuiteo.masking.MaskingFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "masked"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"level": "WARNING"},  # without the handlers that Django gives it, which mask nothing
        "axes": {"level": "CRITICAL"},  # akuiteo.lock_out says who is locked out; for axes a batch's login is an error
    },
}

# Chorus Pro: base addresses by environment, in settings and never in data, so that nobody can point them elsewhere
CHORUS_LOCAL_URL = env.url("CHORUS_LOCAL_URL", "http://127.0.0.1:8100")
CHORUS_ENVIRONMENTS = {
    "production": {
        "token_url": env.url("CHORUS_PRODUCTION_TOKEN_URL", "https://oauth.piste.gouv.fr/api/oauth/token"),
        "api_url": env.url("CHORUS_PRODUCTION_API_URL", "https://api.piste.gouv.fr"),
    },
    "qualification": {
        "token_url": env.url("CHORUS_QUALIFICATION_TOKEN_URL", "https://sandbox-oauth.piste.gouv.fr/api/oauth/token"),
        "api_url": env.url("CHORUS_QUALIFICATION_API_URL", "https://sandbox-api.piste.gouv.fr"),
    },
    "local": {"token_url": f"{CHORUS_LOCAL_URL}/api/oauth/token", "api_url": CHORUS_LOCAL_URL},
}
CHORUS_FINAL_STATUSES = env.codes("CHORUS_FINAL_STATUSES", ["A_RECYCLER", "SUSPENDUE", "REJETEE", "MISE_EN_PAIEMENT"])
CHORUS_MISSING_AFTER_DAYS = env.integer("CHORUS_MISSING_AFTER_DAYS", 3, minimum=0)
CHORUS_ALERT_MAX_AGE_DAYS = env.optional_integer("CHORUS_ALERT_MAX_AGE_DAYS", minimum=1)
CHORUS_MAX_REQUESTS_PER_SECOND = env.number("CHORUS_MAX_REQUESTS_PER_SECOND", 10, minimum=0.01)
CHORUS_MAX_CONCURRENCY = env.integer("CHORUS_MAX_CONCURRENCY", 1, minimum=1)
CHORUS_PAGE_SIZE = env.integer("CHORUS_PAGE_SIZE", 1000, minimum=1)

env.refuse_problems()
