"""A private Redis."""

from pathlib import Path

import pytest
import redis

from koodtx.embedded.choose import RedisBinary
from koodtx.embedded.errors import EmbeddedError
from koodtx.embedded.redis import NO_RETRY, PrivateRedis

pytestmark = pytest.mark.integration


def test_killed_and_stopped_it_keeps_its_data(redis_binary: RedisBinary, folder: Path) -> None:
    with PrivateRedis(redis_binary, folder / "redis", settings={"appendfsync": "always"}) as server:
        url = server.url
        with redis.Redis.from_url(url) as client:
            client.set("kept", "1")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.start()
        assert server.url == url
        with redis.Redis.from_url(url) as client:
            assert client.get("kept") == b"1"
        with redis.Redis(port=server.port or 0, retry=NO_RETRY) as other, pytest.raises(redis.AuthenticationError):
            other.ping()
    assert server.process.poll() == 0
    assert (server.data_dir / "redis.conf").stat().st_mode & 0o777 == 0o600


def test_two_at_once_and_one_server_per_folder(redis_binary: RedisBinary, folder: Path) -> None:
    with PrivateRedis(redis_binary, folder / "one") as one, PrivateRedis(redis_binary, folder / "two") as two:
        assert one.port != two.port
        with pytest.raises(EmbeddedError, match="Another process runs"):
            PrivateRedis(redis_binary, folder / "one").start()


def test_failed_start_reports_why(redis_binary: RedisBinary, folder: Path) -> None:
    broken = PrivateRedis(redis_binary, folder / "redis", settings={"maxmemory": "much"})
    with pytest.raises(EmbeddedError, match="delete"):
        broken.start()
    broken.stop()
