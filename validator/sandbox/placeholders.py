"""What can stand for a file the reply does not have: small, valid, and always the same. Pure."""

from __future__ import annotations

import ast
import base64
import io
import json
import struct
import zipfile
import zlib
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from validator.sandbox import silence
from validator.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from validator.facts import SourceFile

SIDE = 256
"""Pixels of a picture's side: large enough that sprites can be cut out of it."""
ROWS = 24
MAX_COLUMNS = 16
SAMPLE_RATE = 8000
_JPEG = base64.b64decode(
    b"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKra"
    b"rYqMyP/L2u71////m8H////6/+b9//j/2wBDASstLTw1PHZBQXb4pYyl+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4"
    b"+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj/wAARCABAAEADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAA"
    b"AAH/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAAAAP/xAAUEQEAAAAAAAAAAAAAAAAA"
    b"AAAA/9oADAMBAAIRAxEAPwCgLogAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP//Z"
)
"""64 × 64 pixels of one colour: there is no encoder of JPEG in the standard library."""
_TEXT = "".join(
    f"Line {number}: the quick brown fox jumps over the lazy dog.\n" for number in range(1, 13)
)
_PAGE = "<!doctype html>\n<title>placeholder</title>\n<p>A page that stands for another.</p>\n"


def content(path: str, files: Iterable[SourceFile]) -> bytes | None:
    """Return what a file of that name may hold, by its extension; None where nothing can stand.

    Tables and objects get the names the program looks up in them. Fonts are not made here.
    """
    make = _MAKERS.get(path.rpartition(".")[2].lower())
    return make(tuple(files)) if make is not None else None


def _picture(_: tuple[SourceFile, ...]) -> bytes:
    return _shades()


@cache
def _shades() -> bytes:
    """Return a PNG whose colours change from pixel to pixel, so that nothing in it is blank."""
    rows = (
        b"\0" + bytes(value for x in range(SIDE) for value in (x % 256, y % 256, 160, 255))
        for y in range(SIDE)
    )
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _bitmap(_: tuple[SourceFile, ...]) -> bytes:
    pixels = bytes((90, 140, 200)) * (64 * 64)
    header = struct.pack("<IiiHHIIiiII", 40, 64, 64, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + header + pixels


def _gif(_: tuple[SourceFile, ...]) -> bytes:
    """Return a GIF of one colour, its pixels not compressed: a clear code before every 100."""
    side, palette = 64, bytes((90, 140, 200, 255, 255, 255)) + bytes(3 * 126)
    bits: list[int] = []
    for at in range(side * side):
        # Codes stay 8 bits wide as long as the table is cleared before it is full.
        bits += [128, 0] if at % 100 == 0 else [0]
    data = bytes((*bits, 129))
    blocks = b"".join(
        bytes((len(piece),)) + piece
        for piece in (data[at : at + 255] for at in range(0, len(data), 255))
    )
    head = b"GIF89a" + struct.pack("<HHBBB", side, side, 0xF6, 0, 0) + palette
    frame = b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x07"
    return head + frame + blocks + b"\0;"


def _jpeg(_: tuple[SourceFile, ...]) -> bytes:
    return _JPEG


def _sound(_: tuple[SourceFile, ...]) -> bytes:
    """Return half a second of silence as WAV; players look at what is in a file, not its name."""
    samples = bytes(SAMPLE_RATE)  # 16 bits each
    form = struct.pack("<HHIIHH", 1, 1, SAMPLE_RATE, SAMPLE_RATE * 2, 2, 16)
    size = 20 + len(form) + len(samples)
    head = b"RIFF" + struct.pack("<I", size) + b"WAVEfmt " + struct.pack("<I", len(form)) + form
    return head + b"data" + struct.pack("<I", len(samples)) + samples


def _music(_: tuple[SourceFile, ...]) -> bytes:
    """Return a second of silence as MPEG-1 layer III: 32 kbit/s, 44100 Hz, one channel."""
    frame = b"\xff\xfb\x10\xc0" + bytes(100)  # 144 * 32000 / 44100 bytes, all of it zero
    return frame * 40


def _workbook(files: tuple[SourceFile, ...]) -> bytes:
    """Return the table of a `.csv` as the one sheet of a workbook (ECMA-376, inline strings)."""
    rows = [line.split(",") for line in _table(files).decode().splitlines()]
    sheet = "".join(f"<row>{''.join(map(_excel_cell, row))}</row>" for row in rows)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {
            **_WORKBOOK,
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}">'
            f"<sheetData>{sheet}</sheetData></worksheet>",
        }.items():
            # A fixed time: what stands for a file is the same each time.
            archive.writestr(zipfile.ZipInfo(name), text)
    return data.getvalue()


def _excel_cell(text: str) -> str:
    if text.isdigit():
        return f"<c><v>{text}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(text, quote=False)}</t></is></c>'


_OPEN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KINDS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WORKBOOK = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KINDS}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KINDS}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OPEN}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OPEN}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OPEN}/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}


def _table(files: tuple[SourceFile, ...], separator: str = ",") -> bytes:
    columns = _looked_up(files) or ["name", "value", "date"]
    lines = [separator.join(columns)]
    lines += [
        separator.join(_cell(column, row) for column in columns) for row in range(1, ROWS + 1)
    ]
    return ("\n".join(lines) + "\n").encode()


def _cell(column: str, row: int) -> str:
    name = column.lower()
    if "date" in name or "time" in name:
        return f"2024-{(row - 1) % 12 + 1:02}-{row % 28 + 1:02}"
    if any(word in name for word in ("name", "text", "city", "country", "category", "label")):
        return f"{column}{row % 5}"
    return str(row * 3 % 17 + row)


_OF_COLUMNS = frozenset({
    "groupby", "sort_values", "set_index", "pivot_table", "nlargest", "nsmallest", "plot", "bar",
    "line", "scatter", "hist", "boxplot", "barplot", "lineplot", "scatterplot", "histplot", "pie",
})  # fmt: skip
_COLUMN_NAMES = frozenset({"x", "y", "hue", "by", "on", "index", "columns", "values", "names"})


def _texts(nodes: Iterable[ast.expr]) -> list[str]:
    """Return the texts among some expressions, those in lists of them included."""
    flat = [
        inner
        for node in nodes
        for inner in (node.elts if isinstance(node, ast.List | ast.Tuple) else (node,))
    ]
    return [
        each.value
        for each in flat
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def _looked_up(files: tuple[SourceFile, ...]) -> list[str]:
    """Return the names the program looks up by a constant, in the order of its text."""
    found: dict[str, None] = {}
    for file in files:
        tree = tree_of(file.text)
        for node in ast.walk(tree) if tree is not None else ():
            match node:
                case ast.Subscript(slice=ast.Constant(value=str(name))):
                    found.setdefault(name)
                case ast.Subscript(slice=ast.List(elts=names)):
                    found.update(dict.fromkeys(_texts(names)))
                case ast.Call(func=ast.Attribute(attr=method)) if method in _OF_COLUMNS:
                    found.update(dict.fromkeys(_texts(node.args)))
                    named = (each.value for each in node.keywords if each.arg in _COLUMN_NAMES)
                    found.update(dict.fromkeys(_texts(tuple(named))))
    return [name for name in found if name.isprintable() and "," not in name][:MAX_COLUMNS]


def _object(files: tuple[SourceFile, ...]) -> bytes:
    return json.dumps({name: _cell(name, 1) for name in _looked_up(files)}).encode()


def _text(_: tuple[SourceFile, ...]) -> bytes:
    return _TEXT.encode()


def _page(_: tuple[SourceFile, ...]) -> bytes:
    return _PAGE.encode()


def _drawing(_: tuple[SourceFile, ...]) -> bytes:
    square = '<rect width="64" height="64"/>'
    size = 'width="64" height="64"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{square}</svg>\n'.encode()


def _marked(_: tuple[SourceFile, ...]) -> bytes:
    return b"<?xml version='1.0'?>\n<items><item id='1'>one</item></items>\n"


_MAKERS: dict[str, Callable[[tuple[SourceFile, ...]], bytes]] = {
    **dict.fromkeys(("png", "ico"), _picture),
    **dict.fromkeys(("jpg", "jpeg"), _jpeg),
    "wav": _sound,
    "ogg": lambda _: silence.ogg(),
    "mp3": _music,
    "xlsx": _workbook,
    **dict.fromkeys(("txt", "md", "log", "dat"), _text),
    **dict.fromkeys(("html", "htm", "jinja2", "j2"), _page),
    "bmp": _bitmap,
    "gif": _gif,
    "csv": _table,
    "tsv": lambda files: _table(files, "\t"),
    "json": _object,
    "svg": _drawing,
    "xml": _marked,
}
FONTS = ("ttf", "otf")
EXTENSIONS = frozenset({*_MAKERS, *FONTS})
"""Without the dot, in lower case: what something can stand for."""
