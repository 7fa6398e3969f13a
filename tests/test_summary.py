"""What many replies come to: counts that are true whatever the rows, and bounded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from validator.findings import Severity, Verdict
from validator.reporters import totals
from validator.summary import MAX_MODELS, OTHER_MODELS, Fault, Row, Tally, summarise

TRUNCATED = ("RV102", "truncated-reply", Severity.ERROR)
ELIDED = ("RV108", "elided-code", Severity.WARNING)


def row(
    *findings: tuple[str, str, Severity],
    verdict: Verdict = Verdict.FAILED,
    model: str | None = None,
    same_as: str | None = None,
) -> Row:
    return Row("a", verdict, model, findings, None, 0.5, "script", "a.md", same_as)


def test_a_reply_that_has_a_fault_twice_has_it() -> None:
    summary = summarise([row(TRUNCATED, TRUNCATED, ELIDED), row(TRUNCATED), row()])

    assert summary.faults == (
        Fault("RV102", "truncated-reply", Severity.ERROR, 2),
        Fault("RV108", "elided-code", Severity.WARNING, 1),
    )
    assert (summary.replies, summary.seconds) == (3, 1.5)
    assert summary.models == ()


def test_a_fault_weighs_what_it_weighed_most() -> None:
    noted = ("RV402", "timed-out", Severity.NOTE)
    failed = ("RV402", "timed-out", Severity.ERROR)

    assert summarise([row(noted), row(failed), row(noted)]).faults[0].severity is Severity.ERROR


def test_models_are_told_apart_up_to_a_bound() -> None:
    tally = Tally()
    for number in range(MAX_MODELS + 50):
        tally.add(row(model=f"m{number}"))
    models = tally.summary().models

    assert len(models) == MAX_MODELS + 1
    assert (models[0].model, models[0].replies) == (OTHER_MODELS, 50)


ROWS = st.builds(
    lambda findings, verdict, model, same: row(
        *findings, verdict=verdict, model=model, same_as="b" if same else None
    ),
    st.lists(st.sampled_from([TRUNCATED, ELIDED]), max_size=3),
    st.sampled_from(Verdict),
    st.sampled_from([None, "m", "\x1b[31mn\n"]),
    st.booleans(),
)


@given(st.lists(ROWS))
def test_every_count_adds_up_and_is_shown_on_lines_that_do_nothing(rows: list[Row]) -> None:
    summary = summarise(rows)
    data = totals.as_json(summary)

    assert sum(data["verdicts"].values()) == data["replies"] == len(rows)
    named = any(each.model for each in rows)
    assert sum(each["replies"] for each in data["models"]) == (len(rows) if named else 0)
    for fault in data["faults"]:
        assert 0 < fault["replies"] <= len(rows)
    shown = totals.render(summary)
    assert all(line.isprintable() for line in shown.split("\n"))
    assert shown.startswith(f"{len(rows):,} repl")
