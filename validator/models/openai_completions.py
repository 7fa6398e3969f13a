"""The completions dialect of OpenAI: a raw prompt, for servers and models without a chat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.models import MAX_TOKENS
from validator.models.openai_chat import STOPS, context_told_from_limit, take
from validator.models.wire import Dialect

if TYPE_CHECKING:
    from validator.models import Completion, Message
    from validator.models.wire import Server

PATH = "/v1/completions"
TURN_ENDS = ("\n### Instruction:", "\n### Response:")
_HEADS = {"system": "", "user": "### Instruction:\n", "assistant": "### Response:\n"}


@dataclass(frozen=True)
class OpenAICompletions:
    """A model behind an OpenAI-compatible completions endpoint."""

    server: Server
    path: str = PATH
    context_tokens: int | None = None
    """The size of the model's context, where the server told."""

    def complete(
        self, messages: tuple[Message, ...], *, max_tokens: int = MAX_TOKENS
    ) -> Completion:
        """Return the model's next turn, whole or as far as it came.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        return self._ask(as_text(messages), max_tokens)

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = MAX_TOKENS
    ) -> Completion | None:
        """Return what comes after `so_far`: a raw prompt that ends with it is gone on with.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        return replace(self._ask(as_text(messages) + so_far, max_tokens), exact=True)

    def _ask(self, prompt: str, max_tokens: int) -> Completion:
        body = {
            "model": self.server.name or "default",
            "prompt": prompt,
            # Both llama-cpp-python and vLLM stop after 16 tokens where this is left out.
            "max_tokens": max_tokens,
            "stop": list(TURN_ENDS),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        said = self.server.ask(self.path, body, Dialect(take, STOPS), self.server.bearer)
        return context_told_from_limit(said, max_tokens)


def as_text(messages: tuple[Message, ...]) -> str:
    """Return a conversation as one text that ends where the model's next turn begins.

    The headings are Alpaca's, which instruction models without a template of their own know best.
    """
    shown = [f"{_HEADS[each.role]}{each.text}\n\n" for each in messages]
    return "".join(shown) + _HEADS["assistant"]
