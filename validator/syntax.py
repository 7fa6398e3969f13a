"""Text to syntax tree, for every room: from any thread, without a warning, nothing of it run."""

from __future__ import annotations

import ast
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What a text that is no Python makes `parse` and `check` raise.

ValueError: NUL bytes, or an integer of too many digits. RecursionError, MemoryError: nested deeper
than the parser goes.
"""
_ALONE = threading.RLock()


@contextmanager
def parsing() -> Iterator[None]:
    """Let one thread parse at a time, and keep what Python warns of in the text to ourselves.

    CPython before 3.11.8 counts how deep `ast.parse` is in one place for all threads, and a garbage
    collection in the middle of it may let another thread in: `SystemError: AST constructor
    recursion depth mismatch` (gh-106905). `warnings.catch_warnings` is one place for all threads
    too: overlapping, they leave everything ignored. Parsing has the interpreter to itself anyway,
    so nobody waits for longer than without. The lock can be taken again by whom it belongs to: a
    collection may run a finalizer that parses.
    """
    with _ALONE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def parse(text: str) -> ast.Module:
    """Parse `text` as a module; raises one of `NOT_PYTHON` as `ast.parse` does."""
    with parsing():
        return ast.parse(text)  # noqa: TID251 - the one place


def tree_of(text: str) -> ast.Module | None:
    """Parse `text` as a module, or return None where it is no Python."""
    try:
        return parse(text)
    except NOT_PYTHON:
        return None


def check(text: str) -> ast.Module:
    """Parse `text`, and raise what the compiler refuses too: `await` outside a function."""
    with parsing():
        tree = parse(text)
        compile(tree, "<program>", "exec", dont_inherit=True)
    return tree
