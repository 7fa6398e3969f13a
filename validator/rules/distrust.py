"""RV311 to RV317: packages that install, or could, and that are not to be had without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import UnresolvedReason
from validator.findings import Severity
from validator.rules.requirements import UnresolvedRule
from validator.rules.rule import Evidence, Example, Rule, quoted
from validator.rules.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Pin, Unprovided, Unresolved
    from validator.findings import Finding

MAX_NAMED = 3
"""Vulnerabilities of one package spelled out; the JSON has all."""


class SuspiciousPackage(UnresolvedRule):
    """A requirement names a package that looks like a trap, or that the index holds back.

    ## What it does
    Looks at what the index shows of a name that is not well known: how old its first file is,
    how many there are, whether it has a description, whether it is almost the name of a well-known
    package. One sign alone is nothing. What the index itself has quarantined is reported as such.

    ## Why it matters
    Names that models invent, and names one slip away from a popular one, are registered by people
    who wait for someone to install them. Here nothing of a package runs outside the jail; on your
    machine it would.

    ## What to do
    Require the package that was meant. If this is the one, say `--ignore RV311`.
    """

    code = "RV311"
    name = "suspicious-package"
    reasons = (UnresolvedReason.SUSPICIOUS, UnresolvedReason.QUARANTINED)
    example = Example(bad="reqeusts\n", good="requests\n")


class UnprovidedImport(Rule):
    """A package is required and installed, and what the program imports is not in it.

    ## What it does
    Compares the imports with the files that were installed.

    ## Why it matters
    The import fails although `pip install` succeeds: another package is meant.

    ## What to do
    Require the distribution that holds the module.
    """

    code = "RV312"
    name = "unprovided-import"
    example = Example(
        bad="import fontTools  # with `font-tools-pro` in requirements.txt\n",
        good="import fontTools  # with `fonttools` in requirements.txt\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each module."""
        for each in evidence.resolution.unprovided if evidence.resolution else ():
            yield self.find(
                f"{quoted(each.module)} is imported, and no installed package holds it",
                evidence.at(each.path, each.line),
                severity=Severity.NOTE if each.optional else None,
                hint=_who_provides(each),
            )


def _who_provides(unprovided: Unprovided) -> str:
    if unprovided.candidates:
        return f"Require {listed(unprovided.candidates).replace(' and ', ' or ')}."
    return "Import what the required packages hold, or require the one that holds this."


class VulnerablePackage(Rule):
    """A package of the lock has a known vulnerability.

    ## What it does
    Asks the index what it knows of each pinned version. Where it does not say, nothing is known:
    the absence of this finding is no all-clear, and the JSON's `vulnerabilities` is null.

    ## Why it matters
    The version works, and whoever runs it takes a known weakness along.

    ## What to do
    Take a version in which it is fixed.
    """

    code = "RV313"
    name = "vulnerable-package"
    severity = Severity.WARNING
    example = Example(bad="requests==2.19.1\n", good="requests\n")

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each package."""
        resolution = evidence.resolution
        if resolution is None:
            return
        spans = {each.canonical: each.span for each in resolution.requirements}
        for pin in resolution.pins:
            if pin.vulnerabilities:
                yield self.find(
                    f"{pin.name} {pin.version} has {_known(pin)}",
                    evidence.in_reply(spans.get(pin.name)),
                    evidence=_told(pin),
                    hint=_fixed(pin),
                )


def _known(pin: Pin) -> str:
    found = pin.vulnerabilities or ()
    names = listed([next(iter(each.aliases), each.id) for each in found], show=str, limit=MAX_NAMED)
    return f"{'a known vulnerability' if len(found) == 1 else 'known vulnerabilities'}: {names}"


def _told(pin: Pin) -> tuple[str, ...]:
    shown = (pin.vulnerabilities or ())[:MAX_NAMED]
    return tuple(f"{each.id}: {each.summary}" for each in shown if each.summary)


def _fixed(pin: Pin) -> str:
    versions = [each.fixed_in[-1] for each in pin.vulnerabilities or () if each.fixed_in]
    if len(versions) < len(pin.vulnerabilities or ()) or len(set(versions)) > 1:
        return f"Take a newer {pin.name}, or another package."
    return f"Take {pin.name} {versions[0]} or newer, where there is one."


class RetiredProject(UnresolvedRule):
    """A requirement names a project that its owners have archived or deprecated.

    ## What it does
    Reads the project's status, where the index has one (PEP 792).

    ## Why it matters
    It installs, and nobody mends it any more.

    ## What to do
    Look for what has taken its place.
    """

    code = "RV314"
    name = "retired-project"
    severity = Severity.WARNING
    reasons = (UnresolvedReason.RETIRED,)
    advice = "Look for what has taken its place."
    example = Example(bad="pep8  # archived\n", good="pycodestyle\n")


class NewerThanCutoff(UnresolvedRule):
    """What a requirement asks for was uploaded after the day you draw the line at.

    ## What it does
    Compares the upload dates of the index with `--cutoff` or `--min-age`.

    ## Why it matters
    Most malicious uploads are found within days: what is older has been looked at. It is no fault
    of the reply's.

    ## What to do
    Take the older version that is named, or move the cutoff.
    """

    code = "RV315"
    name = "newer-than-cutoff"
    severity = Severity.WARNING
    reasons = (UnresolvedReason.NEWER_THAN_CUTOFF,)
    advice = "Move the cutoff, or do without."
    example = Example(bad="flask==9.9  # with --min-age 7, uploaded yesterday\n", good="flask\n")


class HeldBackVersion(UnresolvedRule):
    """A requirement installs in an older version than the newest, for want of a wheel.

    ## What it does
    Where a requirement got an older version, asks for the newest alone, and says what that needs
    that exists only as source.

    ## Why it matters
    The program was judged with the older version. pip builds the missing package from source where
    it can, and so takes the newest, which may do other things.

    ## What to do
    Nothing, if the older version will do: pin it. `--build-sdists` has the missing package built in
    the sandbox, and the newest run.
    """

    code = "RV316"
    name = "held-back-version"
    severity = Severity.NOTE
    reasons = (UnresolvedReason.HELD_BACK,)
    example = Example(
        bad="num2words  # the newest needs docopt, which was never a wheel\n",
        good="num2words==0.5.6\n",
    )

    def cure(self, unresolved: Unresolved) -> str:
        """Return the line that installs what was run."""
        name = unresolved.requirement.name
        return f"`{name}=={unresolved.nearest}` has what was run here installed anywhere."


class UnfitWheel(Rule):
    """A package's wheel is damaged, or holds what no wheel may.

    ## What it does
    Looks at the names, links and sizes in a wheel before a byte of it is written, and at the
    checksum of every file. A file that would land outside its folder, a link, a wheel that unpacks
    to hundreds of times its size, an archive that is none: whoever made the wheel made it so, since
    it has the hash that the index names. What is only too large for this run is no finding.

    ## Why it matters
    Such a wheel writes where it pleases, or fills the disk, wherever it is installed by something
    less careful. The program was not run.

    ## What to do
    Require another version of the package, or another package.
    """

    code = "RV317"
    name = "unfit-wheel"
    example = Example(
        bad="tidy-fonts==1.0  # its wheel holds `../../.bashrc`\n", good="tidy-fonts==1.1\n"
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each wheel."""
        resolution = evidence.resolution
        if resolution is None:
            return
        spans = {each.canonical: each.span for each in resolution.requirements}
        owners = {pin.name: pin.required_by for pin in resolution.pins}
        for each in resolution.unfit:
            by = owners.get(each.name, ())
            needed = f", which {listed(by)} needs," if by else ""
            # What the reply asks for is what the next one can ask for otherwise.
            asked = next((name for name in (each.name, *by) if name in spans), [each.name, *by][-1])
            yield self.find(
                f"the wheel of {each.name} {each.version}{needed} is not to be unpacked: "
                + each.why,
                evidence.in_reply(spans.get(asked)),
                hint=f"Require another version of {asked}, or another package.",
            )


DISTRUST_RULES: tuple[type[Rule], ...] = (
    SuspiciousPackage,
    UnprovidedImport,
    VulnerablePackage,
    RetiredProject,
    NewerThanCutoff,
    HeldBackVersion,
    UnfitWheel,
)
