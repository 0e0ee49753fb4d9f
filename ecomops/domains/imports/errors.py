"""What can be wrong with an import."""

from ecomops.kit.errors import ConflictError, NotFoundError


class DraftGoneError(NotFoundError):
    """The file was imported, expired, or is another person's."""

    def __init__(self) -> None:
        super().__init__("This upload is not there any more. Upload the file again.")


class ImportedBeforeError(ConflictError):
    """The very same file is stored already."""

    def __init__(self, file_name: str, on: str) -> None:
        super().__init__(f"This file was imported before, as '{file_name}' on {on} UTC.")
