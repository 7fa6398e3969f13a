"""A repair on disk as it happens: what was asked, what came, what it came to; and back again.

    DIR/run.json                 what was begun: the reply's digest, the model
    DIR/story.md                 all of it to read, written anew after every round
    DIR/round-01/message.md      what the model was sent
    DIR/round-01/answer-1.json   what came, why it stopped, tokens, seconds; -2 where it was cut
    DIR/round-01/reply.md        the reply, reply-2.md and on where it has several parts
    DIR/round-01/report.json     the report, by the published schema
    DIR/round-01/round.json      seconds and tokens of the round
    DIR/best/                    the program that came furthest
    DIR/run.lock                 held by the process that writes here

A file is either there whole or not at all. Only the answers are ever read back: a loop that is
begun again in the same folder is given them in their order, does the judging anew, and so comes to
where it was. That is what going on after a kill is, and replaying without a model.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from validator.errors import ModelUnavailable, UsageError
from validator.facts import Stop
from validator.models import MAX_TOKENS, Completion, Usage
from validator.repair.rounds import Piece
from validator.repair.telling import tell
from validator.reporters import json as json_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from validator.facts import Reply
    from validator.findings import Report
    from validator.models import Message
    from validator.repair.rounds import How, Round, Story

_RUN = "run.json"
_LOCK = "run.lock"
MAX_ANSWER_BYTES = 64 * 1024 * 1024


class Journal:
    """Writes a repair to a folder, and gives back what an earlier one there was answered."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        answers: Path | None = None,
        keep: Callable[[Report], None] | None = None,
    ) -> None:
        """Write to `folder`, nowhere if None; bring answers back from `answers`, if it is given.

        `keep` is called with the report of the best reply so far, whenever that is another.
        """
        self._keep = keep
        self._kept: Report | None = None
        self._folder = folder
        self._answers = answers
        self._round = 0
        self._number = 0
        self._held: BinaryIO | None = None

    def begin(
        self, reply: Reply, model: str, context_tokens: int | None, *, continues: bool
    ) -> None:
        """Begin a run on `reply`, or go on with the one that the folder holds.

        Raises:
            UsageError: when the folder holds another run, another process is writing to it, or it
            cannot be written to.
        """
        if self._folder is None:
            return
        self._held = _locked(self._folder)
        digest = hashlib.sha256(
            "\f".join(part.text for part in reply.parts).encode(errors="replace")
        )
        begun = _loaded(self._folder / _RUN)
        if begun is not None and begun.get("reply_sha256") != digest.hexdigest():
            raise UsageError(
                f"{self._folder} holds the run of another reply; name another --run-dir"
            )
        self._write(
            _RUN,
            _as_json(
                {
                    "version": 1,
                    "reply": reply.origin,
                    "reply_sha256": digest.hexdigest(),
                    "model": model,
                    "context_tokens": context_tokens,
                    "continues": continues,
                }
            ),
        )

    def end(self) -> None:
        """Let go of the folder, for the next that goes on with it."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def origin(self, number: int) -> str:
        """Return what a round's reply is called: the file it is kept in, where it is kept."""
        if self._folder is None:
            return f"round {number}"
        return str(self._folder / f"round-{number:02}" / "reply.md")

    def turn(self, number: int, message: str | None = None) -> None:
        """Begin a round, with what the model is about to be sent; None where it is sent nothing."""
        self._round, self._number = number, 0
        if message is not None:
            self._write(f"{self._name}/message.md", self._sent() or message)

    def _sent(self) -> str | None:
        """Return what was sent when this round's answer came, which stays as it was sent."""
        if self._answers is None or self._brought_back(1) is None:
            return None
        try:
            return (self._answers / self._name / "message.md").read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def piece(self, how: How, call: Callable[[], Completion]) -> Piece:
        """Make one request and keep what came, or bring back what came when it was made before.

        Raises:
            ModelUnavailable: when it is made, and there is no reply.
        """
        self._number += 1
        piece = self._brought_back(self._number)
        if piece is None:
            began = time.monotonic()
            completion = call()
            piece = Piece(completion, how, time.monotonic() - began)
        self._write(f"{self._name}/answer-{self._number}.json", _as_json(asdict(piece)))
        return piece

    def after(self, story: Story) -> None:
        """Keep the last round of `story`, and the story so far."""
        if self._keep is not None and story.best.report is not self._kept:
            self._kept = story.best.report
            self._keep(self._kept)
        if self._folder is None:
            return
        number, last = len(story.rounds) - 1, story.rounds[-1]
        folder = f"round-{number:02}"
        for index, part in enumerate(last.reply.parts, start=1):
            self._write(f"{folder}/reply{'' if index == 1 else f'-{index}'}.md", part.text)
        self._write(f"{folder}/round.json", _as_json(_figures(last)))
        self._write(f"{folder}/report.json", json_report.render(last.report))
        self._write("story.md", tell(story))

    @property
    def _name(self) -> str:
        return f"round-{self._round:02}"

    def _brought_back(self, number: int) -> Piece | None:
        if self._answers is None:
            return None
        path = self._answers / self._name / f"answer-{number}.json"
        said = _loaded(path)
        try:
            return None if said is None else _piece(said)
        except (KeyError, TypeError, ValueError):
            raise UsageError(f"{path} is not an answer that was kept here") from None

    def _write(self, name: str, text: str) -> None:
        if self._folder is None:
            return
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_name(path.name + ".unfinished")
            unfinished.write_bytes(text.encode(errors="replace"))
            unfinished.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from None


def _locked(folder: Path) -> BinaryIO:
    """Take a folder for this process alone, until it ends: a kill lets go of it as well.

    Raises:
        UsageError: when another process has it, or nothing can be written there.
    """
    path = folder / _LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = path.open("ab")
    except OSError as error:
        raise _unwritable(path, error) from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise UsageError(
            f"another repair is writing to {folder}; wait for it, or name another --run-dir"
        ) from None
    except OSError:
        pass  # a file system without locks: there nobody can know
    return held


def _unwritable(path: Path, error: OSError) -> UsageError:
    reason = error.strerror or os.strerror(error.errno or 0)
    return UsageError(f"{path} cannot be written: {reason}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """The model of a run that is replayed: it has said all it will say."""

    folder: Path
    words: str
    """Who was asked, and how."""
    context_tokens: int | None
    continues: bool
    """Whether its server took up what was cut; what is asked for depends on it."""

    def complete(
        self, messages: tuple[Message, ...], *, max_tokens: int = MAX_TOKENS
    ) -> Completion:
        """Say that there is nothing more.

        Raises:
            ModelUnavailable: always; answers that were kept are brought back by the journal.
        """
        del messages, max_tokens
        raise ModelUnavailable(
            f"the run kept in {self.folder} was answered no further",
            remedy="go on with a model: --model URL",
        )

    def prefill(
        self, messages: tuple[Message, ...], so_far: str, *, max_tokens: int = MAX_TOKENS
    ) -> Completion | None:
        """Say that there is nothing more.

        Raises:
            ModelUnavailable: always.
        """
        del so_far
        return self.complete(messages, max_tokens=max_tokens)


def recorded(folder: Path) -> Recorded:
    """Return the model of the run that `folder` holds.

    Raises:
        UsageError: when it holds none.
    """
    begun = _loaded(folder / _RUN)
    if begun is None:
        raise UsageError(f"{folder} holds no run: there is no {_RUN} in it")
    context = begun.get("context_tokens")
    return Recorded(
        folder,
        str(begun.get("model", "")),
        context if isinstance(context, int) else None,
        begun.get("continues") is True,
    )


def _figures(last: Round) -> dict[str, Any]:
    prompts = (piece.completion.usage.prompt_tokens for piece in last.pieces)
    return {
        "verdict": last.report.verdict.value,
        "seconds": {
            "total": round(last.seconds, 3),
            "model": round(sum(piece.seconds for piece in last.pieces), 3),
            "validation": round(last.report.seconds.total, 3),
        },
        "tokens": {"prompt": sum(filter(None, prompts)), "completion": last.tokens},
        "answers": [
            {
                "how": piece.how,
                "stop": piece.completion.stop.value,
                "detail": piece.completion.detail,
                "exact": piece.completion.exact,
                "characters": len(piece.completion.text),
            }
            for piece in last.pieces
        ],
    }


def _piece(said: dict[str, Any]) -> Piece:
    completion = said["completion"]
    return Piece(
        Completion(
            str(completion["text"]),
            Stop(completion["stop"]),
            str(completion["detail"]),
            Usage(**completion["usage"]),
            completion["exact"] is True,
        ),
        said["how"],
        float(said["seconds"]),
    )


def _as_json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _loaded(path: Path) -> dict[str, Any] | None:
    """Return the JSON object of a file, or None where there is no such file.

    Raises:
        UsageError: when it holds something else.
    """
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(MAX_ANSWER_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {type(error).__name__}") from None
    if not isinstance(said, dict):
        raise UsageError(f"{path} is not what was kept here")
    return said
