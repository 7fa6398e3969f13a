"""When the interpreter looks for garbage that refers to itself."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collected_between() -> Iterator[None]:
    """Have cycles collected between two replies only, never in the middle of one.

    CPython to 3.12 counts how deep `ast.parse` is in one place for all threads. A collection in the
    middle of it may run code of anybody's, which lets another thread in, and both counts are wrong
    then: `SystemError: AST constructor recursion depth mismatch`.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
