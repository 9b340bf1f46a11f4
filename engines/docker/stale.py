"""Ending what a killed engine left of a start: a container that it takes for one that never ran, and cannot start again.

Killed in the middle of a start, the engine forgets the container's supervisor (`containerd-shim`), and with it what may
run in the container already. Each later start is refused, until that is gone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any, Final

from engines.docker import labels
from engines.docker.client import Client
from engines.docker.errors import translated
from engines.errors import EngineError

SIGNS: Final = (": already exists", "id already in use", "failed to start shim")
FOLDER: Final = re.compile(
    r"mkdir (/\S+)/([0-9a-f]{64}): file exists"
)  # the supervisor's own, which nobody removes then
WAIT_S: Final = 30
NOTICED_S: Final = 5.0  # until the engine has seen the end of what was ended
# Of the engine's host: what is in the container's control group, then its supervisor.
SCRIPT: Final = """
my $id = shift; my (@inside, @shims);
for my $path (glob '/proc/[0-9]*') {
  my ($pid) = $path =~ /(\\d+)$/; next if $pid == $$;
  local $/; my ($group, $line) = ('', '');
  if (open my $f, '<', "$path/cgroup") { $group = <$f> // '' }
  if (open my $f, '<', "$path/cmdline") { $line = <$f> // '' }
  push @inside, $pid if $group =~ m{/\\Q$id\\E(\\.scope)?$}m;
  my ($program, %given) = split /\\x{0}/, $line;
  push @shims, $pid if ($program // '') =~ /containerd-shim/ && ($given{'-id'} // '') eq $id;
}
kill 'KILL', @inside, @shims;
system 'rm', '-rf', '--one-file-system', "/left/$id" if -d "/left/$id";
"""


class Stale:
    def __init__(self, client: Client, installation: str) -> None:
        self._client = client
        self._installation = installation
        self.helper_image = ""  # with perl; nothing can be ended before there is one

    def cured(self, container_id: str, start: Callable[[], None]) -> None:
        """`start` it; where a killed engine left something of it, end that, and start it then."""
        try:
            start()
        except EngineError as error:
            if not self.helper_image or not _is_stale(error):
                raise
            self._end(container_id)
            self._start_again(container_id, start)

    def _start_again(self, container_id: str, start: Callable[[], None]) -> None:
        deadline = time.monotonic() + NOTICED_S
        while True:
            try:
                start()
            except EngineError as error:
                if time.monotonic() > deadline or not _is_stale(error):
                    raise
                folder = FOLDER.search(str(error))
                if folder and folder[2] == container_id:
                    self._end(container_id, folder[1])
                time.sleep(0.1)
            else:
                return

    def _end(self, container_id: str, folder: str = "") -> None:
        """By a helper that sees the processes of the engine's host; nothing of a session runs in it."""
        config = {
            "Image": self.helper_image,
            "Entrypoint": [],
            "Cmd": ["perl", "-e", SCRIPT, "--", container_id],
            "Labels": labels.for_helper(self._installation, "stale"),
            "HostConfig": {
                "PidMode": "host",
                "NetworkMode": "none",
                "CapDrop": ["ALL"],
                "CapAdd": ["KILL"],
                "SecurityOpt": ["no-new-privileges", "apparmor=unconfined"],
                "Binds": [f"{folder}:/left"] if folder else [],
                "ReadonlyRootfs": True,
                "Memory": 64 * 1024**2,
                "PidsLimit": 8,
            },
        }
        with translated(f"end what is left of {container_id[:12]}"):
            helper: Any = self._client.raw.create_container_from_config(config)["Id"]
            try:
                self._client.api.start(helper)
                self._client.api.wait(helper, timeout=WAIT_S)
            finally:
                self._client.api.remove_container(helper, force=True, v=True)


def _is_stale(error: EngineError) -> bool:
    return any(sign in str(error) for sign in SIGNS)
