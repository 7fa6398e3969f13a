"""One run over many records: each judged once, whatever ends the run and however often."""

from __future__ import annotations

import json
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from batches import NO_CODE, results, timeless
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from validator.batch.pace import Pace
from validator.batch.pool import AHEAD, in_order
from validator.batch.records import Record, Unreadable
from validator.batch.results import Results
from validator.batch.running import Run, judging
from validator.errors import UsageError
from validator.events import ignore
from validator.facts import Part, Reply, Submission
from validator.findings import Finding, Report, Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.summary import Summary

Item = Record | Unreadable


def record(number: int, text: str) -> Record:
    return Record(str(number), f"r{number}", Reply((Part(text, f"x:{number}"),)), model="m")


def judge(item: Record) -> Report:
    """Come to a report that depends on nothing but the reply."""
    text = item.reply.parts[0].text
    finding = Finding("RV101", "no-code", Severity.ERROR, f"{len(text)} characters of prose")
    failed = len(text) % 2 == 1
    return Report(
        Submission(item.reply),
        Verdict.FAILED if failed else Verdict.PASSED,
        None,
        findings=(finding,) if failed else (),
    )


def run(
    items: Sequence[Item], path: Path, *, resume: bool = False, workers: int = 3
) -> tuple[list[str], Summary]:
    """Run over the items, and return which replies were judged, and what all results come to."""
    judged: list[str] = []

    def noted(item: Record) -> Report:
        judged.append(item.id)
        return judge(item)

    with closing(Results(path, resume=resume, force=not resume)) as found:
        Run(found, noted, workers=workers, pace=Pace(ignore), keep=lambda record, report: None).all(
            iter(items), lambda: 0.5
        )
        return judged, found.tally.summary()


TEXTS = st.lists(st.sampled_from(["a", "bb", "ccc", "dddd", "e\ne", "é" * 3]), max_size=12)


@given(texts=TEXTS, cuts=st.lists(st.floats(0, 1), max_size=3), workers=st.integers(1, 4))
@hypothesis_settings(max_examples=60)
def test_killed_anywhere_and_resumed_it_is_as_if_it_had_not_been(
    texts: list[str], cuts: list[float], workers: int
) -> None:
    items: list[Item] = [record(number, text) for number, text in enumerate(texts, 1)]
    items.append(Unreadable("99", None, "it is not JSON"))
    with tempfile.TemporaryDirectory() as folder:
        whole, pieces = Path(folder, "whole.jsonl"), Path(folder, "pieces.jsonl")
        judged, summary = run(items, whole, workers=workers)
        assert sorted(judged) == sorted(
            {text: each.id for each, text in _first(items, texts)}.values()
        )

        run(items, pieces, workers=workers)
        for cut in cuts:  # a kill leaves any beginning of the file, half a line at its end too
            data = pieces.read_bytes()
            pieces.write_bytes(data[: int(len(data) * cut)])
            _, resumed = run(items, pieces, resume=True, workers=workers)
            assert (resumed.replies, resumed.verdicts) == (summary.replies, summary.verdicts)
            assert (resumed.faults, resumed.models) == (summary.faults, summary.models)
            assert (resumed.repeated, resumed.unreadable) == (summary.repeated, 1)
        assert timeless(results(str(pieces))) == timeless(results(str(whole)))


def _first(items: Sequence[Item], texts: Sequence[str]) -> Iterator[tuple[Item, str]]:
    """Yield the items from the last to the first, so that the first of the same text wins."""
    yield from reversed(list(zip(items, texts, strict=False)))


def test_a_result_of_other_records_is_not_taken_for_one_of_these(tmp_path: Path) -> None:
    run([record(1, "a"), record(2, "b")], tmp_path / "out.jsonl")

    with pytest.raises(UsageError, match="another result for record 2: it was made from other"):
        run([record(1, "a"), record(2, "c")], tmp_path / "out.jsonl", resume=True)


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    with (
        closing(Results(path, resume=False, force=False)),
        pytest.raises(UsageError, match="is being written by another run"),
    ):
        Results(path, resume=True, force=False)


def test_other_files_are_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text('{"mine": 1}\nand more\n')

    with pytest.raises(UsageError, match=r"notes.txt line 1 is no result of validate batch"):
        Results(path, resume=True, force=False)
    assert path.read_text() == '{"mine": 1}\nand more\n'


def test_no_more_is_in_hand_than_the_workers_can_be_given(tmp_path: Path) -> None:
    taken, held = 0, threading.Event()
    most = 0

    def slow(item: Record) -> Report:
        if item.id == "r1":
            assert held.wait(30)  # the first one hangs while the others go on
        return judge(item)

    def items() -> Iterator[Record]:
        nonlocal taken, most
        for number in range(1, 200):
            taken += 1
            if number == 100:
                held.set()
            # Every third is the same as the first, and waits for it.
            text = "same" if number % 3 == 1 and number < 20 else f"text {number}"
            if number == 30:
                most = len(results(str(tmp_path / "out.jsonl")))
            yield record(number, text)

    with closing(Results(tmp_path / "out.jsonl", resume=False, force=False)) as found:
        Run(found, slow, workers=2, pace=Pace(ignore), keep=lambda record, report: None).all(
            items(), lambda: None
        )

    # Of 29 taken by then, those in hand are at most the bound; the rest is on disk already.
    assert 29 - most <= 2 * AHEAD
    assert len(results(str(tmp_path / "out.jsonl"))) == 199
    assert {each["same_as"] for each in results(str(tmp_path / "out.jsonl")).values()} == {
        None,
        "r1",
    }


def test_a_fault_of_ours_is_the_result_of_its_record_and_stops_no_other(tmp_path: Path) -> None:
    class Broken:
        def validate(self, reply: Reply, *, trial: object = None) -> Report:
            if reply.parts[0].text == "b":
                raise ZeroDivisionError("of ours")
            return judge(record(1, reply.parts[0].text))

    with closing(Results(tmp_path / "out.jsonl", resume=False, force=False)) as found:
        Run(
            found,
            judging(Broken()),  # type: ignore[arg-type]
            workers=2,
            pace=Pace(ignore),
            keep=lambda record, report: None,
        ).all([record(1, "a"), record(2, "b"), record(3, "cc")], lambda: None)

    verdicts = {key: each["verdict"] for key, each in results(str(tmp_path / "out.jsonl")).items()}
    assert verdicts == {"1": "failed", "2": "inconclusive", "3": "passed"}
    reason = results(str(tmp_path / "out.jsonl"))["2"]["reason"]
    assert reason == "a fault of validate itself: ZeroDivisionError: of ours"


def test_each_result_is_one_line_of_plain_json_whatever_the_reply_holds(tmp_path: Path) -> None:
    hostile = record(1, NO_CODE + "\u2028\x1b[31m\ud800")
    run([hostile], tmp_path / "out.jsonl")

    (line,) = (tmp_path / "out.jsonl").read_bytes().splitlines()
    assert json.loads(line)["sha256"] == hostile.sha256


@given(st.lists(st.integers(0, 5), max_size=30), st.integers(1, 4))
@hypothesis_settings(max_examples=30)
def test_results_come_in_the_order_of_the_items_and_each_is_worked_on_once(
    items: list[int], workers: int
) -> None:
    from collections import Counter

    worked: list[int] = []

    def work(item: int) -> int:
        worked.append(item)
        return item * 10

    counts = Counter(bytes([each]) for each in items)
    repeated = Counter({key: count for key, count in counts.items() if count > 1})
    found = list(
        in_order(items, work, workers=workers, key=lambda each: bytes([each]), repeated=repeated)
    )

    assert [(item, result) for item, result, _ in found] == [(each, each * 10) for each in items]
    assert sorted(worked) == sorted(set(items))
    seen: set[int] = set()
    for item, _, again in found:
        assert again == (item in seen)
        seen.add(item)
