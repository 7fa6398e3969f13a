"""The loop itself: validate, say what is wrong, ask, until there is a reason to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from validator.errors import ModelUnavailable
from validator.facts import Part, Reply
from validator.findings import Verdict
from validator.models import Called, Message
from validator.models.probing import connect
from validator.models.wire import Server
from validator.repair.asking import (
    Turn,
    asked,
    context_of,
    continued,
    holds_code,
    is_cut,
    may_be_cut,
)
from validator.repair.journal import Journal
from validator.repair.judging import judging
from validator.repair.rounds import Budget, Round, Story
from validator.repair.stopping import best, has_program, why_stop
from validator.repair.wording import Writer

if TYPE_CHECKING:
    from validator.findings import Report
    from validator.models import Answerer, Model

Validate = Callable[[Reply], "Report"]


def repair(
    prompt_or_reply: str | Reply,
    *,
    model: Model | Answerer | str,
    validate: Validate | None = None,
    request: str | None = None,
    is_prompt: bool | None = None,
    budget: Budget | None = None,
    writer: Writer | None = None,
    journal: Journal | None = None,
) -> Story:
    """Validate a reply and have `model` correct it until it passes or there is a reason to stop.

    `prompt_or_reply` is a prompt where it holds no code, unless `is_prompt` says; a reply is then
    asked for first. `model` is an address, any function of a conversation, or a client. `validate`
    mends what needs no model and judges the rest; None starts a validator with the settings of the
    environment. `request` is what the user asked for in the first place, where that is known.

    A reply that is cut is completed before it is judged. A model that goes away ends the story; it
    is never charged to the program.

    Raises:
        ModelUnavailable: when a prompt was given and there is no reply at all.
    """
    reply = prompt_or_reply
    if isinstance(reply, str):
        reply = Reply((Part(reply, "the text given"),))
    with _judge(validate) as judge:
        loop = _Loop(_client(model), judge, budget or Budget(), writer or Writer(), journal)
        try:
            if is_prompt if is_prompt is not None else not holds_code(reply):
                request = "\n".join(part.text for part in reply.parts)
                return loop.run(loop.answered(request), request)
            return loop.run(loop.completed(reply, request), request)
        finally:
            loop.end()


def _client(model: Model | Answerer | str) -> Model:
    if isinstance(model, str):
        name, _, url = model.rpartition("@")
        return connect(Server(url, name)).model
    return model if hasattr(model, "complete") else Called(model)


def _judge(validate: Validate | None) -> AbstractContextManager[Validate]:
    return judging() if validate is None else nullcontext(validate)


class _Loop:
    """What stays the same from round to round."""

    def __init__(
        self,
        model: Model,
        validate: Validate,
        budget: Budget,
        writer: Writer,
        journal: Journal | None,
    ) -> None:
        self._model = model
        self._validate = validate
        self._budget = budget
        self._writer = writer
        self._journal = journal or Journal()
        self._failure: ModelUnavailable | None = None

    def end(self) -> None:
        """Let go of what the journal holds."""
        self._journal.end()

    def answered(self, request: str) -> Round:
        """Return the first round where the user brought a prompt."""
        return self._asked((), request, (Message("user", request),))

    def completed(self, reply: Reply, request: str | None) -> Round:
        """Return the first round where the user brought a reply, cut or whole."""
        self._journal.turn(0)
        turn = Turn((Message("user", self._writer.request(request)),), reply.parts)
        go_on = partial(continued, self._model, turn, self._budget, reply.origin)
        if is_cut(reply.parts):
            return self._judged(reply, None, go_on(self._journal.piece))
        judged = self._judged(reply, None, turn)
        if judged.report.verdict is Verdict.FAILED and may_be_cut(reply.parts):
            return self._judged(reply, None, go_on(self._journal.piece))
        return judged

    def run(self, first: Round, request: str | None) -> Story:
        """Go on from the first round until there is a reason to stop."""
        rounds: tuple[Round, ...] = (first,)
        self._journal.after(self._story(rounds, "still going on", request))
        while (reason := self._reason(rounds)) is None:
            turns = self._conversation(rounds, request)
            try:
                rounds += (self._asked(rounds, turns[-1].text, turns),)
            except ModelUnavailable as failure:
                self._failure = failure
            else:
                self._journal.after(self._story(rounds, "still going on", request))
        story = self._story(rounds, reason, request)
        self._journal.after(story)
        return story

    def _conversation(self, rounds: tuple[Round, ...], request: str | None) -> tuple[Message, ...]:
        """Return what to show the model: a reply without a program never stands for one with it."""
        programs = [each.report for each in rounds if has_program(each.report)]
        last = rounds[-1].report
        return self._writer.conversation(
            programs[-1] if programs else last,
            request,
            context_of(self._model),
            self._budget.reply_tokens,
            once_more=bool(programs) and programs[-1] is not last,
        )

    def _reason(self, rounds: tuple[Round, ...]) -> str | None:
        reason = why_stop(rounds, self._budget)
        if reason is None and self._failure is not None:
            return "the model could not be asked"
        return reason

    def _story(self, rounds: tuple[Round, ...], reason: str, request: str | None) -> Story:
        failure = self._failure if reason == "the model could not be asked" else None
        return Story(rounds, reason, best(rounds), failure, request)

    def _asked(
        self, rounds: tuple[Round, ...], message: str, messages: tuple[Message, ...]
    ) -> Round:
        self._journal.turn(len(rounds), message)
        spent = sum(each.tokens for each in rounds)
        left = replace(self._budget, tokens=max(self._budget.tokens - spent, 1))
        origin = self._journal.origin(len(rounds))
        turn = asked(self._model, Turn(messages), left, origin, self._journal.piece)
        return self._judged(Reply(turn.parts), message, turn)

    def _judged(self, reply: Reply, message: str | None, turn: Turn) -> Round:
        began = time.monotonic()
        self._failure = turn.failure
        reply = replace(reply, parts=turn.parts)
        report = self._validate(reply)
        # A piece brought back from a journal took its time when it was made.
        asking = sum(piece.seconds for piece in turn.pieces)
        return Round(reply, report, message, turn.pieces, asking + time.monotonic() - began)
