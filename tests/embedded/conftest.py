from tests.support.private_servers import binaries, folder, redis_binary

__all__ = ["binaries", "folder", "redis_binary"]
