"""Which pages to ask an app for: those its code names, its own table, its OpenAPI description.

Parameters get plain values; a body is made of the schema that describes it, where there is one.
"""

from __future__ import annotations

import json
import re

MAX_REQUESTS = 24
MAX_DEPTH = 6
_OF_GRADIO = "/gradio_api"
_PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>|\{(\w+)(?::\w+)?\}")
_SAMPLES = {"int": "1", "float": "1.5", "uuid": "12345678-1234-5678-1234-567812345678"}
_NUMBERS = re.compile(r"id$|^(?:n|num|number|count|page|index|year|limit|a|b|x|y)$", re.IGNORECASE)
_TYPED = {"integer": 1, "number": 1.5, "boolean": True, "null": None, "string": "sample"}
_FORMATS = {
    "email": "alice@example.com", "date": "2024-05-17", "date-time": "2024-05-17T10:30:00Z",
    "time": "10:30:00", "uri": "https://example.com", "uuid": _SAMPLES["uuid"],
}  # fmt: skip


def requests(known: list, described: list) -> list:
    """Return `(method, path, body)` of every request worth making, the front page first.

    `known` are paths; `described` are requests an app's own table or description names, and they
    keep its order.
    """
    named = {(method, path): body for method, path, body in described}
    found = {("GET", "/"): named.get(("GET", "/"), b"")}
    for path in known:
        if ("GET", path) not in named:
            found.setdefault(("GET", path), b"")
    for request, body in named.items():
        found.setdefault(request, body)
    return [(method, path, body) for (method, path), body in found.items()][:MAX_REQUESTS]


def of_app(app: object) -> list:
    """Return the requests an app in this process describes."""
    return [*_of_flask(app), *_of_fastapi(app)]


def _of_flask(app: object) -> list:
    rules = getattr(getattr(app, "url_map", None), "iter_rules", None)
    if rules is None:
        return []
    return [
        ("GET", _PARAMETER.sub(_sample, rule.rule), b"")
        for rule in rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    ]


def _sample(match: re.Match) -> str:
    name = match[2] or match[3]
    return _SAMPLES.get(match[1]) or ("1" if _NUMBERS.search(name) else "sample")


def _of_fastapi(app: object) -> list:
    try:
        return from_openapi(app.openapi())
    except Exception:
        return []  # it has no description, or none that can be made; its pages are asked for anyway


def from_openapi(document: dict) -> list:
    """Return the requests an OpenAPI document describes, as a person tries them out.

    Pages without parameters first; then what makes a thing, so that asking for one finds it; what
    takes it away last.
    """
    found = []
    paths = document.get("paths", {})
    if any(path.startswith(_OF_GRADIO) for path in paths):
        return []  # what it describes is Gradio's own, and none of the program's
    for template, item in paths.items():
        for method in ("get", "post", "put", "patch", "delete"):
            operation = item.get(method)
            if isinstance(operation, dict):
                request = _operation(method, template, operation, document)
                if request is not None:
                    found.append(request)
    plain = {template for template in paths if "{" not in template}
    return sorted(found, key=lambda each: _turn(each[0], each[1].partition("?")[0] in plain))


def _turn(method: str, plain: bool) -> int:
    order = ("POST", "PUT", "GET", "PATCH", "DELETE")
    return -1 if plain and method == "GET" else order.index(method)


def _operation(method: str, template: str, operation: dict, document: dict) -> tuple | None:
    path, query = template, []
    for parameter in operation.get("parameters", ()):
        value = sample(parameter.get("schema", {}), document)
        if parameter.get("in") == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(value))
        elif parameter.get("in") == "query" and parameter.get("required"):
            query.append(f"{parameter['name']}={value}")
    content = operation.get("requestBody", {}).get("content", {})
    if content and "application/json" not in content:
        return None  # a form, a file: not as easily made
    body = b""
    if content:
        schema = content["application/json"].get("schema", {})
        body = json.dumps(sample(schema, document)).encode()
    return method.upper(), path + ("?" + "&".join(query) if query else ""), body


def sample(schema: dict, document: dict, depth: int = 0) -> object:
    """Return a value that fits a JSON schema, its own example where it has one."""
    if depth > MAX_DEPTH:
        return None
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target.get(part, {})
        return sample(target, document, depth + 1)
    for key in ("example", "default", "const"):
        if schema.get(key) is not None:
            return schema[key]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return sample(schema[key][0], document, depth + 1)
    return _plain(schema, document, depth)


def _plain(schema: dict, document: dict, depth: int) -> object:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if kind == "object":
        wanted = schema.get("required", schema.get("properties", {}))
        properties = schema.get("properties", {})
        return {k: sample(properties.get(k, {}), document, depth + 1) for k in wanted}
    if kind == "array":
        return [sample(schema.get("items", {}), document, depth + 1)]
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum"))
        return _TYPED[kind] if least is None or least < 1 else least + 1
    text = _FORMATS.get(schema.get("format"), _TYPED.get(kind, "sample"))
    short = schema.get("minLength", 0)
    return text if not isinstance(text, str) else text.ljust(short, "x")[: schema.get("maxLength")]
