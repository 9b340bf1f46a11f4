"""Descriptions: what is shown as it was meant, and what never gets through."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from boards import actions, tokens
from boards.markdown import TAGS, to_html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "<javascript:alert(1)>",
    "![x](https://evil.example/who.png)",
    '[x](https://a.example "onmouseover=alert(1)")',
    "[x]: javascript:alert(1)\n\n[x]",
    "```<script>\nalert(1)\n```",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "<iframe src=//evil.example></iframe>",
    "`</code><script>alert(1)</script>`",
    "<!--><script>alert(1)</script>-->",
    "| a |\n|---|\n| <script>alert(1)</script> |",
]
TAG = re.compile(r"<\s*/?\s*([a-zA-Z0-9!]+)([^>]*)>")


def assert_harmless(html):
    for name, attributes in TAG.findall(html):
        assert name in TAGS
        outside = re.sub(r'"[^"]*"', '""', attributes)
        assert not re.search(r"\son\w+|style|src", outside), html
        for target in re.findall(r'href="([^"]*)"', attributes):
            assert re.match(r"https?:|mailto:|[^:]*$", target), html


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text):
    assert_harmless(to_html(text))


@given(st.lists(st.sampled_from([*HOSTILE, "<", ">", '"', "`", "[", "](", ")", "\n", "*", "&#", "a"]), max_size=12))
def test_hostile_pieces_in_any_order_stay_text(pieces):
    assert_harmless(to_html("".join(pieces)))


def test_markdown_is_shown_as_meant():
    html = to_html("# Plan\n\n- **one**\n- `two`\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\nline\nbreak")
    for part in ("<h1>Plan</h1>", "<strong>one</strong>", "<code>two</code>", "<td>1</td>", "<s>2</s>", "line<br>"):
        assert part in html


def test_links_open_elsewhere_and_tell_nothing():
    html = to_html("[docs](https://docs.example/)")
    assert 'href="https://docs.example/"' in html
    assert 'target="_blank"' in html
    assert 'rel="noopener noreferrer nofollow"' in html


@pytest.mark.django_db
def test_the_api_renders_a_card_s_description():
    alice, charlie = (User.objects.create_user(name) for name in ("alice", "charlie"))
    board = actions.create_board("Work", alice)
    card = actions.create_card(board, alice, title="a", description="*soon* <script>alert(1)</script>")
    client = Client(headers={"authorization": f"Bearer {tokens.issue(alice, 'test')}"})
    html = client.get(f"/api/v1/cards/{card.pk}/description").json()["html"]
    assert html == "<p><em>soon</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    client = Client(headers={"authorization": f"Bearer {tokens.issue(charlie, 'test')}"})
    assert client.get(f"/api/v1/cards/{card.pk}/description").status_code == 404
