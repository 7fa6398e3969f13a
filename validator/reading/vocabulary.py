"""The words blocks, commands and statements are told apart by, in one place to read and extend."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PYTHON_LABELS = _words(
    "python py python3 py3 python2 python3.11 python3.12 python3.13 pyw ipython ipython3 "
    "jupyter pycon pygame"
)
SHELL_LABELS = _words(
    "bash sh shell zsh fish console shell-session shellsession terminal cmd bat batch "
    "powershell ps1"
)
OUTPUT_LABELS = _words("output out text txt plaintext plain stdout log none")
REQUIREMENTS_LABELS = _words("requirements requirements.txt pip-requirements pip")
OTHER_LANGUAGES = _words(
    "javascript js typescript ts jsx tsx java c cpp c++ csharp cs go rust ruby php kotlin swift "
    "r scala perl lua haskell html xml css json yaml yml toml ini sql dockerfile docker "
    "makefile markdown md diff patch scss sass less vue svelte graphql mermaid latex tex matlab "
    "julia dart vb vbnet fortran asm assembly nginx properties env dotenv csv tsv http proto regex "
    "solidity zig elixir erlang clojure fsharp ocaml pascal groovy cmake jsonc json5 svg "
    "objective-c objectivec vim glsl"
)
LABELS = PYTHON_LABELS | SHELL_LABELS | OUTPUT_LABELS | REQUIREMENTS_LABELS | OTHER_LANGUAGES
"""Words that mean something behind an opening fence."""
LABEL_LINES = PYTHON_LABELS | _words("bash sh shell json html css js javascript text sql yaml")
"""Words that, alone on the first line of a block without a label, are its label."""

COMMAND_HEADS = _words(
    "pip pip3 python python3 py uv conda mamba poetry pipenv pipx apt apt-get sudo brew npm npx "
    "node cd mkdir git source export docker docker-compose flask uvicorn gunicorn streamlit "
    "gradio curl wget ls cat echo touch chmod rm cp mv virtualenv venv activate deactivate "
    "pytest jupyter set tee choco winget yum dnf make django-admin"
)
VALUED_INSTALL_OPTIONS = _words(
    "-r --requirement -e --editable -c --constraint -i --index-url --extra-index-url -f --find- "
    "links -t --target --prefix --python --platform --timeout --proxy -p --group -n --name "
    "--channel"
)
TELLING_INSTALL_OPTIONS = _words(
    "-e --editable -i --index-url --extra-index-url -f --find-links -c --constraint"
)
"""Options that change what is installed: kept as lines of their own, for the rules to judge."""
NEVER_PACKAGES = _words(
    "the to and or in it command a an for this from on with if you your then using is of as"
)
"""Words that follow a `pip install` in a sentence without belonging to it."""

HEADERS = _words("def class if elif else for while try except finally with async match case")
"""Keywords of compound statements, whose suite follows a colon."""
STARTERS = _words(
    "def class while with try except finally return import pass break continue raise del global "
    "nonlocal assert elif async"
)
"""Keywords that can only begin a statement."""
INFIX = _words("and or in is as not")
ENDERS = _words("return raise break continue sys.exit exit quit os._exit")
"""What leaves a suite, so that nothing after it there is reached."""
HANGING_KEYWORDS = _words("in and or not import from is if for while with def class elif as")
"""Keywords no line of Python ends with."""
