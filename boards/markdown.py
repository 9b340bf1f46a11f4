"""What people write as HTML: rendered and sanitised by libraries, so that nothing of it is more than text to the page.

`@username` outside of code is a mention: a `<mark>`, which no Markdown makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "mark", "ol", "p"),
    *("pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "title"}, "mark": {"title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}

# A name may hold dots and dashes, and a sentence may end right behind it.
MENTION = re.compile(r"(?<![\w@.+/-])@([\w@.+-]*\w)")
NAMES = "names"  # in the renderer's environment: names of people by username in small letters


def _mark(state: StateCore) -> None:
    """A rule of the renderer: mentions become tokens of their own."""
    names: Mapping[str, str] = state.env.get(NAMES, {})
    if not names:
        return
    for block in state.tokens:
        if block.children is not None:
            block.children = [token for child in block.children for token in _marked(child, names)]


def _marked(token: Token, names: Mapping[str, str]) -> Iterator[Token]:
    if token.type != "text":
        yield token
        return
    end = 0
    for found in MENTION.finditer(token.content):
        username = found[1].lower()
        if username not in names:
            continue
        yield Token("text", "", 0, content=token.content[end : found.start()])
        yield Token("mark_open", "mark", 1, attrs={"title": f"@{username}"})
        yield Token("text", "", 0, content=f"@{names[username]}")
        yield Token("mark_close", "mark", -1)
        end = found.end()
    yield Token("text", "", 0, content=token.content[end:])


# No raw HTML. No pictures: each would tell another site who reads the card.
_renderer = (
    MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable("image")
)
_renderer.core.ruler.after("text_join", "mentions", _mark)


def to_html(text: str, names: Mapping[str, str] | None = None) -> str:
    """Markdown to safe HTML. Links open elsewhere and tell the other site nothing.

    `names` are those of people who may be mentioned, by username in small letters.
    """
    return nh3.clean(
        _renderer.render(text, {NAMES: names or {}}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def mentioned(text: str, usernames: set[str]) -> set[str]:
    """Which of `usernames` (in small letters) the Markdown `text` mentions."""
    children = (child for block in _renderer.parse(text, {}) for child in block.children or [])
    words = [child.content for child in children if child.type == "text"]
    return {found[1].lower() for piece in words for found in MENTION.finditer(piece)} & usernames
