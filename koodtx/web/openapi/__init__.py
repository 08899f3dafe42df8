"""The OpenAPI document: what handlers declare (declare), its texts (config), its completion (document)."""
