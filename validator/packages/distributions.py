"""Which distribution an import comes from, where the two names differ: a table written by hand.

Of 84 common imports 43 differ from their distribution, and for 23 of those the import's own name
is somebody else's project (measured 2026-11 against a mirror of PyPI). Guessing is therefore worse
than not knowing: a name that is not here counts only where the index has a wheel of that name.
"""

from __future__ import annotations

PROVIDERS: dict[str, tuple[str, ...]] = {
    # The first is taken where nothing is required; any of them answers the import.
    "_cffi_backend": ("cffi",),
    "_yaml": ("PyYAML",),
    "absl": ("absl-py",),
    "adafruit_dht": ("adafruit-circuitpython-dht",),
    "airflow": ("apache-airflow",),
    "allauth": ("django-allauth",),
    "alpaca": ("alpaca-py",),
    "antlr4": ("antlr4-python3-runtime",),
    "apiclient": ("google-api-python-client",),
    "argon2": ("argon2-cffi",),
    "attr": ("attrs",),
    "azure.ai.inference": ("azure-ai-inference",),
    "azure.cosmos": ("azure-cosmos",),
    "azure.functions": ("azure-functions",),
    "azure.identity": ("azure-identity",),
    "azure.keyvault.secrets": ("azure-keyvault-secrets",),
    "azure.servicebus": ("azure-servicebus",),
    "azure.storage.blob": ("azure-storage-blob",),
    "barcode": ("python-barcode",),
    "bidi": ("python-bidi",),
    "binance": ("python-binance",),
    "Bio": ("biopython",),
    "bluetooth": ("PyBluez",),
    "bs4": ("beautifulsoup4",),
    "bson": ("pymongo",),
    "busio": ("Adafruit-Blinka",),
    "cairo": ("pycairo",),
    "can": ("python-can",),
    "cassandra": ("cassandra-driver",),
    "chess": (
        "chess",
        "python-chess",
    ),
    "clr": ("pythonnet",),
    "community": ("python-louvain",),
    "consul": ("python-consul",),
    "corsheaders": ("django-cors-headers",),
    "cpuinfo": ("py-cpuinfo",),
    "crispy_forms": ("django-crispy-forms",),
    "Crypto": (
        "pycryptodome",
        "pycrypto",
    ),
    "Cryptodome": ("pycryptodomex",),
    "cups": ("pycups",),
    "cv2": (
        "opencv-python",
        "opencv-python-headless",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ),
    "dash_core_components": ("dash",),
    "dateutil": ("python-dateutil",),
    "dbus": ("dbus-python",),
    "debug_toolbar": ("django-debug-toolbar",),
    "decouple": ("python-decouple",),
    "delta": ("delta-spark",),
    "digitalio": ("Adafruit-Blinka",),
    "discord": (
        "discord.py",
        "py-cord",
        "nextcord",
        "discord",
    ),
    "distutils": ("setuptools",),
    "django_filters": ("django-filter",),
    "dns": ("dnspython",),
    "docx": ("python-docx",),
    "dotenv": ("python-dotenv",),
    "ee": ("earthengine-api",),
    "enchant": ("pyenchant",),
    "engineio": ("python-engineio",),
    "environ": ("django-environ",),
    "escpos": ("python-escpos",),
    "faiss": (
        "faiss-cpu",
        "faiss-gpu",
    ),
    "fbprophet": ("prophet",),
    "ffmpeg": ("ffmpeg-python",),
    "fitz": ("PyMuPDF",),
    "flaskext.mysql": ("flask-mysql",),
    "Foundation": ("pyobjc-framework-cocoa",),
    "gi": ("PyGObject",),
    "git": ("GitPython",),
    "github": ("PyGithub",),
    "gitlab": ("python-gitlab",),
    "gnupg": ("python-gnupg",),
    "google.api_core": ("google-api-core",),
    "google.auth": ("google-auth",),
    "google.cloud.aiplatform": ("google-cloud-aiplatform",),
    "google.cloud.bigquery": ("google-cloud-bigquery",),
    "google.cloud.firestore": ("google-cloud-firestore",),
    "google.cloud.language": ("google-cloud-language",),
    "google.cloud.logging": ("google-cloud-logging",),
    "google.cloud.pubsub": ("google-cloud-pubsub",),
    "google.cloud.pubsub_v1": ("google-cloud-pubsub",),
    "google.cloud.run_v2": ("google-cloud-run",),
    "google.cloud.secretmanager": ("google-cloud-secret-manager",),
    "google.cloud.speech": ("google-cloud-speech",),
    "google.cloud.storage": ("google-cloud-storage",),
    "google.cloud.texttospeech": ("google-cloud-texttospeech",),
    "google.cloud.translate": ("google-cloud-translate",),
    "google.cloud.translate_v2": ("google-cloud-translate",),
    "google.cloud.vision": ("google-cloud-vision",),
    "google.genai": ("google-genai",),
    "google.generativeai": ("google-generativeai",),
    "google.oauth2": ("google-auth",),
    "google.protobuf": ("protobuf",),
    "googleapiclient": ("google-api-python-client",),
    "googlesearch": ("googlesearch-python",),
    "grpc": ("grpcio",),
    "grpc_tools": ("grpcio-tools",),
    "guardian": ("django-guardian",),
    "haystack": ("haystack-ai",),
    "hcl2": ("python-hcl2",),
    "hydra": ("hydra-core",),
    "igraph": (
        "igraph",
        "python-igraph",
    ),
    "imblearn": ("imbalanced-learn",),
    "import_export": ("django-import-export",),
    "jks": ("pyjks",),
    "jnius": ("pyjnius",),
    "jose": ("python-jose",),
    "jwt": ("PyJWT",),
    "kafka": (
        "kafka-python",
        "kafka-python-ng",
    ),
    "keystone": ("keystone-engine",),
    "lark": (
        "lark",
        "lark-parser",
    ),
    "ldap": ("python-ldap",),
    "Levenshtein": (
        "levenshtein",
        "python-levenshtein",
    ),
    "llama_cpp": ("llama-cpp-python",),
    "lxml.html.clean": ("lxml-html-clean",),
    "magic": ("python-magic",),
    "markdownx": ("django-markdownx",),
    "memcache": ("python-memcached",),
    "moviepy.editor": ("moviepy",),
    "mpl_toolkits": ("matplotlib",),
    "mpl_toolkits.basemap": ("basemap",),
    "mptt": ("django-mptt",),
    "multipart": (
        "python-multipart",
        "multipart",
    ),
    "mysql.connector": ("mysql-connector-python",),
    "MySQLdb": ("mysqlclient",),
    "nacl": ("PyNaCl",),
    "nats": ("nats-py",),
    "neopixel": ("adafruit-circuitpython-neopixel",),
    "newspaper": ("newspaper3k",),
    "nmap": ("python-nmap",),
    "objc": ("pyobjc-core",),
    "ogr": ("GDAL",),
    "onelogin": ("python3-saml",),
    "OpenGL": ("PyOpenGL",),
    "OpenSSL": ("pyOpenSSL",),
    "osgeo": ("GDAL",),
    "paho": ("paho-mqtt",),
    "pam": ("python-pam",),
    "past": ("future",),
    "pcapy": ("pcapy-ng",),
    "pgzrun": ("pgzero",),
    "PIL": ("pillow", "pillow-simd"),
    "pkg_resources": ("setuptools",),
    "pl_bolts": ("lightning-bolts",),
    "polygon": ("polygon-api-client",),
    "pptx": ("python-pptx",),
    "psycopg": (
        "psycopg",
        "psycopg-binary",
    ),
    "psycopg2": (
        "psycopg2-binary",
        "psycopg2",
    ),
    "pwn": ("pwntools",),
    "pygame": (
        "pygame",
        "pygame-ce",
    ),
    "pylab": ("matplotlib",),
    "pynvml": (
        "nvidia-ml-py",
        "pynvml",
    ),
    "PyQt5.QtWebEngineWidgets": ("PyQtWebEngine",),
    "PyQt6.QtWebEngineWidgets": ("PyQt6-WebEngine",),
    "pyrebase": ("Pyrebase4",),
    "pysat": ("python-sat",),
    "pythoncom": ("pywin32",),
    "pythonjsonlogger": ("python-json-logger",),
    "pyVim": ("pyvmomi",),
    "pyximport": ("cython",),
    "rest_framework": ("djangorestframework",),
    "rest_framework_simplejwt": ("djangorestframework-simplejwt",),
    "RPi": ("RPi.GPIO",),
    "rtmidi": ("python-rtmidi",),
    "ruamel.yaml": ("ruamel.yaml",),
    "saml2": ("pysaml2",),
    "serial": ("pyserial",),
    "shapefile": ("pyshp",),
    "skfuzzy": ("scikit-fuzzy",),
    "skimage": ("scikit-image",),
    "sklearn": ("scikit-learn",),
    "skopt": ("scikit-optimize",),
    "sksurv": ("scikit-survival",),
    "skvideo": ("sk-video",),
    "slack": ("slackclient",),
    "slugify": ("python-slugify",),
    "smbus": ("smbus2",),
    "snap7": ("python-snap7",),
    "snappy": ("python-snappy",),
    "socketio": ("python-socketio",),
    "socks": ("PySocks",),
    "speech_recognition": ("SpeechRecognition",),
    "spellchecker": ("pyspellchecker",),
    "stdnum": ("python-stdnum",),
    "stl": ("numpy-stl",),
    "stomp": ("stomp.py",),
    "storages": ("django-storages",),
    "surprise": ("scikit-surprise",),
    "tabula": ("tabula-py",),
    "taggit": ("django-taggit",),
    "talib": ("TA-Lib",),
    "telebot": ("pyTelegramBotAPI",),
    "telegram": ("python-telegram-bot",),
    "tensorflow": (
        "tensorflow",
        "tensorflow-cpu",
        "tensorflow-intel",
    ),
    "tlz": ("toolz",),
    "tortoise": ("tortoise-orm",),
    "umap": ("umap-learn",),
    "usb": ("pyusb",),
    "uwsgidecorators": ("uWSGI",),
    "vertexai": ("google-cloud-aiplatform",),
    "vlc": ("python-vlc",),
    "weaviate": ("weaviate-client",),
    "websocket": ("websocket-client",),
    "webview": ("pywebview",),
    "whisper": ("openai-whisper",),
    "whois": ("python-whois",),
    "win32api": ("pywin32",),
    "win32clipboard": ("pywin32",),
    "win32com": ("pywin32",),
    "win32con": ("pywin32",),
    "win32file": ("pywin32",),
    "win32gui": ("pywin32",),
    "wx": ("wxPython",),
    "Xlib": ("python-xlib",),
    "yaml": ("PyYAML",),
    "yaml_include": ("pyyaml-include",),
    "z3": ("z3-solver",),
    "zmq": ("pyzmq",),
    "zope.interface": ("zope.interface",),
}
"""Import, dotted where several distributions share a namespace → who provides it."""

ALIASES: dict[str, str] = {
    # Required by the import's name, or under a name its project has left; the index has nothing
    # under these names, or a shim that only says where to go.
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "git": "GitPython",
    "mysqldb": "mysqlclient",
    "opencv": "opencv-python",
    "opengl": "PyOpenGL",
    "pil": "pillow",
    "pillow-pil": "pillow",
    "pkg-resources": "setuptools",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "wx": "wxPython",
    "yaml": "PyYAML",
}
"""Canonical name of a requirement that can only be meant for another distribution."""

SHIMS: dict[str, str] = {
    "bs4": "beautifulsoup4",
    "discord": "discord.py",
    "dotenv": "python-dotenv",
}
"""Canonical name of a project that holds nothing and only has another one installed."""

SUCCESSORS: dict[str, str] = {
    "fbprophet": "prophet",
    "pypdf2": "pypdf",
    "slackclient": "slack-sdk",
}
"""Canonical name its project has left → the one it goes on under, with another import perhaps."""

OTHER_PROJECTS: dict[str, str] = {
    "docx": "python-docx",
    "faiss": "faiss-cpu",
    "fitz": "PyMuPDF",
    "github": "PyGithub",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "magic": "python-magic",
    "serial": "pyserial",
    "slugify": "python-slugify",
    "socketio": "python-socketio",
    "telegram": "python-telegram-bot",
    "usb": "pyusb",
    "vlc": "python-vlc",
    "websocket": "websocket-client",
    "whisper": "openai-whisper",
    "zmq": "pyzmq",
}
"""Canonical name of a real project that is not what code importing this name wants.

`whisper` is a database of Graphite's, `fitz` an upload of August 2026 without a description,
`docx` stopped at Python 2. Wrong only where the program imports that very name.
"""

FORKS: dict[str, tuple[str, ...]] = {"pygame": ("pygame-ce",), "pycrypto": ("pycryptodome",)}
"""Canonical name → distributions that provide the same import and go further."""

DEAD_BACKPORTS = frozenset({"enum34", "futures", "pathlib2", "trollius", "ordereddict"})
"""Backports of what every supported Python has; `enum34` breaks the standard library's `re`."""

PYTHON = frozenset({"python", "python2", "python3", "cpython"})
"""The language itself, which conda files and careless lists require like a package."""

NAMESPACES = frozenset(
    {"azure", "backports", "flaskext", "google", "ruamel", "sphinxcontrib", "zope"}
)
"""First names that many distributions share: alone they do not say which one is needed."""


def lookup(module: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the longest part of a dotted module that the table knows, and who provides it."""
    parts = module.split(".")
    for size in range(len(parts), 0, -1):
        prefix = ".".join(parts[:size])
        if prefix in PROVIDERS:
            return prefix, PROVIDERS[prefix]
    return None


def providers(module: str) -> tuple[str, tuple[str, ...]]:
    """Return the part of `module` that decides, and the distributions that answer it.

    Where the table says nothing it is the first name and a distribution of that same name, which
    is a guess until the index confirms it.
    """
    top = module.partition(".")[0]
    return lookup(module) or (top, (top,))
