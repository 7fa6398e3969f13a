"""What the model is shown: the request, the program as it now stands, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from validator.models import Message
from validator.repair.rounds import CHARACTERS_A_TOKEN, tokens_in
from validator.reporters import prompt
from validator.reporters.untrusted import fenced

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.facts import Submission
    from validator.findings import Report

BESIDES_TOKENS = 256
"""What a reply takes besides a program a quarter longer than the one there is."""
LEAST_CHARACTERS = 1200
"""What one fault with its lines takes; a message is never squeezed below it."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Words a conversation, from a template that may be the user's."""

    template: prompt.Template = field(default_factory=prompt.template)
    render: Callable[[Report], str] | None = None
    """Another way to word the message; None takes the template."""

    def request(self, request: str | None) -> str:
        """Return the user's request, or a plain one: some chat templates refuse to do without."""
        return request or self.template.wording("request")

    def conversation(
        self,
        report: Report,
        request: str | None,
        context_tokens: int | None,
        reply_tokens: int,
        *,
        once_more: bool = False,
    ) -> tuple[Message, ...]:
        """Return what the model is shown: nothing older than the program as it stands.

        The program is the one the message's line numbers count in: stitched and mended. Where the
        size of the context is known, the message is cut to what it leaves. `once_more` says that
        the model was told so before, and sent no program.
        """
        asked, stands = self.request(request), program(report.submission)
        render = self.render or partial(prompt.render, template=self.template)
        if self.render is None and context_tokens is not None:
            reserved = min(reply_tokens, tokens_in(stands) * 5 // 4 + BESIDES_TOKENS)
            left = context_tokens - reserved - tokens_in(asked) - tokens_in(stands)
            characters = max(left * CHARACTERS_A_TOKEN, LEAST_CHARACTERS)
            render = partial(prompt.render, template=self.template, characters=characters)
        message = render(report)
        if once_more:
            message = f"{self.template.wording('once-more')}\n\n{message}"
        return (
            Message("user", asked),
            Message("assistant", stands),
            Message("user", message),
        )


def program(submission: Submission) -> str:
    """Return the program as the model should have sent it, or its own words where there is none."""
    if not submission.files:
        return "\n".join(part.text for part in submission.reply.parts)
    shown = [
        f"{file.path}\n\n{fenced(file.text.rstrip(), _language(file.path))}"
        for file in submission.files
    ]
    lines = "\n".join(dict.fromkeys(line.text for line in submission.requirements))
    if lines:
        shown.append(f"requirements.txt\n\n{fenced(lines)}")
    return "\n\n".join(shown) + "\n"


def _language(path: str) -> str:
    return "python" if path.endswith((".py", ".pyw")) else ""
