"""Answer the dialogs of tkinter at once: messages, files, folders, colours, questions."""

from __future__ import annotations

import os

from .instruments import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .instruments import Session

FOLDER = "/tmp/chosen"
COLOUR = "#3366cc"
_MESSAGES = {
    "ok": "ok", "okcancel": "ok", "yesno": "yes", "yesnocancel": "yes",
    "retrycancel": "cancel", "abortretryignore": "ignore",
}  # fmt: skip
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", "image")


def answer_natively(root: object, session: Session) -> None:
    """Put answers in the place of Tk's own dialogs, below everything Python knows of them."""
    for command, answer in (
        ("tk_messageBox", _message),
        ("tk_getOpenFile", _opened),
        ("tk_getSaveFile", _saved),
        ("tk_chooseDirectory", _folder),
        ("tk_chooseColor", _colour),
    ):
        root.tk.createcommand(command, _Answer(command, answer, session))


class _Answer:
    """A Tcl command that answers as a person in front of that dialog would."""

    def __init__(self, command: str, answer: Callable, session: Session) -> None:
        self.kind = command.removeprefix("tk_")
        self.answer = answer
        self.session = session

    def __call__(self, *arguments: object) -> object:
        words = [str(each) for each in arguments]
        options = dict(zip(words[::2], words[1::2], strict=False))
        answer = self.session.quiet(self.answer)(options)
        asked = options.get("-message") or options.get("-title", "")
        self.session.observe(
            "prompt", dialog=self.kind, text=asked[:200], answer=str(answer or "")[:200]
        )
        return answer if answer is not None else ""


def _message(options: dict) -> str:
    return _MESSAGES.get(options.get("-type", "ok"), "ok")


def _opened(options: dict) -> object:
    """Return a file that is there: a picture where pictures are asked for, else text."""
    from . import png

    os.makedirs(FOLDER, exist_ok=True)
    wanted = options.get("-filetypes", "").lower()
    picture = any(word in wanted for word in _PICTURES)
    path = os.path.join(FOLDER, "picture.png" if picture else "text.txt")
    data = png.encode(8, 8, b"\x33\x66\xcc" * 64) if picture else b"1,2,3\nsome text\n"
    with open(path, "wb") as file:
        file.write(data)
    return (path,) if options.get("-multiple", "0") in ("1", "True", "true") else path


def _saved(options: dict) -> str:
    os.makedirs(FOLDER, exist_ok=True)
    name = options.get("-initialfile") or "saved"
    suffix = "" if os.path.splitext(name)[1] else options.get("-defaultextension", "") or ".txt"
    return os.path.join(FOLDER, os.path.basename(name) + suffix)


def _folder(_: dict) -> str:
    os.makedirs(FOLDER, exist_ok=True)
    return FOLDER


def _colour(options: dict) -> str:
    return options.get("-initialcolor") or COLOUR


def watch(simpledialog: object, session: Session) -> None:
    """Answer `askstring`, `askinteger` and `askfloat`."""
    for name, convert in (("askstring", str), ("askinteger", int), ("askfloat", float)):
        replace(simpledialog, name, _asking(name, convert, session))


def _asking(name: str, convert: Callable, session: Session) -> Callable:
    def make(_: Callable) -> Callable:
        def ask(_: object, prompt: object, **kw: object) -> object:
            answer = convert(_typed(str(prompt))) if convert is str else convert(_number(kw))
            session.observe("prompt", dialog=name, text=str(prompt)[:200], answer=str(answer))
            return answer

        return ask

    return make


def _typed(prompt: str) -> str:
    asked = prompt.lower()
    if "colo" in asked:
        return "red"
    if any(word in asked for word in ("y/n", "yes/no", "yes or no")):
        return "y"
    if "name" in asked:
        return "Alex"
    return "5"


def _number(options: dict) -> float:
    """Return 5, or the nearest number the dialog takes."""
    low, high = options.get("minvalue"), options.get("maxvalue")
    number = 5 if low is None else max(5, low)
    return number if high is None else min(number, high)
