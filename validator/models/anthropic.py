"""Anthropic's messages, as its own service, llama.cpp, Ollama and LM Studio speak them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from validator.facts import Stop
from validator.models import MAX_TOKENS
from validator.models.continuing import without_echo
from validator.models.openai_chat import turns
from validator.models.refusing import Refused
from validator.models.wire import Dialect

if TYPE_CHECKING:
    from validator.models import Completion, Message
    from validator.models.wire import Arriving, Server

PATH = "/v1/messages"
VERSION = "2023-06-01"
_STOPS = {
    "end_turn": Stop.COMPLETE,
    "stop_sequence": Stop.COMPLETE,
    "tool_use": Stop.COMPLETE,
    "max_tokens": Stop.LIMIT,
    "model_context_window_exceeded": Stop.CONTEXT,
    "refusal": Stop.ERROR,
    "pause_turn": Stop.INTERRUPTED,
}


@dataclass(frozen=True)
class Anthropic:
    """A model behind an Anthropic-shaped messages endpoint."""

    server: Server
    path: str = PATH
    context_tokens: int | None = None
    """The size of the model's context, where the user told."""

    def complete(
        self, messages: tuple[Message, ...], *, max_tokens: int = MAX_TOKENS
    ) -> Completion:
        """Return the model's next turn, whole or as far as it came.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        return self._ask(messages, [], max_tokens)

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = MAX_TOKENS
    ) -> Completion | None:
        """Return what comes after `so_far`, or None where the model refuses to take it up.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        # A last turn that ends in white space is refused; where it was cut there, it is written
        # once more.
        given = so_far.rstrip()
        try:
            said = self._ask(messages, [{"role": "assistant", "content": given}], max_tokens)
        except Refused as refusal:
            if refusal.status == 400:
                return None
            raise
        return without_echo(said, given, so_far[len(given) :])

    def _ask(
        self, messages: tuple[Message, ...], last: list[dict[str, str]], max_tokens: int
    ) -> Completion:
        system = "\n\n".join(each.text for each in messages if each.role == "system")
        spoken = tuple(each for each in messages if each.role != "system")
        body: dict[str, Any] = {
            "model": self.server.name or "default",
            "max_tokens": max_tokens,
            "messages": [*turns(spoken), *last],
            "stream": True,
        }
        if system:
            body["system"] = system
        headers = {"anthropic-version": VERSION}
        if self.server.api_key:
            headers["x-api-key"] = self.server.api_key
        return self.server.ask(self.path, body, Dialect(_take, _STOPS), headers)


def _take(said: dict[str, Any], arriving: Arriving) -> None:
    match said.get("type"):
        case "message_start":
            _count(_inside(said, "message"), arriving)
        case "content_block_delta":
            arriving.words(_inside(said, "delta").get("text"))
        case "message_delta":
            arriving.stopped(_inside(said, "delta").get("stop_reason"))
            _count(said, arriving)
        case "message_stop":
            arriving.ended = True
        case "message":  # a server that does not stream
            blocks = said.get("content")
            for block in blocks if isinstance(blocks, list) else []:
                arriving.words(block.get("text") if isinstance(block, dict) else None)
            arriving.stopped(said.get("stop_reason"))
            _count(said, arriving)


def _inside(said: dict[str, Any], name: str) -> dict[str, Any]:
    inner = said.get(name)
    return inner if isinstance(inner, dict) else {}


def _count(said: dict[str, Any], arriving: Arriving) -> None:
    usage = _inside(said, "usage")
    arriving.counted(usage.get("input_tokens"), usage.get("output_tokens"))
