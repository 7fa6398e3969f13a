"""Which versions of a project install on a target, told from its page. Pure."""

from __future__ import annotations

from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from validator.packages import target as targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from validator.facts import Target
    from validator.packages.pages import File, Page


def offers(specifier: SpecifierSet, page: Page, target: Target) -> bool:
    """Return whether a version that a specifier admits installs on the target from a wheel."""
    return newest_of(specifier, page, target) is not None


def newest_of(specifier: SpecifierSet, page: Page, target: Target) -> Version | None:
    """Return the newest version a specifier admits that installs on the target from a wheel."""
    matching = specifier.filter(page.releases)
    return next((each for each in matching if is_offered(page, each, target)), None)


def newest(page: Page, target: Target) -> Version | None:
    """Return what `latest` does, as a version."""
    final = next((each for each in page.releases if not each.is_prerelease), None)
    # A pre-release that a release has followed is nobody's choice any more.
    current = (
        each for each in page.releases if not each.is_prerelease or not final or each > final
    )
    return next(installing(page, current, target), None)


def latest(page: Page, target: Target) -> str | None:
    """Return the newest version that installs on the target; a pre-release is the last resort."""
    version = newest(page, target)
    return str(version) if version else None


def installing(page: Page, versions: Iterable[Version], target: Target) -> Iterator[Version]:
    """Yield those of some versions that install, in their order, pre-releases last."""
    # Lazy on purpose: reading the tags of every wheel is what a page costs.
    held_back = []
    for version in versions:
        if version.is_prerelease:
            held_back.append(version)
        elif is_offered(page, version, target):
            yield version
    for version in held_back:
        if is_offered(page, version, target):
            yield version


def is_offered(page: Page, version: Version, target: Target) -> bool:
    """Return whether a version has a wheel that installs on the target and was not withdrawn."""
    return not _withdrawn(page.releases[version]) and installable(page, version, target)


def _withdrawn(files: Iterable[File]) -> bool:
    return all(file.yanked is not None for file in files)


def installable(page: Page, version: Version, target: Target) -> bool:
    """Return whether a version has a wheel that installs on the target, withdrawn or not."""
    return best_wheel(page, version, target) is not None


def best_wheel(page: Page, version: Version, target: Target) -> File | None:
    """Return the wheel of a version that fits the target best, withdrawn ones last."""
    fitting = [
        (file.yanked is None, fit, file)
        for file in sorted(page.releases.get(version, ()), key=attrgetter("filename"))
        if file.is_wheel
        and (fit := targets.fit(file.filename, target)) is not None
        and targets.allows(file.requires_python, target)
    ]
    return max(fitting, key=itemgetter(0, 1))[2] if fitting else None


def buildable(specifier: SpecifierSet, page: Page, target: Target) -> Version | None:
    """Return the newest version a specifier admits that exists as source for the target."""
    matching = specifier.filter(page.releases)
    return next((each for each in matching if sources(page, each, target)), None)


def sources(page: Page, version: Version, target: Target) -> tuple[File, ...]:
    """Return the source archives of a version that may be built for the target, best first."""
    fitting = (
        file
        for file in page.releases.get(version, ())
        if file.filename.endswith((".tar.gz", ".zip"))
        and file.yanked is None
        and targets.allows(file.requires_python, target)
    )
    return tuple(sorted(fitting, key=lambda file: file.filename.endswith(".zip")))
