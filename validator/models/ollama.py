"""Ollama's own chat: lines of JSON, the last of which may fail to say why it is the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from validator.facts import Stop
from validator.models import MAX_TOKENS
from validator.models.continuing import without_echo
from validator.models.openai_chat import turns
from validator.models.wire import Dialect

if TYPE_CHECKING:
    from validator.models import Completion, Message
    from validator.models.wire import Arriving, Server

PATH = "/api/chat"
_STOPS = {"stop": Stop.COMPLETE, "length": Stop.LIMIT}


@dataclass(frozen=True)
class Ollama:
    """A model behind Ollama's native chat endpoint."""

    server: Server
    path: str = PATH
    context_tokens: int | None = None
    """The context asked for; None leaves it to the server, which goes by its video memory."""

    def complete(
        self, messages: tuple[Message, ...], *, max_tokens: int = MAX_TOKENS
    ) -> Completion:
        """Return the model's next turn, whole or as far as it came.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        return self._ask(turns(messages), max_tokens)

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = MAX_TOKENS
    ) -> Completion | None:
        """Return what comes after `so_far`.

        Whether a trailing turn is taken up depends on the model's renderer, so what comes is never
        said to be exact.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        asked = [*turns(messages), {"role": "assistant", "content": so_far}]
        return without_echo(self._ask(asked, max_tokens), so_far, exact=False)

    def _ask(self, asked: list[dict[str, str]], max_tokens: int) -> Completion:
        options: dict[str, Any] = {"num_predict": max_tokens}
        if self.context_tokens:
            options["num_ctx"] = self.context_tokens
        body = {
            "model": self.server.name,
            "messages": asked,
            "options": options,
            "stream": True,
            # Else the oldest messages are dropped without a word (ollama#3839).
            "truncate": False,
        }
        return self.server.ask(self.path, body, Dialect(_take, _STOPS), self.server.bearer)


def _take(said: dict[str, Any], arriving: Arriving) -> None:
    turn = said.get("message")
    arriving.words(turn.get("content") if isinstance(turn, dict) else said.get("response"))
    if said.get("done") is True:
        arriving.ended = True
        arriving.counted(said.get("prompt_eval_count"), said.get("eval_count"))
        # A runner that died is told by a missing reason: then the reply was cut.
        arriving.stopped(said.get("done_reason"))
