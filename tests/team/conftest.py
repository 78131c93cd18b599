"""A database of MLflow for each test that asks for one: a copy of one that is made once."""

from __future__ import annotations

import pytest
from mlflow_helpers import database_in, empty_database


@pytest.fixture(scope="session")
def empty(tmp_path_factory):
    return empty_database(tmp_path_factory.mktemp("mlflow"))


@pytest.fixture
def client(tmp_path, empty, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with database_in(tmp_path, empty) as client:
        yield client
