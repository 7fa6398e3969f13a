"""From the text of a reply to the program in it: `read` takes any text there is."""

from __future__ import annotations

from validator.reading.documentation import read_documentation
from validator.reading.reader import read, read_alternatives

__all__ = ["read", "read_alternatives", "read_documentation"]
