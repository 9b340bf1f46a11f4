from dataclasses import replace

from vibenv_site.setup.needs import NOTHING, Need, Situation, missing

NOTHING_THERE = Situation(
    engine_answers=False,
    engine_is_local=True,
    redis_given=False,
    base_image_there=False,
    base_image_named=False,
)


def packages(situation: Situation, *there: str) -> list[str]:
    def has(need: Need) -> bool:
        return need.package in there

    return [need.package for need in missing(situation, has)]


def test_a_bare_machine_gets_engine_redis_and_the_builder():
    assert packages(NOTHING_THERE) == ["docker.io", "redis-server", "debootstrap"]


def test_what_is_installed_is_not_installed_again():
    assert packages(NOTHING_THERE, "docker.io", "debootstrap") == ["redis-server"]


def test_an_engine_that_answers_needs_no_package():
    assert "docker.io" not in packages(replace(NOTHING_THERE, engine_answers=True))


def test_an_engine_named_elsewhere_is_never_replaced_by_one_of_ours():
    assert "docker.io" not in packages(replace(NOTHING_THERE, engine_is_local=False))


def test_a_redis_of_the_users_needs_no_package():
    assert "redis-server" not in packages(replace(NOTHING_THERE, redis_given=True))


def test_a_base_image_that_is_there_or_named_needs_no_builder():
    assert "debootstrap" not in packages(replace(NOTHING_THERE, base_image_there=True))
    assert "debootstrap" not in packages(replace(NOTHING_THERE, base_image_named=True))


def test_the_tests_need_a_browser_and_a_second_database():
    wanted = packages(replace(NOTHING_THERE, tests=True, redis_given=True))
    assert {"chromium", "postgresql", "redis-server", "dtach"} <= set(wanted)


def test_a_registry_is_installed_only_where_it_will_be_our_child():
    assert packages(replace(NOTHING, registry_child=True)) == ["docker-registry"]
    assert "docker-registry" not in packages(NOTHING_THERE)
