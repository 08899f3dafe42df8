"""Background work: the table app.jobs is the queue, Redis only wakes workers up. Knows no other room."""
