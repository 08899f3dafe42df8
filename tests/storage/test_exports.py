"""An export from the request to the bytes that its link gives, with storage in a folder and in S3."""

import zipfile
from io import BytesIO
from typing import Any

import httpx
import pytest

from koodtx.settings import Settings
from tests.support.aliases import Client, Db
from tests.support.databases import value
from tests.support.processes import StartWorker
from tests.support.requests import push, push_body
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.api, pytest.mark.tasks]


def get(client: Client, url: str, **headers: str) -> Any:
    """From the service, or from S3."""
    return client.get(url, headers=headers) if url.startswith("/") else httpx.get(url, headers=headers)


def test_what_the_link_gives_is_what_a_download_gives(
    client: Client, auth_headers: dict[str, str], settings: Settings, start_worker: StartWorker,
    sensor_data_batch: list[Any], db: Db,
) -> None:  # fmt: skip
    for name in ("walk", "산책"):
        push(client, auth_headers, push_body(sensor_data_batch, name, end_time="2025-10-09T09:00:00Z"))
    start_worker()
    jobs = {}
    for file_format, names in (("csv", ["walk"]), ("parquet", ["산책"]), ("zip", ["walk", "산책"])):
        wanted = {"session_ids": names, "format": file_format}
        reply = client.post("/api/v1/exports", json=wanted, headers=auth_headers)
        assert reply.status_code == 202, reply.text
        jobs[file_format] = f"/api/v1/exports/{reply.json()['job_id']}"

    def state(file_format: str) -> Any:
        return client.get(jobs[file_format], headers=auth_headers).json()

    wait_until(lambda: all(state(name)["status"] in ("completed", "failed") for name in jobs), 60, "the exports")
    for file_format, name, download in (("csv", "walk.csv", "walk"), ("parquet", "산책.parquet", "산책")):
        done = state(file_format)
        assert (done["status"], done["error"], done["result"]["file_name"]) == ("completed", None, name)
        direct = client.get(f"/api/sessions/{download}/download?format={file_format}", headers=auth_headers)
        file = get(client, done["link"]["url"])
        assert file.content == direct.content
        assert file.headers["content-disposition"] == direct.headers["content-disposition"]
        assert done["result"]["bytes"] == len(direct.content)
    several = state("zip")
    whole = get(client, several["link"]["url"])
    assert several["result"]["file_name"] == "2-sessions.zip"
    assert {name.partition("/")[0] for name in zipfile.ZipFile(BytesIO(whole.content)).namelist()} == {"walk", "산책"}

    # Cut off in the middle, and resumed by another link.
    middle = len(whole.content) // 2
    etag = whole.headers["etag"]
    rest = get(client, state("zip")["link"]["url"], **{"Range": f"bytes={middle}-", "If-Range": etag})
    assert (rest.status_code, rest.content) == (206, whole.content[middle:])
    assert value(db, "select count(*) from app.stored_objects where stored_at is not null and user_id = 1") == 3
