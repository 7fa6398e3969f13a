"""What a repair is made of: rounds, the pieces their replies came in, and what may be spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from validator.models import MAX_TOKENS

if TYPE_CHECKING:
    from validator.errors import ModelUnavailable
    from validator.facts import Reply
    from validator.findings import Report
    from validator.models import Completion

How = Literal["asked", "continued", "asked again"]
CHARACTERS_A_TOKEN = 3
"""Of code; tokenizers seen make 3 to 4. Fewer is the safe side: a prompt is taken for longer."""


def tokens_in(text: str) -> int:
    """Return about how many tokens `text` is, rather too many than too few."""
    return len(text.encode(errors="replace")) // CHARACTERS_A_TOKEN + 1


@dataclass(frozen=True, slots=True)
class Budget:
    """What one repair may spend."""

    rounds: int = 4
    """Times the model is asked to correct; what four do not mend, more rarely do."""
    tokens: int = 65_536
    """What the model may write in all."""
    seconds: float = 3600.0
    """Of wall time, looked at between rounds."""
    reply_tokens: int = MAX_TOKENS
    """The bound sent with each request."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one request brought: a reply, or a stretch of one that was cut."""

    completion: Completion
    how: How
    seconds: float = 0.0

    @property
    def tokens(self) -> int:
        """What the model wrote, as its server counted or as its length suggests."""
        counted = self.completion.usage.completion_tokens
        return tokens_in(self.completion.text) if counted is None else counted


@dataclass(frozen=True, slots=True)
class Round:
    """One reply, what validating it showed, and how it was asked for."""

    reply: Reply
    report: Report
    message: str | None = None
    """The message that asked for this reply; None for the one the user brought."""
    pieces: tuple[Piece, ...] = ()
    """Every request made for it, in order; none for a whole reply that the user brought."""
    seconds: float = 0.0
    """From the first request to the report."""

    @property
    def completion(self) -> Completion | None:
        """How the model's turn ended; None where it was not asked."""
        return self.pieces[-1].completion if self.pieces else None

    @property
    def tokens(self) -> int:
        """What the model wrote for it, what was thrown away included."""
        return sum(piece.tokens for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Story:
    """All rounds in order, and why there is no further one."""

    rounds: tuple[Round, ...]
    stopped_because: str
    best: Round
    """The furthest any reply came; the earliest of equals, so never worse than the first."""
    failure: ModelUnavailable | None = None
    """Why the model could not be asked again; what was learned before it is all here."""
    request: str | None = None
    """What the user asked the model for in the first place, where that is known."""
