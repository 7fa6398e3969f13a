"""RV302 to RV310: what the program needs installed, and why it cannot be as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from validator.facts import RequirementSource, UnresolvedReason
from validator.findings import Severity
from validator.rules.requirement_fixes import accepting, relaxing
from validator.rules.rule import Evidence, Example, Rule, quoted
from validator.rules.undeclared import from_it_too

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Requirement, Unresolved
    from validator.findings import Finding, Location


class UnresolvedRule(Rule):
    """A rule that reports every requirement that cannot be met for one reason."""

    reasons: ClassVar[tuple[UnresolvedReason, ...]]
    mild: ClassVar[tuple[UnresolvedReason, ...]] = ()
    """Those of the reasons that weigh no more than a warning."""
    advice: ClassVar[str] = "Leave this requirement out, or name another package."

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each requirement."""
        if evidence.resolution is None:
            return
        mine = [each for each in evidence.resolution.unresolved if each.reason in self.reasons]
        for each in mine:
            first, *others = [other for other in mine if _is_one(each, other)]
            if first is each:
                yield self.find(
                    each.message,
                    evidence.in_reply(each.requirement.span),
                    severity=self.weight(each, evidence),
                    related=tuple(_imported_too(other.requirement, evidence) for other in others),
                    evidence=(*_used_instead(each), *_elsewhere(each), *each.build_log),
                    hint=self.cure(each),
                    fix=relaxing(evidence.submission, each),
                )

    def weight(self, unresolved: Unresolved, evidence: Evidence) -> Severity | None:  # noqa: ARG002
        """Return how grave it is where that is not as grave as the rule itself."""
        return Severity.WARNING if unresolved.reason in self.mild else None

    def cure(self, unresolved: Unresolved) -> str:
        """Return what to write instead: the exact line where there is one."""
        line = requirement_line(unresolved)
        if line is not None:
            newest = unresolved.latest
            newer = newest is not None and newest not in line
            return f"Write `{line}`{f'; the newest that installs is {newest}' if newer else ''}."
        if unresolved.candidates:
            return f"Did you mean {' or '.join(f'`{each}`' for each in unresolved.candidates[:3])}?"
        return _WITHOUT if _is_implied(unresolved) else self.advice


_WITHOUT = "Do without this import, or import a package that installs."


def _is_implied(unresolved: Unresolved) -> bool:
    return unresolved.requirement.source is RequirementSource.IMPORT


def _is_one(unresolved: Unresolved, other: Unresolved) -> bool:
    """Tell whether both are the same: two modules of one package may be imported."""
    if not (_is_implied(unresolved) and _is_implied(other)):
        return unresolved is other
    return unresolved.requirement.canonical == other.requirement.canonical


def _imported_too(requirement: Requirement, evidence: Evidence) -> tuple[Location, str]:
    module = requirement.import_name or requirement.name
    return evidence.in_reply(requirement.span), from_it_too(module)


def requirement_line(unresolved: Unresolved) -> str | None:
    """Return the exact line that installs in place of a requirement that does not."""
    if unresolved.relaxed_to is not None:
        return unresolved.relaxed_to
    version = unresolved.nearest or unresolved.latest
    return f"{unresolved.requirement.name}=={version}" if version else None


def _elsewhere(unresolved: Unresolved) -> tuple[str, ...]:
    python = unresolved.other_python
    return (f"it installs as written on Python {python} (--python {python})",) if python else ()


def _used_instead(unresolved: Unresolved) -> tuple[str, ...]:
    if unresolved.relaxed_to is None:
        return ()
    return (f"the run went on with {unresolved.relaxed_to}",)


class UnknownPackage(UnresolvedRule):
    """A requirement names a package that does not exist.

    ## What it does
    Asks the package index for the name.

    ## Why it matters
    `pip install` fails. Names that models invent are also registered by people who wait for
    someone to install them: a close name is suggested, and never used by itself.

    ## What to do
    Name the package that was meant, or do without.
    """

    code = "RV302"
    name = "unknown-package"
    reasons = (UnresolvedReason.UNKNOWN_PACKAGE,)
    example = Example(bad="pygame-super-helper==1.0\n", good="pygame\n")


class UnknownVersion(UnresolvedRule):
    """A requirement asks for a version that was never released.

    ## What it does
    Compares the pin with the versions the index lists, and names the nearest that installs. It is
    a note of a local version (`torch==2.1.0+cpu`) where the reply names PyTorch's own index, which
    has it and is not asked.

    ## Why it matters
    `pip install` fails, and everything with it.

    ## What to do
    Pin a version that exists, or none.
    """

    code = "RV303"
    name = "unknown-version"
    reasons = (UnresolvedReason.UNKNOWN_VERSION,)
    example = Example(bad="pygame==2.1.9\n", good="pygame==2.6.1\n")

    def weight(self, unresolved: Unresolved, evidence: Evidence) -> Severity | None:
        """Return that it is a note where an index is named that may have such versions."""
        refused = evidence.resolution.refused if evidence.resolution else ()
        named = any(each.kind == "known-index" for each in refused)
        local = any("+" in clause.version for clause in unresolved.requirement.specifier)
        return Severity.NOTE if named and local else super().weight(unresolved, evidence)


class NoWheel(UnresolvedRule):
    """A version exists and has no wheel for this Python and platform.

    ## What it does
    Reads the tags of the version's files: for which Pythons it has wheels, or that there is only
    source.

    ## Why it matters
    pip falls back to building it from source, which needs compilers and headers and mostly fails,
    with pages of output that speak of neither Python nor wheels. Building runs the package's own
    code, so nothing is built unless asked for.

    ## What to do
    Pin the nearest version that has a wheel, or run on a Python it has wheels for. What exists only
    as source `--build-sdists` builds, in the sandbox and without a network; without it whether the
    program works is not known, and that is a warning.
    """

    code = "RV304"
    name = "no-wheel"
    reasons = (UnresolvedReason.NO_WHEEL, UnresolvedReason.SOURCE_ONLY)
    example = Example(bad="pygame==2.1.2\n", good="pygame==2.6.1\n")

    def cure(self, unresolved: Unresolved) -> str:
        """Return what to write instead, or how to have it built."""
        source_only = unresolved.reason is UnresolvedReason.SOURCE_ONLY
        if source_only and requirement_line(unresolved) is None and not unresolved.build_log:
            return "Have it built with --build-sdists, or use a package that has a wheel."
        return super().cure(unresolved)


class RequiresPython(UnresolvedRule):
    """A version, or the program itself, needs another Python.

    ## What it does
    Compares the version's Requires-Python with the Python the program runs on, and what a PEP 723
    header or a pyproject.toml says the program is for.

    ## Why it matters
    pip skips the version as if it did not exist. A program that says it is for another Python was
    judged on one it may not work on, or work on by chance: a warning.

    ## What to do
    Pin the newest version that still supports this Python. Judge the program on its own with
    `--python`, or let it say that this one will do.
    """

    code = "RV305"
    name = "requires-python"
    reasons = (UnresolvedReason.REQUIRES_PYTHON,)
    example = Example(bad="django==6.0  # on Python 3.11\n", good="django==5.2\n")

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each requirement, and one for each Python the program is for."""
        yield from super().judge(evidence)
        if evidence.resolution is None:
            return
        used = evidence.resolution.target.full_python
        for each in evidence.resolution.other_pythons:
            yield self.find(
                f"the program says it needs Python {quoted(each.specifier)}; this run uses Python "
                f"{used} (--python picks another)",
                evidence.in_reply(each.span),
                severity=Severity.WARNING,
            )


class ConflictingPins(UnresolvedRule):
    """Requirements that cannot be installed together.

    ## What it does
    Reports what the resolver found no solution for.

    ## Why it matters
    `pip install` fails with a list of versions it tried.

    ## What to do
    Drop the pin of the package that is only needed by another.
    """

    code = "RV306"
    name = "conflicting-pins"
    reasons = (UnresolvedReason.CONFLICT, UnresolvedReason.UNCLASSIFIED)
    advice = "Drop the pins that are not needed, and let the resolver choose."
    example = Example(bad="flask==3.0.3\nwerkzeug==2.0.3\n", good="flask==3.0.3\n")


class Yanked(UnresolvedRule):
    """A version was withdrawn by its maintainers.

    ## What it does
    Reads the index's mark, and the reason given with it.

    ## Why it matters
    It still installs when pinned exactly; it was withdrawn for a reason, often a broken or
    dangerous release.

    ## What to do
    Pin the next version.
    """

    code = "RV307"
    name = "yanked"
    severity = Severity.WARNING
    reasons = (UnresolvedReason.YANKED,)
    example = Example(bad="urllib3==2.0.0\n", good="urllib3>=2.0.2\n")


class StdlibRequirement(UnresolvedRule):
    """A requirement names a module of the standard library.

    ## What it does
    Recognises names such as `tkinter`, `random` and `json` among the requirements, and `tk`, which
    is another project.

    ## Why it matters
    pip finds nothing under the name, or a stranger's package that has taken it.

    ## What to do
    Leave it out: it comes with Python.
    """

    code = "RV308"
    name = "stdlib-requirement"
    severity = Severity.WARNING
    reasons = (UnresolvedReason.STDLIB,)
    advice = "Leave it out; it comes with Python."
    example = Example(bad="tkinter\npygame\n", good="pygame\n")


class WrongDistribution(UnresolvedRule):
    """A requirement names another project than the one the program imports.

    ## What it does
    Knows distributions whose name is not the name of their module, and the projects that sit under
    the module's name.

    ## Why it matters
    It installs, and then the import fails or finds something else. A name that only leads to the
    right project, or one that project has left, still works and is a warning.

    ## What to do
    Require the distribution that was meant.
    """

    code = "RV309"
    name = "wrong-distribution"
    reasons = (UnresolvedReason.WRONG_DISTRIBUTION, UnresolvedReason.RENAMED)
    mild = (UnresolvedReason.RENAMED,)
    example = Example(bad="jwt  # for `import jwt`\n", good="PyJWT\n")

    def cure(self, unresolved: Unresolved) -> str:
        """Return the distribution that was meant."""
        renamed = unresolved.reason is UnresolvedReason.RENAMED
        if renamed and unresolved.candidates and not unresolved.relaxed_to:
            return f"It works as it is; `{unresolved.candidates[0]}` is what to import instead."
        if unresolved.candidates:
            return f"Write `{unresolved.candidates[0]}`."
        return super().cure(unresolved)


_HARMLESS = ("system", "project", "known-index", "mirror")
"""Kinds of lines that are not obeyed, and no fault."""


class UnsafeRequirement(Rule):
    """A requirement line that is handed to no tool.

    ## What it does
    Refuses URLs, version control addresses, paths, options, environment variables and what is no
    requirement at all. Only names, extras, versions and markers are taken, parsed and written anew.
    Commands that install packages of an operating system (`apt`, `brew`), the program itself
    (`pip install .`), from PyTorch's own index or from a public mirror of PyPI are noted, and not
    obeyed.

    ## Why it matters
    The line comes from a model. An address or an option lets it choose what code is fetched and
    run on your machine.

    ## What to do
    Write the name of a package of the index, with a version if need be.
    """

    code = "RV310"
    name = "unsafe-requirement"
    example = Example(bad="git+https://example.org/x.git\n--index-url http://x\n", good="x==1.0\n")

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each line."""
        for each in evidence.resolution.refused if evidence.resolution else ():
            yield self.find(
                f"{quoted(each.line.text)} is not handed to any tool: {each.reason}",
                evidence.in_reply(each.line.span),
                severity=Severity.NOTE if each.kind in _HARMLESS else None,
                hint=""
                if each.kind in _HARMLESS
                else "Name packages of the index and their versions only, such as `pygame==2.6.1`.",
                fix=accepting(each),
            )


REQUIREMENT_RULES: tuple[type[Rule], ...] = (
    UnknownPackage,
    UnknownVersion,
    NoWheel,
    RequiresPython,
    ConflictingPins,
    Yanked,
    StdlibRequirement,
    WrongDistribution,
    UnsafeRequirement,
)
