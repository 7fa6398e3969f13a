"""What the image is made from: the files of `sandboxes/`, which are data to this package."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

REPOSITORY = "reply-validator/sandbox"


@dataclass(frozen=True)
class Recipe:
    """The image's build context, and the seccomp profile its containers run under."""

    folder: Path
    """The `sandboxes` folder."""

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Every file of the build context by its name there, the host's authorities not counted."""
        docker, guest = self.folder / "docker", self.folder / "guest"
        files = {name: (docker / name).read_bytes() for name in ("Dockerfile", "probe.py")}
        for path in sorted(guest.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                files[f"guest/{path.relative_to(guest).as_posix()}"] = path.read_bytes()
        return files

    @cached_property
    def seccomp(self) -> dict[str, Any]:
        """The profile of a worker that makes jails, as the engine's API takes it."""
        profile: dict[str, Any] = json.loads((self.folder / "docker/seccomp.json").read_bytes())
        return profile

    def tag(self, base: str) -> str:
        """Return the name of the image built from this recipe on `base`, by its content."""
        digest = sha256(base.encode())
        for name, data in self.files.items():
            digest.update(f"\0{name}\0{len(data)}\0".encode())
            digest.update(data)
        return f"{REPOSITORY}:{digest.hexdigest()[:12]}"

    def context(self, authorities: bytes) -> io.BytesIO:
        """Return the build context as a tar archive; `authorities` is a PEM bundle or empty."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name, data in {**self.files, "ca-bundle.pem": authorities}.items():
                # Times and owners stay zero, so that the engine's cache knows the files again.
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(data), 0o644
                archive.addfile(entry, io.BytesIO(data))
        stream.seek(0)
        return stream
