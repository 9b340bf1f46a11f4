"""Django settings, and the only reader of vibenv's environment. Every variable is described in the README."""

from __future__ import annotations

import uuid
from pathlib import Path

import dj_database_url

from vibenv_site import environment as env

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = env.data_dir()
VERSION = "0.1.0"

# who we are ---------------------------------------------------------------------------------------------
SECRET_KEY = env.text("VIBENV_SECRET_KEY") or env.kept(DATA_DIR / "secret-key")
INSTALLATION_ID = env.kept(DATA_DIR / "installation-id", lambda: uuid.uuid4().hex)
PUBLIC_URL = env.text("VIBENV_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
ALLOWED_HOSTS = [h for h in env.text("VIBENV_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
DEBUG = env.flag("VIBENV_DEBUG", False)

# where things run ---------------------------------------------------------------------------------------
DOCKER_HOST = env.text("DOCKER_HOST")
DOCKER_CONTEXT = env.text("DOCKER_CONTEXT")
DOCKER_CONFIG = Path(env.text("DOCKER_CONFIG", "~/.docker")).expanduser()
REDIS_URL = env.text("VIBENV_REDIS_URL", f"unix://{DATA_DIR}/redis.sock")
REGISTRY = env.registry(DATA_DIR)
BUILDER = env.choice("VIBENV_BUILDER", "auto", "dagger", "docker")
DAGGER_HOST = env.text("VIBENV_DAGGER_HOST")
DAGGER_CLI = env.text("_EXPERIMENTAL_DAGGER_CLI_BIN")
BASE_IMAGE = env.text("VIBENV_BASE_IMAGE")
DEBIAN_MIRROR = env.text("VIBENV_DEBIAN_MIRROR")
CA_BUNDLE = env.text("VIBENV_CA_BUNDLE")
# Where builds get packages from, if not from the usual places.
PACKAGE_REGISTRIES = env.given(
    "NPM_CONFIG_REGISTRY", "PIP_INDEX_URL", "UV_INDEX_URL", "GOPROXY", "GONOSUMDB", "GOFLAGS"
)
NETWORK_GUARD = env.flag("VIBENV_NETWORK_GUARD", True)
SESSION_MEMORY_BYTES = env.number("VIBENV_SESSION_MEMORY", 2 * 1024**3, env.memory, "a size such as 512m or 2g")
SESSION_CPUS = env.number("VIBENV_SESSION_CPUS", 2.0, float, "a number of cores such as 1.5")
SESSION_PIDS = env.number("VIBENV_SESSION_PIDS", 512, int, "a whole number of processes")
POOL_SIZE = env.count("VIBENV_POOL_SIZE", 3, "a whole number of containers, 0 for none")
SESSION_SHELL = env.text("VIBENV_SESSION_SHELL", "bash -l")
# When sessions sleep by themselves, unless their board or card says otherwise: `sessions.rules.Rules`.
SLEEP_RULES = {
    "idle_timeout_s": env.duration("VIBENV_IDLE_TIMEOUT", "30m"),
    "stop_after_s": env.duration("VIBENV_STOP_AFTER", "4h"),
    "archive_after_s": env.duration("VIBENV_ARCHIVE_AFTER", "7d"),
    "ttl_s": env.duration("VIBENV_TTL", "off"),
    "snapshot_every_s": env.duration("VIBENV_SNAPSHOT_EVERY", "off"),
    "snapshots_kept": env.number("VIBENV_SNAPSHOTS_KEPT", 5, int, "how many scheduled snapshots of a session stay"),
}

# many at once -------------------------------------------------------------------------------------------
STARTS_AT_ONCE = env.number("VIBENV_STARTS_AT_ONCE", 0, int, "a whole number of starts; 0: by cores", zero=True)
MEMORY_RESERVE_BYTES = env.number("VIBENV_MEMORY_RESERVE", 512 * 1024**2, env.memory, "a size such as 512m", zero=True)
BOARD_SESSIONS = env.number("VIBENV_BOARD_SESSIONS", 0, int, "a whole number of sessions; 0: any number", zero=True)
API_CALLS_PER_S = env.number("VIBENV_API_RATE", 100.0, float, "calls per second of one token; 0: any number", zero=True)
USER_SESSIONS = env.number("VIBENV_USER_SESSIONS", 0, int, "a whole number of sessions; 0: any number", zero=True)
COST_CORE_HOUR = env.number("VIBENV_COST_CORE_HOUR", 0.0, float, "an amount of money such as 0.04", zero=True)
COST_GIB_HOUR = env.number("VIBENV_COST_GIB_HOUR", 0.0, float, "an amount of money such as 0.005", zero=True)
COST_CURRENCY = env.text("VIBENV_COST_CURRENCY", "USD")

# recordings ---------------------------------------------------------------------------------------------
RECORDING_BYTES = env.number("VIBENV_RECORDING_SIZE", 32 * 1024**2, env.memory, "a size such as 32m")
RECORDINGS_OF_CARD_BYTES = env.number("VIBENV_RECORDINGS_PER_CARD", 256 * 1024**2, env.memory, "a size such as 256m")
RECORDINGS_KEPT_S = env.duration("VIBENV_RECORDINGS_KEPT", "off")

# Django -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "channels",
    "ninja",
    "boards",
    "sessions",
    "layers",
]
MIDDLEWARE = [
    "vibenv_site.middleware.Security",
    "vibenv_site.static_files.serve",
    # A page holds its whole board as JSON. Compression can betray secrets that lie beside what an attacker chooses (BREACH):
    # Django masks the CSRF token anew in each response, and pads each by a random length.
    "vibenv_site.middleware.GZip",
    "vibenv_site.middleware.Sessions",
    "vibenv_site.middleware.Common",
    "vibenv_site.middleware.Csrf",
    "vibenv_site.middleware.Authentication",
    "boards.login_sessions.tell_where_from",
    "boards.limits.too_many_page",
    "vibenv_site.middleware.XFrameOptions",
    "vibenv_site.security.content_security_policy",
]
ROOT_URLCONF = "vibenv_site.urls"
ASGI_APPLICATION = "vibenv_site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,  # the API's docs page comes with its library
        "OPTIONS": {
            "libraries": {"built": "vibenv_site.built"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ],
        },
    }
]
METRICS_DIR = env.text("PROMETHEUS_MULTIPROC_DIR")  # shared by web and workers; the Prometheus client reads it itself
DATABASES = {
    "default": dj_database_url.parse(
        env.text("VIBENV_DATABASE_URL", f"sqlite:///{DATA_DIR}/vibenv.sqlite3"),
        conn_max_age=600,  # kept by the threads that views run in (`handler`)
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a transaction that will write must not start as a reader: it could not wait
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "auth.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in {
        "MinimumLengthValidator": {"min_length": 10},
        "UserAttributeSimilarityValidator": {},
        "CommonPasswordValidator": {},
        "NumericPasswordValidator": {},
    }.items()
]
LOGIN_URL = "/login/"
SESSION_ENGINE = "boards.login_sessions"
CSRF_FAILURE_VIEW = "boards.views.csrf_failure"
SESSION_COOKIE_NAME = "vibenv_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
X_FRAME_OPTIONS = "DENY"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static" / "dist"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "vibenv_site.built.BuiltFiles"},
}
WHITENOISE_USE_FINDERS = True  # served from where they are built: no collect step to forget
WHITENOISE_IMMUTABLE_FILE_TEST = r"-[0-9A-Z]{8}\.(?:js|css|svg)$"  # named by their content

# Redis: broker and channel layer ------------------------------------------------------------------------
CHANNEL_LAYERS = {
    "default": {
        # Pub/sub, not the list-based layer: its groups live in the processes, so they survive a restart of Redis.
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": f"vibenv:{INSTALLATION_ID[:8]}"},
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A request must not hang on a dead broker: the sweep picks up what could not be announced.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "visibility_timeout": 600,
    # of a connection that is to be had for sending; without a bound it would be tried for ever
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_DEFAULT_QUEUE = f"vibenv-{INSTALLATION_ID[:8]}"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "sessions.tasks.sweep", "schedule": 5.0, "options": {"expires": 5}},
    "orphans": {"task": "sessions.tasks.remove_orphans", "schedule": 3600.0, "options": {"expires": 600}},
    "rounds": {"task": "sessions.tasks.rounds", "schedule": 5.0, "options": {"expires": 5}},
    "pool": {"task": "sessions.tasks.fill_pool", "schedule": 10.0, "options": {"expires": 10}},
    "builds": {"task": "layers.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "forget-answers": {"task": "boards.tasks.forget_kept_answers", "schedule": 600.0, "options": {"expires": 600}},
    "agents-tokens": {"task": "boards.tasks.revoke_agents_tokens", "schedule": 600.0, "options": {"expires": 300}},
    "forget-logins": {"task": "boards.tasks.forget_expired_logins", "schedule": 3600.0, "options": {"expires": 600}},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.text("VIBENV_LOG_LEVEL", "INFO")},
    "loggers": {
        "daphne.http_protocol": {"level": "WARNING"},
        "django.channels.server": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "mcp": {"level": "WARNING"},  # it has a line for each call
    },
}
