"""The demo workspace: two people and sandbox connections, so that everything can be tried."""

import secrets
from pathlib import Path

import httpx
from pydantic import SecretStr

from ecomops import runtime
from ecomops.domains.connections.fields import FORMS
from ecomops.domains.connections.schemas import CreateConnection, ListConnections
from ecomops.domains.connections.service import create_connection, list_connections
from ecomops.domains.identity.people import AddPerson, add_person
from ecomops.domains.identity.queries import find_tenant
from ecomops.domains.identity.schemas import Register
from ecomops.domains.identity.service import register
from ecomops.domains.plans.service import set_plan
from ecomops.domains.sync.schemas import StartSync
from ecomops.domains.sync.service import start_sync
from ecomops.kit.context import Context
from ecomops.kit.errors import ConflictError
from ecomops.kit.settings import get_settings
from ecomops.local.administration import connected, system_of
from ecomops.local.sign_ins import SignIn, keep_sign_ins

SLUG = "demo"
CONTROLLER = "casey@demo.example.com"
APPROVER = "alex@demo.example.com"


def seed() -> None:
    """Make what is missing of the demo workspace, and start a sync of its connections.

    Raises ConflictError in production, and when somebody else has taken the slug.
    """
    settings = get_settings()
    if settings.env == "production":
        raise ConflictError("The demo workspace exists in local and test environments only.")
    with connected() as nobody:
        if runtime.run(nobody, find_tenant, SLUG) is None:
            _make_workspace(nobody, settings.data_dir)
        system = system_of(nobody, SLUG)
        known = runtime.run(system, list_connections, ListConnections(include_revoked=True))
        if not known:
            for connection in _sandbox_connections():
                runtime.run(system, create_connection, connection)
        runtime.run(system, start_sync, StartSync())


def _make_workspace(nobody: Context, data_dir: Path) -> None:
    controller = SignIn("controller", CONTROLLER, _password())
    approver = SignIn("approver", APPROVER, _password())
    # Kept first: a password that nobody can read again would lock the workspace for ever.
    keep_sign_ins(data_dir, [controller, approver])
    command = Register(
        organization_name="Nordwind Trading",
        slug=SLUG,
        name="Casey Controller",
        email=controller.email,
        password=SecretStr(controller.password),
    )
    runtime.run(nobody, register, command)
    system = system_of(nobody, SLUG)
    person = AddPerson("Alex Approver", approver.email, "finance", SecretStr(approver.password))
    runtime.run(system, add_person, person)
    runtime.run(system, set_plan, "pro")


def _sandbox_connections() -> list[CreateConnection]:
    base = get_settings().sandbox_base
    answer = httpx.get(f"{base}/credentials.json", timeout=30, trust_env=False).raise_for_status()
    told = answer.json()
    return [
        CreateConnection(
            provider,
            f"Nordwind {name}",
            "sandbox",
            {field: SecretStr(told[provider][field]) for field in FORMS[provider]},
        )
        for provider, name in (("netsuite", "NetSuite"), ("shopify", "Shopify"),
                               ("stripe", "Stripe"))
    ]  # fmt: skip


def _password() -> str:
    return "-".join(secrets.token_hex(3) for _ in range(3))
