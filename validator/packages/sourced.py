"""What a resolver's refusal is about that has no wheel here, and having built what has a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from validator.packages.building import Built, Failure
from validator.packages.explaining import no_wheel
from validator.packages.locking import chain
from validator.packages.offering import buildable, offers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from validator.facts import Target
    from validator.packages.building import Builds
    from validator.packages.index import Index
    from validator.packages.locking import Refusal
    from validator.packages.pages import Page


Told = tuple[str, tuple[str, ...]]
"""Words on what has no wheel, beginning with a verb, and the log of the build that failed."""


@dataclass(frozen=True, slots=True)
class SourceOnly:
    """A version somebody needs, of which no wheel fits."""

    page: Page
    version: Version

    @property
    def name(self) -> str:
        """The project's normalized name."""
        return self.page.name


def only_source(refusal: Refusal, target: Target, index: Index) -> tuple[SourceOnly, ...]:
    """Return what the demands of a refusal come to that no wheel meets and a source archive might.

    Raises:
        IndexUnavailable: the index cannot be asked.
    """
    found: dict[str, SourceOnly] = {}
    for specifier, page in _unmet(refusal, target, index):
        if version := buildable(specifier, page, target):
            found[page.name] = SourceOnly(page, version)
    return tuple(found.values())


def without_wheel(refusal: Refusal, target: Target, index: Index) -> dict[str, Told]:
    """Return, by name, words on what the demands of a refusal come to that installs nowhere near.

    Raises:
        IndexUnavailable: the index cannot be asked.
    """
    return {
        page.name: (why, ())
        for specifier, page in _unmet(refusal, target, index)
        if not buildable(specifier, page, target)
        and (why := no_wheel(specifier, page, target)) is not None
    }


def _unmet(refusal: Refusal, target: Target, index: Index) -> Iterator[tuple[SpecifierSet, Page]]:
    """Yield what is demanded of a project that no wheel of it meets."""
    wanted = {each.wanted: each.name for each in refusal.demands if each.wanted}
    pages = index.pages(wanted.values())
    for text, name in wanted.items():
        page = pages[name]
        try:
            specifier = Parsed(text).specifier
        except InvalidRequirement:
            continue
        if page is not None and not offers(specifier, page, target):
            yield specifier, page


def build_any(sources: Sequence[SourceOnly], builds: Builds) -> bool:
    """Build what was not built yet, and return whether there is a new wheel to lock with.

    Raises:
        Unavailable: the sandbox or the index let us down.
    """
    before = len(builds.wheels)
    for each in sources:
        builds.attempt(each.page, each.version)
    return len(builds.wheels) > before


def told(source: SourceOnly, builds: Builds) -> Told:
    """Return the words that follow the name of what exists only as source, and its build's log."""
    outcome = builds.attempt(source.page, source.version)
    return f"exists {words(outcome)}", outcome.log if isinstance(outcome, Failure) else ()


def who_needs(
    refusal: Refusal, lacking: Mapping[str, Told], asked: Mapping[str, str]
) -> Told | None:
    """Say who needs what has no wheel, back to what was asked for; None if nobody does.

    `lacking` has what is told of each, and `asked` how what was asked for is called, by name.
    """
    needs = [each for each in refusal.demands if each.by and each.wanted]
    for each in needs:
        if each.name in lacking:
            said, log = lacking[each.name]
            return f"{chain(each, needs, asked)}, which {said}", log
    return None


def words(outcome: Built | Failure | None) -> str:
    """Say of something what became of its source; begins with "only as source"."""
    match outcome:
        case Failure(why=why):
            return f"only as source, and building it failed: {why}"
        case Built():
            return "only as source, which was built"
    return "only as source, which only --build-sdists builds"
