"""From evidence to a verdict: runs, packages and the reply itself in, findings and verdict out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet
from rules_evidence import (
    NOTHING_NEEDED,
    OFFSET,
    crashed,
    linted,
    raised,
    ran,
    saw,
    source,
    submission,
)

from validator.facts import (
    Diagnostic,
    Ending,
    Part,
    ProgramKind,
    Recovery,
    RefusedLine,
    Reply,
    Requirement,
    RequirementLine,
    RequirementSource,
    Span,
    Stop,
    Submission,
    Truncation,
    Undeclared,
    Unresolved,
    UnresolvedReason,
)
from validator.findings import Missing, Severity, Verdict
from validator.rules import RULES, Evidence, Judgement, catalogue, explain, judge

HELLO = 'print("hello")\n'
LOOP = "import time\n\nwhile True:\n    time.sleep(1)\n"


def codes(judgement: Judgement) -> list[str]:
    return [each.code for each in judgement.findings]


# ── the verdict ──


def test_a_program_that_did_what_it_should_has_passed() -> None:
    judgement = judge(ran(HELLO, stdout=b"hello\n"))

    assert judgement == Judgement((), (), Verdict.PASSED, None)


@pytest.mark.parametrize(
    ("lacking", "reason"),
    [
        ("diagnostics", "the program was not linted in full"),
        ("resolution", "its packages were not installed"),
        ("run", "the program was not run"),
    ],
)
def test_a_stage_not_done_is_never_a_pass(lacking: str, reason: str) -> None:
    judgement = judge(replace(ran(HELLO), **{lacking: None}))

    assert (judgement.verdict, judgement.reason) == (Verdict.INCONCLUSIVE, reason)


def test_what_is_missing_is_named() -> None:
    missing = (Missing("sandbox", "no engine answers", "start Docker"),)
    judgement = judge(linted(HELLO), missing=missing)

    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.reason == "the program was not run: no engine answers"


@pytest.mark.parametrize("ignore", ["RV401", "RV4", "crashed"])
def test_a_crash_set_aside_is_no_pass(ignore: str) -> None:
    judgement = judge(
        crashed("print(1 / 0)\n", "ZeroDivisionError", "division by zero", 1), ignore=(ignore,)
    )

    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.reason == "RV401 was set aside"


def test_nor_is_what_foretold_it() -> None:
    evidence = crashed("print(x)\n", "NameError", "name 'x' is not defined", 1)
    judgement = judge(evidence, ignore=("RV206",))

    assert (judgement.verdict, judgement.reason) == (Verdict.INCONCLUSIVE, "RV206 was set aside")
    assert judge(evidence, select=("RV3",)).verdict is Verdict.INCONCLUSIVE


def test_a_fault_that_is_known_fails_though_a_stage_is_missing() -> None:
    judgement = judge(linted("print(x)\n"), missing=(Missing("sandbox", "none"),))

    assert (judgement.verdict, judgement.reason) == (Verdict.FAILED, None)


def test_a_warning_fails_only_who_asks_for_it() -> None:
    evidence = ran("KEY = 'YOUR_API_KEY'\nprint(KEY)\n")

    assert judge(evidence).verdict is Verdict.PASSED
    assert judge(evidence, fail_on=Severity.WARNING).verdict is Verdict.FAILED


@pytest.mark.parametrize("ignored", ["RV206", "RV2", "undefined-name", "rv206"])
def test_what_is_ignored_is_set_aside_and_not_lost(ignored: str) -> None:
    judgement = judge(ran("print(x)\n"), ignore=(ignored,))

    assert judgement.findings == ()
    assert [each.code for each in judgement.suppressed] == ["RV206"]
    assert judgement.verdict is Verdict.PASSED


def test_ignore_is_stronger_than_select() -> None:
    evidence = ran("print(x)\nKEY = 'YOUR_API_KEY'\n")
    judgement = judge(evidence, select=("RV2",), ignore=("RV206",))

    assert codes(judgement) == ["RV209"]
    assert [each.code for each in judgement.suppressed] == ["RV206"]


def test_errors_come_first_then_the_order_of_the_reply() -> None:
    judgement = judge(linted("# your code here\nprint(b)\nprint(a)\n"))

    assert [(each.code, each.location.reply_line) for each in judgement.findings] == [
        ("RV206", OFFSET + 2),
        ("RV206", OFFSET + 3),
        ("RV209", OFFSET + 1),
    ]


# ── one fault, one finding ──


def test_a_crash_that_was_foretold_is_its_evidence() -> None:
    evidence = crashed("print(x)\n", "NameError", "name 'x' is not defined", 1)
    (finding,) = judge(evidence).findings

    assert finding.code == "RV206"
    assert finding.evidence == (
        "ruff F821: Undefined name `x`",
        "the run ended there: NameError: name 'x' is not defined",
    )


def test_a_crash_inside_the_helper_confirms_the_call_that_came_too_early() -> None:
    text = "def main():\n    go()\n\n\nmain()\n\n\ndef go():\n    pass\n"
    evidence = crashed(text, "NameError", "name 'go' is not defined. Did you mean: 'g'?", 5, 2)

    assert codes(judge(evidence)) == ["RV204"]


def test_a_foretold_crash_makes_a_warning_an_error() -> None:
    said = Diagnostic(
        "pyright",
        "reportAttributeAccessIssue",
        '"circl" is not a known attribute of module "pygame.draw"',
        "main.py",
        Span(2, 2),
        13,
        18,
    )
    text = "import pygame\npygame.draw.circl()\n"
    evidence = crashed(text, "AttributeError", "module 'pygame.draw' has no attribute 'circl'", 2)
    (finding,) = judge(replace(evidence, diagnostics=(said,))).findings

    assert (finding.code, finding.severity) == ("RV208", Severity.ERROR)


def test_two_names_wrong_and_one_crash_are_two_findings() -> None:
    evidence = crashed("print(x)\nprint(y)\n", "NameError", "name 'x' is not defined", 1)
    findings = judge(evidence).findings

    assert [each.code for each in findings] == ["RV206", "RV206"]
    assert len(findings[0].evidence) == 2
    assert len(findings[1].evidence) == 1


def test_a_crash_elsewhere_stays_a_finding_of_its_own() -> None:
    text = "def late():\n    print(x)\n\n\nprint(1 / 0)\n"
    judgement = judge(crashed(text, "ZeroDivisionError", "division by zero", 5))

    assert codes(judgement) == ["RV206", "RV401"]


def test_a_syntax_error_and_its_run_are_one_finding() -> None:
    judgement = judge(
        crashed("print(\n", "SyntaxError", "'(' was never closed (main.py, line 1)", 1)
    )

    assert codes(judgement) == ["RV201"]


# ── runs ──


def test_a_crash_is_placed_at_the_innermost_line_of_the_program() -> None:
    text = "import json\n\n\ndef load():\n    return json.loads('{')\n\n\nload()\n"
    (finding,) = judge(crashed(text, "json.decoder.JSONDecodeError", "Expecting", 8, 5)).findings

    assert finding.message == "json.decoder.JSONDecodeError: Expecting"
    assert (finding.location.line, finding.location.reply_line) == (5, OFFSET + 5)
    assert [(place.line, why) for place, why in finding.related] == [
        (8, "called from here, in `step8`")
    ]


def test_a_crash_message_is_cleaned_and_cut() -> None:
    evidence = crashed("raise X\n", "ValueError", "\x1b[31mred\n" + "x" * 999, 1)
    (finding,) = (each for each in judge(evidence).findings if each.code == "RV401")

    assert finding.message.startswith("ValueError: red xxx")
    assert len(finding.message) == 300


@pytest.mark.parametrize(
    ("type_name", "message", "code"),
    [
        ("EOFError", "EOF when reading a line", "RV413"),
        ("socket.gaierror", "[Errno -3] Temporary failure in name resolution", "RV410"),
        ("urllib.error.URLError", "<urlopen error [Errno 111] Connection refused>", "RV410"),
        ("_tkinter.TclError", "no display name and no $DISPLAY environment variable", "RV401"),
        ("ModuleNotFoundError", "No module named '_tkinter'", "RV401"),
        ("ImportError", "libGL.so.1: cannot open shared object file: No such file", "RV401"),
    ],
)
def test_what_the_sandbox_does_not_have_is_not_the_programs_fault(
    type_name: str, message: str, code: str
) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert codes(judgement) == [code]
    assert judgement.verdict is Verdict.INCONCLUSIVE
    assert judgement.reason == judgement.findings[0].message


@pytest.mark.parametrize(
    ("type_name", "message"),
    [("EOFError", "Ran out of input"), ("ValueError", "bad host name"), ("ImportError", "no x")],
)
def test_what_only_sounds_like_it_is_a_crash(type_name: str, message: str) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert codes(judgement) == ["RV401"]
    assert judgement.verdict is Verdict.FAILED


def test_an_import_that_fails_where_packages_were_not_seen_to_is_ours() -> None:
    evidence = crashed("import numpy\n", "ModuleNotFoundError", "No module named 'numpy'", 1)

    assert judge(evidence).verdict is Verdict.FAILED
    assert judge(replace(evidence, resolution=None)).verdict is Verdict.INCONCLUSIVE


def test_a_script_at_the_deadline_says_where_it_stood() -> None:
    stack = raised("", "", 4)
    evidence = ran(LOOP, ending=Ending.TIMED_OUT, exit_code=None, stacks=(stack,), wall_seconds=10)
    (finding,) = judge(evidence).findings

    assert finding.code == "RV402"
    assert finding.message == "still running after 10 s, in line 4 of `main.py`, in `step4`"
    assert finding.location.reply_line == OFFSET + 4


@pytest.mark.parametrize(
    ("kind", "observation"),
    [
        (ProgramKind.GAME, saw("frames", count=3)),
        (ProgramKind.WINDOW, saw("window", width=1024, height=768)),
        (ProgramKind.SERVER, saw("port", port=5000)),
    ],
)
def test_alive_at_the_deadline_is_success_for_what_runs_on(
    kind: ProgramKind, observation: object
) -> None:
    alive = ran(
        LOOP, kind=kind, ending=Ending.TIMED_OUT, exit_code=None, observations=(observation,)
    )
    stuck = ran(LOOP, kind=kind, ending=Ending.TIMED_OUT, exit_code=None)

    assert judge(alive).verdict is Verdict.PASSED
    assert judge(stuck).verdict is Verdict.FAILED


def test_a_game_that_drew_no_frame_has_not_succeeded() -> None:
    stuck = ran(
        LOOP,
        kind=ProgramKind.GAME,
        ending=Ending.TIMED_OUT,
        exit_code=None,
        observations=(saw("frames", count=0), saw("window")),
    )
    blind = ran(
        LOOP,
        kind=ProgramKind.GAME,
        ending=Ending.TIMED_OUT,
        exit_code=None,
        observations=(saw("not-instrumented", error="no flip"),),
    )

    assert codes(judge(stuck)) == ["RV407"]
    assert judge(blind).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"exit_code": 3}, "RV406", "ended with status 3"),
        ({"ending": Ending.SIGNALLED, "exit_code": 139}, "RV406", "killed by SIGSEGV"),
        ({"completed": False}, "RV406", "left with status 0 before it came to its end"),
        (
            {"ending": Ending.OUT_OF_MEMORY, "exit_code": None},
            "RV404",
            "stopped for using more memory than it may",
        ),
        (
            {"ending": Ending.OUTPUT_FLOOD, "exit_code": None, "stdout_bytes": 16 * 1024**2},
            "RV405",
            "stopped after writing 16 MiB of output",
        ),
    ],
)
def test_each_bad_ending_is_its_own(fields: dict, code: str, message: str) -> None:
    judgement = judge(ran(HELLO, **fields))

    assert [(each.code, each.message) for each in judgement.findings] == [(code, message)]
    assert judgement.verdict is Verdict.FAILED


def test_the_last_words_are_evidence_without_the_noise() -> None:
    stderr = b"ALSA lib conf.c:5178:(_snd_config_evaluate) error\n\x1b[31mno save file\x1b[0m\n"
    (finding,) = judge(ran(HELLO, exit_code=1, stderr=stderr)).findings

    assert finding.evidence == ("no save file",)


def test_a_program_that_asks_for_arguments_is_not_charged() -> None:
    evidence = ran(HELLO, exit_code=2, stderr=b"usage: main.py [-h] path\nmain.py: error: path\n")

    assert judge(evidence).verdict is Verdict.INCONCLUSIVE


def test_a_program_that_tells_of_its_own_want_of_network_is_not_charged() -> None:
    evidence = ran(HELLO, exit_code=1, stderr=b"error: Temporary failure in name resolution\n")

    assert codes(judge(evidence)) == ["RV410"]


@pytest.mark.parametrize("kind", [ProgramKind.WINDOW, ProgramKind.SERVER, ProgramKind.PLOT])
def test_status_0_with_nothing_to_show_for_it_is_no_pass(kind: ProgramKind) -> None:
    judgement = judge(ran(HELLO, kind=kind))

    assert codes(judgement) == ["RV411"]
    assert judgement.verdict is Verdict.INCONCLUSIVE


def test_a_plot_with_its_figure_has_passed() -> None:
    evidence = ran(HELLO, kind=ProgramKind.PLOT, observations=(saw("figure", path="1.png"),))

    assert judge(evidence).verdict is Verdict.PASSED


def test_a_program_that_keeps_asking_waits_for_input() -> None:
    evidence = ran(LOOP, ending=Ending.TIMED_OUT, exit_code=None, observations=(saw("asks-on"),))

    assert codes(judge(evidence)) == ["RV413"]


# ── packages ──


def requirement(text: str = "pygame==2.1.2", line: int | None = 3) -> Requirement:
    name, _, version = text.partition("==")
    return Requirement(
        name=name,
        canonical=name.lower(),
        extras=(),
        specifier=SpecifierSet(f"=={version}" if version else ""),
        marker=None,
        span=Span(line, line) if line else None,
        source=RequirementSource.BLOCK,
    )


def unresolved(reason: UnresolvedReason, **fields: object) -> Evidence:
    row = Unresolved(requirement(), reason, "pygame 2.1.2 has no wheel for Python 3.11", **fields)
    return replace(ran(HELLO), resolution=replace(NOTHING_NEEDED, unresolved=(row,)))


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (UnresolvedReason.UNKNOWN_PACKAGE, "RV302"),
        (UnresolvedReason.UNKNOWN_VERSION, "RV303"),
        (UnresolvedReason.NO_WHEEL, "RV304"),
        (UnresolvedReason.SOURCE_ONLY, "RV304"),
        (UnresolvedReason.REQUIRES_PYTHON, "RV305"),
        (UnresolvedReason.CONFLICT, "RV306"),
        (UnresolvedReason.UNCLASSIFIED, "RV306"),
        (UnresolvedReason.YANKED, "RV307"),
        (UnresolvedReason.STDLIB, "RV308"),
        (UnresolvedReason.WRONG_DISTRIBUTION, "RV309"),
        (UnresolvedReason.RENAMED, "RV309"),
        (UnresolvedReason.SUSPICIOUS, "RV311"),
        (UnresolvedReason.QUARANTINED, "RV311"),
        (UnresolvedReason.RETIRED, "RV314"),
        (UnresolvedReason.NEWER_THAN_CUTOFF, "RV315"),
        (UnresolvedReason.HELD_BACK, "RV316"),
    ],
)
def test_each_reason_has_its_code(reason: UnresolvedReason, code: str) -> None:
    assert codes(judge(unresolved(reason))) == [code]


def test_no_reason_is_silent() -> None:
    assert all(judge(unresolved(reason)).findings for reason in UnresolvedReason)


def test_a_relaxed_pin_is_still_an_error_and_says_what_to_write() -> None:
    evidence = unresolved(UnresolvedReason.NO_WHEEL, nearest="2.1.3", relaxed_to="pygame==2.1.3")
    judgement = judge(evidence)
    (finding,) = judgement.findings

    assert judgement.verdict is Verdict.FAILED
    assert finding.message == "pygame 2.1.2 has no wheel for Python 3.11"
    assert finding.hint == "Write `pygame==2.1.3`."
    assert finding.evidence == ("the run went on with pygame==2.1.3",)
    assert finding.location.reply_line == 3
    assert finding.fix is None


def test_an_older_version_that_was_run_is_a_note_and_changes_nothing() -> None:
    judgement = judge(unresolved(UnresolvedReason.HELD_BACK, nearest="2.1.3", latest="2.6.1"))
    (finding,) = judgement.findings
    assert judgement.verdict is Verdict.PASSED
    assert finding.severity is Severity.NOTE
    assert finding.hint == "`pygame==2.1.3` has what was run here installed anywhere."
    assert finding.fix is None


def test_a_withdrawn_version_is_a_warning() -> None:
    assert judge(unresolved(UnresolvedReason.YANKED)).verdict is Verdict.PASSED


def test_an_import_nobody_knows_is_an_error_and_one_that_was_found_a_note() -> None:
    rows = (
        Undeclared("cv2", "main.py", 1, "opencv-python"),
        Undeclared("zork", "main.py", 1, None),
    )
    evidence = replace(ran(HELLO), resolution=replace(NOTHING_NEEDED, undeclared=rows))

    assert [(each.severity, each.message) for each in judge(evidence).findings] == [
        (Severity.ERROR, "no package is known to provide `zork`"),
        (Severity.NOTE, "`cv2` is imported and `opencv-python` is not required"),
    ]


def test_an_import_that_stated_requirements_forgot_is_a_warning() -> None:
    rows = (Undeclared("cv2", "main.py", 1, "opencv-python"),)
    resolution = replace(NOTHING_NEEDED, undeclared=rows, requirements=(requirement("rich"),))

    (finding,) = judge(replace(ran(HELLO), resolution=resolution)).findings

    assert finding.severity is Severity.WARNING


def test_a_failed_import_and_its_unknown_package_are_one_finding() -> None:
    evidence = crashed("import zork\n", "ModuleNotFoundError", "No module named 'zork'", 1)
    rows = (Undeclared("zork", "main.py", 1, None),)
    evidence = replace(evidence, resolution=replace(NOTHING_NEEDED, undeclared=rows))

    assert codes(judge(evidence)) == ["RV301"]


def test_a_refused_line_is_shown_on_one_line_and_cut() -> None:
    text = "git+https://x/\n`whoami`" + "y" * 200
    line = RequirementLine(text, Span(4, 4), RequirementSource.BLOCK)
    refused = (RefusedLine(line, "url", "an address is not taken"),)
    evidence = replace(ran(HELLO), resolution=replace(NOTHING_NEEDED, refused=refused))
    (finding,) = judge(evidence).findings

    assert finding.code == "RV310"
    assert finding.message.startswith("`git+https://x/ 'whoami'yyy")
    assert finding.message.endswith("...` is not handed to any tool: an address is not taken")


# ── the reply ──


def told(*kinds: str, **fields: object) -> Evidence:
    program = submission(HELLO)
    recoveries = tuple(Recovery(kind, Span(11, 11), "before", "after") for kind in kinds)
    return replace(ran(HELLO), submission=replace(program, recoveries=recoveries, **fields))


@pytest.mark.parametrize(
    "kind", ["thought", "echoed-template", "special-token", "markup-tag", "patched"]
)
def test_what_stood_around_the_code_is_no_fault_of_it(kind: str) -> None:
    assert codes(judge(told(kind))) == []


@pytest.mark.parametrize(
    "kind", ["html-entities", "eaten-dunder", "gutter", "prompts", "unheard-of"]
)
def test_damage_is_reported_whatever_its_name(kind: str) -> None:
    assert codes(judge(told(kind))) == ["RV106"]


def test_a_reply_without_code_is_told_so_and_nothing_else() -> None:
    reply = Reply((Part("I cannot help with that.\n", "reply.md"),))
    judgement = judge(Evidence(Submission(reply)))

    assert codes(judgement) == ["RV101"]
    assert judgement.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("kind", "code", "severity"),
    [
        ("unclosed-fence", "RV103", Severity.WARNING),
        ("prose-in-block", "RV104", Severity.WARNING),
        ("code-outside-block", "RV105", Severity.WARNING),
        ("mangled-markup", "RV106", Severity.WARNING),
        ("some-new-kind", "RV106", Severity.WARNING),
        ("split-program", "RV107", Severity.NOTE),
        ("stitched", "RV107", Severity.NOTE),
        ("elided-code", "RV108", Severity.WARNING),  # the program ran well without it
        ("unsafe-path", "RV109", Severity.WARNING),
    ],
)
def test_no_recovery_is_silent(kind: str, code: str, severity: Severity) -> None:
    (finding,) = judge(told(kind)).findings

    assert (finding.code, finding.severity) == (code, severity)
    assert finding.location.reply_line == 11
    assert (finding.location.path, finding.location.line) == ("main.py", 1)


@pytest.mark.parametrize(
    ("continued", "verdict"), [(True, Verdict.PASSED), (False, Verdict.FAILED)]
)
def test_a_cut_counts_unless_it_was_continued(continued: bool, verdict: Verdict) -> None:
    cut = Truncation(Span(11, 11), "the fence opened at line 10 is never closed", continued)
    judgement = judge(told("unclosed-fence", truncations=(cut,)))

    assert codes(judgement) == ["RV102"]
    assert judgement.verdict is verdict


def test_a_server_that_stopped_the_model_is_taken_at_its_word() -> None:
    reply = Reply((Part(HELLO, "reply.md", Stop.LIMIT),))

    assert codes(judge(told(reply=reply))) == ["RV102"]


# ── pages ──


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_has_a_whole_page(rule: type) -> None:
    page = explain(rule.code)

    assert page is not None
    assert page == explain(rule.name.upper())
    headings = [line for line in page.split("\n") if line.startswith("#") and line[1:2] in "# "]
    assert headings[0] == f"# {rule.code} {rule.name} ({rule.severity.value})"
    for heading in ("## What it does", "## Why it matters", "## Example", "## What to do"):
        assert heading in headings


def test_codes_and_names_are_used_once_and_in_order() -> None:
    rows = catalogue()
    own = [row[0] for row in rows if row[0].startswith("RV")]

    assert own == sorted(own)
    assert len({row[0] for row in rows}) == len({row[1] for row in rows}) == len(rows)
    assert all(row[3].endswith(".") and "\n" not in row[3] for row in rows)


def test_a_linters_own_code_leads_to_its_own_page() -> None:
    page = explain("f507")

    assert page is not None
    assert "https://docs.astral.sh/ruff/rules/percent-format-positional-count-mismatch" in page


def test_there_is_no_page_for_what_is_no_rule() -> None:
    assert explain("RV999") is None


def test_a_file_that_is_not_python_is_left_alone() -> None:
    program = Submission(
        Reply((Part("", "r"),)), (source("not python (", "notes.txt"),), entry_point="notes.txt"
    )

    assert judge(Evidence(program, ())).findings == ()
