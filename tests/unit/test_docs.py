"""What the documentation says is so: settings, modules, dependencies, links, numbers."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from layers import readymade, specs, vibenv_toml
from sessions.states import MOVES
from vibenv_site.cli.commands.layers import layers as layers_command
from vibenv_site.settings import ROOT, VERSION

DOCUMENTS = sorted(path for path in ROOT.glob("*.md"))
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()
PACKAGES = ("vibenv_site", "boards", "sessions", "layers", "engines")
OTHER_MODULES = ("tests/*.py", "bench/*.py", "docs/*.py")
SCRIPTS = ("static/src/*.ts", "static/src/*/*.ts")
UNMAPPED = {"__init__.py"}
LARGEST_PICTURE_BYTES = 200_000
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")
READ = re.compile(
    r"""\b(?:env|environment)\.(?:text|flag|number|count|choice|duration)\(\s*["'](\w+)["']|\btext\(["'](\w+)["']\)"""
)


def section(document: str, title: str) -> str:
    """The text below a heading, up to the next one that is not deeper."""
    found = re.search(rf"^(#+) {re.escape(title)}$", document, re.MULTILINE)
    assert found, f"there is no heading {title!r}"
    rest = document[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def first_cells(table: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


# settings -----------------------------------------------------------------------------------------------
def variables_read() -> set[str]:
    """Every variable that settings and the environment's reader name."""
    files = [ROOT / "vibenv_site" / name for name in ("settings.py", "environment.py")]
    files += [*(ROOT / "vibenv_site" / "cli").glob("*.py"), *(ROOT / "vibenv_site" / "setup").glob("*.py")]
    return {name for path in files for match in READ.findall(path.read_text()) for name in match if name}


def test_the_readme_lists_every_setting_and_no_other():
    wanted = {name for name in variables_read() if name.startswith("VIBENV_")}
    assert len(wanted) > 10
    assert set(first_cells(section(README, "Configuration"))) == wanted


def test_the_readme_names_every_other_variable_that_is_read():
    others = {name for name in variables_read() if not name.startswith("VIBENV_")} - {"PATH"}
    assert {name for name in others if f"`{name}`" not in section(README, "Configuration")} == set()


# layers -------------------------------------------------------------------------------------------------
LAYERS = (ROOT / "docs" / "layers.md").read_text()


def test_every_field_of_a_recipe_is_documented_and_no_other():
    rows = re.findall(r"^\| ([a-z, ]+) \| `(\w+)` \|", section(LAYERS, "`vibenv.toml`"), re.MULTILINE)
    told = {(kind, field) for kinds, field in rows for kind in kinds.split(", ")}
    limits = {field.name for field in fields(specs.Limits)}
    known = {
        (kind, name)
        for kind, spec in specs.OF_KIND.items()
        for field in fields(spec)
        for name in (limits if field.name == "limits" else {field.name})
    }
    assert told == known


def test_the_example_of_a_vibenv_toml_can_be_read():
    found = re.search(r"```toml\n(.*?)```", LAYERS, re.DOTALL)
    assert found
    assert len(vibenv_toml.read(found[1])) == 5


def test_the_ready_made_recipes_are_listed():
    rows = re.findall(r"^\| (\w+) \| `([\w-]+)` \|", section(LAYERS, "Ready-made recipes"), re.MULTILINE)
    assert rows == [(ready.kind.value, ready.name) for ready in readymade.CATALOGUE]


def test_every_command_of_layers_is_documented():
    told = re.findall(r"^\| `\./vibenv layers (\w+)", section(LAYERS, "On the command line"), re.MULTILINE)
    assert set(told) == set(layers_command.commands)


# the file map -------------------------------------------------------------------------------------------
def mapped() -> set[str]:
    """The paths in the file map: its headings are folders, its items begin with names in them."""
    found, folder = set(), ""
    for line in section(ARCHITECTURE, "File map").splitlines():
        if heading := re.match(r"### `/?(.*)`$", line):
            folder = heading[1]
        elif item := re.match(r"- ((?:`[^`]+`(?:, )?)+): \S", line):
            found |= {folder + name for name in re.findall(r"`([^`]+)`", item[1])}
    return found


def modules() -> Iterator[str]:
    for package in PACKAGES:
        yield from (str(p.relative_to(ROOT)) for p in (ROOT / package).rglob("*.py") if "migrations" not in p.parts)
    for pattern in (*OTHER_MODULES, *SCRIPTS):
        yield from (str(p.relative_to(ROOT)) for p in ROOT.glob(pattern))


def test_every_module_is_in_the_file_map():
    missing = {path for path in modules() if Path(path).name not in UNMAPPED} - mapped()
    assert not missing, "add them to the file map in ARCHITECTURE.md"


def test_the_file_map_names_nothing_that_is_gone():
    assert {path for path in mapped() if not (ROOT / path).exists()} == set()


# dependencies -------------------------------------------------------------------------------------------
def python_dependencies() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    everything = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    return [re.split(r"[~=<>! ]", dependency)[0] for dependency in everything]


def node_dependencies() -> list[str]:
    package = json.loads((ROOT / "package.json").read_text())
    return [*package["dependencies"], *package["devDependencies"]]


def test_every_dependency_is_justified_and_no_other():
    listed = re.findall(r"^\| (@?[\w./\[\]-]+) \| [^|]+ \| [^|]+ \|$", section(ARCHITECTURE, "Libraries"), re.MULTILINE)
    assert sorted(set(listed) - {"package"}) == sorted([*python_dependencies(), *node_dependencies()])


def test_no_lock_file_names_an_index():
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        lines = (ROOT / name).read_text().splitlines()
        assert [line for line in lines if '"resolved"' in line or re.search(r"^--?\w*index|^--find-links", line)] == []


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    package = json.loads((ROOT / "package.json").read_text())["version"]
    assert {project, package} == {VERSION}
    assert f"## [{VERSION}]" in (ROOT / "CHANGELOG.md").read_text()


# links and tables ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_somewhere(document: Path):
    targets = [first or second for first, second in LINK.findall(document.read_text())]
    relative = [t.partition("#")[0] for t in targets if "://" not in t and not t.startswith("#")]
    assert [target for target in relative if not (document.parent / target).exists()] == []


def test_pictures_are_used_and_small():
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert [p.name for p in pictures if p.stat().st_size > LARGEST_PICTURE_BYTES] == []
    assert [p.name for p in pictures if f"docs/images/{p.name}" not in README] == []


def test_the_table_of_states_is_the_state_machine():
    rows = re.findall(r"^\| `(\w+)` \| [^|]*\| ([a-z, ]+) \|$", section(ARCHITECTURE, "Sessions"), re.MULTILINE)
    assert {state: set(to.split(", ")) for state, to in rows} == {
        str(state): {str(to) for to in moves} for state, moves in MOVES.items()
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_names_in_code_that_look_like_paths_exist(document: Path):
    text = (
        section(document.read_text(), "Adding things") if document.name == "CONTRIBUTING.md" else document.read_text()
    )
    text = text.partition("## File map")[0]
    paths = re.findall(
        r"`((?:boards|sessions|layers|engines|vibenv_site|static|tests|bench)/[\w./-]+\.(?:py|ts|css))`", text
    )
    assert [path for path in paths if not (ROOT / path).exists()] == []
