"""csv_export_1m: a million rows as CSV over HTTP, and by COPY of the same SELECT into a file."""
