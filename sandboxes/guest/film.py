"""A short animated capture of what a program shows, small enough to hand around."""

from __future__ import annotations

from . import png

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MAX_PICTURES = 24
MAX_SIDE = 320
MAX_BYTES = 1 << 20
EVERY_SECONDS = 0.12


class Film:
    """Pictures of one size, taken now and then; once full, every second one gives way."""

    def __init__(self) -> None:
        """Begin empty."""
        self.size = (0, 0)
        self.pictures: list = []
        self.every_seconds = EVERY_SECONDS
        self.taken = float("-inf")

    def due(self, now: float) -> bool:
        """Tell whether it is time for another picture."""
        return now - self.taken >= self.every_seconds

    def take(self, now: float, size: tuple, shrink: Callable) -> None:
        """Add `shrink((width, height), factor)`: RGB bytes of what is shown, so much smaller.

        `size` is that of the screen; a screen that changes its size begins a new film.
        """
        self.taken = now
        factor = -(-max(size) // MAX_SIDE)
        small = (-(-size[0] // factor), -(-size[1] // factor))
        if small != self.size:
            self.size, self.pictures = small, []
        self.pictures.append(png.compress(*small, shrink(small, factor)))
        while len(self.pictures) > MAX_PICTURES or sum(map(len, self.pictures)) > MAX_BYTES * 0.95:
            self.every_seconds *= 2
            self.pictures = self.pictures[::2]

    def develop(self) -> bytes:
        """Return it as an animated PNG, or nothing where nothing moved.

        Two different pictures are a window that appeared, not one that moves.
        """
        if len(set(self.pictures)) < 3:
            return b""
        return png.animate(*self.size, self.pictures, int(self.every_seconds * 1000))


def thin(pixels: bytes, size: tuple, factor: int, layout: str = "RGB") -> bytes:
    """Return every `factor`-th pixel of every `factor`-th row, as RGB; `layout` names the bytes."""
    step = len(layout)
    row_bytes = size[0] * step
    rows = []
    for top in range(0, size[1] * row_bytes, row_bytes * factor):
        row = pixels[top : top + row_bytes]
        thinned = bytearray(3 * -(-size[0] // factor))
        for channel, name in enumerate("RGB"):
            thinned[channel::3] = row[layout.index(name) :: step * factor]
        rows.append(thinned)
    return b"".join(rows)
