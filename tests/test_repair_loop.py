"""The loop with a scripted model and a scripted validation: both fakes, no server, no jail."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from validator.errors import ModelUnavailable
from validator.facts import Part, Reply, SourceFile, Stop, Submission
from validator.findings import Finding, Location, Report, Severity, Verdict
from validator.models import Completion, Message, Usage
from validator.repair import (
    Budget,
    Piece,
    Round,
    Story,
    best,
    fingerprints,
    is_another_program,
    repair,
    tell,
    why_stop,
)
from validator.repair.wording import Writer
from validator.reporters import prompt


def fault(
    code: str, message: str = "it is wrong", line: int | None = 1, path: str | None = "main.py"
) -> Finding:
    return Finding(code, "a-fault", Severity.ERROR, message, Location(path, line))


def report(text: str, *findings: Finding, verdict: Verdict | None = None) -> Report:
    failed = any(each.severity is Severity.ERROR for each in findings)
    files = (SourceFile("main.py", text + "\n", (1,)),) if text else ()
    return Report(
        Submission(Reply((Part(text or "I cannot help with that.", "fake"),)), files=files),
        verdict or (Verdict.FAILED if failed else Verdict.PASSED),
        None,
        findings=findings,
    )


def reply(text: str) -> Reply:
    return Reply((Part(text, "reply.md"),))


@dataclass
class FakeModel:
    """Says what it was given to say, one turn after the other, and remembers what it heard."""

    turns: list[str | ModelUnavailable]
    heard: list[tuple[Message, ...]] = field(default_factory=list)

    def complete(self, messages: tuple[Message, ...], *, max_tokens: int = 4096) -> Completion:
        self.heard.append(messages)
        turn = self.turns.pop(0)
        if isinstance(turn, ModelUnavailable):
            raise turn
        return Completion(turn, Stop.COMPLETE, "stop")


VERDICTS = {
    "good": report("good"),
    "crashes": report("crashes", fault("RV401", "NameError: name 'x' is not defined at line 3")),
    "moved": report("moved", fault("RV401", "NameError: name 'x' is not defined at line 9", 9)),
    "other": report("other", fault("RV402", "still running at the deadline")),
    "third": report("third", fault("RV406", "exit status 2")),
    "worse": report("worse", fault("RV201", "invalid syntax"), fault("RV206")),
    "no code": report("", fault("RV101", "there is no code", None, None)),
    "also worse": report("also worse", fault("RV201", "unexpected indent"), fault("RV207")),
    "no jail": report("no jail", verdict=Verdict.INCONCLUSIVE),
}


def told(
    first: str, *turns: str | ModelUnavailable, budget: Budget | None = None
) -> tuple[Story, FakeModel]:
    model = FakeModel(list(turns))
    story = repair(
        reply(first),
        model=model,
        validate=lambda each: VERDICTS[each.parts[-1].text],
        is_prompt=False,
        budget=budget,
    )
    assert not model.turns, "the loop stopped before the script did"
    return story, model


@pytest.mark.parametrize(
    ("replies", "reason", "kept"),
    [
        (("good",), "passed", "good"),
        (("crashes", "good"), "passed", "good"),
        (("crashes", "other", "good"), "passed", "good"),
        (("crashes", "moved"), "no progress", "crashes"),
        (("crashes", "other", "crashes"), "oscillation", "crashes"),
        (("crashes", "other", "moved"), "oscillation", "crashes"),
        (("no code", "no code"), "no code twice", "no code"),
        (("crashes", "no code", "no code"), "no code twice", "crashes"),
        (("crashes", "worse", "other", "third", "good"), "passed", "good"),
        (("crashes", "worse", "also worse"), "regressions", "crashes"),
        (
            ("crashes", "no jail"),
            "inconclusive: a part of the work could not be done",
            "no jail",
        ),
    ],
)
def test_a_story_and_its_end(replies: tuple[str, ...], reason: str, kept: str) -> None:
    story, _ = told(*replies)
    assert story.stopped_because == reason
    assert story.best.reply.parts[-1].text == kept
    assert len(story.rounds) == len(replies)
    assert story.failure is None


def test_the_model_is_asked_no_more_often_than_allowed() -> None:
    story, model = told("crashes", "other", "third", budget=Budget(rounds=2))
    assert story.stopped_because == "out of rounds"
    assert len(model.heard) == 2


def test_it_never_ends_with_something_worse_than_it_began_with() -> None:
    story, _ = told("crashes", "worse", budget=Budget(rounds=1))
    assert story.best is story.rounds[0]


def test_no_round_may_be_allowed() -> None:
    story, model = told("crashes", budget=Budget(rounds=0))
    assert story.stopped_because == "out of rounds"
    assert model.heard == []


def test_a_model_that_goes_away_ends_the_story_and_takes_nothing_with_it() -> None:
    gone = ModelUnavailable("no server answers", remedy="start it")
    story, _ = told("crashes", "other", gone)
    assert story.stopped_because == "the model could not be asked"
    assert story.failure is gone
    assert story.best is story.rounds[0]
    assert len(story.rounds) == 2


def test_the_model_hears_the_request_its_own_reply_and_what_is_wrong_with_it() -> None:
    model = FakeModel(["good"])
    repair(
        reply("crashes"),
        model=model,
        validate=lambda each: VERDICTS[each.parts[-1].text],
        is_prompt=False,
        request="Write a worm game.",
    )
    [(asked, answered, message)] = model.heard
    assert asked == Message("user", "Write a worm game.")
    assert answered == Message("assistant", "main.py\n\n```python\ncrashes\n```\n")
    assert message.role == "user"
    assert "NameError: name 'x' is not defined" in message.text


def test_without_a_request_the_conversation_still_begins_with_the_user() -> None:
    _, model = told("crashes", "good")
    assert [each.role for each in model.heard[0]] == ["user", "assistant", "user"]
    assert model.heard[0][0].text


def test_each_round_says_how_it_was_asked_for_and_how_it_ended() -> None:
    story, model = told("crashes", "good")
    first, second = story.rounds
    assert (first.message, first.pieces) == (None, ())
    assert second.message == model.heard[0][-1].text
    assert second.completion == Completion("good", Stop.COMPLETE, "stop")
    assert second.reply.parts == (Part("good", "round 1", Stop.COMPLETE),)


def test_a_reply_without_a_program_does_not_stand_for_the_one_before_it() -> None:
    _, model = told("crashes", "no code", "good")
    first, second = model.heard
    assert second[:2] == first[:2], "the program is shown once more"
    assert second[2].text.startswith("Your last reply held no program.")
    assert second[2].text.endswith(first[2].text)


# ── what may be spent ────────────────────────────────────────────────────────────────────────────


def test_the_tokens_of_all_rounds_are_counted() -> None:
    story, _ = told("crashes", "other", budget=Budget(tokens=2))
    assert story.stopped_because == "out of tokens"


def spent(*, tokens: int = 0, seconds: float = 0.0) -> Round:
    said = Completion("x", Stop.COMPLETE, "stop", Usage(9, tokens))
    return Round(reply("a"), VERDICTS["crashes"], "mend it", (Piece(said, "asked"),), seconds)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (spent(tokens=59), None),
        (spent(tokens=60), "out of tokens"),
        (spent(seconds=5.9), None),
        (spent(seconds=6.0), "out of seconds"),
    ],
)
def test_a_budget_is_of_the_whole_repair(last: Round, reason: str | None) -> None:
    first = Round(reply("a"), VERDICTS["other"], None, spent(tokens=40).pieces, 4.0)
    assert why_stop((first, last), Budget(tokens=100, seconds=10.0)) == reason


def test_a_program_that_passes_has_passed_whatever_it_took() -> None:
    last = replace(spent(tokens=10**6, seconds=10.0**6), report=VERDICTS["good"])
    assert why_stop((last,), Budget(rounds=0)) == "passed"


# ── prompts, replies, and what is taken for a model ──────────────────────────────────────────────


def test_a_prompt_is_answered_first() -> None:
    model = FakeModel(["crashes", "good"])
    story = repair(
        "Write a worm game.",
        model=model,
        validate=lambda each: VERDICTS[each.parts[-1].text],
    )
    assert story.stopped_because == "passed"
    assert model.heard[0] == (Message("user", "Write a worm game."),)
    assert model.heard[1][0] == Message("user", "Write a worm game.")
    assert story.request == story.rounds[0].message == "Write a worm game."


CODE = "```python\nprint(1)\n```\n"


def test_a_reply_is_told_from_a_prompt_by_the_code_in_it() -> None:
    model = FakeModel([])
    story = repair(CODE, model=model, validate=lambda each: VERDICTS["good"])
    assert story.rounds[0].message is None


def test_a_prompt_with_code_is_one_where_the_user_says_so() -> None:
    model = FakeModel(["good"])
    story = repair(
        f"Make this faster:\n\n{CODE}",
        model=model,
        validate=lambda each: VERDICTS[each.parts[-1].text],
        is_prompt=True,
    )
    assert story.rounds[0].message == story.request
    assert len(model.heard) == 1


def test_a_prompt_nobody_answers_has_no_story() -> None:
    with pytest.raises(ModelUnavailable, match="no server answers"):
        repair(
            "Write it.",
            model=FakeModel([ModelUnavailable("no server answers")]),
            validate=lambda each: VERDICTS["good"],
        )


def test_any_function_of_a_conversation_is_a_model() -> None:
    heard: list[tuple[Message, ...]] = []

    def answer(messages: tuple[Message, ...]) -> str:
        heard.append(messages)
        return "good"

    story = repair(
        reply("crashes"),
        model=answer,
        validate=lambda each: VERDICTS[each.parts[-1].text],
        is_prompt=False,
    )
    assert story.stopped_because == "passed"
    assert len(heard) == 1


def test_the_message_is_cut_to_what_the_context_leaves() -> None:
    many = report("x", *(fault("RV401", f"fault {n} " + "long " * 60) for n in range(6)))
    writer = Writer()
    whole = writer.conversation(many, None, None, 500)[-1].text
    small = writer.conversation(many, None, 800, 500)[-1].text
    assert "fault 5" in whole
    assert len(small) < 1800 < len(whole)
    assert "fault 0" in small
    assert "There is more after these" in small


def test_a_template_of_the_users_words_the_message() -> None:
    template = prompt.template("[opening]\nMend $count, please.\n\n[asking]\nAll of it.\n")
    model = FakeModel(["good"])
    repair(
        reply("crashes"),
        model=model,
        validate=lambda each: VERDICTS[each.parts[-1].text],
        is_prompt=False,
        writer=Writer(template),
    )
    message = model.heard[0][-1].text
    assert message.startswith("Mend 1 fault, please.\n\n1. main.py line 1: NameError")
    assert message.endswith("\nAll of it.\n")


# ── what counts as the same fault ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (fault("RV206", "`x` is undefined", 3), fault("RV206", "`x` is undefined", 4)),
        (
            fault("RV204", "called at line 3, defined at line 9"),
            fault("RV204", "called at line 13, defined at line 19"),
        ),
        (
            fault("RV401", "ValueError: <Worm object at 0x7f01>"),
            fault("RV401", "ValueError: <Worm object at 0x7f99>"),
        ),
    ],
)
def test_a_fault_that_only_moved_is_the_same(one: Finding, other: Finding) -> None:
    assert fingerprints(report("a", one)) == fingerprints(report("b", other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (fault("RV206", "`x` is undefined"), fault("RV206", "`y` is undefined")),
        (fault("RV206", "`x` is undefined"), fault("RV207", "`x` is undefined")),
        (fault("RV206"), fault("RV206", path="game.py")),
        (fault("RV304", "pygame 2.1.2 has no wheel"), fault("RV304", "pygame 2.1.9 has no wheel")),
    ],
)
def test_another_fault_is_another(one: Finding, other: Finding) -> None:
    assert fingerprints(report("a", one)) != fingerprints(report("b", other))


def test_fewer_faults_are_progress() -> None:
    both = Round(reply("a"), report("a", fault("RV206"), fault("RV207")))
    fewer = Round(reply("b"), report("b", fault("RV207")))
    assert why_stop((both, fewer), Budget()) is None
    assert best((both, fewer)) is fewer


def test_a_reply_without_code_is_never_better_for_having_one_fault() -> None:
    program = Round(reply("a"), report("a", fault("RV206"), fault("RV207")))
    refusal = Round(reply("b"), VERDICTS["no code"])
    assert best((program, refusal)) is program


# ── is it still the program it began with? ───────────────────────────────────────────────────────

MEAN = "def mean(rows):\n    total = sum(rows)\n    return total / count\n\n\nprint(mean([1, 2]))"


def ended_with(text: str, *, asked_for: str | None = None) -> Story:
    first = Round(reply(MEAN), report(MEAN, fault("RV206")), asked_for)
    last = Round(reply(text), report(text), "Mend it.")
    return Story((first, last), "passed", last)


@pytest.mark.parametrize(
    "text",
    [
        MEAN.replace("count", "len(rows)"),
        # rewritten throughout, and still the function it was
        "def mean(values):\n    return statistics.fmean(values)\n\n\nprint(mean([1, 2]))",
        # renamed, and still what it does
        MEAN.replace("mean", "average").replace("count", "len(rows)"),
    ],
)
def test_a_correction_is_the_same_program(text: str) -> None:
    assert not is_another_program(ended_with(text))


def test_another_program_that_runs_is_said_to_be_another() -> None:
    story = ended_with("def greet(name):\n    print('hello', name)\n\n\ngreet('you')")

    assert is_another_program(story)
    assert "Nothing of the program it began with is left in it." in tell(story)


def test_what_the_model_wrote_itself_it_may_begin_anew() -> None:
    assert not is_another_program(ended_with("print('hello')", asked_for="Print a mean."))


def test_a_program_that_was_kept_as_it_is_is_no_other() -> None:
    first = Round(reply(MEAN), report(MEAN, fault("RV206")))

    assert not is_another_program(Story((first,), "no progress", first))
