"""Credentials of a seed's merchant: the same for the same seed, not to be guessed from another."""

from hashlib import blake2b


def secret_of(seed: int, name: str) -> str:
    """48 hexadecimal digits."""
    return blake2b(f"{name}:{seed}".encode(), digest_size=24).hexdigest()
