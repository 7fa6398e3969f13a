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
    "pip pip3 python python3 py uv uvx conda mamba micromamba poetry pdm pipenv pipx apt apt-get "
    "sudo brew npm npx node cd mkdir git source export docker docker-compose flask uvicorn "
    "gunicorn streamlit gradio curl wget ls cat echo touch chmod rm cp mv virtualenv venv activate "
    "deactivate pytest jupyter set tee choco winget yum dnf make django-admin"
)
TELLING_INSTALL_OPTIONS = _words(
    "-e --editable -i --index-url --extra-index-url -f --find-links -c --constraint --index "
    "--default-index --no-binary"
)
"""Options that change what is installed: kept as lines of their own, for the rules to judge."""
VALUED_INSTALL_OPTIONS = TELLING_INSTALL_OPTIONS | _words(
    "-r --requirement --requirements -t --target --prefix --root --src --python --platform "
    "--python-version --implementation --abi --only-binary --timeout --retries --proxy --cert "
    "--client-cert --trusted-host --cache-dir --log --report --progress-bar --upgrade-strategy "
    "--config-settings --config-setting --global-option --install-option --build-option "
    "--exists-action --use-feature --use-deprecated --root-user-action --keyring-provider "
    "-p --group -G -n --name --channel --file --extra --extras -E --optional --source --script "
    "--package --bounds --tag --branch --rev --subdirectory --with --with-requirements --env-file "
    "--resolution --prerelease --link-mode --exclude-newer --index-strategy --directory --project"
)
"""Options whose value is the word behind them."""
NEVER_PACKAGES = _words(
    "the to and or in it command a an for this from on with if you your then using is of as "
    "any anything are at be but by can commands dependencies does doesn't everything fail failed "
    "fails has into its libraries library may might module modules must not nothing output package "
    "packages per process requirements should something step steps that them these they those was "
    "were what when where which while will within without works would"
)
"""Words that follow a `pip install` in a sentence without belonging to it."""
BEHIND_PACKAGES = _words(
    "again all already also anyway because before beforehand below correctly directly done either "
    "else enjoy errors finish finishes first following globally go hangs have here instead just "
    "later like line locally manually need needed next now once one only please properly relax "
    "rerun restart retry run running separately shown so succeed succeeded succeeds successfully "
    "there today together too try twice until via wait work worked yet yourself"
)
"""Words a sentence goes on with behind a package, though some of them are packages as well."""

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
