"""KooDTX: the backend of a mobile sensing app."""

__version__ = "0.1.0"
