"""Background work: the table app.jobs is the truth, Redis only rings the bell. Knows no other room."""
