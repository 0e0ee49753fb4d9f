"""What may stand in a name that people type."""

import re

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and halves of surrogate pairs: no database keeps them."""
