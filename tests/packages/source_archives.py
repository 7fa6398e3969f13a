"""Source archives made here: projects that build themselves, and projects that misbehave."""

from __future__ import annotations

import io
import tarfile

from fake_index import FakeIndex, Offer
from packaging.utils import canonicalize_name

BACKEND = """\
import os, zipfile
NAME, VERSION, NEEDS, REQUIRES = {name!r}, {version!r}, {needs!r}, {requires!r}


def get_requires_for_build_wheel(settings=None):
    return NEEDS


def build_wheel(folder, settings=None, metadata=None):
{before}
    stem = f"{{NAME}}-{{VERSION}}"
    metadata = f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n"
    metadata += "".join(f"Requires-Dist: {{each}}\\n" for each in REQUIRES)
    filename = f"{{stem}}-py3-none-any.whl"
    print("building", filename)
    with zipfile.ZipFile(os.path.join(folder, filename), "w") as wheel:
        for path in {modules!r}:
            wheel.write(path, path)
        wheel.writestr(f"{{stem}}.dist-info/METADATA", metadata)
        wheel.writestr(f"{{stem}}.dist-info/WHEEL", "Wheel-Version: 1.0\\n")
        wheel.writestr(f"{{stem}}.dist-info/RECORD", "")
    return filename
"""
PYPROJECT = """\
[build-system]
requires = {requires}
build-backend = "own_backend"
backend-path = ["build-tools"]
"""


def archive(files: dict[str, str], *odd: tarfile.TarInfo) -> bytes:
    """Pack files, and members of any kind, as a `.tar.gz`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
        for member in odd:
            tar.addfile(member)
    return buffer.getvalue()


def project(
    name: str,
    version: str = "1.0",
    *,
    before: str = "pass",
    needs: tuple[str, ...] = (),
    requires: tuple[str, ...] = (),
    build_requires: str = "[]",
    told_name: str | None = None,
) -> bytes:
    """A project of one module whose own backend first does what `before` says."""
    backend = BACKEND.format(
        name=told_name or name,
        version=version,
        needs=list(needs),
        requires=list(requires),
        before="".join(f"    {line}\n" for line in before.splitlines()),
        modules=[f"{name}.py"],
    )
    return archive(
        {
            f"{name}-{version}/pyproject.toml": PYPROJECT.format(requires=build_requires),
            f"{name}-{version}/build-tools/own_backend.py": backend,
            f"{name}-{version}/{name}.py": f"version = {version!r}\n",
        }
    )


def offer_source(index: FakeIndex, name: str, data: bytes, version: str = "1.0") -> Offer:
    """Put a source archive on the index, and nothing else of its version."""
    offer = Offer(f"{name}-{version}.tar.gz", data, uploaded="2023-05-06T07:08:09.000000Z")
    index.projects.setdefault(canonicalize_name(name), []).append(offer)
    return offer
