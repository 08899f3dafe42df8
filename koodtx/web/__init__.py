"""What every room's HTTP has in common: bodies, errors, limits, logs, health, documentation. Knows no room."""
