"""The recipe of the base layer: which system, which packages, and what is set up in it."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from typing import Final

from layers import hooks

SETUP: Final = r"""
set -eu
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
cat > /etc/apt/apt.conf.d/90vibenv <<'END'
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
END
cat > /etc/dpkg/dpkg.cfg.d/vibenv <<'END'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
force-unsafe-io
END
cat >> /etc/bash.bashrc <<'END'

# vibenv
PS1='\[\e[1;32m\]\h\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ '
PROMPT_DIRTRIM=3
HISTSIZE=10000
HISTCONTROL=ignoreboth
shopt -s checkwinsize histappend
alias ls='ls --color=auto' ll='ls -l --color=auto' la='ls -la --color=auto' grep='grep --color=auto'
END
cat > /etc/profile.d/vibenv.sh <<'END'
export LANG="${LANG:-C.UTF-8}" EDITOR="${EDITOR:-nano}" PAGER="${PAGER:-less}" LESS="${LESS:--FRX}"
END
[ -x /usr/bin/vim ] || update-alternatives --install /usr/bin/vim vim /usr/bin/vim.tiny 10
mkdir -p /workspace
find /usr/share/doc -type f ! -name copyright -delete
find /usr/share/doc -depth -type d -empty -delete
rm -rf /usr/share/man/* /usr/share/info/* /usr/share/locale/*
rm -rf /var/cache/apt/archives/*.deb /var/cache/apt/*.bin /var/lib/apt/lists/* /var/log/*.log /var/log/apt /tmp/*
mkdir -p /var/lib/apt/lists/partial /var/cache/apt/archives/partial
chown root:root /var/lib/apt/lists/partial /var/cache/apt/archives/partial
""" + hooks.install()


@dataclass(frozen=True, slots=True)
class Recipe:
    """A Debian system. `setup` is a shell script run in it as root once the packages are there."""

    suite: str
    packages: tuple[str, ...]
    setup: str

    def digest(self, machine: str = "") -> str:
        """Hex SHA-256 of all that decides what is built, the machine's architecture included."""
        content = json.dumps([asdict(self), machine or platform.machine()], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    @property
    def slim_image(self) -> str:
        """The published image that building can start from, where one can be had."""
        return f"debian:{self.suite}-slim"

    def dockerfile(self) -> str:
        """The same system made from the slim image."""
        install = (
            "export DEBIAN_FRONTEND=noninteractive; apt-get update && "
            f"apt-get install -y --no-install-recommends {' '.join(self.packages)}"
        )
        return "\n".join(
            [
                f"FROM {self.slim_image}",
                f"RUN {json.dumps(['/bin/sh', '-c', install])}",
                f"RUN {json.dumps(['/bin/sh', '-c', self.setup])}",
                *CHANGES,
            ]
        )


# Of the image's configuration, in a Dockerfile's words.
CHANGES: Final = (
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "ENV LANG=C.UTF-8",
    "WORKDIR /workspace",
    'CMD ["bash", "-l"]',
)

BASE: Final = Recipe(
    suite="bookworm",
    packages=(
        "bash",
        "ca-certificates",
        "curl",
        "dtach",
        "git",
        "iproute2",
        "iptables",  # for the network guard, which runs from this image
        "less",
        "nano",
        "procps",
        "vim-tiny",
    ),
    setup=SETUP,
)
