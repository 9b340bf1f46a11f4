"""What the terminal's measurements say, against the goals."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.echo import Echo
from bench.figures import Figure, at_least, at_most, percentile_of_rounds
from bench.flood import Flood, Stall
from bench.join import Join
from bench.usage import MIB
from sessions.protocol import CREDIT, RING_BYTES

TTYD_ECHO_MS = 3.4  # ttyd 1.7, 20 viewers, the same work on a machine like ours, in another run
MORE_THAN_FLOOR_MS = 2.0
SHARE = 0.9
FLOOD_CPU_S = 0.6
JOIN_MS = 10.0
SLACK_BYTES = 4 * MIB
NOTES = (
    "floor: bare attaches (`dtach -a` by the engine's raw exec) to a container like the session's",
    f"ttyd's {TTYD_ECHO_MS} ms is from another run: ttyd 1.7 with 20 viewers of one dtach shell, one exec each",
    "echo: a key each 20 ms into `cat` without line mode; rounds' percentiles, medians of them; the viewer in the middle types",
    "flood: only live bytes that arrived count as speed; dtach loses output to several bare attaches, and the product skips "
    "a viewer forward that lags, so the least share received belongs beside each rate",
    "flood ratios are medians of the rounds' ratios, each round's floor and product measured one after the other",
    "memory: peak resident memory of the web process during a flood above what it was before, largest of all rounds",
)


@dataclass
class Results:
    """All rounds, by number of viewers."""

    echo: dict[int, list[Echo]] = field(default_factory=lambda: defaultdict(list))
    floor_echo: dict[int, list[Echo]] = field(default_factory=lambda: defaultdict(list))
    flood: dict[int, list[Flood]] = field(default_factory=lambda: defaultdict(list))
    floor_flood: dict[int, list[Flood]] = field(default_factory=lambda: defaultdict(list))
    unstalled: list[Flood] = field(default_factory=list)
    stalled: list[Stall] = field(default_factory=list)
    joins: list[list[Join]] = field(default_factory=list)


def figures(results: Results) -> list[Figure]:
    return [
        *_echo(results, 1),
        *_echo(results, 20),
        *_flood(results, 1),
        *_flood(results, 5),
        *_joins(results),
        *_stall(results),
    ]


def _viewers(count: int) -> str:
    return "1 viewer" if count == 1 else f"{count} viewers"


def _echo(results: Results, count: int) -> list[Figure]:
    who = _viewers(count)
    ours = [e.typist for e in results.echo[count]]
    floor = [e.typist for e in results.floor_echo[count]]
    p50, floor_p50 = percentile_of_rounds(ours, 50), percentile_of_rounds(floor, 50)
    found = [Figure(f"echo p50, {who}, floor", floor_p50, "ms")]
    if count == 1:
        found.append(at_most(f"echo p50, {who}, above the floor", p50 - floor_p50, "ms", MORE_THAN_FLOOR_MS))
        found.append(Figure(f"echo p50, {who}", p50, "ms"))
    else:
        found.append(Figure(f"echo p50, {who}", p50, "ms", f"< {TTYD_ECHO_MS} ms (ttyd)", p50 < TTYD_ECHO_MS))
    for percent in (95, 99):
        found.append(Figure(f"echo p{percent}, {who}, floor", percentile_of_rounds(floor, percent), "ms"))
        found.append(Figure(f"echo p{percent}, {who}", percentile_of_rounds(ours, percent), "ms"))
    if count > 1:
        everybody = [e.everybody for e in results.echo[count]]
        found += [
            Figure(f"echo p{p}, {who}, at all of them", percentile_of_rounds(everybody, p), "ms") for p in (50, 95, 99)
        ]
    return found


def _flood(results: Results, count: int) -> list[Figure]:
    who = _viewers(count)
    ours, floor = results.flood[count], results.floor_flood[count]
    cpu_s = _median(f.used.cpu_s for f in ours if f.used)
    name = f"flood CPU per 50 MB, {who}"
    return [
        Figure(f"flood, {who}, floor", _median(f.mb_per_s for f in floor), "MB/s"),
        Figure(f"flood, {who}, floor: least share received", _least(floor), "%"),
        Figure(f"flood, {who}", _median(f.mb_per_s for f in ours), "MB/s"),
        at_least(f"flood, {who}: least share received", _least(ours), "%", 100)
        if count == 1
        else Figure(f"flood, {who}: least share received", _least(ours), "%"),
        at_least(f"flood, {who}: all saw its end", _ended(ours), "% of rounds", 100),
        _share(f"flood, {who}, of the floor", ours, floor),
        *_of_one_attach(results, count),
        at_most(name, cpu_s, "s", FLOOD_CPU_S) if count == 1 else Figure(name, cpu_s, "s"),
        _memory(f"memory growth, {who}", ours, count),
    ]


def _joins(results: Results) -> list[Figure]:
    screens = [[j.screen_ms for j in joins] for joins in results.joins]
    connects = [[j.connect_ms for j in joins] for joins in results.joins]
    return [
        at_most("joiner's screen p50, 3 others watch", percentile_of_rounds(screens, 50), "ms", JOIN_MS),
        Figure("joiner's screen p95", percentile_of_rounds(screens, 95), "ms"),
        Figure("joiner's connection before it, p50", percentile_of_rounds(connects, 50), "ms"),
    ]


def _stall(results: Results) -> list[Figure]:
    floods = [s.flood for s in results.stalled]
    right = sum(s.recovered for s in results.stalled) / len(results.stalled) * 100
    return [
        Figure("flood, 3 viewers", _median(f.mb_per_s for f in results.unstalled), "MB/s"),
        Figure("flood, 3 viewers, one stalled: the others", _median(f.mb_per_s for f in floods), "MB/s"),
        _share("one stalled: the others, of their rate without", floods, results.unstalled),
        Figure("one stalled: the others' least share received", _least(floods), "%"),
        at_least("one stalled: the others all saw its end", _ended(floods), "% of rounds", 100),
        at_least("stalled viewer's screen right after it reads again", right, "% of rounds", 100),
        Figure("stalled viewer, until its screen is right", _median(s.recovery_ms for s in results.stalled), "ms"),
        _memory("memory growth, 3 viewers", results.unstalled, 3),
        _memory("memory growth, 3 viewers, one stalled", floods, 3),
    ]


def _share(name: str, ours: Sequence[Flood], of: Sequence[Flood]) -> Figure:
    ratio = _median(a.mb_per_s / b.mb_per_s for a, b in zip(ours, of, strict=True))
    return at_least(name, ratio * 100, "%", SHARE * 100)


def _ended(floods: Sequence[Flood]) -> float:
    return sum(flood.ended for flood in floods) / len(floods) * 100


def _of_one_attach(results: Results, count: int) -> list[Figure]:
    """Beside a floor that loses output: the one that loses none."""
    if count == 1:
        return []
    ratio = _median(a.mb_per_s / b.mb_per_s for a, b in zip(results.flood[count], results.floor_flood[1], strict=True))
    return [Figure(f"flood, {_viewers(count)}, of one bare attach alone", ratio * 100, "%")]


def _memory(name: str, floods: Sequence[Flood], viewers: int) -> Figure:
    growth = max(f.used.growth_bytes for f in floods if f.used)
    limit = (RING_BYTES + viewers * CREDIT + SLACK_BYTES) / MIB
    return at_most(name, growth / MIB, "MiB", limit)


def _least(floods: Iterable[Flood]) -> float:
    return min(flood.share for flood in floods) * 100


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)
