"""`validate batch`, from a file of records to results, a summary and an exit code."""

from __future__ import annotations

import gzip
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pytest
from batches import ADD, HELLO, NO_CODE, SCHEMA, batch, codes, program, records, results, timeless

from validator.cli import main
from validator.reporters import json as json_reporter


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


# ── what cannot be obeyed: one clear line, exit code 2, and nothing lost ─────────────────────────


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nowhere.jsonl"], "there is no nowhere.jsonl"),
        (["empty.jsonl"], "empty.jsonl is empty"),
        (["blank.jsonl"], "blank.jsonl is empty"),
        (["prose.md"], "prose.md is not JSON Lines: no line it begins with is a JSON object"),
        (["list.json"], "list.json is a JSON list and not JSON Lines (jq -c '.[]' makes it so)"),
        (["."], ". cannot be read: Is a directory"),
        (["good.jsonl", "--out", "good.jsonl"], "good.jsonl is named for two things"),
        (["good.jsonl", "--out", "kept.jsonl"],
         "kept.jsonl exists (--resume goes on with it, --force replaces it)"),
        (["good.jsonl", "--out", "kept.jsonl", "--resume"],
         "kept.jsonl line 1 is no result of validate batch"),
        (["good.jsonl", "--out", "none/out.jsonl"],
         "none/out.jsonl cannot be written: No such file or directory"),
        (["good.jsonl", "--out", "out.jsonl", "--reply-field", "mine"],
         ("no record of good.jsonl holds a reply: record 1: it has no field 'mine' for its "
          "reply: it has id, reply")),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line_and_exit_code_2(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    records({"id": "a", "reply": NO_CODE}, name="good.jsonl")
    Path("empty.jsonl").touch()
    Path("blank.jsonl").write_text("\n \n\n")
    Path("prose.md").write_text("# Not\n\nat all\n")
    Path("list.json").write_text('[\n  {"id": "a", "reply": "x"}\n]\n')
    Path("kept.jsonl").write_text('{"of": "the user"}\n')
    out = [] if "--out" in arguments else ["--out", "out.jsonl"]

    code = main(["batch", *arguments, *out, "--sandbox", "none", "--offline"])

    assert (code, capsys.readouterr().err) == (2, f"validate: {line}\n")
    assert Path("kept.jsonl").read_text() == '{"of": "the user"}\n'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full to write to")
def test_a_full_disk_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    name = records({"id": "a", "reply": NO_CODE})
    assert batch(name, "--summary", "/dev/full") == 2
    assert capsys.readouterr().err == (
        "validate: /dev/full cannot be written: No space left on device\n"
    )
    assert len(results()) == 1


# ── what is wrong with some records is said of those ─────────────────────────────────────────────


def test_bad_records_have_a_result_of_their_own_and_stop_no_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = records(
        {"id": "good", "reply": NO_CODE},
        "not json",
        {"id": "bare"},
        "[1, 2]",
        "",
        json.dumps({"id": "large", "reply": "x" * (20 << 20)}),
        {"id": "good", "reply": "No, thank you.\n"},
    )

    assert batch(name) == 1
    found = results()
    assert {key: each.get("error") for key, each in found.items()} == {
        "1": None,
        "2": "it is not JSON: Expecting value: line 1 column 1 (char 0)",
        "3": "it has no field that holds a reply: it has id",
        "4": "it is JSON and not an object",
        "6": "it is larger than 16 MiB",
        "7": None,
    }
    assert [found[key]["id"] for key in ("1", "3", "7")] == ["good", "bare", "good#2"]
    seen = capsys.readouterr()
    assert seen.err == (
        "validate: 1 record has an id of one before; they are told apart as good#2 and so on\n"
    )
    assert seen.out == (
        "2 replies: 2 failed (4 more could not be read)\n"
        "\n"
        "errors, by the replies that have them:\n"
        "   100 %       2  RV101  no-code\n"
    )


def test_a_record_that_could_not_be_read_keeps_the_rest_from_passing() -> None:
    # Nothing failed, and nobody knows what the second would have come to.
    assert batch(records({"reply": HELLO}, "not json")) == 3


def test_identical_replies_are_judged_once_and_told_each() -> None:
    name = records(
        {"id": "a", "reply": NO_CODE, "model": "m"},
        {"id": "b", "reply": NO_CODE, "model": "n"},
        {"id": "c", "reply": NO_CODE, "in": "x"},
        {"id": "d", "reply": f"{NO_CODE} "},
    )

    assert batch(name) == 1
    same = {each["id"]: (each["same_as"], each["model"]) for each in results().values()}
    assert same == {"a": (None, "m"), "b": ("a", "n"), "c": ("a", None), "d": (None, None)}
    assert all(codes(each) == ["RV101"] for each in results().values())


def test_a_limit_takes_the_first_replies_and_resume_takes_the_rest() -> None:
    rows = [{"id": str(number), "reply": f"{number}. {NO_CODE}"} for number in range(5)]
    name = records(*rows)

    assert batch(name, "--limit", "2") == 1
    assert sorted(results()) == ["1", "2"]
    first = Path("out.jsonl").read_bytes()
    assert batch(name, "--resume") == 1
    assert sorted(results()) == ["1", "2", "3", "4", "5"]
    assert Path("out.jsonl").read_bytes().startswith(first)


def test_a_compressed_file_is_read_as_it_is() -> None:
    Path("r.jsonl.gz").write_bytes(gzip.compress(json.dumps({"reply": NO_CODE}).encode()))

    assert batch("r.jsonl.gz") == 1
    assert codes(results()["1"]) == ["RV101"]


def test_records_come_from_standard_input_too(monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(json.dumps({"reply": f"{n}. {NO_CODE}"}).encode() + b"\n" for n in range(3))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    assert batch("-") == 1
    assert sorted(results()) == ["1", "2", "3"]


def test_of_a_compressed_file_that_was_cut_what_is_there_is_judged() -> None:
    lines = "".join(
        json.dumps({"reply": f"{n}: {os.urandom(900).hex()}"}) + "\n" for n in range(40)
    )
    Path("r.jsonl.gz").write_bytes(gzip.compress(lines.encode())[:-9000])

    assert batch("r.jsonl.gz") == 1
    errors = [each["error"] for each in results().values() if "error" in each]
    assert len(results()) > 10
    assert all(codes(each) == ["RV101"] for each in results().values() if "error" not in each)
    assert len(errors) == 1
    assert errors[0].startswith("the file cannot be read on: Compressed file ended before")


def test_the_summary_counts_by_fault_and_by_model(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        {"id": "a", "reply": NO_CODE, "model": "m"},
        {"id": "b", "reply": NO_CODE, "model": "n"},
        {"id": "c", "reply": "```python\nprint((1)\n```\n", "model": "n"},
    ]
    assert batch(records(*rows), "--summary", "summary.json") == 1

    summary = json.loads(Path("summary.json").read_text())
    jsonschema.validate(summary, SCHEMA)
    assert (summary["replies"], summary["verdicts"]["failed"], summary["repeated"]) == (3, 3, 1)
    assert [(each["code"], each["replies"]) for each in summary["faults"]] == [
        ("RV101", 2),
        ("RV201", 1),
    ]
    assert [(each["model"], each["replies"]) for each in summary["models"]] == [("n", 2), ("m", 1)]
    assert summary["interrupted"] is False
    shown = capsys.readouterr().out
    assert "    67 %       2  RV101  no-code\n" in shown
    assert "n            2     0 %   100 %  50 % no-code, 50 % syntax-error\n" in shown


def test_whole_reports_go_beside_the_results_where_they_are_wanted() -> None:
    name = records({"id": "a", "reply": NO_CODE}, {"id": "b", "reply": NO_CODE})
    assert batch(name, "--full") == 1

    first, second = results()["1"], results()["2"]
    jsonschema.validate(first["report"], json_reporter.schema())
    assert first["report"]["submission"]["origin"] == "records.jsonl:1"
    assert "report" not in second
    assert second["same_as"] == "a"


def test_each_reply_gets_a_page_and_all_of_them_an_index() -> None:
    name = records({"id": "<b>a</b>", "reply": NO_CODE}, {"id": "b", "reply": f"{NO_CODE}!"})
    assert batch(name, "--html", "pages") == 1

    index = Path("pages/index.html").read_text()
    assert "replies/1.html" in index
    assert "<b>a</b>" not in index
    assert sorted(path.name for path in Path("pages/replies").iterdir()) == ["1.html", "2.html"]


def test_a_reply_told_again_leads_to_the_page_of_the_first() -> None:
    name = records(*({"id": each, "reply": NO_CODE} for each in "abc"))
    assert batch(name, "--html", "pages") == 1

    assert [path.name for path in Path("pages/replies").iterdir()] == ["1.html"]
    index = Path("pages/index.html").read_text()
    assert index.count('href="replies/1.html"') == 3
    assert {each.get("same_as_record") for each in results().values()} == {None, "1"}


# ── what is mended, and what is known ────────────────────────────────────────────────────────────

GUARD = program("def main():\n    print('hi')\n\n\nif __name__ == 'main':\n    main()\n")


def test_each_record_is_mended_first_where_that_is_wanted() -> None:
    name = records({"id": "guard", "reply": GUARD}, {"id": "sound", "reply": HELLO})
    assert batch(name, "--fix", "--summary", "summary.json") == 3  # nothing runs here

    found = {each["id"]: (each["fixed"], codes(each)) for each in results().values()}
    assert found == {"guard": (["RV202"], []), "sound": ([], [])}
    assert json.loads(Path("summary.json").read_text())["mended"] == 1
    assert batch(name, out="bare.jsonl") == 1
    assert not any("fixed" in each for each in results("bare.jsonl").values())


def test_known_findings_are_known_by_the_id_of_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # The same reply twice: what is known of one says nothing of the other.
    name = records({"id": "a", "reply": NO_CODE}, {"id": "b", "reply": NO_CODE})
    assert batch(name, "--limit", "1", "--baseline", "known.json", "--update-baseline") == 0
    assert [each["reply"] for each in json.loads(Path("known.json").read_text())["findings"]] == [
        "a"
    ]
    capsys.readouterr()

    assert batch(name, "--baseline", "known.json", out="again.jsonl") == 1
    assert "validate: known.json: 1 known, 1 new, 0 gone\n" in capsys.readouterr().err
    found = {each["id"]: (each["verdict"], codes(each)) for each in results("again.jsonl").values()}
    assert found == {"a": ("inconclusive", []), "b": ("failed", ["RV101"])}


def test_a_baseline_that_cannot_be_right_is_refused_before_anything_is_judged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = records({"id": "a", "reply": NO_CODE})
    assert batch(name, "--baseline", "nowhere.json") == 2
    assert batch(name, "--update-baseline") == 2
    assert batch(name, "--resume", "--baseline", "new.json", "--update-baseline") == 2
    assert not Path("out.jsonl").exists()
    assert not Path("new.json").exists()
    assert capsys.readouterr().err == (
        "validate: nowhere.json cannot be read: No such file or directory\n"
        "validate: --update-baseline goes with --baseline FILE\n"
        "validate: --update-baseline goes with a run from the beginning: what was found before"
        " --resume is not in OUT as a baseline has it\n"
    )


@pytest.mark.bubblewrap
def test_what_is_excused_says_so_and_stops_nothing(sandboxes: frozenset[str]) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer here")
    name = records({"id": "crashes", "reply": program("print(1 // 0)\n")})
    known = ("--baseline", "known.json")
    assert batch(name, *known, "--update-baseline", out="0.jsonl", sandbox="bubblewrap") == 0
    assert batch(name, *known, "--summary", "summary.json", sandbox="bubblewrap") == 0
    assert [(each["verdict"], each["excused"]) for each in results().values()] == [
        ("inconclusive", True)
    ]
    summary = json.loads(Path("summary.json").read_text())
    jsonschema.validate(summary, SCHEMA)
    assert summary["excused"] == 1
    assert batch(name, "--resume", sandbox="bubblewrap") == 0
    assert batch(name, out="bare.jsonl", sandbox="bubblewrap") == 1


# ── with programs that run ───────────────────────────────────────────────────────────────────────


@pytest.mark.bubblewrap
def test_tests_and_expected_output_decide(sandboxes: frozenset[str]) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer here")
    check = "def check(candidate):\n    assert candidate(1, 2) == 3\n"
    name = records(
        {"task_id": "adds", "prompt": "", "completion": ADD, "entry_point": "add", "test": check},
        {"task_id": "takes", "prompt": "", "completion": ADD.replace("+", "-"),
         "entry_point": "add", "test": check},
        {"task_id": "leaves", "prompt": "", "entry_point": "add", "test": check,
         "completion": ADD.replace("+", "-") + "\nraise SystemExit(0)\n"},
        {"id": "doubles", "reply": program("print(int(input()) * 2)\n"),
         "in": "21\n", "want": "42"},
        {"id": "trebles", "reply": program("print(int(input()) * 3)\n"),
         "in": "21\n", "want": "42"},
        {"id": "wants more", "reply": program("print(int(input()) + int(input()))\n"),
         "in": "21\n", "want": "42"},
        {"id": "crashes", "reply": program("print(1 // 0)\n"), "in": "", "want": ""},
        name="tasks.jsonl",
    )  # fmt: skip
    # A record without such a field is tried without.
    Path(name).write_text(
        "".join(
            json.dumps({"in": None, "want": None, **json.loads(line)}) + "\n"
            for line in Path(name).read_text().splitlines()
        )
    )

    fields = ("--stdin-field", "in", "--expected-field", "want")
    assert batch(name, *fields, sandbox="bubblewrap") == 1
    found = {each["id"]: (each["verdict"], codes(each)) for each in results().values()}
    assert found == {
        "adds": ("passed", []),
        "takes": ("failed", ["RV412"]),
        "leaves": ("failed", ["RV412"]),
        "doubles": ("passed", []),
        "trebles": ("failed", ["RV420"]),
        "wants more": ("failed", ["RV420", "RV413"]),
        "crashes": ("failed", ["RV401"]),
    }


def _many(count: int) -> str:
    rows = [
        {"id": f"r{n}", "model": f"m{n % 3}", "reply": program(f"print({n} // {n % 5})\n")}
        for n in range(count)
    ]
    # Some are the same as one before; one is no record at all.
    return records(*rows, *rows[:4], "half a rec")


def _start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "validator", "batch", *arguments, "--sandbox", "bubblewrap"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )


def _wait_for_lines(name: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while not Path(name).exists() or Path(name).read_bytes().count(b"\n") < count:
        assert time.monotonic() < deadline, "there were never so many results"
        time.sleep(0.01)


@pytest.mark.bubblewrap
def test_killed_outright_and_resumed_it_loses_and_repeats_nothing(
    sandboxes: frozenset[str],
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer here")
    name = _many(24)
    for lines in (3, 12):
        process = _start(name, "--out", "pieces.jsonl", "--resume")
        _wait_for_lines("pieces.jsonl", lines)
        process.kill()
        process.communicate(timeout=30)
    with Path("pieces.jsonl").open("ab") as file:
        file.write(b'{"version": 1, "record": "2')  # what a kill in the middle of a line leaves

    assert batch(name, "--resume", out="pieces.jsonl", sandbox="bubblewrap") == 1
    assert batch(name, out="whole.jsonl", sandbox="bubblewrap") == 1
    assert timeless(results("pieces.jsonl")) == timeless(results("whole.jsonl"))
    assert len(results("whole.jsonl")) == 29


@pytest.mark.bubblewrap
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_says_how_far_it_came_and_leaves_whole_results(
    sandboxes: frozenset[str], number: signal.Signals
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer here")
    forever = {"id": "hangs", "reply": program("while True:\n    pass\n")}
    rows = [{"id": f"r{n}", "reply": program(f"print({n})\n")} for n in range(6)]
    name = records(*rows, forever)

    process = _start(name, "--out", "out.jsonl", "--seconds", "60")
    _wait_for_lines("out.jsonl", 6)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 130
    assert out == "6 replies: 6 passed\n"
    assert err == "validate: interrupted; --resume goes on with what out.jsonl has\n"
    assert "7" not in results()
