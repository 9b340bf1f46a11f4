"""What runs in a build, whichever builder runs it: the script, its surroundings, and what its end means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.errors import BuildError
from layers.builders.protocol import BuildRequest

WORK: Final = "/build"
START: Final = f"{WORK}/.vibenv/start"
SCRIPT: Final = f"{WORK}/.vibenv/script"
CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
CACHE: Final = "/var/cache/vibenv"
CACHES: Final = {f"vibenv-cache-{manager}": f"{CACHE}/{manager}" for manager in ("uv", "npm", "go", "cargo", "apt")}
# apt takes a lock on its archive that it does not wait for: one build at a time has the cache, another does without.
PREPARING: Final = f"""set -eu
rm -rf -- "$PREFIX"
mkdir -p -- "$PREFIX"
if [ -d /etc/apt/apt.conf.d ]; then
  echo 'APT::Sandbox::User "root";' > /etc/apt/apt.conf.d/91vibenv
  if command -v flock > /dev/null && exec 9> {CACHE}/apt/.lock && flock -n 9; then
    mkdir -p {CACHE}/apt/partial
    echo 'Dir::Cache::archives "{CACHE}/apt/";' >> /etc/apt/apt.conf.d/91vibenv
  fi
fi
cd {WORK}
"""
STARTING: Final = f"""{PREPARING}
exec sh -eu {SCRIPT} < /dev/null 2>&1
"""
ENVIRONMENT: Final = {
    "DEBIAN_FRONTEND": "noninteractive",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "NO_COLOR": "1",
    "TERM": "dumb",
    "TAR_OPTIONS": "--no-same-owner",  # there is no capability to give files away
    "UV_CACHE_DIR": f"{CACHE}/uv",
    "UV_LINK_MODE": "copy",
    "PIP_CACHE_DIR": f"{CACHE}/uv/pip",
    "PIP_ROOT_USER_ACTION": "ignore",
    "npm_config_cache": f"{CACHE}/npm",
    "npm_config_update_notifier": "false",
    "GOCACHE": f"{CACHE}/go/build",
    "GOMODCACHE": f"{CACHE}/go/mod",
    "CARGO_HOME": f"{CACHE}/cargo",
}
TRUST: Final = (
    *("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"),
    "CARGO_HTTP_CAINFO",
)
OFFLINE: Final = re.compile(
    r"could not resolve|temporary failure|name resolution|network is unreachable|no route to host|"
    r"ENOTFOUND|EAI_AGAIN|dns error|no such host|bad address",
    re.IGNORECASE,
)


def environment(request: BuildRequest) -> dict[str, str]:
    trusted = dict.fromkeys(TRUST, CERTIFICATES) if request.trust else {}
    return {**ENVIRONMENT, **trusted, **request.environment, "PREFIX": request.prefix}


def failure(request: BuildRequest, exit_code: int, tail: Sequence[str]) -> BuildError:
    """The script ended with a status that is not zero."""
    last = next((line.strip() for line in reversed(tail) if line.strip()), "It printed nothing.")
    hint = "Mend the script, then build again; its whole output is in the log."
    if any(OFFLINE.search(line) for line in tail):
        hint = (
            "It asked for a network that is not there: check what it downloads from, and the machine's connection."
            if request.network
            else "It asked for the network, which this recipe switches off (`network = false`): allow it, or do without."
        )
    return BuildError(f"The script failed with status {exit_code}: {last[:500].rstrip('.')}. {hint}")


def timed_out(request: BuildRequest) -> BuildError:
    return BuildError(
        f"The script did not end within {_duration(request.timeout_s)} and was ended. "
        "See in the log where it hung, or allow it more time (`timeout_s`)."
    )


def out_of_memory(limit_bytes: int) -> BuildError:
    return BuildError(
        f"The build ran out of memory: it may use {size(limit_bytes)}. Have it do less at once, or give sessions "
        "and builds more (VIBENV_SESSION_MEMORY)."
    )


def too_large(request: BuildRequest, found: str) -> BuildError:
    return BuildError(
        f"The build was ended: {found}, and its limit is {size(request.size_limit_bytes)}. "
        "Have it write less, or raise its limit (`size_limit_mb`)."
    )


def empty(request: BuildRequest) -> BuildError:
    return BuildError(f"The script left nothing at {request.prefix}. Write what the layer is to hold to $PREFIX.")


def no_base(image: str, why: str) -> BuildError:
    return BuildError(
        f"The image {image} that the build starts from cannot be had: {why} "
        "Check its name, and that the engine can pull it."
    )


def size(count: int) -> str:
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2)):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count / 1024:.3g} kB" if count >= 1024 else f"{count} bytes"


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} minutes"
