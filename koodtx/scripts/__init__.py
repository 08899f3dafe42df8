"""The catalogue of scripts: their lines, which the API calls tokens, actors, and reference audio."""
