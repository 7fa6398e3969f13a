"""The frame of every page: one file that needs no network and runs one script of ours."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from validator.reporters.html.markup import Markup, Node, element, escaped, joined

_DOCUMENT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Reply Validator">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
<script>{script}</script>
</head>
<body>
{body}
</body>
</html>
"""


def document(title: str, *body: Node, script: str) -> str:
    """Return a whole page; `script` names the one of `assets/` that moves it.

    The policy lets in that script and the style sheet by their hashes and pictures from inside the
    page, and nothing else: what a reply might smuggle in would have neither hash nor address.
    """
    style, code = _asset("page.css"), _asset("theme.js") + _asset(script)
    policy = (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(code)}'"
    )
    return _DOCUMENT.format(
        policy=policy,
        title=escaped(title),
        style=style,
        script=code,
        body=joined(body).html,
    )


def bar(*navigation: Node) -> Markup:
    """Return the strip at the top of a page: where to go, and the choice of colours."""
    return joined(
        (
            element("a", "Skip to the verdict", class_="skip", href="#verdict"),
            element(
                "header",
                element("span", "Reply Validator", class_="brand"),
                element("nav", *navigation, aria_label="Sections") if navigation else None,
                # Without the script it would do nothing, and so is not shown.
                element("button", "Colours: system", type="button", id="theme", class_="scripted"),
                class_="bar",
            ),
        )
    )


@cache
def _asset(name: str) -> str:
    path = files(__package__).joinpath("assets", name)
    return "\n" + path.read_text(encoding="utf-8").replace("\r\n", "\n")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
