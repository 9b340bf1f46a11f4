"""`vibenv create launcher`: the base image, built if need be and published to the registry."""

from __future__ import annotations

from vibenv_site.cli import base_image, environ, preparing
from vibenv_site.cli.show import Screen
from vibenv_site.setup import data_dir as data_dirs


def create(data_dir: str | None, yes: bool) -> str:
    """Its reference in the registry."""
    screen = Screen()
    path = environ.chosen_data_dir(data_dir)
    data_dirs.ensure(path)
    own_redis = environ.redis_socket(path) is not None
    preparing.ensure_engine(screen, path)
    preparing.ensure_database(screen, path)
    preparing.base_builder(screen, path, yes, own_redis)
    image = base_image.ensure(screen)
    from layers import builder, export

    with screen.step("Launcher") as step:
        step.say("publishing")
        step.result = export.publish_launcher(image, builder.target().digest)
    return step.result
