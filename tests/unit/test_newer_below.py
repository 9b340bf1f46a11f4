"""A newer project under a session's files, decided on listings alone."""

from __future__ import annotations

import random

import pytest

from layers import projects
from layers.listings import File, Listing

W = "/workspace"


def listing(**files: str) -> Listing:
    """`a__b="x"` is the file /workspace/a/b; its folders are there, too."""
    found: Listing = {W: File("dir", 0, "")}
    for name, content in files.items():
        parts = name.replace("_git", ".git").split("__")
        for depth in range(1, len(parts)):
            found["/".join([W, *parts[:depth]])] = File("dir", 0, "")
        found["/".join([W, *parts])] = File("file", len(content), content)
    return found


def after(old: Listing, new: Listing, mine: Listing) -> Listing:
    """What the engine and the merge leave: the session's own files over the new project, then the merge's."""
    found = projects.merge(old, new, mine)
    written = {path: file for path, file in mine.items() if old.get(path) != file}
    gone = {path for path in old if path not in mine}
    result = {path: file for path, file in new.items() if path not in gone} | written
    result |= {path: new[path] for path in found.take}
    return {path: file for path, file in result.items() if path not in found.drop and file.kind != "dir"}


def test_a_file_that_one_side_changed_is_that_sides() -> None:
    old, new = listing(a="1", b="1", c="1"), listing(a="2", b="1", d="new")
    mine = listing(a="1", b="mine", c="1", e="own")
    assert after(old, new, mine) == {
        path: file for path, file in listing(a="2", b="mine", d="new", e="own").items() if file.kind == "file"
    }
    assert projects.merge(old, new, mine).conflicts == ()


@pytest.mark.parametrize(
    ("old", "new", "mine"),
    [
        (listing(a="1"), listing(a="2"), listing(a="mine")),
        (listing(a="1"), listing(a="2"), listing()),  # deleted here, changed there
        (listing(a="1"), listing(), listing(a="mine")),  # the other way round
        (listing(), listing(a="2"), listing(a="mine")),
    ],
)
def test_a_file_that_both_changed_stays_the_sessions_and_is_a_conflict(
    old: Listing, new: Listing, mine: Listing
) -> None:
    found = projects.merge(old, new, mine)
    assert (set(found.take), found.drop, found.conflicts) == (set(), (), (f"{W}/a",))


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    found = projects.merge(listing(a="1"), listing(a="2"), listing(a="2"))
    assert (set(found.take), found.conflicts) == (set(), ())


def test_a_file_where_the_project_wants_a_folder_stays_and_so_does_a_folder() -> None:
    found = projects.merge(listing(), listing(x__a="new", y="new"), listing(x="mine", y__b="mine"))
    assert set(found.take) == set()
    assert found.conflicts == (f"{W}/x", f"{W}/x/a", f"{W}/y")


def test_what_the_project_gave_up_goes_deepest_first() -> None:
    found = projects.merge(listing(d__e__f="1", g="1"), listing(g="1"), listing(d__e__f="1", g="1"))
    assert found.drop == (f"{W}/d/e/f", f"{W}/d/e", f"{W}/d")


def test_a_folder_that_becomes_a_link_is_not_emptied_by_the_links_name() -> None:
    new = listing(e__x="1") | {f"{W}/d": File("link", 0, "e")}
    found = projects.merge(listing(d__x="1"), new, listing(d__x="1"))
    assert (found.take, found.drop) == ({f"{W}/d", f"{W}/e/x"}, ())


def test_a_repository_is_the_new_projects_but_for_what_people_set_in_it() -> None:
    old = listing(_git__HEAD="main", _git__index="1", _git__config="1", _git__objects__pack="1")
    new = listing(_git__HEAD="main", _git__index="2", _git__config="1", _git__objects__more="2")
    mine = listing(
        _git__HEAD="main", _git__index="mine", _git__config="name=me", _git__objects__pack="1", _git__ORIG_HEAD="x",
        _git__objects__own="3", _git__hooks__commit="mine",
    )  # fmt: skip
    found = projects.merge(old, new, mine)
    assert not projects.has_own_commits(old, mine)
    assert set(found.take) == {f"{W}/.git/index", f"{W}/.git/objects/more"}
    assert found.drop == (f"{W}/.git/objects/pack", f"{W}/.git/ORIG_HEAD")
    assert found.conflicts == ()


@pytest.mark.parametrize(
    "path",
    ["_git__refs__heads__mine", "_git__refs__stash", "_git__MERGE_HEAD", "_git__rebase-merge__done", "a___git__HEAD"],
)
def test_commits_of_a_session_show(path: str) -> None:
    old = listing(_git__HEAD="main", _git__refs__heads__main="1")
    assert projects.has_own_commits(old, {**old, **listing(**{path: "x"})})
    assert not projects.has_own_commits(old, {**old, **listing(_git__FETCH_HEAD="x", _git__refs__remotes__o__HEAD="y")})


@pytest.mark.parametrize("seed", range(30))
def test_nothing_of_a_session_is_ever_lost_and_nothing_of_a_project_is_silently_left_out(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    names = ["a", "b", "a__b", "a__b__c", "b__d", "e"]

    def some() -> Listing:
        chosen: list[str] = []
        for name in dice.sample(names, 4):
            if not any(name.startswith(f"{n}__") or n.startswith(f"{name}__") for n in chosen):
                chosen.append(name)
        return listing(**{name: dice.choice("123") for name in chosen})

    old, new, mine = some(), some(), some()
    found = projects.merge(old, new, mine)
    result = after(old, new, mine)
    for path, file in mine.items():
        if file.kind == "file" and old.get(path) != file:
            assert result[path] == file, "an edit of the session's"
            assert path not in found.take
    for path, file in new.items():
        if file.kind == "file" and old.get(path) != file:
            assert result.get(path) == file or path in found.conflicts, "a change of the project's"


def test_git_is_told_once_to_overlook_what_is_laid_beside() -> None:
    told = projects.excluded(b"*.o")
    assert told == b"*.o\n/.vibenv/incoming/\n"
    assert projects.excluded(told) is None
