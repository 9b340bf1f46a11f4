"""What people write about layers: specs, and `vibenv.toml`."""

from __future__ import annotations

import pytest

from engines.errors import InvalidInput
from layers import specs, vibenv_toml

FILE = """\
# our stack
[project]
git = "https://example.org/me/project.git"
ref = "main"
setup = '''
npm ci
'''

[base]
packages = ["ripgrep", "jq"]

[toolchain.python]
use = "python"
version = "3.12"

[toolchain.own]
script = "mkdir $PREFIX/bin"
network = false
"""


def test_a_file_is_read_from_the_bottom_up():
    found = vibenv_toml.read(FILE)
    assert [(each.kind.value, each.name) for each in found] == [
        ("base", "base"), ("project", "project"), ("toolchain", "python"), ("toolchain", "own"),
    ]  # fmt: skip
    assert specs.plain(found[0].spec) == {"packages": ["jq", "ripgrep"]}
    assert specs.plain(found[3].spec) == {"script": "mkdir $PREFIX/bin", "network": False}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[base\n", "line 1, column 6"),
        ('[base]\n\npackages = "ripgrep"\n', "line 3: base.packages: takes a list"),
        ('[toolchain.python]\nuse = "pyhton"\n', "line 2: toolchain.python.use: takes text such as `python`"),
        ('[toolchain.python]\nversion = "3"\n', "line 1: toolchain.python.use: names one of python, node, go, rust"),
        ('[toolchain.Big]\nuse = "go"\n', "line 1: toolchain.Big: takes 1 to 40 small letters"),
        ('[project]\ngit = "https://example.org/x"\nbranch = "main"\n', "line 3: project.branch: is not known"),
        ('[project]\nref = "main"\n', "line 2: project.ref: names a branch"),
        ("[project]\n", "line 1: project.git: or `files`"),
        ('[profile]\ngit = "rm -rf /"\n', "line 2: profile.git: takes text such as"),
        ('[toolchain.go]\nuse = "go"\nnetwork = false\n', "line 3: toolchain.go.network: is what `use` is fetched by"),
        ("[profile]\ntimeout_s = 0\n", "line 2: profile.timeout_s: takes a whole number from 1"),
        ('\n[sdk]\nuse = "go"\n', "line 2: sdk: is none of"),
        ('base = "debian"\n', "line 1: base: is a table"),
        ('[base]\nimage = "debian:12"\npackages = ["jq"]\n', "line 3: base.packages: are for a base made of"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_key(text, said):
    with pytest.raises(InvalidInput) as raised:
        vibenv_toml.read(text)
    assert str(raised.value).startswith(f"vibenv.toml, {said}")


@pytest.mark.parametrize("kind", ["base", "profile", "toolchain", "project"])
def test_a_spec_that_is_stored_reads_as_it_was_written(kind):
    given = {
        "base": {"packages": ["jq"], "setup": "true"},
        "profile": {"git": "git@example.org:me/dotfiles.git", "ref": "v1"},
        "toolchain": {"use": "node", "version": "22", "size_limit_mb": 100},
        "project": {"files": "0" * 64, "setup": "npm ci", "timeout_s": 60},
    }[kind]
    spec = specs.parse(kind, given)
    assert specs.plain(spec) == given
    assert specs.parse(kind, specs.plain(spec)) == spec
