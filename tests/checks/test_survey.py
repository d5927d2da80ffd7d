"""What judges ask of source is asked once, of the files whose words promise an answer, and no answer is lost."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.checks.examples import RULES
from tests.checks.test_forms import FORMS

from apparch.app.python_source import Module, source_files
from apparch.app.repo import AppRepo
from apparch.app.survey import QUESTIONS, File, Question, Sieve, answers, of_python, surveyed
from apparch.catalogue import load_catalogue
from apparch.checks import judges
from apparch.repository import Problem, Repository

APP = RULES.parent / "app"
JUDGES = judges(load_catalogue().rules)
"""Questions are known once the judges are."""
MODULES = (
    "import os\nimport os as system\nfrom os import environ as variables, getenv as read\n",
    "print(os.environ['A'], os.getenv('B'), system.environ.get('C'), variables['D'], read('E'))\n",
    "from pydantic_settings import BaseSettings as Base\nclass S(Base):\n    database_url: str\n",
    "import signal as s\ns.signal(s.SIGTERM, print)\n",
    "from signal import SIGTERM, signal as take\ntake(SIGTERM, print)\n",
    "import logging.handlers as h\nh.RotatingFileHandler('a.log')\n",
    "from logging import basicConfig as set_up\nset_up(filename='a.log')\n",
    "from loguru import logger\nlogger.add('a.log')\n",
    "SETTINGS = {'class': 'logging.FileHandler'}\n",
    "if env == 'PROD' or os.getenv('STAGE') in (\"dev\", 'qa'):\n    pass\n",
    "LIVE = 'live'\nif settings.app_env != LIVE:\n    pass\n",
    "if profile == '\\x70rod':\n    pass\n",
    "match stage:\n    case 'a':\n        pass\n",
    "from fastapi import FastAPI as Api\napp = Api()\nPATH = '/orders'\n@app.get(PATH)\ndef f(): ...\n",
    "from starlette.routing import Mount\nMount('''/static''', None)\n",
    "from flask import Blueprint\nb = Blueprint('b', __name__)\n@b.route('\\x2fping')\ndef g(): ...\n",
    "HOST = '10.1.2.3'\nHOME = '/home/kim/data'\nNAME = 'DB.INTERNAL'\nV6 = 'http://[fd00::1]/'\n",
    "ESCAPED = '10\\x2e1\\x2e2\\x2e3'\n",
    "import httpx as web\nweb.get('https://api.acme.io/v1')\nPAY_URL = 'https://pay.acme.io'\nweb.get(PAY_URL)\n",
    "from http import client\nclient.HTTPSConnection('https://api.acme.io')\n",
    "import redis\nredis.Redis(host='cache')\n",
    "CHECKS = ['/health/live', f'{x}/ready', '\\N{SOLIDUS}startup']\n",
    "import tests.helpers\nfrom tests import \\\n    other\n",
    "import os, \\\n    tests.more\n",
    "import os.path; from test.support import x\n",
    "import ｏｓ\nprint(ｏｓ.ｅｎｖｉｒｏｎ['F'])\n",
    "password = 'hunter2Hunter2x'\n",
    "# a comment, 한글\n",
    "import logging as l\nl.basicConfig(level='DEBUG')\nl.getLogger().info(api_key)\n",
    "NAME = 'LOG\\x5fLEVEL'\nPORT = '\\x50ORT'\n",
    "from tenacity import retry as again\n@again\ndef f(): ...\n",
    "import requests as r\nr.get('x').json()\n",
    "from redis import Redis as R\nR(host='\\x6cocalhost')\n",
)
SOURCES = (
    "const url = process.env.API_URL\n",
    'host := os.Getenv("HOST")\n',
    'fetch("https://api.acme.io/orders")\n',
    "const db = '10.1.2.3:5432'\n",
    "if (process.env.NODE_ENV === 'production') { run() }\n",
    "new transports.File({ filename: 'a.log' })\n",
    "// fetch('https://api.acme.io')\n",
    'apiKey = "s3cr3tS3cr3tV4lue"\n',
)


@cache
def _examples() -> dict[str, bytes]:
    """All source of the examples in one app, each file under the name of its own folder."""
    found = {"src/app/shared/clock.py": b"from app import orders\n"}
    for path in sorted(RULES.rglob("*")):
        is_source = path.suffix in (".py", ".js", ".ts", ".go", ".java", ".rs", ".rb", ".xml", ".conf")
        if path.is_file() and (is_source or "OWN016" in path.parts):
            found[f"src/{path.relative_to(RULES).as_posix()}"] = path.read_bytes()
    for at, form in enumerate(FORMS):
        for name in ("files", "near"):
            found |= {f"src/{name}{at}/{path}": text.encode() for path, text in form.get(name, {}).items()}
    return found


def _asked(files: Mapping[str, str | bytes], questions: list[Question[Any, Any]]) -> list[list[Any]]:
    return list(surveyed(AppRepo(Repository.of(files)), questions).values())


def _without_words() -> list[Question[Any, Any]]:
    return [replace(each, words=(), lowered=()) for each in QUESTIONS]


def _parts(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _parts(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _parts(getattr(value, field.name))


def test_words_lose_no_answer_of_the_examples() -> None:
    """Each question has the same answers where it is asked of every file."""
    assert _asked(_examples(), QUESTIONS) == _asked(_examples(), _without_words())


def test_every_question_is_answered_by_some_example() -> None:
    """So that the comparison above compares something."""
    found = surveyed(AppRepo(Repository.of(_examples())), QUESTIONS)
    assert [each.ask for each, given_ in found.items() if not given_] == []


@settings(deadline=None)
@given(st.lists(st.sampled_from(MODULES), min_size=1, max_size=5), st.lists(st.sampled_from(SOURCES), max_size=3))
def test_words_lose_no_answer_however_a_module_is_written(modules: list[str], sources: list[str]) -> None:
    """Other names, other quotes, other cases, signs by their numbers, letters that Python takes for one another."""
    files = {"src/app/shared/a.py": "".join(modules), "src/app/b.ts": "".join(sources)}
    assert _asked(files, QUESTIONS) == _asked(files, _without_words())


def test_no_answer_holds_what_it_was_found_in() -> None:
    """A syntax tree, module or file that one answer holds would stay for the whole run."""
    kept = [part for given_ in _asked(_examples(), QUESTIONS) for part in _parts(given_)]
    assert [each for each in kept if isinstance(each, ast.AST | Module | File)] == []


def test_a_repository_is_read_once_for_all_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second judge finds its answers there."""
    repository = Repository.of({"src/app/a.py": "import os\nos.environ['A']\n", "src/app/b.py": "", "c.txt": "x"})
    read: list[str] = []
    load = repository._content

    def counted(path: str) -> bytes | Problem:
        read.append(path)
        return load(path)

    monkeypatch.setattr(repository, "_content", counted)
    for each in QUESTIONS:
        answers(AppRepo(repository), each)
    assert sorted(read) == ["c.txt", "src/app/a.py", "src/app/b.py"]


def test_a_question_made_later_is_asked_too() -> None:
    """A judge may be loaded after others have had their answers."""
    app = AppRepo(Repository.of({"src/app/a.py": "import json\n"}))
    answers(app, QUESTIONS[0])
    late = of_python(b"json")(lambda module: [name for _, name in module.imports])
    QUESTIONS.remove(late)
    assert answers(app, late) == ["json"]


def test_words_choose() -> None:
    """No question is asked of most modules of the reference app: a word of every module would promise nothing."""
    app = AppRepo(Repository(APP))
    files = [File(app, path, (APP / path).read_bytes()) for path in source_files(app)]
    sieve = Sieve(QUESTIONS)
    often = {
        each.ask: sum(bool(sieve.promised(file, [each])) for file in files if each.among(app, file.path))
        for each in QUESTIONS
        if each.of == "python"
    }
    assert [ask for ask, times in often.items() if times > len(files) / 3] == []
