"""HTTP that all rooms share: bodies, errors, logs, health, pages, the OpenAPI document. Imports no room."""
