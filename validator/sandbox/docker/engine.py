"""The Docker engine: found the way the docker command finds it, and only when it really answers."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import urllib3
from docker import APIClient
from docker.context import ContextAPI
from docker.errors import DockerException
from docker.utils import kwargs_from_env
from requests import RequestException

from validator.errors import SandboxUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ANSWER_SECONDS = 5
"""An engine that takes longer to say what it is will not run programs either."""
CALL_SECONDS = 60
"""Longest silence in any later call; creating a container on a busy 2-core machine took 6 s."""
ENGINE_ERRORS = (DockerException, RequestException, urllib3.exceptions.HTTPError, OSError)
"""What docker-py lets through when an engine refuses, vanishes or stalls."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that answered, and what it said about itself."""

    client: APIClient
    identity: str
    """Changes whenever what a container may do there could have changed."""
    cpus: int
    version: str = ""
    """As the engine gives it, for people."""
    runtimes: tuple[str, ...] = ()
    """Names of what can run its containers: `runc`, `runsc`."""

    def refuse_unknown(self, runtime: str) -> None:
        """Return, where `runtime` is empty or the engine has it.

        Raises:
            SandboxUnavailable: where it has not.
        """
        if runtime and runtime not in self.runtimes:
            raise SandboxUnavailable(
                f"this Docker engine has no runtime {runtime}, only {', '.join(self.runtimes)}",
                remedy="install it and name it in the engine's daemon.json, or leave --runtime out",
            )


def connect(environ: Mapping[str, str] | None = None) -> Engine:
    """Return the engine that `DOCKER_HOST` or the current docker context names.

    Raises:
        SandboxUnavailable: when none answers within `ANSWER_SECONDS`, or it cannot run Linux.
    """
    address: dict[str, Any] = {}
    try:
        address = _address(os.environ if environ is None else environ)
        client = APIClient(**address, version="auto", timeout=ANSWER_SECONDS)
        facts = client.info()
    except ENGINE_ERRORS as error:
        at = f" at {address['base_url']}" if address else ""
        raise SandboxUnavailable(
            f"no Docker engine answers{at}: {reason(error)}", remedy=_remedy(error)
        ) from error
    client.timeout = CALL_SECONDS
    return _described(client, facts)


def _address(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = dict(kwargs_from_env(dict(environ)))
    if "base_url" in found:
        return found
    # docker-py reads the contexts that Docker Desktop, Colima and rootless engines are announced
    # by, but leaves it to the caller to use them.
    try:
        context = ContextAPI.get_context(environ.get("DOCKER_CONTEXT"))
    except Exception as error:  # docker-py raises bare Exception for a context it cannot read
        raise DockerException(f"the current docker context cannot be read: {error}") from error
    if context is None:
        raise DockerException(f"there is no docker context {environ.get('DOCKER_CONTEXT')!r}")
    return {"base_url": context.Host, "tls": context.TLSConfig or False}


def _described(client: APIClient, facts: Mapping[str, Any]) -> Engine:
    if facts.get("OSType") != "linux":
        raise SandboxUnavailable(
            f"the Docker engine runs {facts.get('OSType')} containers, not Linux ones",
            remedy="switch Docker Desktop to Linux containers, or use --sandbox bubblewrap",
        )
    for limit, what in (("MemoryLimit", "memory"), ("PidsLimit", "processes")):
        if facts.get(limit) is False:
            raise SandboxUnavailable(
                f"this Docker engine cannot limit {what}: its cgroup controller is missing",
                remedy="delegate the controllers to a rootless engine, or use --sandbox bubblewrap",
            )
    names = ("ID", "ServerVersion", "KernelVersion", "SecurityOptions", "DefaultRuntime")
    identity = " ".join(str(facts.get(name)) for name in names)
    version = str(facts.get("ServerVersion") or "")
    runtimes = tuple(sorted(facts.get("Runtimes") or ()))
    return Engine(client, identity, int(facts.get("NCPU") or 1), version, runtimes)


@contextmanager
def asking(to: str) -> Iterator[None]:
    """Turn whatever docker-py raises in the block into one `SandboxUnavailable`.

    `to` completes "the Docker engine failed to …".

    Raises:
        SandboxUnavailable: for every failure of the engine.
    """
    try:
        yield
    except ENGINE_ERRORS as error:
        raise SandboxUnavailable(
            f"the Docker engine failed to {to}: {reason(error)}", remedy=_remedy(error)
        ) from error


def reason(error: BaseException) -> str:
    """Return why, in one line: the system's own word where one is buried in the chain."""
    cause = _system_error(error)
    if cause is not None and cause.strerror:
        named = f" ({cause.filename})" if cause.filename else ""
        return f"{cause.strerror}{named}"
    explanation = getattr(error, "explanation", None) or str(error) or type(error).__name__
    return " ".join(str(explanation).split())[:400]


def _system_error(error: BaseException | None) -> OSError | None:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        inner = next((item for item in error.args if isinstance(item, BaseException)), None)
        # requests' own exceptions are OSErrors too, with no error number.
        if isinstance(error, OSError) and error.errno:
            return error
        error = inner or error.__cause__ or error.__context__
    return None


def _remedy(error: BaseException) -> str:
    if isinstance(_system_error(error), PermissionError):
        return "let your user talk to the engine (usermod -aG docker $USER, then log in again)"
    return "start Docker (`docker info` should answer), or use --sandbox bubblewrap"
