"""The sandboxes under test: each of the session's backends, and a short way to run a program."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from validator.errors import SandboxUnavailable
from validator.events import ignore
from validator.facts import (
    Job,
    Layer,
    Limits,
    Part,
    Plan,
    ProgramKind,
    Reply,
    RequirementLine,
    RequirementSource,
    Run,
    SourceFile,
    Span,
    Submission,
)
from validator.packages import Packages
from validator.sandbox import plan
from validator.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from seeing import LayerOf, RunProgram

    from validator.sandbox.backend import Backend
    from validator.settings import Settings

REQUIRED = "VALIDATOR_TEST_REQUIRE"
"""Names of backends, comma-separated, that fail instead of skipping where they are missing."""


@pytest.fixture(scope="session")
def session_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    cache: Path = tmp_path_factory.mktemp("cache")
    return load({"cache_dir": cache})


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param("docker-single-use", marks=pytest.mark.docker),
    ],
)
def backend(request: pytest.FixtureRequest, session_settings: Settings) -> Iterator[Backend]:
    made = make_backend(request.param, session_settings)
    try:
        made.target()
    except SandboxUnavailable as error:
        made.close()
        if request.param.split("-")[0] in os.environ.get(REQUIRED, "").split(","):
            raise
        pytest.skip(f"{request.param}: {error}")
    yield made
    made.close()


def make_backend(name: str, settings: Settings) -> Backend:
    if name == "bubblewrap":
        from validator.sandbox.bubblewrap import BubblewrapBackend

        return BubblewrapBackend(settings, ignore)
    from validator.sandbox.docker.backend import DockerBackend

    return DockerBackend(settings, ignore, jails=not name.endswith("single-use"))


@pytest.fixture
def run(backend: Backend) -> RunProgram:
    """Run a program given as text; other keyword arguments are limits."""

    def run_program(
        text: str,
        *,
        stdin: bytes = b"",
        kind: ProgramKind | None = None,
        layer: Layer | None = None,
        beside: dict[str, str] | None = None,
        **limits: float,
    ) -> Run:
        file = SourceFile("main.py", text, tuple(range(1, text.count("\n") + 2)))
        others = tuple(
            SourceFile(path, other, tuple(range(1, other.count("\n") + 2)))
            for path, other in (beside or {}).items()
        )
        submission = Submission(
            Reply((Part(text, "reply.md"),)), files=(file, *others), entry_point="main.py"
        )
        how = Plan(kind, "asked for") if kind else plan(submission)
        asked = {"wall_seconds": 10.0, "memory_mib": 256, "processes": 40, **limits}
        return backend.run(
            Job((file, *others), "main.py", how, layer, stdin=stdin, limits=Limits(**asked))  # type: ignore[arg-type]
        )

    return run_program


@pytest.fixture(scope="session")
def layer_of(backend: Backend, session_settings: Settings) -> LayerOf:
    """Return the layer of some requirements, from this machine's index."""

    def build(*requirements: str) -> Layer:
        lines = tuple(
            RequirementLine(text, Span(number, number), RequirementSource.BLOCK)
            for number, text in enumerate(requirements, 1)
        )
        submission = Submission(Reply((Part("", "reply.md"),)), requirements=lines)
        with Packages(session_settings, backend.target()) as packages:
            resolution = packages.resolve(submission)
            assert not resolution.unresolved
            return packages.layer(resolution)

    return build
