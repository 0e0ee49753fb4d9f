"""Token-based authentication against published vectors, signed here and checked by the sandbox."""

from urllib.parse import unquote

import httpx
import pytest
from pydantic import SecretStr

from ecomops.connectors.netsuite.tba import TokenBasedAuth
from ecomops.kit.errors import ProviderContractError
from ecomops.sandbox.wire.netsuite.signature import base_string, hmac_sha256, read_header

CREDENTIALS = {
    "consumer_key": "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4",
    "consumer_secret": "d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5",
    "token_id": "2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc",
    "token_secret": "c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295",
}
NONCE, TIMESTAMP = "fjaLirsIcCGVZWzBX0pg", "1508242306"
VECTORS = [
    (
        "GET",
        "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40",
        "B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=",
    ),
    (
        "POST",
        "https://123456.restlets.api.netsuite.com/app/site/hosting/restlet.nl"
        "?script=6&deploy=1&customParam=someValue&testParam=someOtherValue",
        "+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ=",
    ),
    (
        "POST",
        "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/query/v1/suiteql"
        "?limit=1000&offset=2000",
        "SlHf1wwC0GeGz7WQOaLMfK2r4ZlYqjCSVA+vFvCid0U=",
    ),
]
ADDRESSES = [
    "http://127.0.0.1:19800/netsuite/1234567-sb1/services/rest/query/v1/suiteql?limit=1",
    "http://LOCALHOST:80/netsuite/a/services?limit=1",
    "https://proxy.example:443/x?b=%20%2B&a=1&a=0&empty=",
    "https://proxy.example:8443/a%20b/~c?q=%C3%A9",
]


def auth(realm: str = "1234567_SB1", **other: str) -> TokenBasedAuth:
    secrets = {name: SecretStr(value) for name, value in {**CREDENTIALS, **other}.items()}
    return TokenBasedAuth(secrets, realm)


def checked(method: str, url: str, told: dict[str, str]) -> str:
    """The signature as the sandbox computes it."""
    base = base_string(method, url, told)
    return hmac_sha256(base, CREDENTIALS["consumer_secret"], CREDENTIALS["token_secret"])


@pytest.mark.parametrize(("method", "url", "signature"), VECTORS)
def test_the_vectors_are_signed_and_checked(method: str, url: str, signature: str) -> None:
    header = auth().header(method, url, nonce=NONCE, timestamp=TIMESTAMP)
    told = read_header(header)
    assert told is not None
    assert told["oauth_signature"] == signature == checked(method, url, told)
    assert told["realm"] == "1234567_SB1"
    assert told["oauth_signature_method"] == "HMAC-SHA256"
    assert (told["oauth_nonce"], told["oauth_timestamp"]) == (NONCE, TIMESTAMP)
    assert "oauth_body_hash" not in told


def test_the_base_string_is_the_documented_one() -> None:
    method, url, _ = VECTORS[2]
    told = read_header(auth().header(method, url, nonce=NONCE, timestamp=TIMESTAMP))
    assert told is not None
    base = base_string(method, url, told)
    assert base.startswith(
        "POST&https%3A%2F%2F1234567-sb1.suitetalk.api.netsuite.com%2Fservices%2Frest%2Fquery%2Fv1"
        "%2Fsuiteql&limit%3D1000%26oauth_consumer_key%3D"
    )
    assert base.endswith("%26oauth_version%3D1.0%26offset%3D2000")


def test_the_example_of_rfc_5849_is_checked_with_sha_256() -> None:
    base = (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D"
        "%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce"
        "%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201"
        "%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )
    signature = hmac_sha256(base, "j49sk3j29djd", "dh893hdasih9")
    assert signature == "lIfydhbOitvsm4DvUwgM0NdR1Mzd08HnXI+q+EG0QKo="


def test_an_address_without_a_path_is_signed_as_its_root() -> None:
    told = {
        "oauth_consumer_key": "client_key", "oauth_nonce": "abc", "oauth_version": "1.0",
        "oauth_timestamp": "1234567890", "oauth_signature_method": "HMAC-SHA256",
    }  # fmt: skip
    signature = hmac_sha256(base_string("get", "http://example.com", told), "", "")
    assert signature == "JzgJWBxX664OiMW3WE4MEjtYwOjI/paUWHqtdHe68Es="


@pytest.mark.parametrize("url", ADDRESSES)
def test_port_and_path_prefix_belong_to_what_is_signed(url: str) -> None:
    sent = httpx.Request("POST", url)
    (signed,) = auth().auth_flow(sent)
    told = read_header(signed.headers["authorization"])
    assert told is not None
    assert told["oauth_signature"] == checked("POST", str(sent.url), told)
    other_port = str(sent.url.copy_with(port=19899))
    other_path = str(sent.url.copy_with(path="/other" + sent.url.path))
    for other in (other_port, other_path, str(sent.url) + "&more=1"):
        assert told["oauth_signature"] != checked("POST", other, told)
    assert told["oauth_signature"] != checked("GET", str(sent.url), told)


def test_no_two_requests_carry_the_same_nonce() -> None:
    headers = [read_header(auth().header("POST", ADDRESSES[0])) for _ in range(200)]
    nonces = {told["oauth_nonce"] for told in headers if told}
    assert len(nonces) == 200
    assert all(6 <= len(nonce) <= 64 for nonce in nonces)


def test_what_needs_escaping_is_escaped_once() -> None:
    odd = "a+b/c=d&e~f-g.h_i"
    header = auth(token_id=odd).header("GET", VECTORS[0][1])
    told = read_header(header)
    assert told is not None
    assert told["oauth_token"] == odd
    assert "a%2Bb%2Fc%3Dd%26e~f-g.h_i" in header
    assert unquote(header).count(odd) == 1
    assert told["oauth_signature"] == checked("GET", VECTORS[0][1], told)


def test_an_address_that_cannot_be_signed_is_refused() -> None:
    with pytest.raises(ProviderContractError):
        auth().header("GET", "no address")
