"""The pytest plugin, in sessions of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]

GOOD = "Here you are:\n\n```python\nprint('hello')\n```\n"
BAD = "Of course:\n\n```python\ndef greet(name):\n    print('Hello,', nam)\n\ngreet('you')\n```\n"
CHAT = """\
{"choices": [{"message": {"role": "assistant", "content": "```python\\nprint('one')\\n```"}},
             {"message": {"role": "assistant", "content": "```python\\nprint(1 / 0)\\n```"}}]}
"""

pytestmark = pytest.mark.bubblewrap


@pytest.fixture(autouse=True)
def _in_bubblewrap(sandboxes: frozenset[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    monkeypatch.setenv("VALIDATOR_SANDBOX", "bubblewrap")


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Path:
    """Replies that pass and one that fails, one of them where pytest does not look by itself."""
    replies = pytester.mkdir("replies")
    (replies / "good.md").write_text(GOOD)
    (replies / "build").mkdir()
    (replies / "build/bad.md").write_text(BAD)
    (replies / "build/program.py").write_text("this is no test\n")
    (replies / "requirements.txt").write_text("pygame\n")
    (pytester.path / "README.md").write_text("# No reply\n")
    pytester.makepyfile(test_own="def test_own():\n    pass\n")
    return replies


def session(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "no:hypothesispytest", *arguments
    )


def test_each_reply_is_a_test_and_a_failure_is_the_report(
    pytester: pytest.Pytester, folder: Path
) -> None:
    result = session(pytester, "--validate-replies", "replies", "-v")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "replies/build/bad.md::reply FAILED*",
            "replies/good.md::reply PASSED*",
            "test_own.py::test_own PASSED*",
            "*_ replies/build/bad.md _*",
            "failed: undefined-name",
            "replies/build/bad.md",
            "  program   main.py, 4 lines, from reply lines 4-7",
            "error RV206 undefined-name: nothing defines `nam`",
            "  --> replies/build/bad.md:5:21  (main.py line 2)",
            "FAILED (1 error, *)",
            "FAILED replies/build/bad.md::reply - *failed: undefined-name",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback (most*validator*")
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_tests_elsewhere_come_with_the_replies(pytester: pytest.Pytester, folder: Path) -> None:
    result = session(
        pytester, "--validate-replies", "replies", "test_own.py", "--collect-only", "-q"
    )

    assert sorted(line for line in result.outlines if "::" in line) == [
        "replies/build/bad.md::reply",
        "replies/good.md::reply",
        "test_own.py::test_own",
    ]


def test_without_the_flag_no_markdown_is_a_test(pytester: pytest.Pytester, folder: Path) -> None:
    session(pytester).assert_outcomes(passed=1)


def test_answers_of_one_conversation_are_tests_each(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("chat.json").write_text(CHAT)

    result = session(pytester, "--validate-replies", "chat.json", "-v", "-k", "reply")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["chat.json::reply?1? PASSED*", "chat.json::reply?2? FAILED*"])


def test_workers_of_xdist_share_them(pytester: pytest.Pytester, folder: Path) -> None:
    result = session(pytester, "--validate-replies", "replies", "-n", "2")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["error RV206 undefined-name: nothing defines `nam`"])


def test_what_could_not_be_told_has_not_passed(pytester: pytest.Pytester, folder: Path) -> None:
    (pytester.path / "pyproject.toml").write_text("[tool.validator]\nsandbox = 'none'\n")
    (folder / "build/bad.md").unlink()

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VALIDATOR_SANDBOX")
        result = session(pytester, "--validate-replies", "replies")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["INCONCLUSIVE*", "FAILED replies/good.md::reply - *inconclusive: *"]
    )


def test_settings_for_some_paths_hold_wherever_it_is_started(
    pytester: pytest.Pytester, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    excused = BAD.replace("nam)\n", "nam)  # validator: ignore[RV206] the page shows the fault\n")
    (folder / "build/bad.md").write_text(excused)
    settings = "[[tool.validator.per-path]]\npaths = ['replies/build/**']\nsuppressions = true\n"
    (pytester.path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n\n{settings}")
    (folder / "copy.md").write_text(excused)
    monkeypatch.chdir(folder)

    result = session(pytester, "--validate-replies", ".", "-v")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*build/bad.md::reply PASSED*", "*copy.md::reply FAILED*"])


def test_one_validator_serves_the_session_and_the_fixture(
    pytester: pytest.Pytester, folder: Path
) -> None:
    (folder / "build/bad.md").unlink()
    pytester.makeconftest(
        """
        from validator import pipeline

        class Counted(pipeline.Validator):
            def __init__(self, *others):
                print("A VALIDATOR STARTS")
                super().__init__(*others)
            def close(self):
                super().close()
                print("A VALIDATOR ENDS")

        pipeline.Validator = Counted
        """
    )
    pytester.makepyfile(
        test_own="""
        from validator import Part, Reply

        def test_good(validate_reply):
            assert validate_reply("```python\\nprint('hello')\\n```\\n").verdict == "passed"

        def test_bad(validate_reply):
            text = "```python\\nraise SystemExit(3)\\n```\\n"
            report = validate_reply(Reply((Part(text, "mine"),)))
            assert [finding.name for finding in report.findings] == ["exit-status"]
        """
    )

    result = session(pytester, "--validate-replies", "replies", "-s")

    result.assert_outcomes(passed=3)
    assert str(result.stdout).count("A VALIDATOR STARTS") == 1
    assert str(result.stdout).count("A VALIDATOR ENDS") == 1


@pytest.mark.parametrize(
    ("named", "line"),
    [
        ("nowhere", "ERROR: --validate-replies: there is no *nowhere"),
        ("barren", "ERROR: --validate-replies: *barren has no Markdown or text files in it"),
    ],
)
def test_what_names_no_reply_is_refused(pytester: pytest.Pytester, named: str, line: str) -> None:
    pytester.mkdir("barren")

    result = session(pytester, "--validate-replies", named)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([line])


def test_a_file_that_is_no_reply_is_an_error_and_stops_no_other(
    pytester: pytest.Pytester, folder: Path
) -> None:
    (folder / "build/bad.md").write_bytes(b"\x7fELF\0\0")

    result = session(pytester, "--validate-replies", "replies", "--continue-on-collection-errors")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["replies/build/bad.md is binary, not a reply"])


def test_installed_it_imports_nothing_of_ours_until_it_is_used(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_imports():
            ours = sorted(name for name in sys.modules if name.startswith("validator"))
            assert ours == ["validator", "validator.pytest_plugin"]
        """
    )
    session(pytester).assert_outcomes(passed=1)
