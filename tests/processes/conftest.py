from tests.support.private_servers import folder

__all__ = ["folder"]
