"""What a program needs installed: its requirements and imports, judged one by one, then locked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from validator.facts import Requirement, RequirementSource, Span, Unresolved
from validator.facts import UnresolvedReason as Reason
from validator.packages import misnomers
from validator.packages.answering import held_by, unanswered, undeclared_imports
from validator.packages.building import Builds, Built, Failure
from validator.packages.explaining import explain
from validator.packages.guessing import confirm, suspect
from validator.packages.imports import stdlib
from validator.packages.offering import buildable
from validator.packages.solving import Wanted, lock_ahead, solve
from validator.packages.sourced import words
from validator.packages.suspicion import lookalike
from validator.packages.target import marker_environment
from validator.packages.wellknown import similar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from validator.facts import Pin, Submission, Target, Undeclared
    from validator.packages.building import Builder
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


def resolve(
    question: Question,
    settings: Settings,
    target: Target,
    index: Index,
    builder: Builder | None,
    begin: Callable[[Sequence[Pin]], None] = lambda _: None,
) -> Answer:
    """Explain every requirement, add what the imports need, lock what can be installed.

    What exists only as source is built by `builder`, if there is one. `begin` is called with the
    pins there will probably be before everything is known of them.

    Raises:
        Unavailable: a resolver or the index let us down.
    """
    active = tuple(each for each in question.declared if _applies(each, target))
    with lock_ahead(_lines_to_expect(active, question, target), settings, target) as ahead:
        wanted, undeclared, builds = _judge_all(active, question, settings, target, index, builder)
        solved = solve(wanted, settings, target, index, builds, ahead, begin)
    implied = (each.requirement for each in wanted[len(active) :])
    return Answer(
        requirements=(*question.declared, *implied),
        undeclared=tuple(_brought(each, solved.brought_by) for each in undeclared),
        pins=solved.pins,
        unresolved=tuple(each.unresolved for each in wanted if each.unresolved),
    )


def _lines_to_expect(
    active: Sequence[Requirement], question: Question, target: Target
) -> Iterator[str]:
    """Yield what will be locked where all of it installs as written."""
    for each in active:
        if not _is_stdlib(each, target, question.modules):
            meant = misnomers.meant(each.canonical, question.modules)
            yield f"{meant}{each.specifier}" if meant else _as_written(each).line
    yield from (each.requirement for each in question.missing if each.distribution)


def _judge_all(
    active: Sequence[Requirement],
    question: Question,
    settings: Settings,
    target: Target,
    index: Index,
    builder: Builder | None,
) -> tuple[list[Wanted], tuple[Undeclared, ...], Builds]:
    """Return what is wanted, the `active` requirements first, and what was built for it."""
    modules = question.modules
    pages = index.pages(_names(active, question.missing, target, modules))
    look = partial(held_by, pages=pages, target=target, index=index)
    missing = unanswered(question.missing, active, modules, look)
    undeclared = confirm(missing, pages, target, index)
    builds = Builds(builder)
    besides = "; further indexes are configured here, and not asked"
    world = _World(
        pages, target, modules, settings.pins, index, builds,
        besides if settings.further_indexes else "",
    )  # fmt: skip
    wanted = [_judge_declared(each, world) for each in active]
    for each in undeclared:
        wanted.extend(_implied(each, question.submission, world))
    return wanted, undeclared, builds


@dataclass(frozen=True, slots=True)
class _World:
    """What every requirement is judged against."""

    pages: Mapping[str, Page | None]
    target: Target
    modules: frozenset[str]
    pins: str
    index: Index
    builds: Builds
    besides: str
    """What is to be said wherever the index does not have something."""


def _brought(undeclared: Undeclared, brought_by: Mapping[str, tuple[str, ...]]) -> Undeclared:
    name = canonicalize_name(undeclared.distribution or "")
    return replace(undeclared, brought_by=brought_by.get(name, ()))


def _applies(requirement: Requirement, target: Target) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(marker_environment(target))


def _names(
    active: Sequence[Requirement],
    missing: Sequence[Undeclared],
    target: Target,
    modules: frozenset[str],
) -> tuple[str, ...]:
    """Return every project whose page decides something."""
    names = [
        misnomers.meant(each.canonical, modules) or each.canonical
        for each in active
        if not _is_stdlib(each, target, modules)
    ]
    return (*names, *(each.distribution for each in missing if each.distribution))


# ── one requirement ──────────────────────────────────────────────────────────────────────────────


def _judge_declared(requirement: Requirement, world: _World) -> Wanted:
    wanted = _as_written(requirement)
    target = world.target
    if _is_stdlib(requirement, target, world.modules):
        return _without(wanted, Reason.STDLIB, _in_python(requirement, target))
    if meant := misnomers.meant(requirement.canonical, world.modules):
        return _instead(wanted, meant, world)
    page = world.pages[requirement.canonical]
    if page is None:
        message = f"the index has no package named {requirement.name}{world.besides}"
        return _without(wanted, Reason.UNKNOWN_PACKAGE, message, similar(requirement.name))
    found = explain(requirement, page, target, world.pins)
    if found and found.reason is Reason.SOURCE_ONLY:
        found = _made(wanted, found, page, world)
    return _relaxed(wanted, found) if found else _doubted(wanted, page, world)


def _made(wanted: Wanted, found: Unresolved, page: Page, world: _World) -> Unresolved | None:
    """Have built what exists only as source: None where that met the requirement."""
    version = buildable(wanted.requirement.specifier, page, world.target)
    outcome = world.builds.attempt(page, version) if version else None
    if isinstance(outcome, Built):
        wanted.versions = f"=={outcome.version}"
        return None
    if isinstance(outcome, Failure):
        message = found.message.partition(" but only as source")[0]
        message = f"{message} but {words(outcome)}"
        return replace(found, message=message, build_log=outcome.log)
    return found


def _doubted(wanted: Wanted, page: Page, world: _World) -> Wanted:
    """Say what is to be said of a requirement that installs as written; mostly nothing."""
    requirement = wanted.requirement
    successor = misnomers.SUCCESSORS.get(requirement.canonical)
    if successor is not None:
        message = f"{requirement.name} has no future releases; its project goes on as {successor}"
        wanted.unresolved = Unresolved(
            requirement, Reason.RENAMED, message, candidates=(successor,)
        )
    elif doubt := suspect(page, world.target, world.index):
        near = lookalike(requirement.canonical)
        wanted.unresolved = Unresolved(
            requirement, Reason.SUSPICIOUS, doubt, candidates=(near,) if near else ()
        )
    elif page.status:
        # Anybody's words, as long as they like.
        why = f': "{page.status_reason[:200]}"' if page.status_reason else ""
        message = f"the project {page.name} is {page.status}{why}"
        wanted.unresolved = Unresolved(requirement, Reason.RETIRED, message)
    return wanted


def _as_written(requirement: Requirement) -> Wanted:
    extras = f"[{','.join(requirement.extras)}]" if requirement.extras else ""
    return Wanted(requirement, requirement.name + extras, str(requirement.specifier))


def _is_stdlib(requirement: Requirement, target: Target, modules: frozenset[str]) -> bool:
    # Zope's DateTime is a package worth having, and normalizes to the name of a module.
    if requirement.name in modules:
        return False
    name = requirement.canonical
    if name in misnomers.DEAD_BACKPORTS | misnomers.PYTHON | misnomers.OF_PYTHON.keys():
        return True
    return name.replace("-", "_") in {module.lower() for module in stdlib(target.python)}


def _in_python(requirement: Requirement, target: Target) -> str:
    name, python = requirement.name, f"Python {target.python}; there is nothing to install"
    if module := misnomers.OF_PYTHON.get(requirement.canonical):
        return f"{name} is not {module}, which is part of {python}"
    return f"{name} {'is' if requirement.canonical in misnomers.PYTHON else 'is part of'} {python}"


def _without(
    wanted: Wanted, reason: Reason, message: str, candidates: tuple[str, ...] = ()
) -> Wanted:
    wanted.left_out = True
    wanted.unresolved = Unresolved(wanted.requirement, reason, message, candidates=candidates)
    return wanted


def _instead(wanted: Wanted, meant: str, world: _World) -> Wanted:
    requirement, target = wanted.requirement, world.target
    reason, message = _misnamed(requirement, meant)
    page = world.pages[canonicalize_name(meant)]
    if page is None or (world.pins == "strict" and reason is not Reason.RENAMED):
        return _without(wanted, reason, message, (meant,))
    found = explain(requirement, page, target)
    wanted.name = meant
    # Versions of one project mean nothing to another, unless they happen to exist there.
    wanted.versions = "" if found else wanted.versions
    if found is not None and found.latest is None:
        wanted.left_out = True
        # That nothing of it installs weighs more than the name.
        reason, message = found.reason, f"{message}, and {found.message}"
    wanted.unresolved = Unresolved(
        requirement=requirement,
        reason=reason,
        message=message,
        latest=found.latest if found else None,
        relaxed_to=None if wanted.left_out else wanted.line,
        candidates=(meant,),
    )
    return wanted


def _misnamed(requirement: Requirement, meant: str) -> tuple[Reason, str]:
    name = requirement.name
    if requirement.canonical in misnomers.SHIMS:
        return Reason.RENAMED, f"{name} holds nothing itself; the package is {meant}"
    if requirement.canonical in misnomers.OTHER_PROJECTS:
        return (
            Reason.WRONG_DISTRIBUTION,
            f"{name} is another project; what the program imports as {name} is in {meant}",
        )
    return Reason.WRONG_DISTRIBUTION, f"{name} is not the name of the package; that is {meant}"


def _relaxed(wanted: Wanted, found: Unresolved) -> Wanted:
    if found.latest is None:
        name = wanted.requirement.canonical
        forks = misnomers.FORKS.get(name) or (misnomers.SUCCESSORS.get(name, ""),)
        found = replace(found, candidates=tuple(filter(None, forks)))
    wanted.unresolved = found
    if found.relaxed_to is not None:
        wanted.versions = f"=={found.relaxed_to.partition('==')[2]}"
    else:
        wanted.left_out = found.reason is not Reason.YANKED
    return wanted


# ── one import ───────────────────────────────────────────────────────────────────────────────────


def _implied(undeclared: Undeclared, submission: Submission, world: _World) -> tuple[Wanted, ...]:
    """Return what an undeclared import adds to the lock: one requirement, or none.

    An optional import is added where it installs and is otherwise no loss: the program says itself
    that it can do without.
    """
    if undeclared.distribution is None:
        return ()
    page = world.pages[canonicalize_name(undeclared.distribution)]
    requirement = implied_requirement(undeclared, submission)
    found = explain(requirement, page, world.target, world.pins) if page else None
    if page is None or (found and undeclared.optional):
        return ()
    wanted = _as_written(requirement)
    wanted.optional = undeclared.optional
    if found and found.reason is Reason.SOURCE_ONLY:
        found = _made(wanted, found, page, world)
    return (_relaxed(wanted, found) if found else wanted,)


def implied_requirement(undeclared: Undeclared, submission: Submission) -> Requirement:
    """Return the requirement an undeclared import of a known distribution amounts to. Pure."""
    name = undeclared.distribution or undeclared.module
    file = submission.file(undeclared.path)
    line = file.reply_line(undeclared.line) if file else None
    return Requirement(
        name=name,
        canonical=canonicalize_name(name),
        extras=(),
        specifier=SpecifierSet(undeclared.versions),
        marker=None,
        span=Span(line, line) if line else None,
        source=RequirementSource.IMPORT,
        import_name=undeclared.module,
    )
