"""Distributions known to be what they seem, and the names that come close to one of theirs."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

from packaging.utils import canonicalize_name

from validator.packages.distributions import PROVIDERS
from validator.packages.misnomers import ALIASES, SHIMS, SUCCESSORS

_WELL_KNOWN = (  # noqa: SIM905 - a word a line would be a hundred lines
    "aiohttp altair anthropic arcade asyncpg black blinker bokeh boto3 botocore celery chromadb "
    "click colorama cryptography customtkinter dash django duckdb fastapi feedparser flask gradio "
    "gunicorn gymnasium httpx huggingface-hub jax jinja2 joblib keras keyboard kivy langchain "
    "librosa lightgbm lxml matplotlib moviepy mypy networkx nltk numba numpy openai openpyxl "
    "pandas paramiko peewee plotly polars praw psutil pyautogui pydantic pydub pyfiglet pygame "
    "pygame-ce pyglet pymongo pymunk pymysql pynput pyopencl pyperclip pyqt5 pyqt6 pyside6 pytest "
    "python-chess pyttsx3 pytz pyxel qrcode regex reportlab requests rich ruff scapy schedule "
    "scipy scrapy seaborn selenium shapely simpy spacy statsmodels streamlit sympy tabulate "
    "termcolor textual torch torchaudio torchvision tornado tqdm transformers tweepy typer "
    "ursina uvicorn websockets wikipedia xgboost xlsxwriter yfinance yt-dlp "
    "aiofiles aiosqlite alembic apscheduler arrow attrs autogen babel cachetools ccxt certifi "
    "chardet cherrypy dask dacite deepdiff dill docker docopt easyocr emoji evdev faker falcon "
    "filelock fire flake8 flask-cors flask-login flask-socketio flask-sqlalchemy fonttools fpdf "
    "fpdf2 fsspec gensim geopandas geopy gevent gspread h5py hypothesis imageio invoke ipython "
    "isort itsdangerous jsonschema jupyter keyring langgraph litellm loguru lightning markdown "
    "markupsafe marshmallow mcp mediapipe mido mistune more-itertools mplfinance msgpack "
    "multidict mutagen nicegui notebook oauthlib ollama onnx onnxruntime opentelemetry-api "
    "optuna orjson packaging pandas-ta passlib pathspec patsy pdfplumber peft pendulum pexpect "
    "pillow pika pip platformdirs playwright ply poetry pooch prettytable prompt-toolkit "
    "pyarrow pyasn1 pycparser pydantic-settings pyfirmata pygments pyinstaller pyodbc pyparsing "
    "pypdf pypdf2 pyproj pysftp pytesseract python-telegram-bot pyvis pywin32 pyzmq questionary "
    "rasterio redis ray rsa sanic sentence-transformers sentry-sdk setuptools six smbus2 "
    "sounddevice soundfile sqlalchemy sqlmodel starlette structlog tensorboard tenacity "
    "tiktoken timm toml tomli tomlkit toolz traitlets trimesh twilio typing-extensions tzdata "
    "tzlocal unidecode urllib3 virtualenv watchdog wheel wordcloud wrapt wtforms xmltodict "
    "zeroconf zstandard "
    # Without a wheel to prove it by, or of the name of a module that Python once had.
    "chainer cupy eel flash-attn flask-bootstrap flask-script gputil gym imutils jieba langid lime "
    "lockfile madmom mmcv mouseinfo nglview panel pycuda pyfolio pygetwindow pyinputplus pyrect "
    "pyscreeze pyshorteners pyspark pytweening ratelimit segment-anything shodan ta tflearn theano "
    "webrtcvad wget word2number"
).split()


@cache
def well_known() -> frozenset[str]:
    """Return the canonical names of distributions known to be what they seem."""
    named = (name for names in PROVIDERS.values() for name in names)
    meant = (*ALIASES.values(), *SHIMS, *SHIMS.values(), *SUCCESSORS, *SUCCESSORS.values())
    return frozenset(map(canonicalize_name, (*named, *meant, *_WELL_KNOWN)))


def similar(name: str) -> tuple[str, ...]:
    """Return distributions somebody may have meant by an unknown name, nearest first, up to 3.

    Only names known to be real: an index is never asked for guesses, since existing is not being
    the one that was meant.
    """
    known: dict[str, str] = {
        str(canonicalize_name(names[0])): names[0] for names in PROVIDERS.values()
    }
    known.update((name, name) for name in _WELL_KNOWN)
    asked = canonicalize_name(name)
    if asked in known:
        # An index that lacks it lacks what was meant.
        return ()
    # What says the same but for Python's own word leaves nothing to guess.
    found = [each for each in sorted(known) if _bare(each) == _bare(asked)]
    found = found or get_close_matches(asked, known, n=3, cutoff=0.8)
    return tuple(known[match] for match in found)[:3]


def _bare(name: str) -> tuple[str, ...]:
    """Return the words of a canonical name that are not Python's: of `python-opencv`, `opencv`."""
    words = (each.removeprefix("py") for each in name.split("-"))
    return tuple(each for each in words if each not in ("", "thon", "thon3"))
