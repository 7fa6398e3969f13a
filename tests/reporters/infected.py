"""A report with the same text in every field that holds any: what a page has to survive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

PAYLOADS = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "</style><script>window.hacked=1</script>",
    "</title></textarea></select></svg><script>window.hacked=1</script>",
    "<!--<script>window.hacked=1</script>--><![CDATA[<script>window.hacked=1</script>]]>",
    "<img src=x onerror=window.hacked=1>",
    "<svg onload=window.hacked=1><animate onbegin=window.hacked=1></svg>",
    '" autofocus onfocus="window.hacked=1" onmouseover="window.hacked=1" x="',
    "' autofocus onfocus='window.hacked=1' x='",
    "[a](javascript:window.hacked=1) javascript:window.hacked=1",
    "<a href=javascript:window.hacked=1>a</a><base href=//example.invalid/>",
    '<meta http-equiv=refresh content="0;url=https://example.invalid/">',
    "<iframe srcdoc='<script>top.hacked=1</script>'></iframe><form action=//example.invalid>",
    "<link rel=stylesheet href=//example.invalid/x.css><style>*{display:none}</style>",
    "</code></pre></div></li></ol></section></main></body></html>",
    "&lt;script&gt;&#60;script&#62; {{7*7}} ${7*7} {policy} %s",
    "\u202egnp.exe \u2066isolated \u200fright",
    "\x1b[2J\x1b]0;title\x07\x00\x08\x0c\x85\u2028\u2029\ufeff",
    "one\ntwo\r\nthree\rfour",
    "Z\u0351\u036b\u0343\u036a\u0302" * 30,
    "x" * 3000,
    "\ud800 \U0001f9d1\u200d\U0001f680 `unclosed `` ticks ``` here",
)


def infected(value: Any, payload: str) -> Any:
    """Return `value` with `payload` at the end of every text and of all bytes in it."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return value + payload
    if isinstance(value, bytes):
        return value + payload.encode("utf-8", "surrogatepass")
    if isinstance(value, tuple):
        return tuple(infected(each, payload) for each in value)
    if isinstance(value, Mapping):
        return {key: infected(each, payload) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: infected(getattr(value, each.name), payload) for each in fields(value)
        }
        return replace(value, **changed)
    return value
