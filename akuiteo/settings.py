"""Environment -> settings. The only place that reads the environment; .env.example lists every variable.

With nothing set, everything works on one machine: SQLite, mails as files and generated keys in var/, the local
Chorus Pro. With DEBUG set to False, nothing is generated: a missing key stops the start.
"""

import os
from pathlib import Path

import django_stubs_ext
import environ
from django.utils.translation import gettext_lazy as _

from akuiteo.environment import Environment, read_env_file
from akuiteo.local_keys import local_keys

django_stubs_ext.monkeypatch()  # Django's generic classes take their type arguments at run time too

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

read_env_file(Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env"), required=bool(os.environ.get("ENV_FILE")))
env = Environment(environ.Env())

# Security
debug_setting = env.boolean("DEBUG")
DEBUG = bool(debug_setting)
SECRET_KEY = env.text("SECRET_KEY")
FIELD_ENCRYPTION_KEYS = env.texts("FIELD_ENCRYPTION_KEYS")
if debug_setting is not False and not (SECRET_KEY and FIELD_ENCRYPTION_KEYS):
    generated = local_keys(VAR_DIR / "keys.env")
    SECRET_KEY = SECRET_KEY or generated["SECRET_KEY"]
    FIELD_ENCRYPTION_KEYS = FIELD_ENCRYPTION_KEYS or [generated["FIELD_ENCRYPTION_KEYS"]]
for missing in [name for name in ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS") if not globals()[name]]:
    env.problems.append(f"{missing} is missing: with DEBUG off it must be given (.env.example says how to make one).")
ALLOWED_HOSTS = env.texts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
SITE_URL = env.url("SITE_URL", "http://127.0.0.1:8000")
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_AGE = 8 * 3600  # a working day
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
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "anymail",
]
BATCH_TEMPLATES = ["chorus.batch_templates.CheckFacturesClientChorus"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
DATABASES = {"default": environ.Env.db_url_config(env.text("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A run, an import and the admin write at the same time: a writer waits for its turn from the start of its
    # transaction (IMMEDIATE) and readers do not wait at all (WAL).
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
LOCK_DIR = env.folder("LOCK_DIR", VAR_DIR / "locks")

# Mail
EMAIL_TIMEOUT = 20  # seconds; Django's default waits for ever
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "chorus@localhost")
ANYMAIL = {name.removeprefix("ANYMAIL_"): env.text(name) for name in os.environ if name.startswith("ANYMAIL_")}
if ANYMAIL and env.text("EMAIL_URL"):
    env.problems.append("EMAIL_URL and ANYMAIL_* are both given: keep the one that shall send the mails.")
if ANYMAIL:
    EMAIL_BACKEND = f"anymail.backends.{ANYMAIL.pop('BACKEND', '').lower()}.EmailBackend"
    if EMAIL_BACKEND == "anymail.backends..EmailBackend":
        env.problems.append("ANYMAIL_BACKEND is missing: name the service that sends the mails, for example brevo.")
else:
    try:
        email = environ.Env.email_url_config(env.text("EMAIL_URL", f"filemail:///{VAR_DIR / 'mail'}"))
    except Exception as error:  # django-environ lets out whatever its parsing meets
        env.problems.append(f"EMAIL_URL is not an address such as smtp://user:password@host:587 ({error}).")
        email = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    globals().update({name: value for name, value in email.items() if name.startswith("EMAIL_")})

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# Static files
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True  # no collectstatic needed on one machine

# Logs
LOG_ROOT = env.folder("LOG_ROOT", VAR_DIR / "logs")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask_secrets": {"()": "akuiteo.masking.MaskingFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask_secrets"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
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
CHORUS_FINAL_STATUSES = env.texts(
    "CHORUS_FINAL_STATUSES", ["A_RECYCLER", "SUSPENDUE", "REJETEE", "MISE_EN_PAIEMENT"], separator=";"
)
CHORUS_MISSING_AFTER_DAYS = env.integer("CHORUS_MISSING_AFTER_DAYS", 3, minimum=0)
CHORUS_MAX_REQUESTS_PER_SECOND = env.number("CHORUS_MAX_REQUESTS_PER_SECOND", 10, minimum=0.01)
CHORUS_MAX_CONCURRENCY = env.integer("CHORUS_MAX_CONCURRENCY", 1, minimum=1)
CHORUS_PAGE_SIZE = env.integer("CHORUS_PAGE_SIZE", 1000, minimum=1)

env.refuse_problems()
