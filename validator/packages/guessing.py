"""An import the table does not know: taken for the project of its name only where that is proven.

Of 84 common imports 43 are not named like their distribution, and for 23 of those the name is
somebody else's project (measured 2026-11). So the project's own wheel has to hold the module, and
nothing about it may look like a name taken in wait for a mistake.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.packages import distributions, suspicion
from validator.packages.connection import CONNECTIONS
from validator.packages.contents import provides
from validator.packages.offering import best_wheel, newest
from validator.packages.wellknown import similar, well_known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from validator.facts import Target, Undeclared
    from validator.packages.contents import Contents
    from validator.packages.index import Index
    from validator.packages.pages import File, Page

MAX_NAMED = 3
"""Modules of another project spelled out in a note."""
MAX_PARTS = 3
"""Of a project that holds nothing itself, looked into."""


def confirm(
    missing: Sequence[Undeclared], pages: Mapping[str, Page | None], target: Target, index: Index
) -> tuple[Undeclared, ...]:
    """Return the undeclared imports with their distribution where it is certain, else without.

    Raises:
        IndexUnavailable: a wheel that would decide cannot be looked into.
    """
    one = partial(_confirmed, pages=pages, target=target, index=index)
    if len(missing) < 2:
        return tuple(map(one, missing))
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return tuple(pool.map(one, missing))


def _confirmed(
    asked: Undeclared, *, pages: Mapping[str, Page | None], target: Target, index: Index
) -> Undeclared:
    if asked.host:
        return asked
    page = pages[canonicalize_name(asked.distribution)] if asked.distribution else None
    if page is None or not page.uncut.releases:
        return _unknown(asked)
    if distributions.lookup(asked.module):
        return asked
    wheel = telling_wheel(page, target)
    if wheel is None:
        return asked if page.name in well_known() else _unknown(asked, _unseen(page, asked))
    contents = index.contents(wheel)
    if contents is None:
        return _unknown(asked, f"what {page.name} on the index holds cannot be read")
    held = provides(contents.modules, asked.module)
    if not held and not _brings(page, contents, asked, target, index):
        names = ", ".join(contents.modules[:MAX_NAMED])
        what = f"{names}, not {asked.module}" if names else "no module"
        return _unknown(asked, f"{page.name} on the index holds {what}")
    doubt = suspect(page, target, index)
    return _unknown(asked, f"{doubt}, so it is not taken for {asked.module}") if doubt else asked


def _brings(
    page: Page, contents: Contents, asked: Undeclared, target: Target, index: Index
) -> bool:
    """Tell whether a wheel that holds nothing itself brings a part of its project that does.

    `pydantic-ai` only has `pydantic-ai-slim` installed, with what that needs besides. What does not
    bear the project's name might be anybody's.
    """
    parts = tuple(name for name in contents.brings if name.startswith(f"{page.name}-"))[:MAX_PARTS]
    for part in filter(None, index.pages(parts).values()):
        wheel = telling_wheel(part, target)
        held = index.contents(wheel) if wheel else None
        if held is not None and provides(held.modules, asked.module):
            return True
    return False


def _unseen(page: Page, asked: Undeclared) -> str:
    return f"{page.name} exists only as source, so whether it holds {asked.module} is not known"


def _unknown(asked: Undeclared, note: str = "") -> Undeclared:
    return replace(asked, distribution=None, candidates=similar(asked.module), note=note)


def suspect(page: Page, target: Target, index: Index) -> str | None:
    """Return what makes a project suspicious, as a sentence; None where nothing much does.

    Raises:
        IndexUnavailable: a wheel that would decide cannot be looked into.
    """
    if page.name in well_known():
        return None
    seen = suspicion.signs(page, datetime.now(UTC).date())
    if not seen:
        return None
    wheel = telling_wheel(page, target)
    contents = index.contents(wheel) if wheel else None
    return suspicion.told(page.name, seen, described=contents is None or contents.described)


def telling_wheel(page: Page, target: Target) -> File | None:
    """Return the wheel that would be installed, else any of the newest version that has one."""
    version = newest(page, target)
    if version is not None:
        return best_wheel(page, version, target)
    wheels = (file for files in page.releases.values() for file in files if file.is_wheel)
    return next(wheels, None)
