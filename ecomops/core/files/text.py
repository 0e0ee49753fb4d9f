"""From bytes to text: the encoding, found out or chosen, and what is no text at all."""

from dataclasses import dataclass
from typing import Final

from charset_normalizer import from_bytes

from ecomops.kit.errors import InvalidInputError

MOST_BYTES: Final = 20 * 1024 * 1024
ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252 (Western)",
    "cp1250": "Windows-1250 (Central European)",
    "iso8859-15": "ISO 8859-15 (Western)",
    "mac-roman": "Mac Roman",
}
"""What a person can choose, and its name on screen."""

_SAMPLE: Final = 200_000
_GUESSED: Final = {"cp1252": "cp1252", "cp1250": "cp1250", "mac_roman": "mac-roman"}
_NOT_TEXT: Final = (
    (b"PK\x03\x04", "This is an Excel workbook or a zip file. Save the sheet as CSV first."),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook. Save the sheet as CSV first."),
    (b"%PDF", "This is a PDF. Download the statement as CSV instead."),
    (b"\x1f\x8b", "This file is compressed. Unpack it first."),
)
_NOT_CSV: Final = (
    (("<!doctype", "<html", "<table", "<?xml", "<ofx"), "This is a web page or XML, no CSV file."),
    (("ofxheader",), "This is an OFX file. Download the statement as CSV instead."),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A file as text. ``encoding`` is a key of ENCODINGS."""

    encoding: str
    text: str


def read_text(data: bytes, encoding: str = "") -> Text:
    """The text of a file; without ``encoding`` it is found out. Raises InvalidInputError."""
    if len(data) > MOST_BYTES:
        raise refused("The file is larger than 20 MB. Split it by period.")
    if not data.strip(b"\0\r\n\t ;,\xef\xbb\xbf"):
        raise refused("The file is empty.")
    for start, message in _NOT_TEXT:
        if data.startswith(start):
            raise refused(message)
    found = encoding or _encoding_of(data)
    if found not in ENCODINGS:
        raise InvalidInputError({"encoding": "Choose one of the encodings that are offered."})
    text = _decoded(data, found)
    _refuse_what_is_no_csv(text)
    return Text(found, text)


def refused(message: str) -> InvalidInputError:
    """The file cannot be read at all."""
    return InvalidInputError({"file": message})


def _encoding_of(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _looks_wide(data):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return _single_byte(data)
    return "utf-8"


def _single_byte(data: bytes) -> str:
    """Windows-1252 unless another one makes better sense."""
    guess = from_bytes(data[:_SAMPLE], cp_isolation=list(_GUESSED)).best()
    if guess is None or "cp1252" in guess.could_be_from_charset:
        return "cp1252"
    return _GUESSED.get(guess.encoding, "cp1252")


def _looks_wide(data: bytes) -> bool:
    """Whether every other byte of the beginning is NUL, as of UTF-16 without a mark."""
    start = data[:400]
    return any(start[first::2].count(0) > len(start) // 3 for first in (0, 1))


def _decoded(data: bytes, encoding: str) -> str:
    codec = {"utf-8": "utf-8-sig", "utf-16": _byte_order(data)}.get(encoding, encoding)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"Line {line} cannot be read as {ENCODINGS[encoding]}. Choose another encoding."
        raise InvalidInputError({"encoding": message}) from None
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise refused(f"Line {line} holds a NUL byte: this is no text file.")
    return text


def _byte_order(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    start = data[:400]
    return "utf-16-be" if start[0::2].count(0) > start[1::2].count(0) else "utf-16-le"


def _refuse_what_is_no_csv(text: str) -> None:
    start = text[:200].lstrip().lower()
    for beginnings, message in _NOT_CSV:
        if start.startswith(beginnings):
            raise refused(message)
    odd = sum(1 for one in text[:4000] if one < " " and one not in "\t\r\n")
    if odd:
        raise refused("The file holds control characters: it is no text file.")
