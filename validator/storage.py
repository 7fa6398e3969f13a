"""What is kept between runs: on this host, and in the Docker engine."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.packages import cache

if TYPE_CHECKING:
    from validator.settings import Settings


def info(settings: Settings) -> str:
    """Return a table of what is kept, where, and how large it is."""
    kept = cache.info(settings)
    rows = [(part.name, part.size_bytes, part.holds) for part in kept.parts]
    rows += _engine_rows()
    lines = [f"{name:<14} {_size(size):>10}  {holds}" for name, size, holds in rows]
    return "\n".join((kept.path, *lines))


def clear(settings: Settings) -> str:
    """Remove all that is not in use, and return a line that says how much that was."""
    before = cache.info(settings).size_bytes
    engine_before = sum(size for _, size, _ in _engine_rows())
    left = cache.clear(settings).size_bytes
    # What containers run on at the moment no engine removes.
    with suppress(SandboxUnavailable):
        from validator.sandbox.docker import engine, storage

        storage.clear(engine.connect())
    engine_left = sum(size for _, size, _ in _engine_rows())
    # Others may have fetched more beside us than there was.
    freed = max(before - left, 0) + max(engine_before - engine_left, 0)
    left += engine_left
    return f"freed {_size(freed)}" + (f"; {_size(left)} are in use and stay" if left else "")


def _engine_rows() -> list[tuple[str, int, str]]:
    """Return what the engine keeps; nothing where no engine answers."""
    # docker-py takes a tenth of a second to import, which only the cache's verbs need pay here.
    from validator.sandbox.docker import engine, storage

    try:
        stored = storage.measure(engine.connect())
    except SandboxUnavailable:
        return []
    return [
        ("docker layers", stored.layer_bytes, "the layers again, in the engine's volume"),
        ("docker image", stored.image_bytes, "the sandbox image and what it stands on"),
    ]


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
