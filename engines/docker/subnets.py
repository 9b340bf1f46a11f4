"""Which addresses a session's network gets: a /28 out of a range that the host has no route into."""

from __future__ import annotations

import hashlib
import ipaddress
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import Final

Network = ipaddress.IPv4Network

RANGES: Final = tuple(Network(r) for r in ("10.213.0.0/16", "10.87.0.0/16", "172.29.0.0/16", "192.168.192.0/18"))
PREFIX: Final = 28
DEFAULT_ROUTE_PREFIX: Final = 4  # VPNs split the default route in halves; such routes claim no range


def routes_of(proc_net_route: str, own_prefix: str = "vb-") -> list[Network]:
    """The destinations in the text of `/proc/net/route`, without default routes and our own bridges."""
    routes = []
    for line in proc_net_route.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8 or fields[0].startswith(own_prefix):
            continue
        network = Network((_address(fields[1]), _address(fields[7])), strict=False)
        if network.prefixlen > DEFAULT_ROUTE_PREFIX:
            routes.append(network)
    return routes


def _address(little_endian_hex: str) -> str:
    return socket.inet_ntoa(struct.pack("<I", int(little_endian_hex, 16)))


def free_range(routes: Sequence[Network]) -> Network:
    """The first range that no route overlaps; the first of all where none is free, since a try costs nothing."""
    for candidate in RANGES:
        if not any(candidate.overlaps(route) for route in routes):
            return candidate
    return RANGES[0]


def candidates(key: str, network_range: Network) -> Iterator[Network]:
    """Every subnet of the range once, in an order of the key's own: parallel creates rarely meet."""
    count = 1 << (PREFIX - network_range.prefixlen)
    digest = hashlib.sha256(key.encode()).digest()
    first = int.from_bytes(digest[:4])
    step = int.from_bytes(digest[4:8]) | 1  # odd, so it visits all of a power of two
    size = 1 << (32 - PREFIX)
    base = int(network_range.network_address)
    for turn in range(count):
        yield Network((base + (first + turn * step) % count * size, PREFIX))
