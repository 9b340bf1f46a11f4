"""Files of many entries, and projects, merged: an old one, a newer one, and what a session made of the old one."""

from __future__ import annotations

import random

import pytest

from layers import dpkg, projects
from layers.listings import File

STATUS = "/var/lib/dpkg/status"


def status(**packages):
    return "\n".join(
        f"Package: {name}\nArchitecture: all\nVersion: {version}\n" for name, version in packages.items()
    ).encode()


def versions(content):
    stanzas = content.decode().strip().split("\n\n")
    return {
        fields["Package"]: fields["Version"]
        for fields in (dict(x.split(": ") for x in s.splitlines()) for s in stanzas)
    }


def test_packages_of_the_newer_base_and_of_the_session_are_all_known():
    old, new = status(a=1, b=1, gone=1), status(a=2, b=2, extra=1)
    mine = status(a=1, b="1+mine", gone=1, own=1)
    assert versions(dpkg.merged(STATUS, old, new, mine)) == {"a": "2", "b": "1+mine", "extra": "1", "own": "1"}


def test_what_the_session_removed_stays_removed():
    assert versions(dpkg.merged(STATUS, status(a=1, b=1), status(a=2, b=2), status(a=1))) == {"a": "2"}


@pytest.mark.parametrize("path", dpkg.FILES)
def test_a_file_that_one_side_alone_changed_is_that_sides(path):
    assert dpkg.merged(path, b"old", b"new", b"old") == b"new"
    assert dpkg.merged(path, b"old", b"old", b"mine") is None  # the session's lies above already
    assert dpkg.merged(path, b"old", b"new", None) is None
    assert dpkg.merged(path, b"old", None, b"mine") is None


def test_users_of_both_are_known():
    old, new, mine = b"root:x:0\nold:x:1\n", b"root:x:0\nold:x:1\nnew:x:2\n", b"root:x:0\nold:x:1\nown:x:3\n"
    assert dpkg.merged("/etc/passwd", old, new, mine) == b"root:x:0\nold:x:1\nnew:x:2\nown:x:3\n"


def test_of_any_entries_the_sessions_changes_win_and_all_others_are_the_newer_bases():
    chosen = random.Random(7)  # noqa: S311  (the same ones each time)
    for _ in range(300):
        old, new, mine = ({name: chosen.randint(1, 3) for name in "abcdef" if chosen.random() < 0.7} for _ in range(3))
        if not old or not new or not mine:
            continue
        given = [status(**entries) for entries in (old, new, mine)]
        found = dpkg.merged(STATUS, *given)
        seen = versions(found) if found and found.strip() else {}
        if found is None:  # nothing is to be merged: the session's lies above already
            assert new in (mine, old)
            continue
        wanted = {}
        for name in "abcdef":
            value = new.get(name) if mine.get(name) == old.get(name) else mine.get(name)
            if value is not None:
                wanted[name] = str(value)
        assert seen == wanted


# projects -----------------------------------------------------------------------------------------------
def tree(**contents):
    return {f"/workspace/{name.replace('__', '/')}": File("file", 1, content) for name, content in contents.items()}


def test_only_what_both_changed_differently_collides():
    old = tree(same="1", mine="1", theirs="1", both="1", agreed="1", deleted="1", gone="1")
    new = tree(same="1", mine="1", theirs="2", both="2", agreed="2", deleted="2", added="2")
    ours = tree(same="1", mine="3", theirs="1", both="3", agreed="2", gone="3", own="3")
    found = projects.merge(old, new, ours)
    assert found.take == {"/workspace/theirs", "/workspace/added"}
    assert found.conflicts == ("/workspace/both", "/workspace/deleted", "/workspace/gone")


def test_git_is_the_newer_projects_unless_the_session_has_commits_of_its_own():
    old = tree(**{".git__HEAD": "main", ".git__refs__heads__main": "1", ".git__index": "1"})
    looked = tree(**{".git__HEAD": "main", ".git__refs__heads__main": "1", ".git__index": "2", ".git__FETCH_HEAD": "x"})
    assert not projects.has_own_commits(old, looked)
    assert projects.merge(old, old | tree(**{".git__index": "3"}), looked).take == {"/workspace/.git/index"}
    for path, content in ((".git__refs__heads__main", "2"), (".git__refs__stash", "1"), (".git__MERGE_HEAD", "1")):
        assert projects.has_own_commits(old, looked | tree(**{path: content}))
