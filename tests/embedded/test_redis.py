"""A private Redis."""

from pathlib import Path

import pytest
import redis

from koodtx.embedded import EmbeddedError
from koodtx.embedded.binaries import RedisBinary
from koodtx.embedded.redis import NO_RETRY, PrivateRedis

pytestmark = pytest.mark.integration


def test_a_life(redis_binary: RedisBinary, folder: Path) -> None:
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
        with redis.Redis(port=server.port or 0, retry=NO_RETRY) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    assert server.process.poll() == 0
    assert (server.data_dir / "redis.conf").stat().st_mode & 0o777 == 0o600


def test_two_at_once_and_one_folder_for_one_only(redis_binary: RedisBinary, folder: Path) -> None:
    with PrivateRedis(redis_binary, folder / "one") as one, PrivateRedis(redis_binary, folder / "two") as two:
        assert one.port != two.port
        with pytest.raises(EmbeddedError, match="Another process runs"):
            PrivateRedis(redis_binary, folder / "one").start()


def test_what_went_wrong_is_told(redis_binary: RedisBinary, folder: Path) -> None:
    broken = PrivateRedis(redis_binary, folder / "redis", settings={"maxmemory": "much"})
    with pytest.raises(EmbeddedError, match="delete"):
        broken.start()
    broken.stop()
