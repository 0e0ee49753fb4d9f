"""HTTP beside the pages: signing in and out, downloads, health; and what wraps every request."""
