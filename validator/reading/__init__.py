"""From the text of a reply to the program in it: one function, `read`, for any text there is."""

from __future__ import annotations

from validator.reading.reader import read

__all__ = ["read"]
