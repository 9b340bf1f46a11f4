"""Packages, users and alternatives merged: an old base, a newer one, and what a session made of the old one."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from layers import accounts, alternatives, dpkg
from layers.dpkg import ALTERNATIVES, INFO, STATUS, System


def entry(name: str, version: int | str, status: str = "install ok installed") -> str:
    return f"Package: {name}\nStatus: {status}\nArchitecture: all\nVersion: {version}\n"


def system(packages: Mapping[str, int], written: Mapping[str, int] = {}, more: Mapping[str, str] = {}) -> System:
    """`{"a": 1}` has /usr/bin/a and /usr/share/a-1. `written`: when a package was unpacked, 0 if nothing is said."""
    files = {STATUS: "\n".join(entry(name, version) for name, version in packages.items())}
    files |= {f"{INFO}{name}.list": f"/.\n/usr/bin/{name}\n/usr/share/{name}-{v}\n" for name, v in packages.items()}
    times = {f"{INFO}{name}.list": float(written.get(name, 0)) for name in packages}
    return System({path: content.encode() for path, content in (files | dict(more)).items()}, times)


def versions(found: dpkg.Merged) -> dict[str, str]:
    stanzas = found.write[STATUS].decode().strip().split("\n\n")
    fields = [dict(line.split(": ") for line in stanza.splitlines()) for stanza in stanzas]
    return {each["Package"]: each["Version"] for each in fields}


def test_packages_of_the_newer_base_and_of_the_session_are_all_known() -> None:
    old, new = system({"a": 1, "b": 1, "gone": 1}), system({"a": 2, "b": 2, "extra": 1})
    mine = system({"a": 1, "b": 3, "gone": 1, "own": 1}, {"b": 5, "own": 5})
    assert versions(dpkg.merge(old, new, mine)) == {"a": "2", "b": "3", "extra": "1", "own": "1"}


def test_of_a_package_that_both_upgraded_only_the_sessions_files_stay() -> None:
    found = dpkg.merge(system({"a": 1}), system({"a": 2}, {"a": 3}), system({"a": 3}, {"a": 5}))
    assert versions(found) == {"a": "3"}
    assert found.drop == ("/usr/share/a-2",)


def test_one_that_the_session_installed_once_more_is_the_sessions() -> None:
    found = dpkg.merge(system({"a": 1}), system({"a": 2}), system({"a": 1}, {"a": 5}))
    assert versions(found) == {"a": "1"}


def test_of_a_removed_package_nothing_comes_back_with_the_newer_base() -> None:
    found = dpkg.merge(system({"a": 1, "b": 1}), system({"a": 2, "b": 2}), system({"a": 1}))
    assert versions(found) == {"a": "2"}
    assert found.drop == (f"{INFO}b.list", "/usr/share/b-2", "/usr/bin/b")


def test_a_package_that_is_held_is_upgraded_by_the_base_and_held_still() -> None:
    held = {STATUS: entry("a", 1, "hold ok installed")}
    found = dpkg.merge(system({"a": 1}), system({"a": 2}), system({"a": 1}, {}, held))
    assert found.write[STATUS].decode().strip() == entry("a", 2, "hold ok installed").strip()


def test_a_file_that_changed_its_package_comes_back_when_the_former_one_was_removed() -> None:
    moved = {f"{INFO}b.list": "/usr/bin/a\n/usr/bin/b\n"}
    found = dpkg.merge(system({"a": 1, "b": 1}), system({"b": 2}, {}, moved), system({"b": 1}))
    assert found.restore == {"/usr/bin/a"}


@pytest.mark.parametrize("seed", range(40))
def test_of_any_packages_the_sessions_changes_win_and_all_others_are_the_newer_bases(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311

    def some() -> dict[str, int]:
        return {name: dice.randint(1, 3) for name in "abcdefg" if dice.random() < 0.7} or {"a": 1}

    old, new, mine = some(), some(), some()
    unpacked = {name: 5 for name in mine if mine[name] != old.get(name)}
    found = dpkg.merge(system(old), system(new), system(mine, unpacked))
    wanted = {n: v for n in "abcdefg" if (v := (new if mine.get(n) == old.get(n) else mine).get(n)) is not None}
    assert {name: int(version) for name, version in (versions(found) if wanted else {}).items()} == wanted
    kept = {path for name, version in wanted.items() for path in (f"/usr/bin/{name}", f"/usr/share/{name}-{version}")}
    assert not kept & set(found.drop)


MERGED = [path for path in dpkg.OTHERS if path not in {accounts.PASSWD, accounts.GROUP}]


@pytest.mark.parametrize("path", [*MERGED, f"{dpkg.TRIGGERS}File", f"{dpkg.HOME}/diversions"])
def test_a_file_that_one_side_alone_changed_is_that_sides(path: str) -> None:
    def after(old: str, new: str, mine: str) -> bytes | None:
        return dpkg.merge(*(system({"x": 1}, {}, {path: content}) for content in (old, new, mine))).write.get(path)

    assert after("old", "new", "old") == b"new"
    assert after("old", "old", "mine") is None, "the session's lies above already"


def people(**files: str) -> System:
    return System({f"/etc/{name}": content.encode() for name, content in files.items()})


def test_users_of_both_are_known_and_no_two_share_a_number() -> None:
    old = people(passwd="root:x:0:0::/:\n", group="root:x:0:\n")
    new = people(passwd="root:x:0:0::/:\nnew:x:999:999::/:\n", group="root:x:0:\nnew:x:999:\n")
    mine = people(passwd="root:x:0:0::/:\nown:x:999:999::/:\n", group="root:x:0:\nown:x:999:\n")
    found = dpkg.merge(old, new, mine)
    assert found.write["/etc/passwd"] == b"root:x:0:0::/:\nnew:x:998:998::/:\nown:x:999:999::/:\n"
    assert found.write["/etc/group"] == b"root:x:0:\nnew:x:998:\nown:x:999:\n"
    assert (found.owners.owner(999, 999), found.owners.owner(0, 999), found.owners.owner(0, 0)) == (
        *((998, 998), (0, 998)),
        None,
    )


def test_who_got_another_number_keeps_it_over_the_next_base() -> None:
    base = "root:x:0:0::/:\nnew:x:999:999::/:\n"
    mine = people(passwd="root:x:0:0::/:\nnew:x:998:998::/:\nown:x:999:999::/:\n")
    found = dpkg.merge(people(passwd=base), people(passwd=f"{base}more:x:997:997::/:\n"), mine)
    assert b"new:x:998" in found.write["/etc/passwd"]
    assert found.owners.owner(999, 999) == (998, 999)


def test_a_group_has_the_members_that_either_gave_it() -> None:
    assert accounts.both_changed("g:x:5:a,b", "g:x:5:b,new", "g:x:5:a,b,own") == "g:x:5:b,own,new"


AUTO = "auto\n/usr/bin/editor\neditor.1\n/usr/share/man/editor.1\n\n"


def test_alternatives_of_both_can_be_chosen() -> None:
    old, new, mine = (
        AUTO + ways + "\n" for ways in ("/bin/a\n10\n\n", "/bin/b\n20\n/m/b\n", "/bin/a\n10\n\n/bin/c\n5\n\n")
    )
    assert alternatives.merged(old, new, mine) == AUTO + "/bin/b\n20\n/m/b\n/bin/c\n5\n\n\n"
    path = f"{ALTERNATIVES}editor"
    found = dpkg.merge(*(System({path: text.encode()}) for text in (old, new, mine)))
    assert found.alternatives == ("editor",)
    assert alternatives.merged(old, new, mine.replace("auto", "manual")).startswith("manual")
