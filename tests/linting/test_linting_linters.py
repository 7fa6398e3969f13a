"""The linters, asked for real: a program in, what they say out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from validator.errors import LinterUnavailable
from validator.events import Progress
from validator.facts import Diagnostic, Layer, SourceFile, Span, split_lines
from validator.linting import Linter, PartlyLinted, ruff
from validator.linting import pyright as pyright_room
from validator.settings import Settings


def source(text: str, path: str = "main.py") -> SourceFile:
    return SourceFile(path, text, tuple(range(1, len(split_lines(text)) + 1)))


def said(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, str, int]]:
    return [(each.tool, each.code, each.span.first) for each in diagnostics]


@pytest.fixture(scope="module")
def linter(tmp_path_factory: pytest.TempPathFactory) -> Linter:
    with Linter(Settings(python="3.11", cache_dir=tmp_path_factory.mktemp("cache"))) as warm:
        yield warm


# ── ruff ──


def test_ruff_says_what_breaks_a_program_and_where() -> None:
    text = "score = 0\n\n\ndef hit():\n    score += 1\n    print('é', undefined)\n"

    assert ruff.diagnose(source(text), python="3.11") == (
        Diagnostic(
            "ruff",
            "F823",
            "Local variable `score` referenced before assignment",
            "main.py",
            Span(5, 5),
            5,
            10,
        ),
        Diagnostic("ruff", "F821", "Undefined name `undefined`", "main.py", Span(6, 6), 16, 25),
    )


def test_ruff_has_nothing_to_say_about_style() -> None:
    text = "import os,sys\nl=lambda x :x\ntry:\n  pass\nexcept: pass\nif l==None: x=1;\n"

    assert ruff.diagnose(source(text), python="3.11") == ()


def test_a_program_does_not_decide_what_is_said_about_it() -> None:
    text = "# ruff: noqa\n# flake8: noqa\nprint(x)  # noqa: F821\n"

    assert [each.code for each in ruff.diagnose(source(text), python="3.11")] == ["F821"]


def test_the_name_of_a_file_does_not_choose_its_dialect() -> None:
    found = ruff.diagnose(source("def f(): return x\n", "stub.pyi"), python="3.11")

    assert [each.code for each in found] == ["F821"]


def test_ruff_judges_for_the_python_it_is_told() -> None:
    text = "type Name = str\n"

    assert [each.code for each in ruff.diagnose(source(text), python="3.11")] == ["invalid-syntax"]
    assert ruff.diagnose(source(text), python="3.12") == ()


def test_every_rule_asked_for_is_one_ruff_has() -> None:
    command = (ruff.find(), "rule", "--all", "--output-format", "json")
    known = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert [code for code in ruff.SELECTED if f'"{code}"' not in known] == []


def test_a_missing_ruff_is_said_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(LinterUnavailable) as caught:
        ruff.diagnose(source("x\n"), python="3.11")

    assert str(caught.value) == "ruff is not installed"
    assert caught.value.remedy == "pip install ruff"


# ── both ──


@pytest.mark.pyright
def test_both_linters_are_heard_in_the_order_of_the_lines(linter: Linter) -> None:
    text = (
        "import math\nimport unknown_module\n\n\ndef f(a):\n    if a:\n        b = 1\n"
        "    return b\n\n\nf()\nmath.square(2)\nprint(x)\nunknown_module.anything()\n"
    )

    assert said(linter.lint((source(text),))) == [
        ("pyright", "reportPossiblyUnbound", 8),
        ("pyright", "reportCallIssue", 11),
        ("pyright", "reportAttributeAccessIssue", 12),
        ("ruff", "F821", 13),
        ("pyright", "reportUndefinedVariable", 13),
    ]


@pytest.mark.pyright
def test_types_that_never_meet_a_crash_are_not_heard(linter: Linter) -> None:
    text = "x: int = 'a'\nimport re\nprint(re.match('a', 'b').group())\n\n\ndef f(): ...\nf.n = 1\n"

    assert linter.lint((source(text),)) == ()


@pytest.mark.pyright
def test_columns_count_characters(linter: Linter) -> None:
    (found,) = (
        each for each in linter.lint((source("s = '😀'; x = é\n"),)) if each.tool == "pyright"
    )

    assert (found.column, found.end_column) == (14, 15)


@pytest.mark.pyright
def test_the_files_of_a_program_see_each_other_and_no_other_program(linter: Linter) -> None:
    main = source("import snake\n\nsnake.go()\nsnake.gone()\n")

    assert said(linter.lint((main, source("def go(): pass\n", "snake.py")))) == [
        ("pyright", "reportAttributeAccessIssue", 4)
    ]
    assert linter.lint((main,)) == ()


@pytest.mark.pyright
def test_pyright_is_not_silenced_by_the_program(linter: Linter) -> None:
    text = "# pyright: basic, reportUndefinedVariable=false\n# type: ignore\nx  # pyright: ignore\n"

    assert ("pyright", "reportUndefinedVariable", 3) in said(linter.lint((source(text),)))


@pytest.mark.pyright
def test_a_layer_is_in_view_only_where_it_is_given(linter: Linter, tmp_path: Path) -> None:
    package = tmp_path / "drawing"
    package.mkdir()
    (package / "__init__.py").write_text("def circle(): pass\n")
    layer = Layer("a" * 64, str(tmp_path), 20)
    program = (source("import drawing\n\ndrawing.circl()\n"),)

    assert linter.lint(program) == ()
    assert said(linter.lint(program, layer)) == [("pyright", "reportAttributeAccessIssue", 3)]
    assert linter.lint(program) == ()


@pytest.mark.pyright
def test_what_is_no_python_is_not_linted(linter: Linter) -> None:
    assert linter.lint((source("not python (", "notes.txt"),)) == ()


@pytest.mark.pyright
def test_many_may_ask_at_once(linter: Linter) -> None:
    from concurrent.futures import ThreadPoolExecutor

    texts = [f"print(name{number})\n" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda text: linter.lint((source(text),)), texts))

    assert [f"name{number}" in each[0].message for number, each in enumerate(answers)] == [True] * 8


# ── when something is not there ──


def test_without_pyright_what_ruff_said_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pyright_room, "_bundled", lambda: Path("/nowhere"))
    monkeypatch.setattr(pyright_room, "_node", lambda: "/nowhere/node")
    linter = Linter(Settings(cache_dir=tmp_path))
    with linter, pytest.raises(PartlyLinted) as caught:
        linter.lint((source("print(x)\n"),))

    assert [each.code for each in caught.value.diagnostics] == ["F821"]
    assert caught.value.remedy == 'pip install "pyright[nodejs]"'
    assert isinstance(caught.value, LinterUnavailable)


def test_the_first_download_is_told_and_its_failure_is_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def unreachable(command: tuple[str, ...], **options: object) -> None:
        raise subprocess.CalledProcessError(1, command)

    told: list[Progress] = []
    monkeypatch.setattr(pyright_room, "_bundled", lambda: None)
    monkeypatch.setattr(pyright_room.subprocess, "run", unreachable)

    with pytest.raises(LinterUnavailable, match="could not be downloaded"):
        pyright_room.Pyright(python="3.11", cache_dir=tmp_path, listener=told.append)
    assert told == [Progress("linting", "downloading pyright")]


@pytest.mark.pyright
def test_a_server_that_went_away_is_said_and_replaced(tmp_path: Path) -> None:
    with Linter(Settings(cache_dir=tmp_path)) as linter:
        linter.lint((source("x = 1\n"),))
        os.killpg(_server(linter), signal.SIGKILL)
        with pytest.raises(PartlyLinted, match="pyright broke off"):
            linter.lint((source("x = 1\n"),))
        assert linter.lint((source("x = 1\n"),)) == ()


@pytest.mark.pyright
def test_nothing_is_left_after_close(tmp_path: Path) -> None:
    linter = Linter(Settings(cache_dir=tmp_path))
    linter.start()
    linter.lint((source("x = 1\n"),))
    process, folder = _server(linter), Path(linter._pyright.result()._folder.path)
    linter.close()
    linter.close()

    assert not _runs(process)
    assert not folder.exists()


CHILD = """
import sys, threading, time
from validator.facts import SourceFile
from validator.linting import Linter
from validator.settings import Settings

linter = Linter(Settings())
linter.lint((SourceFile("a.py", "x = 1\\n", (1,)),))
print(linter._pyright.result()._server._process.pid, flush=True)
text = "".join(f"def f{n}(x): return f{max(n - 1, 0)}(x) if x else [f{n * 7 % 9000}(x)]\\n"
               for n in range(9000))
threading.Thread(target=lambda: linter.lint((SourceFile("a.py", text, ()),))).start()
time.sleep(60)
"""


@pytest.mark.pyright
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_a_busy_server_dies_with_the_process_that_was_killed() -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    process = int(child.stdout.readline())
    time.sleep(0.7)
    assert _runs(process)
    child.kill()
    child.wait()
    deadline = time.monotonic() + 2

    while _runs(process) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not _runs(process)


def _server(linter: Linter) -> int:
    return linter._pyright.result()._server._process.pid


def _runs(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
