"""Replies that were cut: taken up, asked for once more, and kept in the pieces they came in."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from validator.errors import ModelUnavailable
from validator.facts import Part, Reply, Stop
from validator.findings import Report, Verdict
from validator.models import Completion, Message, Usage
from validator.models.continuing import without_echo
from validator.reading import read
from validator.repair import Budget, Story, repair

LINES = [f"value_{number} = {number} * {number}" for number in range(40)]
PROGRAM = "\n".join([*LINES, "for number in range(3):", "    print(number, value_7)"]) + "\n"
TEXT = f"Here it is:\n\n```python\n{PROGRAM}```\n\nThat is all.\n"


def judge(reply: Reply) -> Report:
    """Stand in for validation: right is what holds the whole program."""
    submission = read(reply)
    whole = any(file.text == PROGRAM for file in submission.files)
    return Report(submission, Verdict.PASSED if whole else Verdict.FAILED, None)


@dataclass
class FakeCutter:
    """Knows one text and says at most `max_tokens` times four characters of it at a time."""

    text: str = TEXT
    exact: bool = True
    context_tokens: int | None = None
    continues: bool = True
    """Whether its server takes up a turn; without, it must be asked in words."""
    bounds: list[int] = field(default_factory=list)
    said: int = 0

    def complete(self, messages: tuple[Message, ...], *, max_tokens: int = 4096) -> Completion:
        if "Go on exactly after" in messages[-1].text:
            return self._from(
                self.text.index(messages[-2].text) + len(messages[-2].text), max_tokens
            )
        return self._from(0, max_tokens)

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = 4096
    ) -> Completion | None:
        if not self.continues:
            return None
        echoed = self._from(len(so_far), max_tokens)
        return without_echo(
            Completion(so_far + echoed.text, echoed.stop, echoed.detail, echoed.usage), so_far
        )

    def _from(self, at: int, max_tokens: int) -> Completion:
        self.bounds.append(max_tokens)
        text = self.text[at : at + max_tokens * 4]
        cut = at + len(text) < len(self.text)
        usage = Usage(9, -(-len(text) // 4))
        return Completion(text, Stop.LIMIT if cut else Stop.COMPLETE, "length", usage)


def asked(model: FakeCutter, **budget: int) -> Story:
    return repair("Write it.", model=model, validate=judge, budget=Budget(rounds=0, **budget))


def hows(story: Story) -> list[str]:
    return [piece.how for piece in story.rounds[0].pieces]


@pytest.mark.parametrize("reply_tokens", [41, 60, 97, 150, 4096])
def test_what_goes_on_at_the_character_is_one_text(reply_tokens: int) -> None:
    story = asked(FakeCutter(), reply_tokens=reply_tokens)
    [part] = story.rounds[0].reply.parts
    assert (part.text, part.stop) == (TEXT, Stop.COMPLETE)
    pieces = -(-len(TEXT) // (4 * reply_tokens))
    assert hows(story) == ["asked", *["continued"] * (pieces - 1)]
    assert "".join(piece.completion.text for piece in story.rounds[0].pieces) == TEXT


@pytest.mark.parametrize("reply_tokens", [41, 60, 97, 150])
def test_what_is_asked_for_in_words_is_joined_by_reading(reply_tokens: int) -> None:
    story = asked(FakeCutter(continues=False), reply_tokens=reply_tokens)
    assert story.stopped_because == "passed"
    assert len(story.rounds[0].reply.parts) == len(story.rounds[0].pieces) > 1
    origins = [part.origin for part in story.rounds[0].reply.parts]
    assert origins[:2] == ["round 0", "round 0, continued 1"]


def test_where_the_context_has_room_it_is_asked_for_with_twice_the_limit() -> None:
    model = FakeCutter(continues=False, context_tokens=4096)
    story = asked(model, reply_tokens=200)
    assert model.bounds == [200, 400]
    assert hows(story) == ["asked", "asked again"]
    [part] = story.rounds[0].reply.parts
    assert part.text == TEXT
    assert story.rounds[0].tokens == 200 + -(-len(TEXT) // 4), "what was thrown away was paid for"


@pytest.mark.parametrize(
    ("context_tokens", "tokens"),
    [(None, 65_536), (400, 65_536), (4096, 450)],
    ids=["unknown", "full", "out of tokens"],
)
def test_where_it_has_not_the_rest_is_asked_for(context_tokens: int | None, tokens: int) -> None:
    model = FakeCutter(continues=False, context_tokens=context_tokens)
    story = asked(model, reply_tokens=200, tokens=tokens)
    assert hows(story)[:2] == ["asked", "continued"]
    assert model.bounds[1] <= 256


def test_the_bound_leaves_the_prompt_its_room() -> None:
    model = FakeCutter(context_tokens=1000)
    asked(model, reply_tokens=4096)
    assert model.bounds[0] < 1000


def test_a_model_that_goes_in_circles_is_left_alone() -> None:
    model = FakeCutter(text=TEXT[:60] + "x = 1\n" * 10_000)
    story = asked(model, reply_tokens=60)
    assert len(model.bounds) == 2
    assert story.rounds[0].reply.stop is Stop.LIMIT


def test_a_model_that_never_ends_is_left_alone() -> None:
    model = FakeCutter(text=TEXT[:60] + "".join(f"x = {n}\n" for n in range(10_000)))
    story = asked(model, reply_tokens=50)
    assert len(model.bounds) == 9
    assert story.rounds[0].reply.stop is Stop.LIMIT


def test_the_tokens_of_the_pieces_are_counted() -> None:
    model = FakeCutter()
    story = asked(model, reply_tokens=50, tokens=120)
    assert len(model.bounds) == 3
    assert story.stopped_because in ("out of rounds", "out of tokens")


# ── a reply the user brings ──────────────────────────────────────────────────────────────────────


def brought(text: str, model: object, stop: Stop = Stop.UNKNOWN) -> Story:
    reply = Reply((Part(text, "reply.md", stop),))
    return repair(reply, model=model, validate=judge, budget=Budget(rounds=0))  # type: ignore[arg-type]


def test_a_cut_reply_of_the_users_is_completed_before_it_is_judged() -> None:
    at = TEXT.index("value_20")
    story = brought(TEXT[:at], FakeCutter())
    assert story.stopped_because == "passed"
    assert hows(story) == ["continued"]
    assert story.rounds[0].message is None


def test_a_whole_program_without_its_last_fence_is_not_gone_on_with() -> None:
    model = FakeCutter()
    story = brought(TEXT[: TEXT.index("```\n\nThat")], model)
    assert story.stopped_because == "passed"
    assert model.bounds == []


def test_a_whole_reply_of_the_users_is_not_gone_on_with() -> None:
    model = FakeCutter()
    brought(TEXT, model)
    assert model.bounds == []


def test_what_its_server_called_complete_is_not_gone_on_with() -> None:
    model = FakeCutter()
    brought(TEXT[: TEXT.index("value_20")], model, Stop.COMPLETE)
    assert model.bounds == []


def test_a_model_that_has_nothing_to_add_changes_nothing() -> None:
    cut = TEXT[: TEXT.index("value_20")]
    story = brought(cut, lambda messages: "")
    assert [part.text for part in story.rounds[0].reply.parts] == [cut]
    assert hows(story) == ["continued"]


def test_a_model_that_cannot_be_reached_leaves_the_cut_reply_to_be_judged() -> None:
    def gone(messages: tuple[Message, ...]) -> str:
        raise ModelUnavailable("no server answers")

    reply = Reply((Part(TEXT[:90], "reply.md"),))
    story = repair(reply, model=gone, validate=judge)
    assert story.stopped_because == "the model could not be asked"
    assert len(story.rounds) == 1
    assert story.failure is not None


def test_a_model_that_goes_away_in_the_middle_leaves_what_came() -> None:
    model = FakeCutter()

    def goes_away(messages: tuple[Message, ...]) -> Completion:
        if "Go on exactly after" in messages[-1].text:
            raise ModelUnavailable("no server answers")
        return model.complete(messages, max_tokens=60)

    story = repair("Write it.", model=goes_away, validate=judge)
    assert story.stopped_because == "the model could not be asked"
    assert story.rounds[0].reply.parts[0].text == TEXT[:240]


# ── echoes ───────────────────────────────────────────────────────────────────────────────────────


def said(text: str) -> Completion:
    return Completion(text, Stop.COMPLETE)


@pytest.mark.parametrize(
    ("came", "text", "exact"),
    [
        ("def run():\n    return 1\n", "    return 1\n", True),  # the echo, and what is new
        ("    return 1\n", "    return 1\n", True),  # what is new alone
        ("def run():\n", "", True),  # the echo alone
        ("def ruin():\n    pass\n", "def ruin():\n    pass\n", True),
    ],
)
def test_an_echo_is_taken_off(came: str, text: str, exact: bool) -> None:
    rest = without_echo(said(came), "def run():\n")
    assert (rest.text, rest.exact) == (text, exact)


def test_a_model_that_begins_anew_is_not_taken_to_go_on() -> None:
    given = "Here is the program you asked for, with comments:\n\n```python\nimport os\n"
    anew = "Here is the program you asked for, with comments:\n\n```python\nimport sys\n"
    rest = without_echo(said(anew), given)
    assert (rest.text, rest.exact) == (anew, False)
