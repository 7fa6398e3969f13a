"""Whether what was installed holds what the program imports; the files have the last word."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.facts import Unprovided
from validator.packages import distributions
from validator.packages.contents import importable, provides
from validator.packages.wellknown import similar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from validator.facts import Layer, Resolution, Undeclared
    from validator.packages.imports import Import

MAX_SUBMODULES = 2000
"""Entries of one folder that are looked at."""


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


def unaccounted(undeclared: Sequence[Undeclared], layer: Layer) -> tuple[Undeclared, ...]:
    """Return the undeclared imports without those of no known distribution that a layer answers.

    Something brings them that no name tells of: what is required needs `python-ulid`, say.
    """
    return tuple(
        each
        for each in undeclared
        if each.distribution is not None or not provides(layer.modules, each.module)
    )


def submodules(imports: Sequence[Import], layer: Layer) -> frozenset[str]:
    """Return the modules that lie one step below what is imported of a layer, by their names."""
    wanted = {prefix for each in imports for prefix in _prefixes(each.module)}
    return frozenset(
        f"{package}.{name}"
        for package in wanted
        for name in _below(Path(layer.path, *package.split(".")))
    )


def _prefixes(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:size]) for size in range(1, len(parts) + 1))


def _below(folder: Path) -> tuple[str, ...]:
    # What is imported is a row of identifiers, as Python's grammar has it: nothing leads outside.
    if not folder.is_dir():
        return ()
    entries = islice(folder.iterdir(), MAX_SUBMODULES)
    return importable(
        f"{each.name}/__init__.py" if (each / "__init__.py").is_file() else each.name
        for each in entries
    )


def _candidates(asked: Import, installed: AbstractSet[str]) -> tuple[str, ...]:
    known = distributions.lookup(asked.module)
    names = known[1] if known else similar(asked.module)
    if known and (versions := distributions.GIVEN_UP.get(known[0])):
        return tuple(f"{name}{versions}" for name in names)
    return tuple(name for name in names if canonicalize_name(name) not in installed)
