"""What we keep inside an engine between runs, for `validate cache`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker.errors import NotFound

from validator.sandbox.docker.engine import asking
from validator.sandbox.docker.recipe import REPOSITORY
from validator.sandbox.docker.worker import LAYER_VOLUME

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from validator.sandbox.docker.engine import Engine


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes in an engine that are ours."""

    image_bytes: int
    layer_bytes: int


def measure(engine: Engine) -> Stored:
    """Return what the sandbox images and the layers take.

    Raises:
        SandboxUnavailable: when the engine does not say.
    """
    with asking("measure what it stores"):
        used: dict[str, Any] = engine.client.df()
    images = [
        image
        for image in used.get("Images") or ()
        if any(tag.startswith(f"{REPOSITORY}:") for tag in image.get("RepoTags") or ())
    ]
    volumes = [v for v in used.get("Volumes") or () if v["Name"] == LAYER_VOLUME]
    return Stored(_image_bytes(images), sum(max(v["UsageData"]["Size"], 0) for v in volumes))


def _image_bytes(images: Iterable[Mapping[str, int]]) -> int:
    # Versions share most of their layers: one counts whole, the others by what they add to it.
    largest, *others = sorted(images, key=lambda image: -image["Size"]) or [{"Size": 0}]
    return largest["Size"] + sum(image["Size"] - max(image["SharedSize"], 0) for image in others)


def clear(engine: Engine) -> None:
    """Remove the layers and the sandbox images; bases stay, as others may use them.

    Raises:
        SandboxUnavailable: when the engine does not answer, or a run is using them.
    """
    with asking("remove the installed packages"), suppress(NotFound):
        engine.client.remove_volume(LAYER_VOLUME)
    with asking("remove the sandbox images"):
        for image in engine.client.images(REPOSITORY):
            engine.client.remove_image(image["Id"], force=True)
