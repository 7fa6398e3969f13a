"""Model servers: one thin client a wire dialect, all returning text and why it stopped.

`wire` streams a reply within its limits; a dialect says what to send and what an event means;
`probing` finds out which one a server speaks; `continuing` takes up a reply that was cut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from validator.facts import Stop

__all__ = [
    "MAX_TOKENS",
    "Answerer",
    "Called",
    "Completion",
    "Message",
    "Model",
    "Prefills",
    "Usage",
]

MAX_TOKENS = 4096
"""The bound on one reply unless told otherwise: a program of some 400 lines."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them; None where it did not say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote in one go, and why it stopped."""

    text: str
    stop: Stop
    detail: str = ""
    """The server's own word for the stop, or what broke off: `length`, `the stream was silent`."""
    usage: Usage = field(default_factory=Usage)
    exact: bool = False
    """True where it goes on at the very character the text it continues ended with."""


class Model(Protocol):
    """Whatever can be asked."""

    def complete(
        self, messages: tuple[Message, ...], *, max_tokens: int = MAX_TOKENS
    ) -> Completion:
        """Return the model's next turn; a reply that was cut is a `Completion` all the same.

        Raises:
            ModelUnavailable: when there is no reply at all.
        """


@runtime_checkable
class Prefills(Protocol):
    """A model whose server may take up a turn of its own that was cut."""

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = MAX_TOKENS
    ) -> Completion | None:
        """Return what comes after `so_far`, or None where this server cannot be asked that way.

        An echo of `so_far` is taken off. `exact` says whether the server is known to go on at the
        character, and not to begin anew.

        Raises:
            ModelUnavailable: when there is no reply at all.
        """


Answerer = Callable[[tuple[Message, ...]], "str | Completion"]
"""Any function of a conversation: what the library takes for a model, too."""


@dataclass(frozen=True, slots=True)
class Called:
    """A plain function as a model; what it returns as a string stopped for no known reason."""

    answer: Answerer

    def complete(
        self, messages: tuple[Message, ...], *, max_tokens: int = MAX_TOKENS
    ) -> Completion:
        """Return what the function says to `messages`."""
        del max_tokens  # a bound is nothing it could heed
        said = self.answer(messages)
        return said if isinstance(said, Completion) else Completion(said, Stop.UNKNOWN)
