"""Files beside the database, in a folder or in S3: exports and uploads. Links to them expire."""
