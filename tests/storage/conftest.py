"""Storage in a folder and in S3: each test that asks for `objects` runs with both."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from koodtx.database.pool import make_pool
from koodtx.settings import Settings
from koodtx.storage.files import NewFile, store_file
from koodtx.storage.objects import Objects
from koodtx.storage.store import StoredObject
from tests.support.files import Changes, Store, pieces
from tests.support.s3_server import make_bucket, s3_server
from tests.support.settings import make_settings

_buckets = itertools.count()


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    with s3_server() as url:
        yield url


@pytest.fixture(params=["folder", "s3"])
def storage_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Changes:
    """Settings of an empty store."""
    if request.param == "folder":
        return {"storage_url": (tmp_path / "objects").as_uri()}
    url, bucket = request.getfixturevalue("s3"), f"bucket-{next(_buckets)}"
    make_bucket(url, bucket)
    return {
        "storage_url": f"s3://{bucket}/some/prefix",
        "s3_endpoint": url,
        "s3_access_key_id": "key",
        "s3_secret_access_key": "secret",
    }


@pytest.fixture
def settings(database_url: str, redis_url: str, storage_settings: Changes) -> Settings:
    return make_settings(database_url, redis_url=redis_url, **storage_settings)


@pytest.fixture
def objects(storage_settings: Changes) -> Objects:
    return Objects(make_settings("", **storage_settings))


@pytest.fixture
def store(settings: Settings) -> Store:
    """Stores a file as a room does."""

    async def store(*body: bytes, **fields: Any) -> StoredObject:
        given = {"purpose": "export", "user_id": None, "file_name": "산책.csv", "media_type": "text/csv"} | fields
        async with make_pool(settings) as pool:
            return await store_file(pool, Objects(settings), NewFile(**given), pieces(*body))

    return store
