"""What a program needs installed: its requirements and imports, judged one by one, then locked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from validator.facts import Requirement, RequirementSource, Span, Undeclared, Unresolved
from validator.facts import UnresolvedReason as Reason
from validator.packages import distributions
from validator.packages.explaining import explain
from validator.packages.imports import ever_stdlib, stdlib
from validator.packages.solving import Wanted, solve
from validator.packages.target import marker_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from validator.facts import Pin, Submission, Target
    from validator.packages.imports import Import
    from validator.packages.index import Index
    from validator.packages.pages import Page
    from validator.settings import Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """What the index and the resolver said to one program."""

    requirements: tuple[Requirement, ...]
    """Those of the reply, then those its imports imply."""
    undeclared: tuple[Undeclared, ...]
    pins: tuple[Pin, ...]
    unresolved: tuple[Unresolved, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a program wants installed, as far as its own text says."""

    declared: tuple[Requirement, ...]
    missing: tuple[Undeclared, ...]
    """Imports no requirement answers, each with the distribution to look for."""
    modules: frozenset[str]
    """First names of all third-party imports."""
    submission: Submission


def ask(
    declared: tuple[Requirement, ...], imports: Sequence[Import], submission: Submission
) -> Question:
    """Put the question a submission poses. Pure."""
    modules = frozenset(each.top for each in imports)
    return Question(declared, undeclared_imports(declared, imports), modules, submission)


def resolve(question: Question, settings: Settings, target: Target, index: Index) -> Answer:
    """Explain every requirement, add what the imports need, lock what can be installed.

    Raises:
        Unavailable: a resolver or the index let us down.
    """
    modules = question.modules
    active = tuple(each for each in question.declared if _applies(each, target))
    pages = index.pages(_names(active, question.missing, target, modules))
    undeclared = tuple(_confirmed(each, pages) for each in question.missing)
    wanted = [_judge_declared(each, pages, target, modules) for each in active]
    for each in undeclared:
        wanted.extend(_implied(each, question.submission, pages, target))
    pins = solve(wanted, settings, target, index)
    implied = (each.requirement for each in wanted[len(active) :])
    return Answer(
        requirements=(*question.declared, *implied),
        undeclared=undeclared,
        pins=pins,
        unresolved=tuple(each.unresolved for each in wanted if each.unresolved),
    )


def _applies(requirement: Requirement, target: Target) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(marker_environment(target))


def undeclared_imports(
    declared: Sequence[Requirement], imports: Iterable[Import]
) -> tuple[Undeclared, ...]:
    """Return the imports no requirement answers, with the distribution to look for; one each.

    A distribution that the table does not know is the import's own name: a guess, until
    the index confirms it. Pure.
    """
    stated = {each.canonical for each in declared}
    stated |= {
        canonicalize_name(distributions.ALIASES[name])
        for name in stated & distributions.ALIASES.keys()
    }
    found: dict[str, Undeclared] = {}
    for each in imports:
        module, providers = distributions.providers(each.module)
        answers = {canonicalize_name(name) for name in (*providers, each.top)}
        if answers & stated:
            continue
        first = found.get(module)
        if first is None or first.optional > each.optional:
            distribution = _sensible(module, providers)
            found[module] = Undeclared(module, each.path, each.line, distribution, each.optional)
    return tuple(found.values())


def _sensible(module: str, providers: tuple[str, ...]) -> str | None:
    if distributions.lookup(module):
        return providers[0]
    nobodys = distributions.NAMESPACES | distributions.PYTHON | ever_stdlib()
    if module in nobodys or not module.isascii():
        return None
    return canonicalize_name(providers[0])


def _names(
    active: Sequence[Requirement],
    missing: Sequence[Undeclared],
    target: Target,
    modules: frozenset[str],
) -> tuple[str, ...]:
    """Return every project whose page decides something."""
    names = [
        _meant(each, modules) or each.canonical
        for each in active
        if not _is_stdlib(each, target, modules)
    ]
    return (*names, *(each.distribution for each in missing if each.distribution))


def _confirmed(undeclared: Undeclared, pages: Mapping[str, Page | None]) -> Undeclared:
    if undeclared.distribution is None:
        return undeclared
    page = pages[canonicalize_name(undeclared.distribution)]
    known = page is not None and bool(page.releases)
    return undeclared if known else replace(undeclared, distribution=None)


# ── one requirement ──────────────────────────────────────────────────────────────────────────────


def _judge_declared(
    requirement: Requirement,
    pages: Mapping[str, Page | None],
    target: Target,
    modules: frozenset[str],
) -> Wanted:
    wanted = _as_written(requirement)
    if _is_stdlib(requirement, target, modules):
        part = "is" if requirement.canonical in distributions.PYTHON else "is part of"
        message = f"{requirement.name} {part} Python {target.python}; there is nothing to install"
        return _without(wanted, Reason.STDLIB, message)
    if meant := _meant(requirement, modules):
        return _instead(wanted, meant, pages[canonicalize_name(meant)], target)
    page = pages[requirement.canonical]
    if page is None:
        message = f"the index has no package named {requirement.name}"
        return _without(
            wanted, Reason.UNKNOWN_PACKAGE, message, distributions.similar(requirement.name)
        )
    return _relaxed(wanted, explain(requirement, page, target))


def _as_written(requirement: Requirement) -> Wanted:
    extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
    return Wanted(requirement, requirement.name + extras, str(requirement.specifier))


def _is_stdlib(requirement: Requirement, target: Target, modules: frozenset[str]) -> bool:
    # Zope's DateTime is a package worth having, and normalizes to the name of a module.
    if requirement.name in modules:
        return False
    name = requirement.canonical
    if name in distributions.DEAD_BACKPORTS | distributions.PYTHON:
        return True
    return name.replace("-", "_") in {module.lower() for module in stdlib(target.python)}


def _meant(requirement: Requirement, modules: frozenset[str]) -> str | None:
    name = requirement.canonical
    if name in distributions.ALIASES:
        return distributions.ALIASES[name]
    return distributions.OTHER_PROJECTS.get(name) if name in modules else None


def _without(
    wanted: Wanted, reason: Reason, message: str, candidates: tuple[str, ...] = ()
) -> Wanted:
    wanted.left_out = True
    wanted.unresolved = Unresolved(wanted.requirement, reason, message, candidates=candidates)
    return wanted


def _instead(wanted: Wanted, meant: str, page: Page | None, target: Target) -> Wanted:
    requirement = wanted.requirement
    message = _misnamed(requirement, meant)
    if page is None:
        return _without(wanted, Reason.WRONG_DISTRIBUTION, message, (meant,))
    found = explain(requirement, page, target)
    wanted.name = meant
    # Versions of one project mean nothing to another, unless they happen to exist there.
    wanted.versions = "" if found else wanted.versions
    wanted.left_out = found is not None and found.latest is None
    wanted.unresolved = Unresolved(
        requirement=requirement,
        reason=Reason.WRONG_DISTRIBUTION,
        message=message,
        latest=found.latest if found else None,
        relaxed_to=None if wanted.left_out else wanted.line,
        candidates=(meant,),
    )
    return wanted


def _misnamed(requirement: Requirement, meant: str) -> str:
    if requirement.canonical in distributions.ALIASES:
        return f"{requirement.name} is not the name of the package; that is {meant}"
    name = requirement.name
    return f"{name} is another project; what the program imports as {name} is in {meant}"


def _relaxed(wanted: Wanted, found: Unresolved | None) -> Wanted:
    if found is None:
        return wanted
    if found.latest is None:
        forks = distributions.FORKS.get(wanted.requirement.canonical, ())
        found = replace(found, candidates=forks)
    wanted.unresolved = found
    if found.relaxed_to is not None:
        wanted.versions = f"=={found.nearest}"
    else:
        wanted.left_out = found.reason is not Reason.YANKED
    return wanted


# ── one import ───────────────────────────────────────────────────────────────────────────────────


def _implied(
    undeclared: Undeclared,
    submission: Submission,
    pages: Mapping[str, Page | None],
    target: Target,
) -> tuple[Wanted, ...]:
    """Return what an undeclared import adds to the lock: one requirement, or none.

    An optional import is added where it installs and is otherwise no loss: the program says itself
    that it can do without.
    """
    if undeclared.distribution is None:
        return ()
    page = pages[canonicalize_name(undeclared.distribution)]
    requirement = implied_requirement(undeclared, submission)
    found = explain(requirement, page, target) if page else None
    if page is None or (found and undeclared.optional):
        return ()
    wanted = _relaxed(_as_written(requirement), found)
    wanted.optional = undeclared.optional
    return (wanted,)


def implied_requirement(undeclared: Undeclared, submission: Submission) -> Requirement:
    """Return the requirement an undeclared import of a known distribution amounts to. Pure."""
    name = undeclared.distribution or undeclared.module
    file = submission.file(undeclared.path)
    line = file.reply_line(undeclared.line) if file else None
    return Requirement(
        name=name,
        canonical=canonicalize_name(name),
        extras=(),
        specifier=SpecifierSet(),
        marker=None,
        span=Span(line, line) if line else None,
        source=RequirementSource.IMPORT,
        import_name=undeclared.module,
    )
