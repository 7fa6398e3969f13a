"""Whether what was installed holds what the program imports; the files have the last word. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.facts import Unprovided
from validator.packages import distributions
from validator.packages.contents import provides
from validator.packages.wellknown import similar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from validator.facts import Layer, Resolution
    from validator.packages.imports import Import


def unprovided(
    imports: Sequence[Import], resolution: Resolution, layer: Layer
) -> tuple[Unprovided, ...]:
    """Return the imports that no file of a layer answers and nothing else was said of; one each.

    Something was said where no distribution is known for the import, or where the one that would
    provide it could not be installed.
    """
    pinned = {pin.name for pin in resolution.pins}
    silent = {each.module for each in resolution.undeclared if each.distribution is None}
    found: dict[str, Unprovided] = {}
    for each in imports:
        module, names = distributions.providers(each.module)
        expected = {canonicalize_name(name) for name in (*names, each.top)}
        if module in silent or not expected & pinned or provides(layer.modules, each.module):
            continue
        first = found.get(module)
        if first is None or first.optional > each.optional:
            candidates = _candidates(each, expected & pinned)
            found[module] = Unprovided(module, each.path, each.line, each.optional, candidates)
    return tuple(found.values())


def _candidates(asked: Import, installed: AbstractSet[str]) -> tuple[str, ...]:
    known = distributions.lookup(asked.module)
    names = known[1] if known else similar(asked.module)
    return tuple(name for name in names if canonicalize_name(name) not in installed)
