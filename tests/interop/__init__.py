"""Our files in other people's programs. Not part of make test: `make interop` asks for them."""
