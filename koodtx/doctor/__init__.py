"""`koodtx doctor`: checks of this machine and of the database, each with what to do if something is wrong."""
