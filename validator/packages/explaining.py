"""Why one requirement cannot be met as written, told from one project page. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from validator.facts import Unresolved
from validator.facts import UnresolvedReason as Reason
from validator.packages import target as targets
from validator.packages.offering import (
    best_wheel,
    installable,
    installing,
    is_offered,
    latest,
    offers,
    sources,
)

if TYPE_CHECKING:
    from validator.facts import Requirement, Target
    from validator.packages.pages import File, Page

PYTHONS = tuple(f"3.{minor}" for minor in range(10, 16))
"""Those that are looked at for one that would help; programs are run on none that is older."""
MAX_VERSIONS = 10
"""Of one requirement, looked at for other Pythons, newest first."""
_CPYTHON = re.compile(r"cp([0-9])([0-9]{0,3})")
"""A wheel's tag, which anybody may have made up: `cp311`, and no `cp²`."""


def explain(
    requirement: Requirement, page: Page, target: Target, pins: str = "nearest"
) -> Unresolved | None:
    """Return the one reason a requirement cannot be met as written; None where it can be.

    All versions named install on the target: `nearest` is the first of the same major version at or
    above the one asked for, else `latest`. `pins` says which of them goes into `relaxed_to`: with
    `strict` neither does.
    """
    if page.status == "quarantined":
        return Unresolved(requirement, Reason.QUARANTINED, _quarantined(page))
    if offers(requirement.specifier, page, target):
        return None
    # What is true of a version does not depend on the day; only what may be taken does.
    matching = tuple(requirement.specifier.filter(page.uncut.releases))
    reason, message = _reason(requirement, page, matching, target)
    last = latest(page, target)
    below, above = _around(requirement, page, target)
    asked = _asked_for(requirement.specifier)
    same_major = above if asked and above and above.major == asked.major else None
    nearest = str(same_major) if same_major else last
    taken = {"nearest": nearest, "latest": last}.get(pins)
    pinned_to_yanked = reason is Reason.YANKED and _pinned(requirement)
    return Unresolved(
        requirement=requirement,
        reason=reason,
        message=message,
        nearest=nearest,
        latest=last,
        wheel_pythons=_wheel_pythons(page.uncut, matching[0], target) if matching else (),
        # An exact pin may name a withdrawn version, and installs (PEP 592).
        relaxed_to=f"{_named(requirement)}=={taken}" if taken and not pinned_to_yanked else None,
        nearest_below=str(below) if below else None,
        nearest_above=str(above) if above else None,
        other_python=_other_python(page, matching, target) if reason in _OF_PYTHON else None,
    )


_OF_PYTHON = (Reason.NO_WHEEL, Reason.REQUIRES_PYTHON, Reason.SOURCE_ONLY)


def _other_python(page: Page, versions: tuple[Version, ...], target: Target) -> str | None:
    """Return the Python nearest to the target's that one of the versions installs on, if any."""
    own = int(target.python.partition(".")[2])

    def distance(python: str) -> int:
        # Of two as near the newer: more else will install there.
        return 2 * abs(int(python.partition(".")[2]) - own) - (int(python.partition(".")[2]) > own)

    for python in sorted(PYTHONS, key=distance):
        there = replace(target, python=python, micro=0)
        looked_at = (each for each in versions[:MAX_VERSIONS] if each in page.releases)
        if any(is_offered(page, each, there) for each in looked_at):
            return python
    return None


def no_wheel(specifier: SpecifierSet, page: Page, target: Target) -> str | None:
    """Say what wheels there are of what a specifier admits; None where there is no such version.

    Words that follow its name.
    """
    version = next(specifier.filter(page.releases), None)
    return None if version is None else _wheels_for(page, version, target)


def _reason(
    requirement: Requirement, page: Page, matching: tuple[Version, ...], target: Target
) -> tuple[Reason, str]:
    whole = page.uncut
    if not matching:
        return Reason.UNKNOWN_VERSION, _unknown_version(requirement, page, target)
    if offered := next((each for each in matching if is_offered(whole, each, target)), None):
        return Reason.NEWER_THAN_CUTOFF, _too_new(page, offered, target)
    if withdrawn := next((each for each in matching if installable(whole, each, target)), None):
        return Reason.YANKED, _yanked(whole, withdrawn)
    return _not_installable(whole, matching, target)


def _around(
    requirement: Requirement, page: Page, target: Target
) -> tuple[Version | None, Version | None]:
    """Return the installing versions next below and next above the one asked for."""
    asked = _asked_for(requirement.specifier)
    if asked is None:
        return None, None
    above = sorted(version for version in page.releases if version >= asked)
    below = [version for version in page.releases if version < asked]
    first, second = (next(installing(page, each, target), None) for each in (below, above))
    return first, second


def _asked_for(specifier: SpecifierSet) -> Version | None:
    """Return the version a specifier is built around: its pin or lower bound, else its upper."""
    lower = _bounds(specifier, ("==", "===", "~=", ">=", ">"))
    return max(lower, default=None) or min(_bounds(specifier, ("<", "<=")), default=None)


def _bounds(specifier: SpecifierSet, operators: tuple[str, ...]) -> list[Version]:
    found = []
    for clause in specifier:
        if clause.operator in operators:
            try:
                # Without a local part: 2.1.0+cpu is nearest to 2.1.0.
                found.append(Version(Version(clause.version.removesuffix(".*")).public))
            except InvalidVersion:
                continue
    return found


def _contradicts_itself(specifier: SpecifierSet) -> bool:
    """Return whether no version could ever be what a specifier asks for: `>=3,<2`."""
    bounds = _bounds(specifier, ("==", "===", "~=", ">=", ">", "<", "<=", "!="))
    # Whatever is admitted at all is admitted at a bound, just above one, or below them all.
    above = [Version(f"{each.epoch}!{each.base_version.split('!')[-1]}.0.0.1") for each in bounds]
    probes = [*bounds, *above, Version("0")]
    return bool(bounds) and not any(specifier.contains(each, prereleases=True) for each in probes)


def _local(specifier: SpecifierSet) -> str:
    """Return the local version a specifier pins, `2.1.0+cpu`; empty where it pins none."""
    pinned = (each.version for each in specifier if each.operator in ("==", "==="))
    return next((each for each in pinned if "+" in each), "")


def _pinned(requirement: Requirement) -> bool:
    return any(
        clause.operator in ("==", "===") and not clause.version.endswith(".*")
        for clause in requirement.specifier
    )


def _named(requirement: Requirement) -> str:
    extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
    return f"{requirement.name}{extras}"


# ── the sentences ────────────────────────────────────────────────────────────────────────────────


def _unknown_version(requirement: Requirement, page: Page, target: Target) -> str:
    stated = f"{page.name}{requirement.specifier}" if requirement.specifier else page.name
    if not page.uncut.releases:
        return f"{page.name} is a project of the index without a single file"
    last = latest(page, target)
    if last is None:
        return (
            f"{stated} was never released, and no other version installs on Python {target.python}"
        )
    if local := _local(requirement.specifier):
        public = local.partition("+")[0]
        there = f"; it has {public}" if public in map(str, page.uncut.releases) else ""
        return (
            f"{page.name} {local} is a local version, and the index has none of those{there}; "
            f"the newest for Python {target.python} is {last}"
        )
    if _contradicts_itself(requirement.specifier):
        return f"{stated} contradicts itself: no version could be all of that"
    below, above = _around(requirement, page, target)
    sides = [f"{each} {side}" for each, side in ((below, "below"), (above, "above")) if each]
    around = f" (nearest: {', '.join(sides)})" if sides else ""
    return f"{stated} was never released{around}; the newest for Python {target.python} is {last}"


def _quarantined(page: Page) -> str:
    # Anybody's words, as long as they like.
    words = f': "{page.status_reason[:200]}"' if page.status_reason else ""
    return f"{page.name} is quarantined by the index{words}"


def _too_new(page: Page, version: Version, target: Target) -> str:
    wheel = best_wheel(page.uncut, version, target)
    day = wheel.uploaded if wheel else ""
    if not day:
        return (
            f"the index does not say when {page.name} {version} was uploaded, "
            f"and only what was by {page.cutoff} is taken"
        )
    return f"{page.name} {version} was uploaded on {day}, after the cutoff {page.cutoff}"


def _yanked(page: Page, version: Version) -> str:
    reason = next((file.yanked for file in page.releases[version] if file.yanked), "")
    # Anybody's words, as long as they like.
    words = f': "{reason[:200]}"' if reason else ""
    return f"{page.name} {version} was withdrawn by its owner{words}"


def _not_installable(
    page: Page, versions: tuple[Version, ...], target: Target
) -> tuple[Reason, str]:
    admitted = (each for each in versions if _admitted(page, each, target))
    newest = next(admitted, None)
    if newest is None:
        newest = versions[0]
        files = [file for version in versions for file in page.releases[version]]
        needed = page.releases[newest][0].requires_python
        fits = any(targets.rank(file.filename, target) is not None for file in files)
        if fits or _needs_newer(needed, target):
            return Reason.REQUIRES_PYTHON, (
                f"{_existing(page, newest)} but needs Python {needed}; "
                f"this run uses Python {_spoken(needed, target)}"
            )
    stated = _existing(page, newest)
    # Wheels of older versions, and of Python 2, help nobody who asks for this one.
    wheels = [file for file in page.releases[newest] if file.is_wheel]
    if sources(page, newest, target) and not any(map(_is_for_python_3, wheels)):
        kind = "only as source for Python 3" if wheels else "only as source"
        return Reason.SOURCE_ONLY, f"{stated} but {kind}, which only --build-sdists builds"
    return Reason.NO_WHEEL, f"{stated} but {_wheels_for(page, newest, target)}"


def _admitted(page: Page, version: Version, target: Target) -> bool:
    """Tell whether a version says that it is for the target's Python."""
    return any(targets.allows(file.requires_python, target) for file in page.releases[version])


def _existing(page: Page, version: Version) -> str:
    return f"{page.name} {version} exists{_when(page.releases[version])}"


def _is_for_python_3(wheel: File) -> bool:
    return any(python[2:3] != "2" for python, _, _ in targets.triples(wheel.filename))


def _spoken(needed: str, target: Target) -> str:
    """Return as much of the target's Python as a `Requires-Python` goes into."""
    return target.full_python if re.search(r"\d\.\d+\.[1-9]", needed) else target.python


def _needs_newer(requires_python: str, target: Target) -> bool:
    # What the current Python is too old for, a Python far in the future is not.
    try:
        lower = [c for c in SpecifierSet(requires_python) if c.operator in (">=", ">", "~=", "==")]
        return any(not clause.contains(target.full_python) for clause in lower)
    # As in `targets.allows`.
    except ValueError:
        return False


def _when(files: tuple[File, ...]) -> str:
    dates = [file.uploaded for file in files if file.uploaded]
    return f" ({min(dates)})" if dates else ""


def _wheels_for(page: Page, version: Version, target: Target) -> str:
    pythons = _wheel_pythons(page, version, target)
    if pythons and target.python not in pythons:
        return (
            f"has wheels only for CPython {_range(pythons)}; this run uses Python {target.python}"
        )
    systems = sorted(
        {
            _python(python) if place == "any" else _system(place)
            for file in page.releases[version]
            if file.is_wheel
            for python, _, place in targets.triples(file.filename)
        }
    )
    only = f" (only for {', '.join(systems)})" if systems else ""
    return f"has no wheel for Python {target.python} on {targets.words(target)}{only}"


def _python(tag: str) -> str:
    """Return the Python of a wheel for any machine, as a person says it: `py2` is Python 2."""
    kind = {"py": "Python", "cp": "CPython", "pp": "PyPy"}.get(tag[:2], tag)
    number = ".".join(filter(None, (tag[2:3], tag[3:])))
    return f"{kind} {number}" if number.replace(".", "").isdigit() else tag


def _system(place: str) -> str:
    names = {"win": "Windows", "macosx": "macOS", "manylinux": "Linux", "musllinux": "musl Linux"}
    found = next((name for prefix, name in names.items() if place.startswith(prefix)), place)
    return f"{found} on another machine" if found == "Linux" else found


def _wheel_pythons(page: Page, version: Version, target: Target) -> tuple[str, ...]:
    """Return the CPythons a version has wheels for on the target's own platform, oldest first."""
    accepted = frozenset(targets.platforms(target))
    found = {
        (int(match[1]), int(match[2] or 0))
        for file in page.releases[version]
        if file.is_wheel
        for python, _, place in targets.triples(file.filename)
        if place in accepted and (match := _CPYTHON.fullmatch(python))
    }
    return tuple(f"{major}.{minor}" for major, minor in sorted(found))


def _range(pythons: tuple[str, ...]) -> str:
    if len(pythons) == 1:
        return pythons[0]
    minors = [int(python.partition(".")[2]) for python in pythons]
    one_major = len({python.partition(".")[0] for python in pythons}) == 1
    if one_major and minors == list(range(minors[0], minors[-1] + 1)):
        return f"{pythons[0]} to {pythons[-1]}"
    return f"{', '.join(pythons[:-1])} and {pythons[-1]}"
