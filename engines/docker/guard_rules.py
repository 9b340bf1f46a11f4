"""The packet filter that keeps sessions from the host, from cloud metadata, and from each other.

Two chains of our own, filled in one transaction and shared by all installations of an engine (their rules are the
same). dockerd puts accepting rules before everything else in FORWARD whenever a network is made, but keeps DOCKER-USER
first of all: so our chain is called from both. Outgoing traffic and DNS stay open.
"""

from __future__ import annotations

from typing import Final

INTERVAL_S: Final = 15
METADATA: Final = ("169.254.0.0/16", "100.100.100.200/32", "168.63.129.16/32")

INPUT_RULES: Final = (
    "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
    "-j REJECT",
)
FORWARD_RULES: Final = (
    "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
    "-o vb-+ -j REJECT",
    "-o docker0 -j REJECT",
    "-o br-+ -j REJECT",
    # Some clouds answer DNS at their metadata address.
    *(f"-d {network} -p {protocol} --dport 53 -j RETURN" for network in METADATA for protocol in ("udp", "tcp")),
    *(f"-d {network} -j REJECT" for network in METADATA),
)
# Sessions have no IPv6 of their own; should an engine give them any, nothing passes.
REJECT_ALL: Final = ("-j REJECT",)


def _restore(input_rules: tuple[str, ...], forward_rules: tuple[str, ...]) -> str:
    rules = [f"-A VIBENV-INPUT {rule}" for rule in input_rules]
    rules += [f"-A VIBENV-FORWARD {rule}" for rule in forward_rules]
    return "\n".join(["*filter", ":VIBENV-INPUT - [0:0]", ":VIBENV-FORWARD - [0:0]", *rules, "COMMIT"])


# $1 is the family's command (iptables, ip6tables-legacy, …). `first CHAIN TARGET` makes our jump the first rule of
# CHAIN: the new one is put in before later copies are removed, so there is no moment without it.
APPLY: Final = f"""
first() {{
  t="$1"; chain="$2"; target="$3"
  [ "$("$t" -w 5 -S "$chain" 1 2>/dev/null)" = "-A $chain -i vb-+ -j $target" ] && return 0
  "$t" -w 5 -I "$chain" 1 -i vb-+ -j "$target" || return 1
  "$t" -w 5 -L "$chain" -n --line-numbers | awk -v t="$target" '$2 == t && $1 > 1 {{print $1}}' | sort -rn |
    while read -r n; do "$t" -w 5 -D "$chain" "$n"; done
}}
jumps() {{
  first "$1" INPUT VIBENV-INPUT && first "$1" FORWARD VIBENV-FORWARD || return 1
  if "$1" -w 5 -S DOCKER-USER >/dev/null 2>&1; then first "$1" DOCKER-USER VIBENV-FORWARD; fi
}}
apply4() {{
  "${{1%%-legacy}}${{2}}-restore" -w 5 --noflush <<'RULES' && jumps "$1"
{_restore(INPUT_RULES, FORWARD_RULES)}
RULES
}}
apply6() {{
  "${{1%%-legacy}}${{2}}-restore" -w 5 --noflush <<'RULES' && jumps "$1"
{_restore(REJECT_ALL, REJECT_ALL)}
RULES
}}
apply() {{
  if ! command -v iptables >/dev/null && ! command -v iptables-legacy >/dev/null; then
    echo "there is no iptables" >&2
    return 127
  fi
  apply4 iptables "" || apply4 iptables-legacy -legacy || return 1
  apply6 ip6tables "" 2>/dev/null || apply6 ip6tables-legacy -legacy 2>/dev/null || true
}}
"""
ONCE: Final = f"{APPLY}\napply"
FOREVER: Final = f"{APPLY}\nwhile :; do apply; sleep {INTERVAL_S}; done"
