"""Requirement lines that do not install, and what they are after --fix."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement as Parsed
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from rules_evidence import OFFSET, linted

from validator.facts import (
    RefusedLine,
    Requirement,
    RequirementLine,
    RequirementSource,
    Resolution,
    Span,
    Submission,
    Target,
    Undeclared,
    Unresolved,
    UnresolvedReason,
)
from validator.fixing import Settled, settle
from validator.rules import judge
from validator.rules.requirement_fixes import relaxing

if TYPE_CHECKING:
    from validator.findings import Finding

Reason = UnresolvedReason
PROGRAM = "import pygame\n\nprint(pygame.ver)\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an index would say of one requirement that cannot be met."""

    reason: UnresolvedReason
    relaxed_to: str | None = None
    nearest: str | None = None


KNOWN = {
    "pygame==2.1.2": Answer(Reason.NO_WHEEL, "pygame==2.1.3", "2.1.3"),
    "pygame==9.9": Answer(Reason.UNKNOWN_VERSION, "pygame==2.6.1", "2.6.1"),
    "pygame[audio]==2.1.2": Answer(Reason.NO_WHEEL, "pygame[audio]==2.1.3", "2.1.3"),
    'pygame==2.1.2; python_version > "3"': Answer(Reason.NO_WHEEL, "pygame==2.1.3", "2.1.3"),
    "numpy==1.8": Answer(Reason.SOURCE_ONLY, "numpy==1.9.3", "1.9.3"),
    "django==6.0": Answer(Reason.REQUIRES_PYTHON, "django==5.2", "5.2"),
    "numpy==9.0": Answer(Reason.REQUIRES_PYTHON, "numpy==2.3", "2.3"),
    "werkzeug==2.0.3": Answer(Reason.CONFLICT, "werkzeug"),
    "click==99": Answer(Reason.UNCLASSIFIED),
    "urllib3==2.0.0": Answer(Reason.YANKED, None, "2.0.2"),
    "urllib3<2.0.1,>=2": Answer(Reason.YANKED, "urllib3==2.0.2", "2.0.2"),
    "tkinter": Answer(Reason.STDLIB),
    "random==1.0": Answer(Reason.STDLIB),
    "audioop-lts==0.2.1": Answer(Reason.REQUIRES_PYTHON),
    "jwt": Answer(Reason.WRONG_DISTRIBUTION, "PyJWT"),
    "sklearn==1.0": Answer(Reason.WRONG_DISTRIBUTION, "scikit-learn"),
    "pygame-super-helper": Answer(Reason.UNKNOWN_PACKAGE),
    "pygam==2.6": Answer(Reason.UNKNOWN_PACKAGE),
    "fancy-engine": Answer(Reason.UNKNOWN_PACKAGE),
}
"""Lines an index has something against; everything else installs."""


def resolve(submission: Submission) -> Resolution:
    """Stand in for the packages room: answers by line, and the program's one import by name."""
    requirements, refused, unresolved = [], [], []
    for line in submission.requirements:
        try:
            parsed = Parsed(line.text)
        except ValueError:
            refused.append(RefusedLine(line, _refused_as(line.text), "not a requirement"))
            continue
        requirement = _requirement(parsed, line)
        requirements.append(requirement)
        if (known := KNOWN.get(line.text)) is not None:
            unresolved.append(
                Unresolved(
                    requirement, known.reason, f"{line.text} cannot be met",
                    nearest=known.nearest, relaxed_to=known.relaxed_to,
                )
            )  # fmt: skip
    imports = {
        text.split()[1]
        for text in submission.files[0].text.split("\n")
        if text.startswith("import ")
    }
    names = {each.canonical for each in requirements}
    undeclared = tuple(
        Undeclared(module, "main.py", 1, None if module == "fancy_engine" else module)
        for module in sorted(imports)
        if module.replace("_", "-") not in names
    )
    return Resolution(
        Target("3.11", "linux_x86_64"), "uv", tuple(requirements), tuple(refused), undeclared,
        unresolved=tuple(unresolved),
    )  # fmt: skip


def _refused_as(text: str) -> str:
    if "://" in text and not text.startswith("-"):
        return "url"
    return "option" if text.startswith("-") or " -" in text else "syntax"


def _requirement(parsed: Parsed, line: RequirementLine) -> Requirement:
    return Requirement(
        name=parsed.name,
        canonical=canonicalize_name(parsed.name),
        extras=tuple(sorted(parsed.extras)),
        specifier=SpecifierSet(str(parsed.specifier)),
        marker=parsed.marker,
        span=line.span,
        source=line.source,
    )


def findings(submission: Submission) -> tuple[Finding, ...]:
    evidence = linted(submission.files[0].text)
    return judge(replace(evidence, submission=submission, resolution=resolve(submission))).findings


def stating(*lines: str, text: str = PROGRAM) -> Submission:
    stated = tuple(
        RequirementLine(
            line, Span(OFFSET + 5 + number, OFFSET + 5 + number), RequirementSource.BLOCK
        )
        for number, line in enumerate(lines)
    )
    return replace(linted(text).submission, requirements=stated)


def mended(*lines: str, text: str = PROGRAM, unsafe: bool = False) -> Settled:
    return settle(stating(*lines, text=text), findings, unsafe=unsafe)


def stated(settled: Settled) -> tuple[str, ...]:
    return tuple(line.text for line in settled.submission.requirements)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("pygame==2.1.2",), ("pygame==2.1.3",)),
        (("rich", "pygame==2.1.2", "flask==3.0"), ("rich", "pygame==2.1.3", "flask==3.0")),
        (("pygame[audio]==2.1.2",), ("pygame[audio]==2.1.3",)),
        (('pygame==2.1.2; python_version > "3"',), ('pygame==2.1.3 ; python_version > "3"',)),
        (("pygame==9.9",), ("pygame==2.6.1",)),
        (("pygame", "numpy==1.8"), ("pygame", "numpy==1.9.3")),
        (("django==6.0", "pygame"), ("django==5.2", "pygame")),
        (("pygame", "numpy==9.0"), ("pygame", "numpy==2.3")),
        (("flask==3.0.3", "werkzeug==2.0.3", "pygame"), ("flask==3.0.3", "werkzeug", "pygame")),
        (("pygame", "urllib3<2.0.1,>=2"), ("pygame", "urllib3==2.0.2")),
        (("tkinter", "pygame"), ("pygame",)),
        (("pygame", "random==1.0"), ("pygame",)),
        (("jwt", "pygame"), ("PyJWT", "pygame")),
        (("pygame", "sklearn==1.0"), ("pygame", "scikit-learn")),
        (("pygame", "pygame-super-helper"), ("pygame",)),
        (("pygam==2.6",), ("pygame",)),
        (("pygame=2.6.1",), ("pygame==2.6.1",)),
        (("pygame", "numpy = 1.26"), ("pygame", "numpy==1.26")),
        (("--index-url http://example.org", "pygame"), ("pygame",)),
        (("pygame", "-U", "--extra-index-url=https://example.org/simple"), ("pygame",)),
        (("pygame==2.6.1 --hash=sha256:00 --no-deps",), ("pygame==2.6.1",)),
        (("pygame", "audioop-lts==0.2.1"), ("pygame",)),
        (("numpy",), ("numpy", "pygame")),
        ((), ("pygame",)),
    ],
)  # fmt: skip
def test_what_does_not_install_is_rewritten_and_the_rest_is_not(
    before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    done = mended(*before)

    assert stated(done) == after
    assert done.submission.files == stating().files
    assert [each for each in findings(done.submission) if each.code.startswith("RV3")] == []


@pytest.mark.parametrize(
    "lines",
    [
        ("pygame==2.6.1",),
        ("pygame>=2,<3", "numpy # for the sums"),
        ("pygame", "click==99"),
        ("pygame", "urllib3==2.0.0"),
        ("pygame", "git+https://example.org/x.git"),
        ("pygame", "-r more.txt"),
        ("pygame", "-e ."),
        ("pygame", "a = b = c"),
    ],
)
def test_what_installs_or_cannot_be_known_is_left(lines: tuple[str, ...]) -> None:
    assert stated(mended(*lines)) == lines


def test_the_same_line_is_rewritten_wherever_it_stands() -> None:
    assert stated(mended("pygame==2.1.2", "pygame==2.1.2 # for the game")) == ("pygame==2.1.3",) * 2


def test_a_withdrawn_pin_is_changed_only_on_demand() -> None:
    assert stated(mended("pygame", "urllib3==2.0.0", unsafe=True)) == ("pygame", "urllib3==2.0.2")


def test_what_an_address_installs_is_left_out_only_on_demand() -> None:
    assert stated(mended("pygame", "git+https://example.org/x.git", unsafe=True)) == ("pygame",)


def test_what_needs_another_python_stays_where_the_program_imports_it() -> None:
    text = "import audioop_lts\nimport pygame\n\naudioop_lts.add(pygame)\n"

    assert stated(mended("pygame", "audioop-lts==0.2.1", text=text)) == (
        "pygame",
        "audioop-lts==0.2.1",
    )


@pytest.mark.parametrize(
    ("imported", "stays"),
    [
        ("import winsound_lts\n", True),
        ("import os, json, audio_things\n", True),
        ("from audio_things.mixing import mix\n", True),
        ("import os, json\nfrom pygame.mixer import Sound\n", False),
    ],
)
def test_what_cannot_install_stays_where_something_imported_may_be_its_own(
    imported: str, stays: bool
) -> None:
    submission = stating("pygame", "audioop-lts==0.2.1", text=f"{imported}{PROGRAM}")
    (unresolved,) = resolve(submission).unresolved
    assert (relaxing(submission, unresolved) is None) is stays


def test_a_package_nobody_knows_stays_where_the_program_imports_it() -> None:
    done = mended("fancy-engine", text="import fancy_engine\n\nfancy_engine.run()\n")

    assert stated(done) == ("fancy-engine",)
    (dropped,) = done.dropped
    assert dropped.because == "RV301: no package is known to provide `fancy_engine`"


def test_an_added_requirement_is_known_by_the_line_that_imports_it() -> None:
    (line,) = mended().submission.requirements

    assert line == RequirementLine("pygame", Span(OFFSET + 1, OFFSET + 1), RequirementSource.IMPORT)


def test_a_rewritten_line_is_shown_as_a_diff_of_requirements_txt() -> None:
    ((made,),) = (mended("rich", "pygame==2.1.2").applied,)

    assert made.finding.code == "RV304"
    assert made.finding.fix is not None
    assert made.finding.fix.description == "require `pygame==2.1.3` instead of `pygame==2.1.2`"
    (diff,) = made.diffs
    assert (diff.path, diff.text) == (
        "requirements.txt",
        "@@ -1,2 +1,2 @@\n rich\n-pygame==2.1.2\n+pygame==2.1.3\n",
    )
