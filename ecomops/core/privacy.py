"""Taking the person out of a provider's payload; amounts, ids and times stay."""

from typing import Any, Final

PERSONAL: Final = frozenset(
    {
        "address", "address1", "address2", "billing_address", "billing_details", "billingaddress",
        "browser_ip", "city", "client_details", "clientip", "company", "contact_email", "customer",
        "default_address", "displayaddress", "email", "first_name", "firstname", "last_name",
        "lastname", "latitude", "longitude", "note", "note_attributes", "customattributes",
        "phone", "receipt", "receipt_email", "receiptjson", "shipping", "shipping_address",
        "shippingaddress", "zip", "province",
    }
)  # fmt: skip
"""Names of fields that tell who somebody is, in lower case."""


def without_person(document: Any) -> Any:
    """A JSON value without its PERSONAL fields, at any depth."""
    if isinstance(document, dict):
        kept = {name: value for name, value in document.items() if not _tells(name, value)}
        return {name: without_person(value) for name, value in kept.items()}
    if isinstance(document, list):
        return [without_person(value) for value in document]
    return document


def _tells(name: str, value: Any) -> bool:
    # Stripe's and Shopify's ``shipping`` is an address or an amount: an amount stays.
    return name.lower() in PERSONAL and not isinstance(value, int)
