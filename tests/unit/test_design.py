"""The design system: values are tokens, and nothing is only for those with a mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from vibenv_site.settings import ROOT

SHEETS = sorted((ROOT / "static" / "src" / "css").glob("*.css"))
TOKENS = ROOT / "static" / "src" / "css" / "tokens.css"
OTHERS = [path for path in SHEETS if path != TOKENS]
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|oklab|lab|lch|hwb)\(")
FIXED_SIZE = re.compile(r"\bfont(?:-size)?:[^;(]*?\b[1-9][\d.]*(?:px|pt|rem)")
DURATION = re.compile(r"\b(?:animation|transition)(?:-duration|-delay)?:[^;]*?\b[1-9\d.]*[1-9](?:ms|s)\b")


def without_comments(path: Path) -> str:
    return re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), path.read_text(), flags=re.DOTALL)


def lines_with(pattern: re.Pattern[str], path: Path) -> list[str]:
    lines = without_comments(path).splitlines()
    return [f"{path.name}:{number}: {line.strip()}" for number, line in enumerate(lines, 1) if pattern.search(line)]


def rules(path: Path) -> Iterator[tuple[list[str], str]]:
    """Each `{`: the at-rules around it, and what stands before it."""
    around: list[str] = []
    for before, mark in re.findall(r"([^{}]*)([{}])", without_comments(path)):
        if mark == "}":
            around.pop()
        else:
            head = " ".join(before.rpartition(";")[2].split())
            yield around[:], head
            around.append(head)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_colours_sizes_of_letters_and_durations_are_tokens(path: Path):
    assert [line for pattern in (COLOUR, FIXED_SIZE, DURATION) for line in lines_with(pattern, path)] == []


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_what_a_pointer_lights_up_is_for_those_that_can_hover(path: Path):
    """On a touch screen `:hover` sticks to what was touched last."""
    bare = [head for around, head in rules(path) if ":hover" in head and "@media (hover: hover)" not in around]
    assert bare == [], "put it into @media (hover: hover) { … }"


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.stem)
def test_only_tokens_that_exist_are_used(path: Path):
    everything = "".join(without_comments(sheet) for sheet in SHEETS)
    scripts = "".join(script.read_text() for script in (ROOT / "static" / "src").rglob("*.ts"))
    defined = set(re.findall(r"(--[\w-]+)\s*:", everything)) | set(re.findall(r'"(--[\w-]+)"', scripts))
    used = {name for name, fallback in re.findall(r"var\((--[\w-]+)(,?)", without_comments(path)) if not fallback}
    assert used - defined == set()


def test_every_sheet_is_part_of_the_style():
    imported = re.findall(r'@import "\./css/([\w-]+\.css)"', (ROOT / "static" / "src" / "style.css").read_text())
    assert sorted(imported) == [path.name for path in SHEETS]


def test_no_two_animations_have_one_name():
    names = [name for sheet in SHEETS for name in re.findall(r"@keyframes ([\w-]+)", without_comments(sheet))]
    assert sorted(set(names)) == sorted(names)
