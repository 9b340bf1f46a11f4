"""What runs around a script where Dagger's engine runs it, which looks at no size and holds nothing back.

It lays down its capabilities, unpacks the inputs, and has the script ended when its tree grows too large.
"""

from __future__ import annotations

import re
from typing import Final

from engines.errors import BuildError
from layers.builders import script
from layers.builders.protocol import BuildRequest

INPUTS: Final = f"{script.WORK}/.vibenv/inputs"
LARGE: Final = re.compile(r"^vibenv: too large: (\d+)$", re.MULTILINE)
EMPTY: Final = "vibenv: nothing at the prefix"
UNHELD: Final = "vibenv: no setpriv"
HOLD: Final = "setpriv --bounding-set=-all --inh-caps=-all --no-new-privs"
MARK: Final = f"{script.WORK}/.vibenv-large"


def starting(request: BuildRequest) -> str:
    limit = request.size_limit_bytes // 1024
    return f"""
if [ -z "${{VIBENV_HELD:-}}" ]; then
  if {HOLD} true 2> /dev/null; then
    VIBENV_HELD=1 exec {HOLD} sh {script.START}
  elif [ -n "${{VIBENV_OFFLINE:-}}" ]; then
    echo '{UNHELD}'; exit 1
  fi
fi
unset VIBENV_HELD VIBENV_OFFLINE
{script.PREPARING}
for tar in {INPUTS}/*; do
  [ -e "$tar" ] || continue
  mkdir -p "{script.WORK}/${{tar##*/}}"
  tar -xf "$tar" -C "{script.WORK}/${{tar##*/}}"
done
used() {{ du -skx "$PREFIX" 2> /dev/null | cut -f1; }}
sh -eu {script.SCRIPT} < /dev/null 2>&1 &
pid=$!
(
  while sleep 1 && kill -0 $pid 2> /dev/null; do
    size=$(used)
    if [ "${{size:-0}}" -gt {limit} ]; then
      echo "$size" > {MARK}
      kill -KILL $pid
    fi
  done
) > /dev/null 2>&1 &
watch=$!
code=0
wait $pid || code=$?
kill $watch 2> /dev/null || :
size=$(used)
if [ -e {MARK} ] || [ "${{size:-0}}" -gt {limit} ]; then echo "vibenv: too large: $size"; exit 1; fi
[ $code = 0 ] || exit $code
if [ -z "$(ls -A "$PREFIX")" ]; then echo '{EMPTY}'; exit 1; fi
"""


def command(request: BuildRequest) -> list[str]:
    """Without network: in an empty network namespace, which takes a capability that is laid down right after."""
    if request.network:
        return ["sh", script.START]
    return ["env", "VIBENV_OFFLINE=1", "unshare", "--net", "--", "sh", script.START]


def failure(request: BuildRequest, exit_code: int, output: str) -> BuildError:
    if found := LARGE.search(output):
        return script.too_large(request, f"its tree has {script.size(int(found[1]) * 1024)}")
    if EMPTY in output:
        return script.empty(request)
    if UNHELD in output:
        return BuildError("The base image has no `setpriv` (util-linux), which a Dagger build without network needs.")
    return script.failure(request, exit_code, output.splitlines()[-20:])
