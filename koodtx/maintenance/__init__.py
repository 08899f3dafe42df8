"""Clean-up, optimisation and the report about storage: by schedule, as jobs, and by hand."""
