"""Files that people upload: from bytes to typed lines, with every mistake named."""
