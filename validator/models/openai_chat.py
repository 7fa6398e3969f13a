"""OpenAI's chat dialect, as llama.cpp, llama-cpp-python, vLLM, LM Studio and Ollama speak it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from validator.facts import Stop
from validator.models import MAX_TOKENS
from validator.models.continuing import without_echo
from validator.models.refusing import Refused
from validator.models.wire import Dialect

if TYPE_CHECKING:
    from validator.models import Completion, Message
    from validator.models.wire import Arriving, Server

PATH = "/v1/chat/completions"
STOPS = {
    "stop": Stop.COMPLETE,
    "tool_calls": Stop.COMPLETE,
    "function_call": Stop.COMPLETE,
    "length": Stop.LIMIT,
    "content_filter": Stop.ERROR,
}


@dataclass(frozen=True)
class OpenAIChat:
    """A model behind an OpenAI-compatible chat endpoint."""

    server: Server
    path: str = PATH
    context_tokens: int | None = None
    """The size of the model's context, where the server told."""
    continues: Literal["", "trailing", "flagged"] = ""
    """How a cut turn is taken up: sent last (llama.cpp), with vLLM's flags, or not at all."""

    def complete(
        self, messages: tuple[Message, ...], *, max_tokens: int = MAX_TOKENS
    ) -> Completion:
        """Return the model's next turn, whole or as far as it came.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        return self._ask(turns(messages), max_tokens, {})

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = MAX_TOKENS
    ) -> Completion | None:
        """Return what comes after `so_far`, or None where this server starts over instead.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        if not self.continues:
            return None
        flags = {"add_generation_prompt": False, "continue_final_message": True}
        more = flags if self.continues == "flagged" else {}
        asked = [*turns(messages), {"role": "assistant", "content": so_far}]
        # llama.cpp repeats what it was given, whatever `echo` says (seen with b11434).
        return without_echo(self._ask(asked, max_tokens, more), so_far)

    def _ask(
        self, asked: list[dict[str, str]], max_tokens: int, more: dict[str, Any]
    ) -> Completion:
        body = {
            "model": self.server.name or "default",
            "messages": asked,
            # Never left out: servers' own defaults run from 16 tokens to the end of the context.
            "max_tokens": max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            **more,
        }
        dialect = Dialect(take, STOPS)
        try:
            said = self.server.ask(self.path, body, dialect, self.server.bearer)
        except Refused as refusal:
            if refusal.status != 400 or "max_completion_tokens" not in refusal.said:
                raise
            # OpenAI's newer models refuse the old name; llama-cpp-python and Ollama know no other.
            body["max_completion_tokens"] = body.pop("max_tokens")
            said = self.server.ask(self.path, body, dialect, self.server.bearer)
        return context_told_from_limit(said, max_tokens)


def turns(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    """Return `messages` as most servers take them."""
    return [{"role": each.role, "content": each.text} for each in messages]


def take(said: dict[str, Any], arriving: Arriving) -> None:
    """Enter one event; a chat's words stand in `delta`, a completion's in `text`."""
    usage = said.get("usage")
    if isinstance(usage, dict):
        arriving.counted(usage.get("prompt_tokens"), usage.get("completion_tokens"))
    choices = said.get("choices")
    # The chunk that carries the usage has no choices at all.
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        return
    first = choices[0]
    turn = first.get("delta") or first.get("message")
    arriving.words(turn.get("content") if isinstance(turn, dict) else first.get("text"))
    arriving.stopped(first.get("finish_reason"))


def context_told_from_limit(said: Completion, max_tokens: int) -> Completion:
    """Return `said`, its stop put right where the server has one word for two reasons.

    llama.cpp says `length` for a full context too (ggml-org/llama.cpp PR #28711, open in 2026-11);
    a reply shorter than the limit asked for cannot have reached that limit.
    """
    written = said.usage.completion_tokens
    if said.stop is Stop.LIMIT and written is not None and written < max_tokens:
        return replace(said, stop=Stop.CONTEXT)
    return said
