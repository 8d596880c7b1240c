"""What several notebooks of the course share: checks of exercises, critics in practice, pages, copies for a class."""
