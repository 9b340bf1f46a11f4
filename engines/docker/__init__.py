"""The Docker implementation of `engines.protocol.Engine`; nothing else imports the docker library."""

from engines.docker.engine import DockerEngine

__all__ = ["DockerEngine"]
