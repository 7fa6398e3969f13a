"""A second of nothing to hear, as Ogg Vorbis: there is no encoder of it in the standard library.

Players that go by a file's name take nothing else for `.ogg`. By the Vorbis I specification,
sections 4 to 8, and RFC 3533 for the pages: all three headers are as small as they may be, and an
audio packet whose floor is unused is silent whatever they say. Pure.
"""

from __future__ import annotations

import struct
from functools import cache

RATE_HZ = 44100
BLOCK_BITS = 13
"""Of both sizes of block: 8192 samples, each overlapping half of the one before."""
PACKETS = 12
_POLYNOMIAL = 0x04C11DB7
_FIRST_PAGE, _LAST_PAGE = 2, 4
_SETUP = (
    # One code book: its mark, one dimension, two entries, each a code of one bit, no values.
    (8, 0), (24, 0x564342), (16, 1), (24, 2), (1, 0), (1, 0), (5, 0), (5, 0), (4, 0),
    (6, 0), (16, 0),  # one time domain transform, which does not exist
    (6, 0), (16, 1), (5, 0), (2, 0), (4, 8),  # one floor of type 1: no partitions, 2 ** 8 wide
    # One residue of type 1, from 0 to 0: one class of one value, by book 0, and no cascade.
    (6, 0), (16, 1), (24, 0), (24, 0), (24, 0), (6, 0), (8, 0), (3, 0), (1, 0),
    (6, 0), (16, 0), (1, 0), (1, 0), (2, 0), (8, 0), (8, 0), (8, 0),  # one mapping of these
    (6, 0), (1, 0), (16, 0), (16, 0), (8, 0),  # one mode: short blocks by that mapping
    (1, 1),
)  # fmt: skip
"""Widths in bits, and values: the third header of Vorbis, behind its name."""


@cache
def ogg() -> bytes:
    """Return a file of Ogg Vorbis: one channel, about a second, nothing but silence."""
    sizes = BLOCK_BITS | BLOCK_BITS << 4
    named = struct.pack("<IBIiiiBB", 0, 1, RATE_HZ, 0, 0, 0, sizes, 1)
    comment = struct.pack("<IIB", 0, 0, 1)
    samples = (PACKETS - 1) << BLOCK_BITS - 1
    pages = (
        (_FIRST_PAGE, 0, (b"\x01vorbis" + named,)),
        (0, 0, (b"\x03vorbis" + comment, b"\x05vorbis" + _packed(_SETUP))),
        (_LAST_PAGE, samples, (b"\0",) * PACKETS),
    )
    return b"".join(_page(number, *page) for number, page in enumerate(pages))


def _packed(fields: tuple[tuple[int, int], ...]) -> bytes:
    """Return fields of bits one behind the other, the least significant of each first."""
    value = width = 0
    for bits, number in fields:
        value |= number << width
        width += bits
    return value.to_bytes(-(-width // 8), "little")


def _page(number: int, kind: int, position: int, packets: tuple[bytes, ...]) -> bytes:
    """Return one page of a stream; each packet is shorter than 255 bytes."""
    sizes = bytes(map(len, packets))
    head = struct.pack("<4sBBqII", b"OggS", 0, kind, position, 1, number)
    body = bytes((len(sizes),)) + sizes + b"".join(packets)
    return head + struct.pack("<I", _checksum(head + bytes(4) + body)) + body


def _checksum(data: bytes) -> int:
    """Return the CRC of Ogg: that of 32 bits, neither reflected nor inverted."""
    rest = 0
    for byte in data:
        rest ^= byte << 24
        for _ in range(8):
            rest = (rest << 1 & 0xFFFFFFFF) ^ (_POLYNOMIAL if rest >> 31 else 0)
    return rest
