"""The program that writes what a wheel holds: it runs as a process of its own, beside others.

Reading a wheel is for the most part one call for each of thousands of files, and those of two
threads wait for each other: unpacking numpy, pandas and matplotlib while they were fetched took
1.75 s in threads and 1.4 s in processes (2026-11, 2 cores). A line of JSON on stdin names a wheel,
a folder, and for each member its place there and what the wheel's list of files says of it; a line
on stdout says what became of it. All of it was checked before it is asked for. Standard library
only, and little of it: it is started for every layer.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import zlib

TYPE_CHECKING = False  # typing takes longer to import than most wheels to write
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MEMORY_BYTES = 1024**3
PIECE_BYTES = 1024 * 1024
"""Unpacked at a time; the largest members, of CUDA, are over 1 GiB."""
_HEADER = b"PK\x03\x04"
_HEADER_BYTES = 30
_STORED = 0


class DamageError(Exception):
    """A member that is not what the wheel's list of files says."""


def main() -> None:
    """Do what each line of stdin asks, and answer it with a line on stdout, to the end of stdin."""
    # macOS has no such limit, and whoever started us may have set a lower one.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for line in sys.stdin.buffer:
        answer = json.dumps(write(**json.loads(line))).encode() + b"\n"
        os.write(1, answer)


def write(wheel: str, folder: str, members: list[list[Any]]) -> dict[str, Any] | None:
    """Write members of a wheel below a folder; None where that went well.

    A member is (place, offset of its header, packed bytes, unpacked bytes, CRC-32, method, mode).
    Else `member` counts to the one at fault and `damage` says what is wrong with it, or `errno`
    and `words` are what the system said.
    """
    try:
        file = os.open(wheel, os.O_RDONLY | os.O_CLOEXEC)
    # Somebody may have evicted it since it was checked.
    except OSError as error:
        return {"member": 0, **_said(error)}
    try:
        for at, member in enumerate(members):
            if fault := _write_one(file, folder, member):
                return {"member": at, **fault}
    finally:
        os.close(file)
    return None


def _write_one(file: int, folder: str, member: list[Any]) -> dict[str, Any] | None:
    place, *told, mode = member
    try:
        out = os.open(f"{folder}/{place}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            for piece in unpacked(file, *told):
                _put(out, piece)
        finally:
            os.close(out)
    except (DamageError, zlib.error, MemoryError, OverflowError) as error:
        return {"damage": str(error) or type(error).__name__}
    except OSError as error:
        return _said(error)
    return None


def _said(error: OSError) -> dict[str, Any]:
    return {"errno": error.errno, "words": error.strerror}


def unpacked(
    file: int, offset: int, packed: int, size: int, checksum: int, method: int
) -> Iterator[bytes]:
    """Yield what a member holds, a piece at a time, never more of it than announced.

    Raises:
        DamageError: it is not where it should be, or its size or checksum are others.
    """
    begin = _begin(file, offset, packed)
    # A small member is one call of everything; what is larger is not held in memory whole.
    pieces: Iterator[bytes]
    if method == _STORED:
        pieces = _stored(file, begin, packed)
    elif size <= PIECE_BYTES:
        whole = os.pread(file, packed, begin)
        # One byte more than announced is asked for, so that a bomb shows and does not burst.
        pieces = iter((zlib.decompressobj(-zlib.MAX_WBITS).decompress(whole, size + 1),))
    else:
        pieces = _inflated(file, begin, packed)
    done = crc = 0
    for piece in pieces:
        done += len(piece)
        crc = zlib.crc32(piece, crc)
        if done > size:
            break
        yield piece
    if done != size or crc != checksum:
        raise DamageError("its size or its checksum is another than announced")


def _begin(file: int, offset: int, packed: int) -> int:
    """Return where a member's data begins, behind the header that repeats its name."""
    end = os.fstat(file).st_size
    header = os.pread(file, _HEADER_BYTES, offset) if 0 <= offset <= end else b""
    if len(header) < _HEADER_BYTES or not header.startswith(_HEADER):
        raise DamageError("its header is not where the list of files says")
    name, extra = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
    begin = offset + _HEADER_BYTES + name + extra
    if begin + packed > end:
        raise DamageError("it is not where the list of files says")
    return begin


def _stored(file: int, begin: int, packed: int) -> Iterator[bytes]:
    for at in range(begin, begin + packed, PIECE_BYTES):
        yield os.pread(file, min(PIECE_BYTES, begin + packed - at), at)


def _inflated(file: int, begin: int, packed: int) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in _stored(file, begin, packed):
        left = piece
        while left and not inflater.eof:
            yield inflater.decompress(left, PIECE_BYTES)
            left = inflater.unconsumed_tail
    yield inflater.flush()


def _put(out: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view) :]


if __name__ == "__main__":
    main()
