"""Bases of somebody's own: packages and a set-up upon an image, in a workshop, kept whole. By the engine alone."""

from __future__ import annotations

import contextlib
import shlex
from typing import Final

from engines.errors import BuildError, EngineError
from engines.protocol import Engine, Workshop, WorkshopSpec
from layers import builder as base_builder
from layers import hooks
from layers.builders import docker, script
from layers.builders.protocol import BaseRequest, BuildRequest, Built
from layers.models import Kind
from layers.progress import Progress

# What dpkg and the scripts of packages take: giving files away, and becoming the users that they make.
CAPABILITIES: Final = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETGID", "SETUID")
NO_DTACH: Final = "has no dtach"
CERTIFICATES: Final = f"{script.WORK}/.vibenv/certificates"
# The image's own environment is the container's, so that it is what is kept; the build's is put on by the script.
STARTING: Final = """set -eu
export {environment}
apt=/etc/apt/apt.conf.d/90vibenv
if [ -d "${{apt%/*}}" ] && [ ! -e $apt ]; then echo 'APT::Sandbox::User "root";' > $apt; fi
{packages}
cd /
sh -eu {script} < /dev/null 2>&1
mkdir -p /workspace
{hooks}
rm -rf /var/cache/vibenv /tmp/* /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/log/apt
if ! command -v dtach > /dev/null; then echo 'it {no_dtach}'; exit 1; fi
rm -rf {work}
"""


def build(engine: Engine, request: BaseRequest, progress: Progress) -> Built:
    try:
        return _build(engine, _as_layer(request), request, progress)
    except EngineError as error:
        raise BuildError(str(error)) from error


def _as_layer(request: BaseRequest) -> BuildRequest:
    """The same as the parts of a layer's build take it."""
    return BuildRequest(
        digest=request.digest,
        kind=Kind.BASE,
        name="base",
        image=request.image,
        base_image=source_of(request),
        prefix="/",
        script=request.setup,
        trust=None,
        size_limit_bytes=request.size_limit_bytes,
        timeout_s=request.timeout_s,
    )


def source_of(request: BaseRequest) -> str:
    return request.source or base_builder.target().image


def _build(engine: Engine, layer: BuildRequest, request: BaseRequest, progress: Progress) -> Built:
    if not engine.has_image(layer.base_image):
        raise script.no_base(layer.base_image, "the engine does not have it.")
    engine.ensure_guard(base_builder.target().image)
    workshop = engine.open_workshop(
        WorkshopSpec(
            name=docker.workshop_name(request.digest),
            image=layer.base_image,
            command=("sh", script.START),
            capabilities=CAPABILITIES,
            limits=docker.limits(),
        )
    )
    try:
        files = {script.START: starting(request), script.SCRIPT: request.setup}
        if request.trust:
            files[CERTIFICATES] = request.trust.read_text()
        workshop.put("/", docker.archive(files))
        progress.say(None, "setting up the base", now=True)
        _run(workshop, layer, progress)
        progress.say(None, "making an image of it", now=True)
        labels = {"vibenv.layer": "base", "vibenv.digest": request.digest}
        size = workshop.keep_all(request.image, labels, docker.last_check(layer, progress))
    finally:
        with contextlib.suppress(EngineError):
            workshop.close()
    return Built(request.image, size)


def _run(workshop: Workshop, layer: BuildRequest, progress: Progress) -> None:
    try:
        docker.run(workshop, layer, progress)
    except BuildError as error:
        if NO_DTACH in str(error):
            raise BuildError(
                f"The image {layer.base_image} {NO_DTACH}, by which sessions hold their terminals: install it in `setup`."
            ) from error
        raise


def starting(request: BaseRequest) -> str:
    trusted = dict.fromkeys(script.TRUST, CERTIFICATES) if request.trust else {}
    environment = {"DEBIAN_FRONTEND": "noninteractive", "HOME": "/root", "NO_COLOR": "1", "TERM": "dumb", **trusted}
    packages = shlex.join(request.packages)
    install = f"apt-get update 2>&1\napt-get install -y --no-install-recommends {packages} < /dev/null 2>&1"
    return STARTING.format(
        environment=" ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items()),
        packages=install if packages else ":",
        script=script.SCRIPT,
        work=script.WORK,
        hooks=hooks.install(),
        no_dtach=NO_DTACH,
    )
