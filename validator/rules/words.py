"""Words in and out: the name a linter speaks of, and lists as a person writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_NAME = re.compile(r"[`\"']([^`\"']+)[`\"']")


def name_in(message: str) -> str:
    """Return the first quoted name in a linter's message: ruff's backticks, pyright's quotes."""
    match = _NAME.search(message)
    return match[1] if match else ""


def listed(names: Sequence[str], show: Callable[[str], str] = "`{}`".format, limit: int = 4) -> str:
    """Return names as a list in a sentence: "`a`, `b` and 3 more"."""
    shown = [show(name) for name in names[:limit]]
    if len(names) > limit:
        return f"{', '.join(shown)} and {len(names) - limit} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else ""
