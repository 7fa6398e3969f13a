"""The sandbox image: found by its content, built where it is missing."""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

from docker.errors import APIError, ImageNotFound
from docker.utils import parse_repository_tag
from requests import RequestException

from validator.errors import SandboxUnavailable
from validator.events import Progress
from validator.sandbox.docker.engine import Engine, asking, reason
from validator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docker import APIClient

    from validator.events import Listener
    from validator.sandbox.docker.recipe import Recipe

LOCAL_BASE = "reply-validator/base:bookworm"
"""What `sandboxes/docker/make-base` makes, for machines where no registry answers."""
BOOKWORM_PYTHON = "3.11"
"""The Python of Debian 12, and so of `LOCAL_BASE`."""
BUILD_SECONDS = 600
"""Longest silence of a build: a slow mirror, not a long build, which talks all the time."""
DEFAULT_BASE = Settings().docker_base


@dataclass(frozen=True, slots=True)
class Image:
    """A sandbox image that is there."""

    id: str
    tag: str


@dataclass(frozen=True, slots=True)
class ImageStore:
    """The sandbox images of one engine."""

    engine: Engine
    recipe: Recipe
    settings: Settings
    listener: Listener

    def ensure(self) -> Image:
        """Return the image of this recipe, building it first where the engine has none.

        Several processes that need it at once build it once.

        Raises:
            SandboxUnavailable: when there is no base to build on, or the build fails.
        """
        with asking("look for the sandbox image"):
            found = self._find()
        if found:
            return found
        with _only_one(self.settings.cache_dir / "docker", self.listener):
            with asking("look for the sandbox image"):
                found = self._find()
            return found or self._build(self._base())

    def bases(self) -> tuple[str, ...]:
        """Return the bases the image may stand on, the preferred one first."""
        asked, python = self.settings.docker_base, self.settings.python
        if asked != DEFAULT_BASE:
            return (asked,)
        if python not in (None, BOOKWORM_PYTHON):
            return (asked.replace(BOOKWORM_PYTHON, str(python)),)
        return (asked, LOCAL_BASE)

    def _find(self) -> Image | None:
        for base in self.bases():
            tag = self.recipe.tag(base)
            identifier = _image_id(self.engine.client, tag)
            if identifier:
                return Image(identifier, tag)
        return None

    def _base(self) -> str:
        """Return a base the engine holds, pulling the preferred one where it can be had."""
        asked, *others = self.bases()
        with asking("look for a base image"):
            if _image_id(self.engine.client, asked):
                return asked
            trouble = self._pull(asked)
            if trouble is None:
                return asked
            local = [base for base in others if _image_id(self.engine.client, base)]
        if local:
            return local[0]
        raise SandboxUnavailable(
            f"the base image {asked} cannot be pulled: {trouble}",
            remedy=f"make one without a registry: sudo sh {self.recipe.folder}/docker/make-base",
        )

    def _pull(self, base: str) -> str | None:
        """Return None when `base` was pulled, else why not."""
        self.listener(Progress("sandbox", f"pulling {base}"))
        repository, tag = parse_repository_tag(base)
        try:
            events = self.engine.client.pull(repository, tag or "latest", stream=True, decode=True)
            return next((str(event["error"]) for event in events if "error" in event), None)
        except (APIError, RequestException) as error:
            return reason(error)

    def _build(self, base: str) -> Image:
        tag = self.recipe.tag(base)
        with asking("build the sandbox image"):
            events = self.engine.client.build(
                fileobj=self.recipe.context(_host_authorities()),
                custom_context=True,
                tag=tag,
                buildargs={"BASE": base, **_proxies()},
                rm=True,
                forcerm=True,
                decode=True,
                timeout=BUILD_SECONDS,
            )
            _follow(events, self.listener)
            identifier = _image_id(self.engine.client, tag)
        if not identifier:
            raise SandboxUnavailable(
                f"the sandbox image {tag} was built and is not there",
                remedy="docker system df shows whether the engine's disk is full",
            )
        return Image(identifier, tag)


_STEP = re.compile(r"Step (\d+)/(\d+) : ")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What a step writes to stderr comes in red."""
_COMMAND = re.compile(r"^The command '.*'(?= returned)", re.DOTALL)
"""The engine repeats the whole of a RUN before it says how that ended."""


def _follow(events: Iterable[dict[str, Any]], listener: Listener) -> None:
    said: list[str] = []
    for event in events:
        text = _COLOUR.sub("", str(event.get("stream", ""))).strip()
        step = _STEP.match(text)
        if step:
            done, total = int(step[1]), int(step[2])
            listener(Progress("sandbox", "building the sandbox image", done, total, "steps"))
        if text:
            said = [*said[-9:], text]
        if "error" in event:
            last = " / ".join(line.splitlines()[-1] for line in said[-3:])
            fault = _COMMAND.sub("a step", str(event["error"]))
            raise SandboxUnavailable(
                f"the sandbox image cannot be built: {fault} (after: {last[:300]})",
                remedy="check that containers reach a Debian mirror, or set http_proxy",
            )


def _image_id(client: APIClient, name: str) -> str | None:
    try:
        return str(client.inspect_image(name)["Id"])  # type: ignore[no-untyped-call]
    except ImageNotFound:
        return None


def _host_authorities() -> bytes:
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(variable)
        if path and Path(path).is_file():
            return Path(path).read_bytes()
    return b""


def _proxies() -> dict[str, str]:
    # Predefined build arguments: they reach RUN and stay out of the image's history.
    proxies = getproxies()
    named = {f"{kind}_proxy": proxies[kind] for kind in ("http", "https", "no") if kind in proxies}
    return named | {name.upper(): value for name, value in named.items()}


@contextmanager
def _only_one(folder: Path, listener: Listener) -> Iterator[None]:
    """Hold the lock that keeps several processes from building at once."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "build.lock").open("w")
    except OSError as error:
        raise SandboxUnavailable(
            f"the cache folder cannot be written: {reason(error)}",
            remedy="set VALIDATOR_CACHE_DIR to a folder that can",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            listener(Progress("sandbox", "waiting for another process that builds the image"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
