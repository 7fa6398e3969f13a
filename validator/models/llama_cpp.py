"""llama.cpp's own `/completion`: a raw prompt, and the one route that tells all reasons to stop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from validator.facts import Stop
from validator.models import MAX_TOKENS
from validator.models.openai_chat import turns
from validator.models.openai_completions import TURN_ENDS, as_text
from validator.models.wire import Dialect

if TYPE_CHECKING:
    from validator.models import Completion, Message
    from validator.models.wire import Arriving, Server

PATH = "/completion"
_STOPS = {
    "eos": Stop.COMPLETE,
    "word": Stop.COMPLETE,
    "limit": Stop.LIMIT,
    "context": Stop.CONTEXT,
}


@dataclass(frozen=True)
class LlamaCpp:
    """A model behind llama.cpp's native endpoint."""

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
        return self._ask(self._prompt(messages), max_tokens)

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = MAX_TOKENS
    ) -> Completion | None:
        """Return what comes after `so_far`: a raw prompt that ends with it is gone on with.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        return replace(self._ask(self._prompt(messages) + so_far, max_tokens), exact=True)

    def _prompt(self, messages: tuple[Message, ...]) -> str:
        """Return the conversation in the model's own template, or in a plain one of ours."""
        said = self.server.question("POST", "/apply-template", {"messages": turns(messages)})
        prompt = said.get("prompt") if isinstance(said, dict) else None
        return prompt if isinstance(prompt, str) and prompt else as_text(messages)

    def _ask(self, prompt: str, max_tokens: int) -> Completion:
        body = {
            "prompt": prompt,
            "n_predict": max_tokens,  # -1, its default, runs to the end of the context
            "stop": list(TURN_ENDS),
            "stream": True,
            "cache_prompt": True,
        }
        return self.server.ask(self.path, body, Dialect(_take, _STOPS), self.server.bearer)


def _take(said: dict[str, Any], arriving: Arriving) -> None:
    arriving.words(said.get("content"))
    if said.get("stop") is True:
        arriving.ended = True  # there is no [DONE] on this route
        arriving.counted(said.get("tokens_evaluated"), said.get("tokens_predicted"))
        arriving.stopped(_reason(said))


def _reason(said: dict[str, Any]) -> str | None:
    """Return why it stopped; servers before 2025 say it in three booleans."""
    if said.get("truncated") is True:
        return "context"
    kind = said.get("stop_type")
    if isinstance(kind, str):
        return kind if kind != "none" else None
    return next((name for name in ("limit", "eos", "word") if said.get(f"stopped_{name}")), None)
