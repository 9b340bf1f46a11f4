"""Regular expressions in time that is linear in the text, whatever the pattern: no backtracking, so nobody can stall us.

A pattern is parsed by Python's own parser and becomes an automaton; back-references and look-around have no place in one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

from engines.errors import InvalidInput

LONGEST: Final = 500  # characters of a pattern
STATES: Final = 2000
REMEMBERED: Final = 4000  # steps that are kept

Test = Callable[[str], bool]


class Pattern:
    """`search` says where in a text its first match ends. `^` and `$` are a line's ends; a dot is no line end."""

    def __init__(self, text: str) -> None:
        """Raises `InvalidInput`."""
        if not text or len(text) > LONGEST:
            raise InvalidInput(f"regex: takes 1 to {LONGEST} characters.")
        try:
            parsed = _parser.parse(text, re.MULTILINE)
        except (re.error, RecursionError, OverflowError) as error:
            raise InvalidInput(f"regex: {error}.") from error
        self._steps: list[tuple[str, Any]] = []  # of each state: what it does, and for what
        self._next: list[list[int]] = []
        self._memory: dict[tuple[frozenset[int], str, str], tuple[frozenset[int], bool]] = {}
        self._ignore_case = bool(parsed.state.flags & re.IGNORECASE)
        self._final = self._state("final")
        self._first = self._sequence(list(parsed), self._final)

    def search(self, text: str) -> int | None:
        """Number of the character after the first match that ends, or None."""
        now: frozenset[int] = frozenset()
        before = "\n"
        for at, character in enumerate(text):
            now, found = self._step(now, before, character)
            if found:
                return at
            before = character
        _, found = self._step(now, before, "\n")
        return len(text) if found else None

    def _step(self, now: frozenset[int], before: str, character: str) -> tuple[frozenset[int], bool]:
        """The states behind `character`, and whether a match had ended ahead of it."""
        key = (now, before, character)
        known = self._memory.get(key)
        if known is None:
            if len(self._memory) > REMEMBERED:
                self._memory.clear()
            reached = self._closure([*now, self._first], before, character)
            after = {
                then for state in reached if self._steps[state][0] == "char" and self._steps[state][1](character)
                for then in self._next[state]
            }  # fmt: skip
            known = self._memory[key] = (frozenset(after), self._final in reached)
        return known

    def _closure(self, states: Iterable[int], before: str, after: str) -> set[int]:
        found: set[int] = set()
        todo = list(states)
        while todo:
            state = todo.pop()
            if state in found:
                continue
            kind, about = self._steps[state]
            if kind == "at" and not about(before, after):
                continue
            found.add(state)
            if kind in {"jump", "at"}:
                todo += self._next[state]
        return found

    # from the parsed pattern to states ------------------------------------------------------------------
    def _state(self, kind: str, about: Any = None, *then: int) -> int:
        if len(self._steps) >= STATES:
            raise InvalidInput("regex: repeats too much.")
        self._steps.append((kind, about))
        self._next.append(list(then))
        return len(self._steps) - 1

    def _sequence(self, items: list[Any], then: int) -> int:
        for kind, about in reversed(items):
            then = self._item(kind, about, then)
        return then

    def _item(self, kind: Any, about: Any, then: int) -> int:
        if kind in {op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN, op.CATEGORY}:
            return self._state("char", self._test(kind, about), then)
        if kind is op.BRANCH:
            return self._state("jump", None, *(self._sequence(list(each), then) for each in about[1]))
        if kind is op.SUBPATTERN:
            return self._sequence(list(about[3]), then)
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
            return self._repeat(about[0], about[1], about[2], then)
        if kind is op.AT and about in _PLACES:
            return self._state("at", _PLACES[about], then)
        raise InvalidInput("regex: back-references, look-around and possessive repeats are not taken.")

    def _repeat(self, least: int, most: int, items: Any, then: int) -> int:
        if least > STATES or (most is not op.MAXREPEAT and most > STATES):
            raise InvalidInput("regex: repeats too much.")
        if most is op.MAXREPEAT:
            again = self._state("jump")
            self._next[again] = [self._sequence(list(items), again), then]
            begin = again
        else:
            begin = then
            for _ in range(most - least):
                begin = self._state("jump", None, self._sequence(list(items), begin), then)
        for _ in range(least):
            begin = self._sequence(list(items), begin)
        return begin

    def _test(self, kind: Any, about: Any) -> Test:
        plain = _test(kind, about)
        if not self._ignore_case:
            return plain
        return lambda c: plain(c) or plain(c.lower()) or plain(c.upper())


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"


_PLACES: Final[dict[Any, Callable[[str, str], bool]]] = {
    op.AT_BEGINNING: lambda before, _: before == "\n",
    op.AT_BEGINNING_STRING: lambda before, _: before == "\n",
    op.AT_END: lambda _, after: after == "\n",
    op.AT_END_STRING: lambda _, after: after == "\n",
    op.AT_BOUNDARY: lambda before, after: _word(before) != _word(after),
    op.AT_NON_BOUNDARY: lambda before, after: _word(before) == _word(after),
}
_CATEGORIES: Final[dict[Any, Test]] = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdecimal(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_WORD: _word,
    op.CATEGORY_NOT_WORD: lambda c: not _word(c),
}


def _test(kind: Any, about: Any) -> Test:
    if kind is op.LITERAL:
        return chr(about).__eq__
    if kind is op.NOT_LITERAL:
        return chr(about).__ne__
    if kind is op.ANY:
        return "\n".__ne__
    if kind is op.CATEGORY:
        return _CATEGORIES[about]
    negated = about[0][0] is op.NEGATE
    tests = [_member(*each) for each in about[negated:]]
    return lambda c: any(test(c) for test in tests) != negated


def _member(kind: Any, about: Any) -> Test:
    if kind is op.RANGE:
        return lambda c: about[0] <= ord(c) <= about[1]
    return _test(kind, about)
