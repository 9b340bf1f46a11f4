"""Reading what clients send: each text frame checked against the protocol, with an error that names the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from sessions.protocol import (
    COLS,
    ROWS,
    TEXT_FRAME_BYTES,
    Ack,
    Answer,
    Away,
    Chat,
    ClientMessage,
    Control,
    Hand,
    Hello,
    Pause,
    Ping,
    Resize,
)


class BadMessage(Exception):
    """Not of the protocol; the text names the field and what it takes."""


def parse(text: str) -> ClientMessage:
    """One text frame as a message. Raises `BadMessage`."""
    if len(text) > TEXT_FRAME_BYTES:
        raise BadMessage(f"a text frame takes at most {TEXT_FRAME_BYTES} characters")
    try:
        message = json.loads(text)
    except ValueError as error:
        raise BadMessage("a text frame is a JSON object") from error
    if not isinstance(message, dict):
        raise BadMessage("a text frame is a JSON object")
    reader = _READERS.get(str(message.get("type")))
    if reader is None:
        raise BadMessage(f"type: one of {', '.join(_READERS)}")
    return reader(message)


def _integer(message: dict[str, Any], name: str, low: int, high: int) -> int:
    value = message.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadMessage(f"{name}: a whole number from {low} to {high}")
    return value


def _hello(message: dict[str, Any]) -> Hello:
    hello = Hello(type="hello", rows=_integer(message, "rows", *ROWS), cols=_integer(message, "cols", *COLS))
    if message.get("epoch") is not None:
        hello["epoch"] = str(message["epoch"])[:64]
        hello["seq"] = _integer(message, "seq", 0, 2**63)
    hello["answers"] = bool(message.get("answers", True))
    return hello


def _resize(message: dict[str, Any]) -> Resize:
    return Resize(type="resize", rows=_integer(message, "rows", *ROWS), cols=_integer(message, "cols", *COLS))


def _ack(message: dict[str, Any]) -> Ack:
    return Ack(type="ack", seq=_integer(message, "seq", 0, 2**63))


def _answer(message: dict[str, Any]) -> Answer:
    if not isinstance(message.get("data"), str):
        raise BadMessage("data: a string")
    return Answer(type="answer", data=cast(str, message["data"]))


def _ping(message: dict[str, Any]) -> Ping:
    return Ping(type="ping", id=_integer(message, "id", 0, 2**53))


def _flag(message: dict[str, Any], name: str) -> bool:
    value = message.get(name)
    if not isinstance(value, bool):
        raise BadMessage(f"{name}: true or false")
    return value


def _hand(message: dict[str, Any]) -> Hand:
    hand = Hand(type="hand", raised=_flag(message, "raised"))
    if message.get("of") is not None:
        hand["of"] = str(message["of"])[:64]
    return hand


def _chat(message: dict[str, Any]) -> Chat:
    if not isinstance(message.get("text"), str):
        raise BadMessage("text: a string")
    return Chat(type="chat", text=message["text"])


def _control(message: dict[str, Any]) -> Control:
    return Control(type="control", take=_flag(message, "take"))


def _pause(message: dict[str, Any]) -> Pause:
    return Pause(type="pause", agents=_flag(message, "agents"))


def _away(message: dict[str, Any]) -> Away:
    return Away(type="away", away=_flag(message, "away"))


_READERS: dict[str, Callable[[dict[str, Any]], ClientMessage]] = {
    "hello": _hello,
    "resize": _resize,
    "ack": _ack,
    "answer": _answer,
    "ping": _ping,
    "hand": _hand,
    "chat": _chat,
    "control": _control,
    "pause": _pause,
    "away": _away,
}
