"""My page: bookmarked lines, lines that the user has dubbed, and progress."""
