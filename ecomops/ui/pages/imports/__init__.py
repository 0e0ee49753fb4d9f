"""Files that people bring: upload, preview, what was imported, and the lines of statements."""
