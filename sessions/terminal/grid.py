"""A terminal's screen as text: what its output has painted. Knows no colours, so it is quick. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Final

from wcwidth import wcwidth

LONGEST_SEQUENCE: Final = 64 * 1024  # characters; what goes on is given up
TAB: Final = 8

_TOKEN = re.compile(
    r"[^\x00-\x1f\x7f-\x9f]+"
    r"|\x1b\[(?P<params>[0-?]*)(?P<between>[ -/]*)(?P<csi>[@-~])"
    r"|\x1b(?P<string>[\]PX^_])(?P<said>[^\x07\x1b]*)(?:\x07|\x1b\\?)"
    r"|\x1b(?P<middle>[ -/]*)(?P<esc>[0-Z\\`-~])"
    r"|[\x00-\x1f\x7f-\x9f]"
)
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")
_LINES = str.maketrans("`afgjklmnopqrstuvwxyz{|}~", "◆▒°±┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")


class Grid:
    """Feed it output; sequences and characters may be cut anywhere. Rows and columns count from 0."""

    def __init__(self, rows: int, cols: int) -> None:
        self.rows, self.cols = rows, cols
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self.title = ""
        self._reset()

    def _reset(self) -> None:
        self.lines = [self._blank() for _ in range(self.rows)]
        self._main: list[list[str]] | None = None  # while the other screen is on
        self._main_saved = (0, 0)
        self.x = self.y = 0  # `x` may be one past the last column: the next character goes to the next line
        self._saved = (0, 0)
        self._top, self._bottom = 0, self.rows - 1
        self.visible = True
        self._wraps, self._inserts, self._origin = True, False, False
        self._charsets, self._shift = [False, False], 0  # of line drawing
        self._last = ""

    def _blank(self) -> list[str]:
        return [" "] * self.cols

    @property
    def alternate(self) -> bool:
        """A full-screen program is on."""
        return self._main is not None

    @property
    def column(self) -> int:
        return min(self.x, self.cols - 1)

    def text(self) -> list[str]:
        """Its lines, without blanks at their ends."""
        return ["".join(line).rstrip() for line in self.lines]

    def feed(self, data: bytes) -> None:
        text = self._rest + self._decoder.decode(data)
        self._rest = ""
        cut = _UNFINISHED.search(
            text, text.rfind("\x1b", 0, -1) if text.endswith("\x1b") else max(0, text.rfind("\x1b"))
        )
        if cut:
            text, self._rest = text[: cut.start()], text[cut.start() :][:LONGEST_SEQUENCE]
            if len(self._rest) == LONGEST_SEQUENCE:
                self._rest = ""
        for token in _TOKEN.finditer(text):
            self._token(token)

    def _token(self, token: re.Match[str]) -> None:
        if token["csi"]:
            if not token["between"]:
                self._csi(token["params"], token["csi"])
        elif token["string"]:
            if token["string"] == "]" and token["said"][:2] in {"0;", "2;"}:
                self.title = token["said"][2:][:200]
        elif token["esc"]:
            self._escape(token["middle"], token["esc"])
        elif token[0] >= " " and token[0][0] not in "\x7f" and not "\x80" <= token[0][0] <= "\x9f":
            self._put(token[0])
        else:
            self._control(token[0])

    # characters -----------------------------------------------------------------------------------------
    def _put(self, text: str) -> None:
        if self._charsets[self._shift]:
            text = text.translate(_LINES)
        if text.isascii() and not self._inserts:
            self._put_narrow(text)
        else:
            for character in text:
                self._put_one(character)
        self._last = text[-1]

    def _put_narrow(self, text: str) -> None:
        while text:
            self._make_room(1)
            part = text[: self.cols - self.x]
            self.lines[self.y][self.x : self.x + len(part)] = part
            self.x += len(part)
            text = text[len(part) :]

    def _put_one(self, character: str) -> None:
        width = wcwidth(character)
        if width <= 0:
            before = self.x - 1
            if width == 0 and 0 <= before < self.cols and len(self.lines[self.y][before]) < 16:
                self.lines[self.y][before] += character
            return
        if width > self.cols:
            return
        self._make_room(width)
        line = self.lines[self.y]
        if self._inserts:
            line[self.x : self.x] = [" "] * width
            del line[self.cols :]
        line[self.x] = character
        if width == 2:
            line[self.x + 1] = ""
        self.x += width

    def _make_room(self, width: int) -> None:
        if self.x + width <= self.cols:
            return
        if self._wraps:
            self.x = 0
            self._down()
        else:
            self.x = self.cols - width

    # control characters ---------------------------------------------------------------------------------
    def _control(self, character: str) -> None:
        match character:
            case "\n" | "\x0b" | "\x0c":
                self._down()
            case "\r":
                self.x = 0
            case "\b":
                self.x = max(0, self.column - 1)
            case "\t":
                self.x = min(self.cols - 1, (self.column // TAB + 1) * TAB)
            case "\x0e":
                self._shift = 1
            case "\x0f":
                self._shift = 0
            case _:
                pass

    def _down(self) -> None:
        if self.y == self._bottom:
            self._scroll(1)
        elif self.y < self.rows - 1:
            self.y += 1

    def _up(self) -> None:
        if self.y == self._top:
            self._scroll(-1)
        elif self.y > 0:
            self.y -= 1

    def _scroll(self, count: int, top: int | None = None) -> None:
        """Up by `count` lines, or down by a negative one, from `top` to the bottom margin."""
        top = self._top if top is None else top
        for _ in range(min(abs(count), self._bottom - top + 1)):
            if count > 0:
                del self.lines[top]
                self.lines.insert(self._bottom, self._blank())
            else:
                del self.lines[self._bottom]
                self.lines.insert(top, self._blank())

    # sequences ------------------------------------------------------------------------------------------
    def _escape(self, middle: str, final: str) -> None:
        if middle in {"(", ")"}:
            self._charsets[middle == ")"] = final == "0"
        if middle:
            return
        match final:
            case "7":
                self._saved = (self.y, self.x)
            case "8":
                self._restore(self._saved)
            case "D":
                self._down()
            case "E":
                self.x = 0
                self._down()
            case "M":
                self._up()
            case "c":
                self._reset()
            case _:
                pass

    def _restore(self, saved: tuple[int, int]) -> None:
        self.y, self.x = min(saved[0], self.rows - 1), min(saved[1], self.cols)

    def _csi(self, params: str, final: str) -> None:
        if params[:1] in {"?", ">", "<", "="}:
            if params[0] == "?" and final in {"h", "l"}:
                for mode in _numbers(params[1:]):
                    self._private(mode, on=final == "h")
            return
        known = _CSI.get(final)
        if known:
            known(self, _numbers(params) or [0])

    def _private(self, mode: int, *, on: bool) -> None:
        match mode:
            case 6:
                self._origin = on
                self._go(0, 0)
            case 7:
                self._wraps = on
            case 25:
                self.visible = on
            case 47 | 1047 | 1049:
                self._switch(on=on)
            case _:
                pass

    def _switch(self, *, on: bool) -> None:
        if on and self._main is None:
            self._main, self._main_saved = self.lines, (self.y, self.x)
            self.lines = [self._blank() for _ in range(self.rows)]
        elif not on and self._main is not None:
            self.lines, self._main = self._main, None
            self._restore(self._main_saved)

    def _go(self, row: int, col: int) -> None:
        first, last = (self._top, self._bottom) if self._origin else (0, self.rows - 1)
        self.y = max(first, min(first + row, last))
        self.x = max(0, min(col, self.cols - 1))

    def _cursor_to(self, given: list[int]) -> None:
        self._go(_count(given) - 1, _count(given[1:]) - 1)

    def _cursor_up(self, given: list[int]) -> None:
        first = self._top if self.y >= self._top else 0
        self.y, self.x = max(first, self.y - _count(given)), self.column

    def _cursor_down(self, given: list[int]) -> None:
        last = self._bottom if self.y <= self._bottom else self.rows - 1
        self.y, self.x = min(last, self.y + _count(given)), self.column

    def _cursor_right(self, given: list[int]) -> None:
        self.x = min(self.cols - 1, self.column + _count(given))

    def _cursor_left(self, given: list[int]) -> None:
        self.x = max(0, self.column - _count(given))

    def _line_down(self, given: list[int]) -> None:
        self._cursor_down(given)
        self.x = 0

    def _line_up(self, given: list[int]) -> None:
        self._cursor_up(given)
        self.x = 0

    def _to_column(self, given: list[int]) -> None:
        self.x = min(self.cols, _count(given)) - 1

    def _to_row(self, given: list[int]) -> None:
        self._go(_count(given) - 1, self.column)

    def _erase_screen(self, given: list[int]) -> None:
        how = given[0]
        if how == 0:
            self._erase_line([0])
        elif how == 1:
            self._erase_line([1])
        ranges = {0: range(self.y + 1, self.rows), 1: range(self.y), 2: range(self.rows)}
        for row in ranges.get(how, ()):
            self.lines[row] = self._blank()

    def _erase_line(self, given: list[int]) -> None:
        line, at = self.lines[self.y], self.column
        first, last = {0: (at, self.cols), 1: (0, at + 1), 2: (0, self.cols)}.get(given[0], (0, 0))
        line[first:last] = [" "] * (last - first)

    def _insert_lines(self, given: list[int]) -> None:
        if self._top <= self.y <= self._bottom:
            self._scroll(-_count(given), self.y)
            self.x = 0

    def _delete_lines(self, given: list[int]) -> None:
        if self._top <= self.y <= self._bottom:
            self._scroll(_count(given), self.y)
            self.x = 0

    def _delete_characters(self, given: list[int]) -> None:
        line, at = self.lines[self.y], self.column
        del line[at : at + _count(given)]
        line.extend(" " * (self.cols - len(line)))

    def _insert_characters(self, given: list[int]) -> None:
        line, at = self.lines[self.y], self.column
        line[at:at] = [" "] * min(_count(given), self.cols - at)
        del line[self.cols :]

    def _erase_characters(self, given: list[int]) -> None:
        line, at = self.lines[self.y], self.column
        last = min(self.cols, at + _count(given))
        line[at:last] = [" "] * (last - at)

    def _repeat(self, given: list[int]) -> None:
        if self._last:
            self._put(self._last * min(_count(given), self.rows * self.cols))

    def _margins(self, given: list[int]) -> None:
        top = _count(given) - 1
        bottom = min(given[1] if len(given) > 1 and given[1] else self.rows, self.rows) - 1
        if top < bottom:
            self._top, self._bottom = top, bottom
            self._go(0, 0)

    def _mode(self, given: list[int], *, on: bool) -> None:
        if 4 in given:
            self._inserts = on


def _numbers(params: str) -> list[int]:
    return [int(part) if part.isdigit() and len(part) < 6 else 0 for part in params.split(";")] if params else []


def _count(given: list[int]) -> int:
    return max(1, given[0]) if given else 1


_CSI: Final[dict[str, Callable[[Grid, list[int]], None]]] = {
    "A": Grid._cursor_up, "B": Grid._cursor_down, "C": Grid._cursor_right, "D": Grid._cursor_left,
    "E": Grid._line_down, "F": Grid._line_up, "G": Grid._to_column, "`": Grid._to_column, "d": Grid._to_row,
    "H": Grid._cursor_to, "f": Grid._cursor_to, "a": Grid._cursor_right, "e": Grid._cursor_down,
    "J": Grid._erase_screen, "K": Grid._erase_line, "L": Grid._insert_lines, "M": Grid._delete_lines,
    "P": Grid._delete_characters, "@": Grid._insert_characters, "X": Grid._erase_characters, "b": Grid._repeat,
    "S": lambda grid, given: grid._scroll(_count(given)), "T": lambda grid, given: grid._scroll(-_count(given)),
    "r": Grid._margins, "s": lambda grid, _: grid._escape("", "7"), "u": lambda grid, _: grid._escape("", "8"),
    "h": lambda grid, given: grid._mode(given, on=True), "l": lambda grid, given: grid._mode(given, on=False),
}  # fmt: skip
