from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fake_index import LINUX, FakeIndex, Server
from submitting import TARGET, submit

from validator.packages import Packages
from validator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from validator.facts import (
        Resolution,
        Target,
    )


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture
def server(index: FakeIndex) -> Iterator[Server]:
    server = Server(index)
    yield server
    server.stop()


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    return replace(Settings(), index_url=server.url, cache_dir=tmp_path / "cache")


@pytest.fixture
def resolve(settings: Settings) -> Callable[..., Resolution]:
    def resolve(requirements: str = "", *, target: Target = TARGET, **files: str) -> Resolution:
        with Packages(settings, target) as packages:
            return packages.resolve(submit(requirements, **files))

    return resolve


@pytest.fixture
def arcade(index: FakeIndex) -> FakeIndex:
    """An index in the likeness of the real one on the evening this is for."""
    index.add("pygame", "2.1.2", *(f"cp{n}-cp{n}-{LINUX}" for n in (36, 37, 38, 39, 310)),
              "cp310-cp310-win_amd64", requires_python=">=3.6",
              uploaded="2021-12-27T04:07:15.904934Z")  # fmt: skip
    index.add("pygame", "2.1.3.dev8", f"cp311-cp311-{LINUX}", requires_python=">=3.6")
    index.add("pygame", "2.1.3", f"cp311-cp311-{LINUX}", requires_python=">=3.6")
    for version in ("2.2.0", "2.6.1"):
        index.add("pygame", version, *(f"cp{n}-cp{n}-{LINUX}" for n in (310, 311, 312, 313)))
    return index
