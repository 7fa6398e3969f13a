"""The image: named by its content, built on a base that can be had, told about while built."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from docker.errors import APIError, ImageNotFound

from validator.errors import SandboxUnavailable
from validator.sandbox import guest
from validator.sandbox.docker.engine import Engine
from validator.sandbox.docker.image import LOCAL_BASE, ImageStore
from validator.sandbox.docker.recipe import Recipe
from validator.settings import Settings

RECIPE = Recipe(guest.folder())


class FakeEngineClient:
    """Answers like an engine that holds `images` and builds by saying `build_events`."""

    def __init__(self, images=(), pull_events=(), build_events=({"stream": "Step 1/2 : FROM x"},)):
        self.held = dict.fromkeys(images, "sha256:held")
        self.pull_events = pull_events
        self.build_events = build_events
        self.built: list[dict] = []

    def inspect_image(self, name):
        if name not in self.held:
            raise ImageNotFound(name)
        return {"Id": self.held[name]}

    def pull(self, repository, tag, **options):
        if not self.pull_events:
            raise APIError("dial tcp: lookup registry: no such host")
        self.held[f"{repository}:{tag}"] = "sha256:pulled"
        return iter(self.pull_events)

    def build(self, **options):
        self.built.append(options)
        self.held[options["tag"]] = "sha256:built"
        return iter(self.build_events)


def store(client, tmp_path, said=None, **settings) -> ImageStore:
    chosen = replace(Settings(cache_dir=tmp_path), **settings)
    listener = said.append if said is not None else lambda progress: None
    return ImageStore(Engine(client, "an engine", 2), RECIPE, chosen, listener)


def test_the_tag_follows_every_file_and_the_base(tmp_path):
    (tmp_path / "docker").mkdir()
    (tmp_path / "guest/etc").mkdir(parents=True)
    paths = ["docker/Dockerfile", "docker/probe.py", "guest/runner.py", "guest/etc/passwd"]
    for path in paths:
        (tmp_path / path).write_text(path)
    first = Recipe(tmp_path).tag("debian")
    assert first.startswith("reply-validator/sandbox:")
    assert Recipe(tmp_path).tag("debian") == first
    tags = {first, Recipe(tmp_path).tag("ubuntu")}
    for path in paths:
        (tmp_path / path).write_text("changed")
        tags.add(Recipe(tmp_path).tag("debian"))
    assert len(tags) == 2 + len(paths)
    (tmp_path / "guest/__pycache__").mkdir()
    (tmp_path / "guest/__pycache__/runner.pyc").write_text("made by a run here")
    assert Recipe(tmp_path).tag("debian") in tags


def test_the_context_holds_what_the_dockerfile_copies():
    with tarfile.open(fileobj=RECIPE.context(b"PEM")) as archive:
        names = set(archive.getnames())
        bundle = archive.extractfile("ca-bundle.pem").read()
    assert {"Dockerfile", "probe.py", "guest/supervisor.py", "guest/jail.json"} <= names
    assert bundle == b"PEM"
    assert {"seccomp.json", "make-base"}.isdisjoint(names)


def test_an_image_that_is_there_is_used_without_asking_anyone(tmp_path):
    client = FakeEngineClient([RECIPE.tag("python:3.11-slim-bookworm")])
    assert store(client, tmp_path).ensure().id == "sha256:held"
    assert not client.built


def test_the_base_is_pulled_and_the_build_is_told_step_by_step(tmp_path):
    events = ({"stream": "Step 1/2 : FROM x"}, {"stream": "\n"}, {"stream": "Step 2/2 : RUN y"})
    client = FakeEngineClient(pull_events=({"status": "done"},), build_events=events)
    said: list = []
    assert store(client, tmp_path, said).ensure().id == "sha256:built"
    assert client.built[0]["buildargs"]["BASE"] == "python:3.11-slim-bookworm"
    assert [(p.step, p.done, p.total) for p in said] == [
        ("pulling python:3.11-slim-bookworm", None, None),
        ("building the sandbox image", 1, 2),
        ("building the sandbox image", 2, 2),
    ]


def test_a_base_made_here_serves_where_no_registry_answers(tmp_path):
    client = FakeEngineClient([LOCAL_BASE])
    store(client, tmp_path).ensure()
    assert client.built[0]["buildargs"]["BASE"] == LOCAL_BASE


def test_without_any_base_the_remedy_is_the_script_that_makes_one(tmp_path):
    with pytest.raises(SandboxUnavailable, match=r"cannot be pulled.*no such host") as caught:
        store(FakeEngineClient(), tmp_path).ensure()
    script = Path(caught.value.remedy.split()[-1])
    assert script.name == "make-base"
    assert script.is_file()


@pytest.mark.parametrize("settings", [{"docker_base": "my/base:1"}, {"python": "3.12"}])
def test_a_base_or_a_python_asked_for_is_not_replaced_by_the_local_base(tmp_path, settings):
    with pytest.raises(SandboxUnavailable, match=r"my/base:1|python:3\.12-slim-bookworm"):
        store(FakeEngineClient([LOCAL_BASE]), tmp_path, **settings).ensure()


def test_a_registry_that_refuses_in_the_middle_counts_as_one_that_does_not_answer(tmp_path):
    client = FakeEngineClient(pull_events=({"error": "toomanyrequests"},))
    client.pull = lambda *names, **options: iter(client.pull_events)
    with pytest.raises(SandboxUnavailable, match="toomanyrequests"):
        store(client, tmp_path).ensure()


def test_a_build_that_fails_says_after_what(tmp_path):
    events = (
        {"stream": "Step 1/2 : RUN apt-get update"},
        {"stream": "\x1b[91mErr:1 http://deb.debian.org bookworm\n\x1b[0m"},
        {"stream": "\x1b[91m\x1b[0m"},
        {"error": "The command '/bin/sh -c a\n && it''s b' returned a non-zero code: 100"},
    )
    client = FakeEngineClient([LOCAL_BASE], build_events=events)
    with pytest.raises(
        SandboxUnavailable, match=r"a step returned a non-zero code: 100.*Err:1"
    ) as caught:
        store(client, tmp_path).ensure()
    assert str(caught.value).isprintable()
    assert caught.value.remedy


def test_a_cache_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "docker").write_text("a file where the folder should be")
    with pytest.raises(SandboxUnavailable, match="cache folder cannot be written"):
        store(FakeEngineClient([LOCAL_BASE]), tmp_path).ensure()
