from __future__ import annotations

import itertools

from engines.docker.subnets import RANGES, Network, candidates, free_range, routes_of

TABLE = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
tun0\t00000000\t010200C0\t0003\t0\t0\t0\t00000080\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
vb-12345678\t1002D50A\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0
"""


def test_routes_are_read_without_defaults_and_our_own() -> None:
    assert routes_of(TABLE) == [Network("172.17.0.0/16")]


def test_a_range_with_a_route_into_it_is_left_alone() -> None:
    assert free_range([]) == RANGES[0]
    assert free_range([Network("10.213.4.0/24")]) == RANGES[1]
    assert free_range([Network("10.0.0.0/8")]) == RANGES[2]


def test_every_subnet_is_tried_once() -> None:
    tried = list(candidates("a session", RANGES[0]))
    assert len(tried) == len(set(tried)) == 4096
    assert all(subnet.subnet_of(RANGES[0]) for subnet in tried)


def test_the_order_is_the_keys_own() -> None:
    first = [next(candidates(str(key), RANGES[0])) for key in range(50)]
    assert len(set(first)) > 40
    again = list(itertools.islice(candidates("7", RANGES[0]), 5))
    assert again == list(itertools.islice(candidates("7", RANGES[0]), 5))
