"""Reports as pages: one self-contained file each, and an index over many.

A page asks nothing of any network, runs one script of ours and nothing of the reply's, and loses
nothing but comfort without that script.
"""

from __future__ import annotations

from validator.reporters.html.overview import index
from validator.reporters.html.report import page

__all__ = ["index", "page"]
