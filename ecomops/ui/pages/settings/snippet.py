"""What a receiver of the audit stream checks: Python that stands by itself. A test runs it."""

VERIFY = '''\
import hashlib
import hmac
import time


def is_ours(secret: str, signature: str, body: bytes) -> bool:
    """`signature` is the header Ecomops-Signature, `body` the request's body as it came."""
    parts = dict(part.split("=", 1) for part in signature.split(","))
    signed = parts["t"].encode() + b"." + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(parts["t"])) < 300
    return fresh and hmac.compare_digest(expected, parts["v1"])
'''
