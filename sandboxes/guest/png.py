"""Write PNG, still and animated, with nothing but zlib: no library is needed in the jail."""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encode(width: int, height: int, rgb: bytes) -> bytes:
    """Return a PNG of `rgb`, `width * height * 3` bytes, row by row from the top."""
    packed = compress(width, height, rgb)
    chunks = (_header(width, height), _chunk(b"IDAT", packed), _chunk(b"IEND", b""))
    return SIGNATURE + b"".join(chunks)


def compress(width: int, height: int, rgb: bytes) -> bytes:
    """Return the pixels as a PNG's data chunk holds them, to be kept small until they are used."""
    row = width * 3
    filtered = b"".join(b"\0" + rgb[at : at + row] for at in range(0, row * height, row))
    return zlib.compress(filtered, 6)


def animate(width: int, height: int, pictures: list, milliseconds: int) -> bytes:
    """Return an animated PNG that shows `pictures`, compressed and of one size, again and again.

    Made as the PNG Specification, third edition, section 11.3.6 has it: the first picture is what a
    viewer shows that knows nothing of animation.
    """
    chunks = [_header(width, height), _chunk(b"acTL", struct.pack(">II", len(pictures), 0))]
    number = 0
    for at, packed in enumerate(pictures):
        timing = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, milliseconds, 1000, 0, 0)
        chunks.append(_chunk(b"fcTL", timing))
        number += 1
        if at == 0:
            chunks.append(_chunk(b"IDAT", packed))
        else:
            chunks.append(_chunk(b"fdAT", struct.pack(">I", number) + packed))
            number += 1
    return SIGNATURE + b"".join(chunks) + _chunk(b"IEND", b"")


def _header(width: int, height: int) -> bytes:
    return _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
