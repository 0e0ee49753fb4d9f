"""What is to be done for a connection, and when. Global rows: ids and times only."""
