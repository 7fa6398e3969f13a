"""What packages tell, judged: the findings of RV301 and of RV311 to RV317."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet
from rules_evidence import NOTHING_NEEDED, OFFSET, crashed, ran

from validator.facts import (
    Pin,
    PythonDemand,
    RefusedLine,
    Requirement,
    RequirementLine,
    RequirementSource,
    Span,
    Target,
    Undeclared,
    Unfit,
    Unprovided,
    Unresolved,
    UnresolvedReason,
    Vulnerability,
)
from validator.findings import Severity, Verdict
from validator.rules import Judgement, judge

HELLO = "print('hello')\n"
WEAK = Vulnerability("PYSEC-1", ("CVE-2024-1",), "Lets anyone in.", ("3.1",))


def pin(*vulnerabilities: Vulnerability, known: bool = True) -> Pin:
    told = vulnerabilities if known else None
    return Pin("flask", "3.0", "0" * 64, "flask.whl", (), vulnerabilities=told)


def findings(**fields: object) -> list[tuple[str, Severity, str, str]]:
    evidence = replace(ran(HELLO), resolution=replace(NOTHING_NEEDED, **fields))
    judgement = judge(evidence)
    return [(each.code, each.severity, each.message, each.hint) for each in judgement.findings]


def test_an_import_that_is_not_in_what_was_installed() -> None:
    rows = (
        Unprovided("fontTools", "main.py", 1, False, ("fonttools", "fontools-x")),
        Unprovided("spare", "main.py", 1, True, ()),
    )
    assert findings(unprovided=rows) == [
        (
            "RV312",
            Severity.ERROR,
            "`fontTools` is imported, and no installed package holds it",
            "Require `fonttools` or `fontools-x`.",
        ),
        (
            "RV312",
            Severity.NOTE,
            "`spare` is imported, and no installed package holds it",
            "Import what the required packages hold, or require the one that holds this.",
        ),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("numpy=1.26.4", "syntax"),
        ("numpy==latest", "syntax"),
        ("numpy --no-binary :all:", "option"),
        ("numpy @ https://example.org/numpy.tar.gz", "url"),
        ("git+https://github.com/numpy/numpy.git", "url"),
        ("git+https://github.com/numpy/numpy.git@v1.26", "url"),
        ("git+https://example.org/x.git#egg=NumPy", "url"),
    ],
)
def test_what_a_refused_line_asks_for_is_not_said_to_be_asked_for_nowhere(
    text: str, kind: str
) -> None:
    line = RequirementLine(text, Span(1, 1), RequirementSource.BLOCK)
    refused = (RefusedLine(line, kind, "not done"),)
    rows = (Undeclared("numpy", "main.py", 1, "numpy"), Undeclared("zork", "main.py", 1, None))
    told = [message for code, _, message, _ in findings(undeclared=rows, refused=refused)]
    assert len(told) == 2
    assert "no package is known to provide `zork`" in told
    assert f"`{text}` is not handed to any tool: not done" in told


def test_an_option_or_another_repository_asks_for_nothing_of_that_name() -> None:
    texts = ("-i https://example.org/numpy", "git+https://github.com/numpy/polynomials.git")
    lines = (RequirementLine(text, Span(1, 1), RequirementSource.BLOCK) for text in texts)
    refused = tuple(RefusedLine(each, "option", "not done") for each in lines)
    rows = (Undeclared("numpy", "main.py", 1, "numpy"),)
    told = findings(undeclared=rows, refused=refused)
    assert [code for code, *_ in told].count("RV301") == 1


def test_it_and_the_crash_it_foretold_are_one_finding() -> None:
    evidence = crashed("import zork\n", "ModuleNotFoundError", "No module named 'zork'", 1)
    rows = (Unprovided("zork", "main.py", 1, False, ()),)
    forgot = (Undeclared("zork", "main.py", 1, "zork-tools"),)
    resolution = replace(NOTHING_NEEDED, unprovided=rows, undeclared=forgot)
    evidence = replace(evidence, resolution=resolution)
    assert [each.code for each in judge(evidence).findings] == ["RV312"]


@pytest.mark.parametrize(
    ("version", "kind", "severity"),
    [
        ("==2.1.0+cpu", "known-index", Severity.NOTE),
        ("==2.1.0+cpu", "option", Severity.ERROR),
        ("==2.1.9", "known-index", Severity.ERROR),
    ],
)
def test_a_local_version_of_an_index_that_was_named(version, kind, severity) -> None:
    span, source = Span(1, 1), RequirementSource.BLOCK
    torch = Requirement("torch", "torch", (), SpecifierSet(version), None, span, source)
    line = RequirementLine("--index-url https://index.example/whl/cpu", span, source)
    rows = findings(
        unresolved=(Unresolved(torch, UnresolvedReason.UNKNOWN_VERSION, "not there"),),
        refused=(RefusedLine(line, kind, "an option"),),
    )
    assert [row[1] for row in rows if row[0] == "RV303"] == [severity]


def test_a_vulnerable_pin_is_a_warning_and_says_where_it_is_mended() -> None:
    assert findings(pins=(pin(WEAK),)) == [
        (
            "RV313",
            Severity.WARNING,
            "flask 3.0 has a known vulnerability: CVE-2024-1",
            "Take flask 3.1 or newer, where there is one.",
        )
    ]
    other = replace(WEAK, id="PYSEC-2", aliases=(), fixed_in=())
    ((_, _, message, hint),) = findings(pins=(pin(WEAK, other),))
    assert message == "flask 3.0 has known vulnerabilities: CVE-2024-1 and PYSEC-2"
    assert hint == "Take a newer flask, or another package."


def test_a_wheel_at_fault_fails_the_reply_and_says_who_needs_it() -> None:
    rows = (Unfit("flask", "3.0", "flask.whl", "'../x' does not stay in its folder"),)
    message = "is not to be unpacked: '../x' does not stay in its folder"
    hint = "Require another version of flask, or another package."
    assert findings(unfit=rows, pins=(pin(),)) == [
        ("RV317", Severity.ERROR, f"the wheel of flask 3.0 {message}", hint)
    ]
    needed = replace(pin(), required_by=("site",))
    hint = hint.replace("flask", "site")
    assert findings(unfit=rows, pins=(needed,)) == [
        ("RV317", Severity.ERROR, f"the wheel of flask 3.0, which `site` needs, {message}", hint)
    ]


@pytest.mark.parametrize("row", [pin(), pin(known=False)], ids=["none", "unknown"])
def test_a_pin_of_which_nothing_is_known_is_no_finding(row: Pin) -> None:
    assert findings(pins=(row,)) == []


def test_what_another_package_brings_along_is_a_note() -> None:
    rows = (Undeclared("werkzeug", "main.py", 1, "werkzeug", brought_by=("flask",)),)
    ((code, severity, message, _),) = findings(undeclared=rows)
    assert (code, severity) == ("RV301", Severity.NOTE)
    assert (
        message == "`werkzeug` is imported and `werkzeug` is not required, though `flask` needs it"
    )


@pytest.mark.parametrize("optional", [True, False])
def test_what_the_program_can_do_without_is_no_more_than_a_note(optional: bool) -> None:
    line = RequirementLine("rich", Span(1, 1), RequirementSource.BLOCK)
    rich = Requirement("rich", "rich", (), SpecifierSet(), None, line.span, line.source)
    rows = (Undeclared("orjson", "main.py", 1, "orjson", optional),)
    ((code, severity, *_),) = findings(requirements=(rich,), undeclared=rows)
    assert code == "RV301"
    assert severity is (Severity.NOTE if optional else Severity.WARNING)


def test_a_program_for_another_python_is_a_warning_that_names_both() -> None:
    asked = (PythonDemand(">=3.13", Span(2, 2)),)
    target, used = Target("3.11", "linux_x86_64", micro=7), "this run uses Python 3.11.7"
    assert findings(target=target, other_pythons=asked) == [
        (
            "RV305",
            Severity.WARNING,
            f"the program says it needs Python `>=3.13`; {used} (--python picks another)",
            "",
        )
    ]


def test_a_package_that_wants_what_setuptools_has_given_up_says_which_still_has_it() -> None:
    evidence = crashed("import shop\n", "ModuleNotFoundError", "No module named 'pkg_resources'", 1)
    (finding,) = judge(evidence).findings
    assert finding.code == "RV401"
    assert finding.hint.startswith("Require `setuptools<82`: ")


def test_a_program_for_a_host_of_its_own_is_not_charged_with_its_modules() -> None:
    program = "from google.colab import drive\nfrom google.colab import files\n"
    evidence = crashed(program, "ModuleNotFoundError", "No module named 'google'", 1)
    rows = (Undeclared("google.colab", "main.py", 1, None, host="Google Colab"),)
    resolution = replace(NOTHING_NEEDED, undeclared=rows)
    judgement = judge(replace(evidence, resolution=resolution))
    assert [(each.code, each.severity, each.message) for each in judgement.findings] == [
        ("RV301", Severity.NOTE, "`google.colab` is imported, which only Google Colab has"),
        ("RV419", Severity.NOTE, "the program is made to run in Google Colab"),
    ]
    assert judgement.verdict is Verdict.INCONCLUSIVE


def test_what_else_is_missing_of_a_program_for_a_host_is_its_fault() -> None:
    evidence = crashed("import zork\n", "ModuleNotFoundError", "No module named 'zork'", 1)
    rows = (
        Undeclared("google.colab", "main.py", 2, None, host="Google Colab"),
        Undeclared("zork", "main.py", 1, None),
    )
    judgement = judge(replace(evidence, resolution=replace(NOTHING_NEEDED, undeclared=rows)))
    assert judgement.verdict is Verdict.FAILED


def test_an_unknown_import_says_what_the_index_has_and_what_was_meant() -> None:
    note = "plotter on the index holds ink, not plotter"
    rows = (Undeclared("plotter", "main.py", 1, None, candidates=("plotly",), note=note),)
    evidence = replace(ran(HELLO), resolution=replace(NOTHING_NEEDED, undeclared=rows))
    judgement = judge(evidence)
    (finding,) = judgement.findings
    assert judgement.verdict is Verdict.FAILED
    assert finding.evidence == (note,)
    assert finding.hint == "Did you mean `plotly`?"


WINDOWS = "import win32api\nimport win32con\n"


def uninstallable(line: int, source: RequirementSource, module: str | None) -> Unresolved:
    span = Span(line, line)
    requirement = Requirement(
        "pywin32", "pywin32", (), SpecifierSet(), None, span, source, import_name=module
    )
    return Unresolved(requirement, UnresolvedReason.NO_WHEEL, "pywin32 312 has no wheel")


def test_what_is_imported_of_one_package_is_one_finding_with_every_place() -> None:
    rows = tuple(
        uninstallable(line, RequirementSource.IMPORT, module)
        for line, module in ((OFFSET + 1, "win32api"), (OFFSET + 2, "win32con"))
    )
    forgot = tuple(
        Undeclared(module, "main.py", line, "pywin32")
        for line, module in ((1, "win32api"), (2, "win32con"))
    )
    resolution = replace(NOTHING_NEEDED, unresolved=rows, undeclared=forgot)
    first, second = judge(replace(ran(WINDOWS), resolution=resolution)).findings
    assert (first.code, first.location.line, second.code, second.location.line) == (
        "RV304", 1, "RV301", 1,
    )  # fmt: skip
    for finding in (first, second):
        ((place, words),) = finding.related
        assert (place.line, words) == (2, "`win32con` is imported from it, too")
    assert first.hint == "Do without this import, or import a package that installs."


SOURCE_ONLY = "imutils 0.5.4 exists but only as source, which only --build-sdists builds"


def only_source(**fields: object) -> Unresolved:
    span = Span(1, 1)
    asked = Requirement(
        "imutils", "imutils", (), SpecifierSet(), None, span, RequirementSource.BLOCK
    )
    row = Unresolved(asked, UnresolvedReason.SOURCE_ONLY, SOURCE_ONLY)
    return replace(row, **fields)


def without_imutils(row: Unresolved, *, builds: bool = False) -> Judgement:
    evidence = crashed("import imutils\n", "ModuleNotFoundError", "No module named 'imutils'", 1)
    resolution = replace(NOTHING_NEEDED, unresolved=(row,), builds=builds)
    return judge(replace(evidence, resolution=resolution))


def test_what_pip_would_build_and_nobody_here_does_leaves_it_open_whether_it_works() -> None:
    judgement = without_imutils(only_source())
    (finding,) = judgement.findings
    assert (judgement.verdict, judgement.reason) == (Verdict.INCONCLUSIVE, SOURCE_ONLY)
    assert (finding.code, finding.severity) == ("RV304", Severity.WARNING)
    assert finding.hint == "Have it built with --build-sdists, or use a package that has a wheel."


@pytest.mark.parametrize(
    ("row", "builds"),
    [
        (only_source(build_log=("error: no compiler",)), True),
        (only_source(latest="0.5.3", relaxed_to="imutils==0.5.3"), False),
        (only_source(latest="0.5.3"), False),
        (only_source(reason=UnresolvedReason.NO_WHEEL), False),
    ],
)
def test_what_cannot_be_built_or_has_a_wheel_in_another_version_fails(
    row: Unresolved, builds: bool
) -> None:
    judgement = without_imutils(row, builds=builds)
    assert judgement.verdict is Verdict.FAILED
    assert [each.severity for each in judgement.findings] == [Severity.ERROR]


def test_a_program_that_does_without_what_was_not_built_has_passed() -> None:
    resolution = replace(NOTHING_NEEDED, unresolved=(only_source(),))
    judgement = judge(replace(ran(HELLO), resolution=resolution))
    assert judgement.verdict is Verdict.PASSED
    assert [each.severity for each in judgement.findings] == [Severity.WARNING]


def test_requirements_of_one_package_are_a_finding_each() -> None:
    rows = tuple(uninstallable(line, RequirementSource.BLOCK, None) for line in (1, 2))
    assert [each[0] for each in findings(unresolved=rows)] == ["RV304", "RV304"]
