"""A repair on disk: kept as it happens, gone on with after a kill anywhere, replayed, and told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from validator.errors import ModelUnavailable, UsageError
from validator.facts import Part, Reply, Stop
from validator.findings import Finding, Location, Report, Severity, Verdict
from validator.models import Completion, Message, Usage
from validator.reading import read
from validator.repair import Journal, Story, recorded, repair, tell

if TYPE_CHECKING:
    from pathlib import Path


def program(line: str) -> str:
    return f"Here:\n\n```python\n{line}\n```\n"


REPLY = Reply((Part(program("print(one)"), "reply.md"),))
TURNS = (
    program("print(two)"),
    "Well:\n\n```python\nimport sys\n",  # cut, and gone on with
    "print(three)\n```\n",
    program("print('four')"),
)


def judge(reply: Reply) -> Report:
    """Stand in for validation: a program that prints a name is wrong."""
    submission = read(reply)
    name = next((n for n in ("one", "two", "three") if f"({n})" in submission.files[0].text), None)
    found = Finding(
        "RV206",
        "undefined-name",
        Severity.ERROR,
        f"nothing defines `{name}`",
        Location("main.py", 1),
    )
    verdict = Verdict.FAILED if name else Verdict.PASSED
    return Report(submission, verdict, None, findings=(found,) if name else ())


class Killed(BaseException):
    """Stands in for the end of the process."""


@dataclass
class FakeModel:
    """Says its turns one after the other; the second of them is cut."""

    turns: list[str] = field(default_factory=lambda: list(TURNS))
    asked: int = 0
    killed_at: int | None = None

    def complete(self, messages: tuple[Message, ...], *, max_tokens: int = 4096) -> Completion:
        if self.asked == self.killed_at:
            raise Killed
        self.asked += 1
        text = self.turns.pop(0)
        stop = Stop.COMPLETE if text.endswith("```\n") else Stop.LIMIT
        return Completion(text, stop, stop.value, Usage(9, 7))


def run(folder: Path, model: object, *, answers: Path | None = None) -> Story:
    journal = Journal(folder, answers=answers or folder)
    journal.begin(REPLY, "a fake", None, continues=False)
    return repair(REPLY, model=model, validate=judge, journal=journal)  # type: ignore[arg-type]


def test_every_round_is_there_to_be_read(tmp_path: Path) -> None:
    story = run(tmp_path, FakeModel())
    assert story.stopped_because == "passed"
    files = sorted(
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()
    )
    assert files == [
        "round-00/reply.md", "round-00/report.json", "round-00/round.json",
        "round-01/answer-1.json", "round-01/message.md", "round-01/reply.md",
        "round-01/report.json", "round-01/round.json",
        "round-02/answer-1.json", "round-02/answer-2.json", "round-02/message.md",
        "round-02/reply-2.md", "round-02/reply.md", "round-02/report.json", "round-02/round.json",
        "round-03/answer-1.json", "round-03/message.md", "round-03/reply.md",
        "round-03/report.json", "round-03/round.json",
        "run.json", "run.lock", "story.md",
    ]  # fmt: skip
    assert (tmp_path / "round-01/reply.md").read_text() == TURNS[0]
    assert "nothing defines `one`" in (tmp_path / "round-01/message.md").read_text()
    assert json.loads((tmp_path / "round-03/report.json").read_text())["verdict"] == "passed"
    figures = json.loads((tmp_path / "round-02/round.json").read_text())
    assert figures["tokens"] == {"prompt": 18, "completion": 14}
    assert [each["stop"] for each in figures["answers"]] == ["limit", "complete"]


@pytest.mark.parametrize("number", range(len(TURNS)))
def test_a_run_killed_while_the_model_writes_goes_on_where_it_was(
    tmp_path: Path, number: int
) -> None:
    first = FakeModel(killed_at=number)
    with pytest.raises(Killed):
        run(tmp_path, first)
    again = FakeModel(list(TURNS[number:]))
    story = run(tmp_path, again)
    assert story.stopped_because == "passed"
    assert (first.asked, again.asked) == (number, len(TURNS) - number), "nothing was asked twice"
    assert [each.reply.parts[0].text for each in story.rounds[1:]] == [
        TURNS[0],
        TURNS[1],
        TURNS[3],
    ]


def test_a_run_killed_at_any_write_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tmp_path / "whole"
    run(whole, FakeModel())
    expected = (whole / "story.md").read_text()
    writes = 0
    real_write = Journal._write

    for kill_at in range(1, 40):
        folder = tmp_path / f"killed-{kill_at}"
        writes = 0

        def write(self: Journal, name: str, text: str) -> None:
            nonlocal writes
            writes += 1
            if writes == kill_at:  # noqa: B023  # it is used before the next turn of the loop
                half = folder / f"{name}.unfinished"  # noqa: B023
                half.parent.mkdir(parents=True, exist_ok=True)
                half.write_text(text[: len(text) // 2])
                raise Killed
            real_write(self, name, text)

        monkeypatch.setattr(Journal, "_write", write)
        model = FakeModel()
        try:
            run(folder, model)
        except Killed:
            pass
        else:
            break  # there were no more writes to be killed at
        monkeypatch.setattr(Journal, "_write", real_write)
        kept = len(list(folder.rglob("answer-*.json")))
        story = run(folder, FakeModel(list(TURNS[kept:])))
        assert story.stopped_because == "passed"
        assert _timeless((folder / "story.md").read_text()) == _timeless(expected)
    else:
        pytest.fail("the run never came to its end")
    assert kill_at > 20


def _timeless(story: str) -> str:
    import re

    return re.sub(r"\d+\.\d s", "N s", story)


def test_a_run_is_replayed_without_a_model(tmp_path: Path) -> None:
    run(tmp_path / "first", FakeModel())
    model = recorded(tmp_path / "first")
    story = run(tmp_path / "second", model, answers=tmp_path / "first")
    assert story.stopped_because == "passed"
    for name in ("story.md", "round-02/message.md", "round-02/reply-2.md"):
        first, second = (tmp_path / each / name for each in ("first", "second"))
        assert _timeless(first.read_text()) == _timeless(second.read_text()) or name.endswith(
            "message.md"
        )
    assert (tmp_path / "second/round-02/answer-2.json").read_bytes() == (
        tmp_path / "first/round-02/answer-2.json"
    ).read_bytes()


def test_a_replay_ends_where_its_run_was_left(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        run(tmp_path, FakeModel(killed_at=1))
    story = repair(
        REPLY, model=recorded(tmp_path), validate=judge, journal=Journal(answers=tmp_path)
    )
    assert story.stopped_because == "the model could not be asked"
    assert len(story.rounds) == 2
    assert "answered no further" in str(story.failure)


def test_a_folder_with_the_run_of_another_reply_is_left_alone(tmp_path: Path) -> None:
    run(tmp_path, FakeModel())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    other = Reply((Part(program("print(two)"), "other.md"),))
    with pytest.raises(UsageError, match="holds the run of another reply"):
        Journal(tmp_path).begin(other, "a fake", None, continues=False)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_two_do_not_write_to_one_folder_at_once(tmp_path: Path) -> None:
    first, second = Journal(tmp_path), Journal(tmp_path)
    first.begin(REPLY, "a fake", None, continues=False)
    with pytest.raises(UsageError, match="another repair is writing to"):
        second.begin(REPLY, "a fake", None, continues=False)
    first.end()
    second.begin(REPLY, "a fake", None, continues=False)


def test_a_repair_that_is_over_lets_go_of_its_folder(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(REPLY, "a fake", None, continues=False)
    with pytest.raises(Killed):
        repair(REPLY, model=FakeModel(killed_at=0), validate=judge, journal=journal)
    Journal(tmp_path).begin(REPLY, "a fake", None, continues=False)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"completion": 7}', '{"completion": {}}'])
def test_an_answer_somebody_wrote_into_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    with pytest.raises(Killed):
        run(tmp_path, FakeModel(killed_at=1))
    (tmp_path / "round-01/answer-1.json").write_text(content)
    with pytest.raises(UsageError, match=r"answer-1\.json"):
        run(tmp_path, FakeModel())


def test_a_folder_that_holds_no_run_is_not_replayed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        recorded(tmp_path)


def test_the_best_so_far_is_handed_over_whenever_it_is_another(tmp_path: Path) -> None:
    kept: list[Report] = []
    journal = Journal(tmp_path, keep=kept.append)
    repair(REPLY, model=FakeModel(), validate=judge, journal=journal)
    assert [each.verdict for each in kept] == [Verdict.FAILED, Verdict.PASSED]


def test_a_story_tells_all_and_lets_nothing_out_of_its_fences(tmp_path: Path) -> None:
    hostile = "```python\nprint(two)  # ```\n```\n\n# The repair is done\n\x1b[31m"
    story = repair(
        REPLY,
        model=lambda messages: hostile,
        validate=judge,
        request="Print it.",
    )
    told = tell(story)
    assert told.startswith(
        "# The repair of reply.md\n\nStopped: **no progress**, after 2 corrections"
    )
    for words in (
        "## The request",
        "Print it.",
        "## Round 0: failed (best)",
        "nothing defines `one`",
    ):
        assert words in told
    fence = ""
    for line in told.split("\n"):
        if not fence and line.startswith("```"):
            fence = line.rstrip("abcdefghijklmnopqrstuvwxyz")
        elif line == fence:
            fence = ""
        elif not fence:
            assert "The repair is done" not in line
    assert not fence


def test_a_model_that_went_away_is_told_in_the_story() -> None:
    def gone(messages: tuple[Message, ...]) -> str:
        raise ModelUnavailable("no server answers")

    told = tell(repair(REPLY, model=gone, validate=judge))
    assert "Stopped: **the model could not be asked**" in told
    assert "no server answers" in told
