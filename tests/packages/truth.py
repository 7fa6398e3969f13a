"""Imports and who really provides them: 60 that replies use all the time, 24 that are easily wrong.

Put together by hand from what is measured in the field; `test_packages_online.py` holds every one
that has a wheel against that wheel.
"""

from __future__ import annotations

_SAME_NAME = """
numpy pandas matplotlib.pyplot requests flask django fastapi pygame scipy torch tensorflow
transformers selenium seaborn plotly sqlalchemy pytest click rich tqdm psutil openai streamlit redis
celery pydantic aiohttp httpx jinja2 lxml nltk spacy sympy networkx pyautogui pyperclip boto3
"""
_OTHER_NAME = """
PIL pillow, yaml pyyaml, cv2 opencv-python, sklearn scikit-learn, skimage scikit-image,
bs4 beautifulsoup4, dateutil python-dateutil, dotenv python-dotenv, serial pyserial,
docx python-docx, git gitpython, Crypto pycryptodome, psycopg2 psycopg2-binary,
mysql.connector mysql-connector-python, discord discord-py, telegram python-telegram-bot,
websocket websocket-client, zmq pyzmq, OpenGL pyopengl, attr attrs, speech_recognition
speechrecognition, pkg_resources setuptools, wx wxpython
"""
_HARD = """
jwt pyjwt, fitz pymupdf, google.cloud.storage google-cloud-storage, google.protobuf protobuf,
googleapiclient google-api-python-client, ruamel.yaml ruamel-yaml, mpl_toolkits.mplot3d matplotlib,
MySQLdb mysqlclient, OpenSSL pyopenssl, nacl pynacl, faiss faiss-cpu, whisper openai-whisper,
magic python-magic, socks pysocks, Levenshtein levenshtein, umap umap-learn, kafka kafka-python,
azure.storage.blob azure-storage-blob, grpc grpcio, win32api pywin32, gi pygobject,
socketio python-socketio, slugify python-slugify, flask_login flask-login
"""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((pair.split()[0], pair.split()[1]) for pair in text.split(","))


COMMON = (
    *((name, name.partition(".")[0]) for name in _SAME_NAME.split()),
    *_pairs(_OTHER_NAME),
)
HARD = _pairs(_HARD)
