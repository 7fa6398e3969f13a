"""One module a verb of the command line: `parser()` has its flags, `run(options)` obeys them."""

from __future__ import annotations

VERBS = ("batch", "extract", "repair", "explain", "rules", "doctor", "cache", "completion")
"""All but `validate`, which needs no word; each is a module here and imported when it is asked."""
