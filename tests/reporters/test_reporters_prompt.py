"""What the model is told, and what it is spared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet
from reporter_samples import TARGET, WORM_FINDINGS, hello, no_jail, nothing_found, run, worm

from validator.errors import UsageError
from validator.facts import (
    Requirement,
    RequirementSource,
    Resolution,
    Undeclared,
    Unresolved,
    UnresolvedReason,
)
from validator.findings import Finding, Location, Missing, Report, Severity, Verdict
from validator.reporters import prompt


def failing(*findings: Finding, **changes: object) -> Report:
    return replace(
        hello(),
        verdict=Verdict.FAILED,
        findings=findings,
        **{"resolution": None, "run": None, **changes},
    )


def fault(code: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code, "fault", severity, f"{code} is wrong", Location("main.py", 1))


def order(message: str) -> list[str]:
    return [
        line.split("(")[-1].split()[0]
        for line in message.split("\n")
        if line[:2].strip(".").isdigit()
    ]


def test_what_blocks_most_comes_first_and_warnings_last() -> None:
    codes = ("RV401", "F821", "RV204", "RV304", "RV201", "RV102")
    findings = (fault("RV108", Severity.WARNING), *map(fault, codes))
    report = failing(*findings)
    shown = list(prompt.to_correct(report))
    assert [each.code for each in shown] == [
        "RV102",
        "RV201",
        "RV304",
        "F821",
        "RV204",
        "RV401",
        "RV108",
    ]


def test_a_long_list_is_cut_and_says_so() -> None:
    message = prompt.render(failing(*(fault(f"RV20{n}") for n in range(9))))
    assert len(order(message)) == prompt.FAULTS_SHOWN
    assert "There is more after these (3)" in message


def test_what_is_ours_is_no_business_of_the_models() -> None:
    report = failing(
        fault("RV401"),
        fault("RV411", Severity.NOTE),
        missing=(Missing("linting", "pyright cannot be had", "install it"),),
        suppressed=(fault("RV209"),),
    )
    message = prompt.render(report)
    for secret in ("pyright", "install it", "RV209", "RV411"):
        assert secret not in message


@pytest.mark.parametrize("report", [hello(), no_jail()])
def test_where_there_is_nothing_to_correct_nothing_is_asked_for(report: Report) -> None:
    assert prompt.to_correct(report) == ()
    message = prompt.render(report)
    assert "Send" not in message
    assert "```" not in message


def test_a_program_that_works_is_not_sent_back_for_a_warning() -> None:
    warned = replace(hello(), findings=(fault("RV209", Severity.WARNING),))
    assert prompt.to_correct(warned) == ()
    unwanted = replace(warned, verdict=Verdict.FAILED)  # as --fail-on warning has it
    assert prompt.to_correct(unwanted) == warned.findings


def test_a_reply_without_code_is_asked_for_code() -> None:
    assert "Send the whole program" in prompt.render(nothing_found())


def test_the_failing_line_its_number_and_its_fault_are_all_there() -> None:
    message = prompt.render(worm())
    assert "main.py line 4: place_apple() is called above its definition (RV204" in message
    assert "> 4 | place_apple()" in message
    assert "Do: call it after its `def`" in message


def test_a_fix_is_the_expectation_where_there_is_no_hint() -> None:
    guard = replace(WORM_FINDINGS[2], hint="")
    assert 'Do: write the guard as `__name__ == "__main__"`' in prompt.render(failing(guard))


def test_output_is_shown_only_where_the_run_is_at_fault() -> None:
    ran = run(stdout=b"almost there\n", stdout_bytes=13)
    assert "almost there" in prompt.render(failing(fault("RV402"), run=ran))
    assert "almost there" not in prompt.render(failing(fault("RV201"), run=ran))


def test_a_great_output_is_cut_by_bytes() -> None:
    ran = run(stdout=b"x" * 300_000 + b"\nend\n", stdout_bytes=300_005)
    message = prompt.render(failing(fault("RV402"), run=ran))
    assert "\nend\n" in message
    assert len(message) < 1500


def requirement(name: str, specifier: str = "", source: str = "block") -> Requirement:
    return Requirement(
        name, name, (), SpecifierSet(specifier), None, None, RequirementSource(source)
    )


def test_the_requirement_lines_are_the_ones_that_install() -> None:
    numpy, pygame, json, windows = (
        requirement("numpy"),
        requirement("pygame", "==2.1.2"),
        requirement("json"),
        requirement("pywin32", source="import"),
    )
    resolution = Resolution(
        TARGET,
        "uv",
        requirements=(
            numpy,
            pygame,
            json,
            requirement("scipy", source="import"),
            windows,
        ),
        undeclared=(
            Undeclared("scipy", "main.py", 2, "scipy"),
            Undeclared("yaml", "main.py", 3, "PyYAML"),
            Undeclared("ujson", "main.py", 4, "ujson", optional=True),
            Undeclared("win32api", "main.py", 6, "pywin32"),
            Undeclared("mine", "main.py", 5, None),
        ),
        unresolved=(
            Unresolved(pygame, UnresolvedReason.NO_WHEEL, "", relaxed_to="pygame>=2.1.3"),
            Unresolved(json, UnresolvedReason.STDLIB, ""),
            Unresolved(windows, UnresolvedReason.NO_WHEEL, ""),
        ),
    )
    message = prompt.render(failing(fault("RV304"), resolution=resolution))
    assert "```text\nnumpy\npygame>=2.1.3\nscipy\nPyYAML\n```" in message


def test_requirements_that_install_as_they_stand_are_not_dwelt_on() -> None:
    resolution = Resolution(TARGET, "uv", requirements=(requirement("numpy"),))
    message = prompt.render(failing(fault("RV401"), resolution=resolution))
    assert "numpy" not in message
    guarded = Undeclared("ujson", "main.py", 4, "ujson", optional=True)
    optional = replace(resolution, undeclared=(guarded,))
    assert prompt.render(failing(fault("RV401"), resolution=optional)) == message


def test_every_section_of_the_wording_is_used_and_complete() -> None:
    assert prompt.template().wording("request")
    with pytest.raises(KeyError):
        prompt.template().wording(
            "fault"
        )  # its names are all needed: a typo in the file shows here


# ── sized, and in other words ────────────────────────────────────────────────────────────────────


def test_what_does_not_fit_goes_in_order_and_one_fault_always_stays() -> None:
    ran = run(stdout=b"almost there\n", stdout_bytes=13)
    report = failing(*(fault(f"RV40{n}") for n in range(6)), run=ran)
    whole = prompt.render(report)
    assert "almost there" in whole
    without_output = prompt.render(report, characters=len(whole) - 1)
    assert "almost there" not in without_output
    assert order(without_output) == order(whole)
    least = prompt.render(report, characters=1)
    assert order(least) == ["RV400"]
    assert "There is more after these (5)" in least


def test_a_template_keeps_our_words_where_it_has_none() -> None:
    theirs = prompt.template("anything before the first section\n[asking]\nThe whole file, $$5.\n")
    message = prompt.render(failing(fault("RV401")), template=theirs)
    assert message.startswith("Your reply was checked")
    assert message.endswith("\nThe whole file, $5.\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no section"),
        ("[greeting]\nHello.\n", r"no use for \[greeting\]; there are: request, opening"),
        ("[more]\n$number more\n", r"names \$number; it has \$count"),
        ("[asking]\n$count\n", r"names \$count; it has none"),
        ("[asking]\nfor $ 5\n", "a plain one is"),
    ],
)
def test_a_template_that_cannot_be_filled_in_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        prompt.template(text)
