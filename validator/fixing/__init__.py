"""Mending without a model: fixes are made, judged again, and kept only where nothing is the worse.

`mended` is all the command line needs. `editing` makes the edits of one pass, `diffs` shows them,
`settling` goes on until nothing is left to fix. Pure: whoever calls brings the judges.
"""

from __future__ import annotations

from validator.fixing.editing import Fixed, apply
from validator.fixing.mending import mended
from validator.fixing.settling import MAX_PASSES, Settled, settle

__all__ = ["MAX_PASSES", "Fixed", "Settled", "apply", "mended", "settle"]
