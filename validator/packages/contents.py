"""What a wheel holds, by its list of files and its METADATA; none of its code is read. Pure."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

MAX_MODULES = 500
"""Names kept of one wheel; a namespace package of many parts has a few dozen."""
MAX_LIST_BYTES = 16 * 1024 * 1024
"""Of an archive's list of files; the longest seen, PyTorch's, is under 2 MB."""
_MODULE = re.compile(r"(\w+)(?:\.cpython-[\w-]+|\.abi3|\.pypy[\w-]+)?\.(?:py|pyc|so|pyd)$")


@dataclass(frozen=True, slots=True)
class Contents:
    """What one wheel is good for."""

    modules: tuple[str, ...]
    """What can be imported, as deep as it takes to be its own: `numpy`, `google.cloud.storage`."""
    described: bool
    """True where its metadata has a summary or a description."""
    brings: tuple[str, ...] = ()
    """Canonical names of what it always has installed with it; known where it holds nothing."""


class LongListError(ValueError):
    """An archive whose list of files is longer than it may be."""

    def __init__(self) -> None:
        super().__init__(f"its list of files is over {MAX_LIST_BYTES >> 20} MiB")


class Bounded(io.BufferedReader):
    """An archive as zipfile is to have it, which reads its list of files in one piece.

    It makes an object of each line before anybody can count them: of 75 MiB that took 40 s and
    0.8 GB (2026-11, CPython 3.11).
    """

    def __init__(self, archive: IO[bytes] | io.RawIOBase) -> None:
        """Read from `archive`, and close it in the end."""
        super().__init__(archive)  # type: ignore[arg-type]

    def read(self, size: int | None = -1, /) -> bytes:
        """Return so many bytes.

        Raises:
            LongListError: they are more than any list of files.
        """
        if size is not None and size > MAX_LIST_BYTES:
            raise LongListError
        return super().read(size)


def importable(paths: Iterable[str]) -> tuple[str, ...]:
    """Return what can be imported from files at these places below a folder on `sys.path`.

    A folder with an `__init__` stands for all below it. One without is a namespace (PEP 420), which
    many distributions share, so what counts is what lies inside it.
    """
    packages: set[str] = set()
    modules: set[str] = set()
    for path in paths:
        *folders, last = path.split("/")
        match = _MODULE.fullmatch(last)
        if match is None or not all(folder.isidentifier() for folder in folders):
            continue
        if match[1] == "__init__":
            packages.add(".".join(folders))
        else:
            modules.add(".".join((*folders, match[1])))
    roots = {_root(name, packages) for name in packages | modules} - {""}
    return tuple(sorted(roots))


def _root(name: str, packages: set[str]) -> str:
    parts = name.split(".")
    prefixes = (".".join(parts[:size]) for size in range(1, len(parts) + 1))
    return next((prefix for prefix in prefixes if prefix in packages), name)


def provides(modules: Iterable[str], wanted: str) -> bool:
    """Return whether an import finds something among `modules`, as `importable` names them.

    `google.cloud.storage.Client` is in `google.cloud.storage`; of a namespace alone any part will
    do. Whether a package has the attribute that is imported from it, no list of files tells.
    """
    return any(
        wanted == each or wanted.startswith(f"{each}.") or each.startswith(f"{wanted}.")
        for each in modules
    )


def unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return what a member holds, of which no more is unpacked than it says there is.

    Raises:
        NotImplementedError: it is packed in a way that is unpacked without a bound.
    """
    # `ZipFile.read` unpacks up to 2 GiB before it cuts, and of bzip2 and LZMA zipfile always
    # unpacks all it has read (CPython 3.11 to 3.14).
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise NotImplementedError(f"{member.filename[:100]!r} is packed in an uncommon way")
    with archive.open(member) as opened:
        return opened.read(member.file_size)


def brought(text: str) -> tuple[str, ...]:
    """Return the canonical names of what METADATA says is installed with a wheel, come what may."""
    found: list[str] = []
    for line in HeaderParser().parsestr(text).get_all("Requires-Dist", ()):
        try:
            needed = Requirement(str(line))
        except InvalidRequirement:
            continue
        if needed.marker is None:
            found.append(canonicalize_name(needed.name))
    return tuple(dict.fromkeys(found))[:MAX_MODULES]


def read_metadata(text: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether METADATA describes its project, and the imports it names itself (PEP 794)."""
    fields = HeaderParser().parsestr(text)
    described = any(
        (fields.get(name) or "").strip().upper() not in ("", "UNKNOWN")
        for name in ("Summary", "Description")
    )
    body = fields.get_payload()
    described = described or (isinstance(body, str) and len(body.strip()) > len("UNKNOWN"))
    named = [*fields.get_all("Import-Name", ()), *fields.get_all("Import-Namespace", ())]
    # "name ; private" marks what is not for others; it is importable all the same.
    names = (str(each).partition(";")[0].strip() for each in named)
    return described, tuple(name for name in names if name)[:MAX_MODULES]
