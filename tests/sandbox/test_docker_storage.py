"""What we keep in an engine, counted once, and removed without touching what is not ours."""

from __future__ import annotations

import pytest
from docker.errors import APIError, NotFound

from validator.errors import SandboxUnavailable
from validator.sandbox.docker import storage
from validator.sandbox.docker.engine import Engine, connect
from validator.sandbox.docker.storage import Stored

OURS, OTHER = ["reply-validator/sandbox:abc"], ["postgres:16"]


class FakeEngineClient:
    """Answers like an engine that stores what it is told."""

    def __init__(self, images=(), volumes=(), busy=False):
        self.stored = {"Images": images, "Volumes": volumes}
        self.busy = busy
        self.removed: list[str] = []

    def df(self):
        return self.stored

    def images(self, name):
        return [{"Id": "ours"}] if name == "reply-validator/sandbox" else []

    def remove_image(self, identifier, force):
        self.removed.append(identifier)

    def remove_volume(self, name):
        if self.busy:
            raise APIError("conflict", explanation="volume is in use")
        if not any(volume["Name"] == name for volume in self.stored["Volumes"] or ()):
            raise NotFound(name)
        self.removed.append(name)


def image(tags, size, shared):
    return {"RepoTags": tags, "Size": size, "SharedSize": shared}


def volume(name, size):
    return {"Name": name, "UsageData": {"Size": size}}


def test_shared_layers_count_once_and_what_is_not_ours_not_at_all():
    images = [image(OURS, 500, 490), image(OURS, 520, 490), image(OTHER, 900, 0), image(None, 7, 0)]
    volumes = [volume("reply-validator-layers", 40), volume("pgdata", 1000)]
    client = FakeEngineClient(images, volumes)
    assert storage.measure(Engine(client, "it", 1)) == Stored(520 + 10, 40)


@pytest.mark.parametrize("nothing", [[], None])
def test_an_engine_without_anything_of_ours(nothing):
    client = FakeEngineClient(nothing, nothing)
    assert storage.measure(Engine(client, "it", 1)) == Stored(0, 0)
    storage.clear(Engine(client, "it", 1))


def test_sizes_the_engine_does_not_know_are_not_subtracted():
    client = FakeEngineClient([image(OURS, 500, -1)] * 2, [volume("reply-validator-layers", -1)])
    assert storage.measure(Engine(client, "it", 1)) == Stored(1000, 0)


def test_clearing_removes_layers_and_images():
    client = FakeEngineClient(volumes=[volume("reply-validator-layers", 1), volume("pgdata", 1)])
    storage.clear(Engine(client, "it", 1))
    assert client.removed == ["reply-validator-layers", "ours"]


def test_layers_that_a_run_is_using_stay_and_it_is_said():
    client = FakeEngineClient(volumes=[volume("reply-validator-layers", 1)], busy=True)
    with pytest.raises(SandboxUnavailable, match="volume is in use"):
        storage.clear(Engine(client, "it", 1))
    assert client.removed == []


@pytest.mark.docker
def test_a_real_engine_says_what_it_stores():
    try:
        engine = connect()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    stored = storage.measure(engine)
    assert stored.image_bytes >= 0
    assert stored.layer_bytes >= 0
