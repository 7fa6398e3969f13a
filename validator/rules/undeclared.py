"""RV301: imported, and nowhere required."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.facts import RequirementSource
from validator.findings import Severity
from validator.rules.requirement_fixes import asked_for, declaring
from validator.rules.rule import Evidence, Example, Rule, quoted
from validator.rules.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.facts import Undeclared
    from validator.findings import Finding


class UndeclaredImport(Rule):
    """The program imports a package that the reply never tells to install.

    ## What it does
    Compares the imports with every requirement the reply states. It is an error where no
    distribution is known for the import, a warning where the reply states requirements and forgot
    this one, and a note where it states none, as most replies do, where another package brings it
    along, where the program can do without, or where only a host has it that runs programs of its
    own, such as Google Colab. An import guarded by `try: ... except ImportError`
    or `suppress(ImportError)` is optional, and one in a branch for another platform or Python is
    none. What the wheel of a required package holds is required with it. A package of the import's
    own name counts only where its wheel really holds the module.

    ## Why it matters
    On another machine the program ends with a ModuleNotFoundError. For an import nobody knows, it
    ends so everywhere: models invent packages.

    ## What to do
    Add the distribution to requirements.txt, or import what really exists.
    """

    code = "RV301"
    name = "undeclared-import"
    example = Example(
        bad="import fancy_game_engine_pro\n",
        good="import pygame  # with `pygame` in requirements.txt\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each package, and for each module of none."""
        resolution = evidence.resolution
        if resolution is None:
            return
        stated = any(
            each.source is not RequirementSource.IMPORT for each in resolution.requirements
        )
        # What the distribution turned out not to hold is told as that (RV312).
        empty = {each.module for each in resolution.unprovided}
        # So is what is required in a line that nothing can be done with (RV310).
        asked = {name for each in resolution.refused if (name := asked_for(each))}
        told = [
            each
            for each in resolution.undeclared
            if each.module not in empty and not asked & _names(each)
        ]
        for each in told:
            known = (each.distribution, each.host)
            alike = [one for one in told if (one.distribution, one.host) == known]
            if not any(known):
                yield self._unknown(evidence, each)
            elif each is alike[0]:
                yield self._forgotten(evidence, alike, stated=stated)

    def _forgotten(
        self, evidence: Evidence, alike: Sequence[Undeclared], *, stated: bool
    ) -> Finding:
        each, *others = alike
        need = "needs" if len(each.brought_by) == 1 else "need"
        brought = f", though {listed(each.brought_by)} {need} it" if each.brought_by else ""
        missing = f"`{each.module}` is imported and `{each.distribution}` is not required{brought}"
        of_a_host = f"`{each.module}` is imported, which only {each.host} has"
        optional = all(one.optional for one in alike)
        mild = not stated or bool(brought or each.host) or optional
        return self.find(
            of_a_host if each.host else missing,
            evidence.at(each.path, each.line),
            severity=Severity.NOTE if mild else Severity.WARNING,
            related=tuple(
                (evidence.at(other.path, other.line), from_it_too(other.module)) for other in others
            ),
            hint="" if each.host else f"Add `{each.requirement}` to requirements.txt.",
            fix=declaring(evidence.submission, each),
        )

    def _unknown(self, evidence: Evidence, undeclared: Undeclared) -> Finding:
        return self.find(
            f"no package is known to provide {quoted(undeclared.module)}",
            evidence.at(undeclared.path, undeclared.line),
            severity=Severity.NOTE if undeclared.optional else None,
            evidence=(undeclared.note,) if undeclared.note else (),
            hint=f"Did you mean {listed(undeclared.candidates).replace(' and ', ' or ')}?"
            if undeclared.candidates
            else "Import a package that exists, or write that part yourself.",
        )


def _names(undeclared: Undeclared) -> set[str]:
    """Return the canonical names a requirement of an import may go by."""
    return {
        canonicalize_name(name)
        for name in (undeclared.module, undeclared.distribution or "")
        if name
    }


def from_it_too(module: str) -> str:
    """Return what is said at the place of each further module of one package."""
    return f"{quoted(module)} is imported from it, too"
