"""What a failed test means and how to mend it: one table, by how the error's sentence reads.

The connectors word their errors; a test holds each sign here against what they say. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remedy:
    """``sign`` is a part of the error's sentence; ``steps`` are what a person does, in order."""

    provider: str
    sign: str
    meaning: str
    steps: tuple[str, ...]


ENTER = "Press Edit here and enter the new credentials."
_NETSUITE_ROLE = (
    "In NetSuite, open the token's role and add, under Permissions, Setup: REST Web Services, "
    "Log in using Access Tokens, and SuiteAnalytics Workbook.",
    "Under Permissions, Transactions and Lists, give it View on what is to be read.",
)
REMEDIES = (
    Remedy("", "holds a space", "A value was not copied whole.", (ENTER,)),
    Remedy("", "This is not a Stripe key", "The key was not copied whole.", (ENTER,)),
    Remedy(
        "stripe",
        "publishable key",
        "The key is the one for web pages, which may not read payouts.",
        ("In Stripe, open Developers, API keys, and create a restricted key with read access.",
         ENTER),
    ),
    Remedy(
        "stripe",
        "Stripe refused the key",
        "Stripe does not know the key: it was rolled, deleted, or belongs to another account.",
        ("In Stripe, open Developers, API keys. Mind the switch between test and live mode.",
         "Create a restricted key with read access, and copy it whole: it is shown once.", ENTER),
    ),
    Remedy(
        "stripe",
        "key lacks a permission",
        "The key is good, and may not read everything that a tie-out needs.",
        ("In Stripe, open Developers, API keys, and edit the restricted key.",
         "Set Balance, Charges, Refunds, Disputes, Payouts and Events to Read, and save.",
         "The key stays the same: nothing is to be entered here."),
    ),
    Remedy(
        "stripe",
        "refused the consent",
        "Stripe did not finish the consent.",
        ("Check that the Client ID and the Platform Secret Key are of the same platform.",
         "Add the connection once more."),
    ),
    Remedy(
        "shopify",
        "app lacks access",
        "The app is installed, and was not given a scope that is needed.",
        ("In the app's settings, under API access, add the scopes read_orders, read_all_orders, "
         "read_shopify_payments_payouts and read_shopify_payments_disputes.",
         "Release the new version and install it in the shop: only then do scopes count."),
    ),
    Remedy(
        "shopify",
        "refused the API Key and API Secret",
        "Shopify gives this app no token for this shop.",
        ("Copy Client ID and Client secret of the app once more, both whole.",
         "Check that the app is installed in this very shop.", ENTER),
    ),
    Remedy(
        "shopify",
        "Shopify refused the access",
        "The app was removed from the shop, or its token was replaced.",
        ("In the shop, open Settings, Apps, and see whether the app is there; install it again.",
         ENTER),
    ),
    Remedy(
        "shopify",
        "Shop Domain",
        "There is no shop at this address.",
        ("Take the address that ends in .myshopify.com, not the one that customers see. It "
         "stands in the shop under Settings, Domains.", ENTER),
    ),
    Remedy(
        "shopify",
        "frozen this shop",
        "Shopify has closed the shop for now. The credentials may well be good.",
        ("Have the shop's owner look under Settings, Billing.",),
    ),
    Remedy(
        "netsuite",
        "clock of this server",
        "NetSuite takes no request whose time is more than five minutes off.",
        ("Have the server's clock set by NTP. Nothing at NetSuite is to be changed.",),
    ),
    Remedy(
        "netsuite",
        "know the Consumer Key",
        "NetSuite does not know the integration in this account.",
        ("In NetSuite, open Setup, Integration, Manage Integrations: the record must exist in "
         "this account (a sandbox has its own) and be Enabled.", ENTER),
    ),
    Remedy(
        "netsuite",
        "integration is blocked",
        "The integration record was disabled.",
        ("In NetSuite, open Setup, Integration, Manage Integrations, and set its state to "
         "Enabled.",),
    ),
    Remedy(
        "netsuite",
        "Secret or the Token Secret",
        "One of the two secrets is not the one that belongs to its key.",
        ("NetSuite shows each secret once. If it is lost, reset the credentials of the "
         "integration record, and create a new token.", ENTER),
    ),
    Remedy(
        "netsuite",
        "Token ID in this account",
        "The token was revoked, or is one of another account.",
        ("Check the Account ID: a sandbox ends in _SB1.",
         "In NetSuite, open Setup, Users/Roles, Access Tokens, and create a token for the same "
         "user, role and integration.", ENTER),
    ),
    Remedy(
        "netsuite",
        "may not use it",
        "The credentials are good; their role may not use the web services.",
        _NETSUITE_ROLE,
    ),
    Remedy(
        "netsuite",
        "lacks a permission",
        "The credentials are good; their role lacks a permission.",
        _NETSUITE_ROLE,
    ),
    Remedy(
        "netsuite",
        "cannot read what is needed",
        "The credentials are good; their role may not read what is needed.",
        _NETSUITE_ROLE,
    ),
    Remedy(
        "netsuite",
        "Account ID",
        "There is no NetSuite account of that name.",
        ("In NetSuite, open Setup, Company, Company Information, and copy the Account ID.", ENTER),
    ),
    Remedy(
        "netsuite",
        "gave no token",
        "NetSuite gives no token for what was shown.",
        ("Check that the certificate has not ended, and that the private key is its own.",
         "Check that the integration record allows this way in.", ENTER),
    ),
)  # fmt: skip
PASSING = Remedy(
    "",
    "",
    "The provider is busy or away. Nothing is wrong with the credentials.",
    ("Wait a little. The connection is looked at again by itself.",),
)
PASSING_SIGNS = (
    "had a problem", "limits the rate", "as many requests", "has not answered", "in time",
    "was lost", "under maintenance",
)  # fmt: skip
GENERAL = Remedy(
    "", "", "", ("Check the account at the provider, or use Edit to enter new credentials.",)
)


def remedy_for(provider: str, error: str) -> Remedy:
    """What to do about an error of a connection to ``provider``."""
    if any(sign in error for sign in PASSING_SIGNS):
        return PASSING
    return next(
        (it for it in REMEDIES if it.provider in (provider, "") and it.sign in error), GENERAL
    )
