"""Whose import it is: the table against the names models really use."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name
from truth import COMMON, HARD

from validator.packages import distributions, misnomers
from validator.packages.wellknown import similar

TRUTH = """
PIL pillow, yaml pyyaml, cv2 opencv-python, sklearn scikit-learn, skimage scikit-image, bs4
beautifulsoup4, dateutil python-dateutil, dotenv python-dotenv, jwt pyjwt, serial pyserial, docx
python-docx, pptx python-pptx, fitz pymupdf, git gitpython, github pygithub, magic python-magic,
Crypto pycryptodome, OpenSSL pyopenssl, nacl pynacl, MySQLdb mysqlclient, psycopg2
psycopg2-binary, mysql.connector mysql-connector-python, discord discord-py, telegram
python-telegram-bot, telebot pytelegrambotapi, websocket websocket-client, socketio
python-socketio, zmq pyzmq, usb pyusb, wx wxpython, gi pygobject, OpenGL pyopengl, pkg_resources
setuptools, attr attrs, google.protobuf protobuf, google.cloud.storage google-cloud-storage,
googleapiclient google-api-python-client, ruamel.yaml ruamel-yaml, mpl_toolkits.mplot3d
matplotlib, pylab matplotlib, speech_recognition speechrecognition, slugify python-slugify, faiss
faiss-cpu, whisper openai-whisper, azure.storage.blob azure-storage-blob, win32api pywin32,
rest_framework djangorestframework, umap umap-learn, imblearn imbalanced-learn, Levenshtein
levenshtein, kafka kafka-python, jose python-jose, grpc grpcio, ldap python-ldap, smbus smbus2,
vlc python-vlc, multipart python-multipart, numpy numpy, flask_login flask-login, requests
requests, pygame pygame, matplotlib.pyplot matplotlib
"""


@pytest.mark.parametrize("pair", [" ".join(each.split()) for each in TRUTH.split(",")])
def test_the_import_is_found(pair):
    module, distribution = pair.split()
    _, (first, *_) = distributions.providers(module)
    assert canonicalize_name(first) == distribution


def test_the_truth_set_is_60_and_24():
    assert (len(COMMON), len(HARD)) == (60, 24)
    assert len(dict(COMMON + HARD)) == 84


@pytest.mark.parametrize(("module", "distribution"), COMMON + HARD)
def test_the_truth_set(module, distribution):
    _, (first, *_) = distributions.providers(module)
    assert canonicalize_name(first) == distribution


@pytest.mark.parametrize("module", ["requests", "numpy.linalg", "my_helper", "google.cloud"])
def test_what_the_table_does_not_know_it_says_nothing_of(module):
    assert distributions.lookup(module) is None


def test_a_name_deep_in_a_namespace_decides():
    assert distributions.providers("google.cloud.storage.Client") == (
        "google.cloud.storage",
        ("google-cloud-storage",),
    )
    assert distributions.providers("google.cloud.tasks_v2.Task") == (
        "google.cloud.tasks_v2",
        ("google.cloud.tasks",),
    )
    assert distributions.providers("google.cloud")[0] == "google.cloud"
    assert distributions.providers("PIL.Image") == ("PIL", ("pillow", "pillow-simd"))


@pytest.mark.parametrize(
    ("module", "part", "distribution"),
    [
        ("adafruit_bme280.basic", "adafruit_bme280", "adafruit-circuitpython-bme280"),
        ("google.cloud.vision_v1.types", "google.cloud.vision_v1", "google.cloud.vision"),
        ("google.cloud.speech_v1p1beta1", "google.cloud.speech_v1p1beta1", "google.cloud.speech"),
        ("google.analytics.data_v1beta", "google.analytics.data_v1beta", "google.analytics.data"),
        # Only where the whole of it has the family's form.
        ("adafruit", "adafruit", "adafruit"),
        ("google.cloud.vision_values", "google.cloud.vision_values", "google.cloud.vision_values"),
        ("my_adafruit_lights", "my_adafruit_lights", "my_adafruit_lights"),
    ],
)
def test_a_family_of_modules_has_one_way_to_name_its_packages(module, part, distribution):
    found, (provider,) = distributions.providers(module)
    assert (found, provider) == (part, distribution) or distributions.lookup(found)


def test_what_many_packages_share_is_told_by_what_lies_below():
    embeddings = "llama_index.embeddings.huggingface"
    assert distributions.providers(f"{embeddings}.HuggingFaceEmbedding")[0] == embeddings
    assert distributions.providers("llama_index.core.VectorStoreIndex")[0] == "llama_index.core"
    vision = "azure.cognitiveservices.vision.computervision"
    assert distributions.providers(f"{vision}.models")[0] == vision
    assert distributions.providers("snowflake.connector.cursor") == (
        "snowflake.connector",
        ("snowflake-connector-python",),
    )


def test_no_entry_says_what_the_name_itself_says():
    for module, names in distributions.PROVIDERS.items():
        same = canonicalize_name(module) == canonicalize_name(names[0])
        assert not same or len(names) > 1 or "." in module, module


def test_the_tables_agree():
    for name, other in misnomers.ALIASES.items():
        assert name == canonicalize_name(name)
        assert canonicalize_name(other) != name
    for name in misnomers.OTHER_PROJECTS:
        assert name == canonicalize_name(name)
        assert misnomers.meant(name, [name.title() if name == "crypto" else name]), name
    assert not misnomers.ALIASES.keys() & misnomers.OTHER_PROJECTS


@pytest.mark.parametrize(
    ("name", "module", "other"),
    [
        ("pptx", "pptx", "python-pptx"),
        ("rest-framework", "rest_framework", "djangorestframework"),
        ("crypto", "Crypto", "pycryptodome"),
        ("win32api", "win32api", "pywin32"),
        ("mpl-toolkits", "mpl_toolkits", "matplotlib"),
        ("hydra", "hydra", "hydra-core"),
        ("attr", "attr", "attrs"),
        ("sklearn", "os", "scikit-learn"),
        # The project of that very name provides the module as well, or once did.
        ("chess", "chess", None),
        ("whois", "whois", None),
        ("bson", "bson", None),
        ("psycopg2", "psycopg2", None),
        ("levenshtein", "Levenshtein", None),
        ("fbprophet", "fbprophet", None),
        ("kafka", "kafka", None),
        # Only where the program imports it; what the table does not know it says nothing of.
        ("hydra", "os", None),
        ("flask", "flask", None),
        ("google", "google", None),
    ],
)
def test_a_requirement_by_an_import_s_name(name, module, other):
    assert misnomers.meant(name, [module]) == other


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("reqests", "requests"),
        ("matplotlb", "matplotlib"),
        ("beautifulsoup", "beautifulsoup4"),
        ("python-opencv", "opencv-python"),
        ("opencv-py", "opencv-python"),
        ("python-serial", "pyserial"),
        ("py-requests", "requests"),
    ],
)
def test_names_that_may_have_been_meant(wrong, meant):
    assert similar(wrong)[0] == meant


def test_what_says_the_same_is_all_that_is_suggested():
    assert similar("python-opencv") == ("opencv-python",)


@pytest.mark.parametrize("name", ["snake-ai-helper-pro", "python-snake-helper", "regex"])
def test_an_invention_is_like_nothing(name):
    assert similar(name) == ()
