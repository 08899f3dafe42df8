"""Takes: recordings of lines by users, and what an analysis server finds about them."""
