"""A push: decoded, arranged by sensor, stored in one transaction."""
