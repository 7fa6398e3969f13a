"""What is kept between runs: on this host, and in the Docker engine."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.events import ignore
from validator.packages import cache
from validator.sandbox import guest

if TYPE_CHECKING:
    from validator.settings import Settings


def info(settings: Settings) -> str:
    """Return a table of what is kept, where, and how large it is."""
    kept = cache.info(settings)
    rows = [(part.name, part.size_bytes, part.holds) for part in kept.parts]
    rows += _engine_rows(settings)
    lines = [f"{name:<14} {_size(size):>10}  {holds}" for name, size, holds in rows]
    return "\n".join((kept.path, *lines))


def clear(settings: Settings) -> str:
    """Remove all of it and return a line that says how much that was."""
    freed = cache.clear(settings).size_bytes
    freed += sum(size for _, size, _ in _engine_rows(settings))
    with suppress(SandboxUnavailable):
        from validator.sandbox.docker.engine import connect
        from validator.sandbox.docker.image import ImageStore
        from validator.sandbox.docker.layers import clear_volume
        from validator.sandbox.docker.recipe import Recipe

        engine = connect()
        clear_volume(engine)
        ImageStore(engine, Recipe(guest.folder()), settings, ignore).clear()
    return f"freed {_size(freed)}"


def _engine_rows(settings: Settings) -> list[tuple[str, int, str]]:
    """Return what the engine keeps; nothing where no engine answers."""
    from validator.sandbox.docker.engine import connect
    from validator.sandbox.docker.image import ImageStore
    from validator.sandbox.docker.layers import volume_bytes
    from validator.sandbox.docker.recipe import Recipe

    try:
        engine = connect()
        images = ImageStore(engine, Recipe(guest.folder()), settings, ignore)
        return [
            ("docker layers", volume_bytes(engine), "the layers again, in the engine's volume"),
            ("docker image", images.size_bytes(), "the sandbox image and what it stands on"),
        ]
    except SandboxUnavailable:
        return []


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"
