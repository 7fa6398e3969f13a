"""Write a PNG with nothing but zlib, so that a screenshot needs no library in the jail."""

from __future__ import annotations

import struct
import zlib


def encode(width: int, height: int, rgb: bytes) -> bytes:
    """Return a PNG of `rgb`, `width * height * 3` bytes, row by row from the top."""
    row = width * 3
    filtered = b"".join(b"\0" + rgb[at : at + row] for at in range(0, row * height, row))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(filtered, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
