"""A real HTTP server that speaks S3, with a bucket of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import urllib3
from minio import Minio

from ecomops.local.children import spawn
from ecomops.local.ports import LOOPBACK
from tests.integration.provider import ROOT
from tests.ports import own_port

BUCKET = "ecomops-exports"
KEYS = ("access-key-of-tests", "secret-key-of-tests")


@dataclass(frozen=True)
class BucketServer:
    """A running server."""

    endpoint: str

    @property
    def client(self) -> Minio:
        """Somebody with the keys, beside the product."""
        return Minio(
            endpoint=self.endpoint.removeprefix("http://"), access_key=KEYS[0], secret_key=KEYS[1],
            secure=False, http_client=urllib3.PoolManager(retries=False),
        )  # fmt: skip

    @property
    def settings(self) -> dict[str, str]:
        """What leads the product there."""
        return {
            "ECOMOPS_EXPORT_STORAGE": f"s3://{BUCKET}/nightly/exports",
            "ECOMOPS_S3_ENDPOINT": self.endpoint,
            "ECOMOPS_S3_ACCESS_KEY": KEYS[0],
            "ECOMOPS_S3_SECRET_KEY": KEYS[1],
        }

    def names(self) -> list[str]:
        """What is in the bucket."""
        found = self.client.list_objects(bucket_name=BUCKET, recursive=True)
        return [str(one.object_name) for one in found]


@contextmanager
def bucket_server() -> Iterator[BucketServer]:
    """A server on a free port; gone at the end, with all that it held."""
    port = own_port()
    command = [sys.executable, "-m", "moto.server", "--host", LOOPBACK, "--port", str(port)]
    process = spawn(command, log=Path(os.devnull), cwd=ROOT)
    server = BucketServer(f"http://{LOOPBACK}:{port}")
    try:
        _await(server.endpoint)
        server.client.make_bucket(bucket_name=BUCKET)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _await(endpoint: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            httpx.get(endpoint, timeout=5)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server of buckets does not answer")
