"""The keys of the audit log: the one that signs, and those whose signatures count."""

from ecomops.core.audit_log import PublicKeys, SigningKey
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import get_settings


def signing_key() -> SigningKey:
    """The key of this installation. Raises ConflictError while there is none."""
    text = get_settings().audit_signing_key.get_secret_value()
    if not text:
        raise ConflictError("ECOMOPS_AUDIT_SIGNING_KEY is not set, so nothing can be sealed.")
    return SigningKey(text)


def trusted_keys() -> PublicKeys:
    """The public keys of this installation, former ones included.

    They come from the settings alone: a key that stood in the database could be put there by
    whoever rewrites the log. Raises ConflictError.
    """
    return PublicKeys(signing_key().public, *get_settings().audit_former_keys)
