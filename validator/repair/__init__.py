"""The repair loop: report → message → model → the next reply, until there is a reason to stop.

`loop` runs it; `stopping` decides, purely, whether to go on and which round was best; `asking` has
one turn of the model, cut or whole; `journal` keeps everything on disk as it happens; `telling`
makes one Markdown story of it.
"""

from __future__ import annotations

from validator.repair.asking import holds_code
from validator.repair.journal import Journal, recorded
from validator.repair.keeping import is_another_program
from validator.repair.loop import repair
from validator.repair.rounds import Budget, Piece, Round, Story
from validator.repair.stopping import best, fingerprints, why_stop
from validator.repair.telling import tell

__all__ = [
    "Budget",
    "Journal",
    "Piece",
    "Round",
    "Story",
    "best",
    "fingerprints",
    "holds_code",
    "is_another_program",
    "recorded",
    "repair",
    "tell",
    "why_stop",
]
