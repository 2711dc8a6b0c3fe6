"""How a system's id stands in an address: any text may be an id, and a slash in one must not part the address."""

from urllib.parse import unquote


class SystemId:
    """An id of the student information system. ``A/7`` is written ``A~2F7`` in an address, and ``A~7`` ``A~7E7``."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The id an address means."""
        return unquote(value.replace("%", "%25").replace("~", "%"))

    def to_url(self, value: str) -> str:
        """The id as it stands in an address; Django quotes what else has to be."""
        text = str(value).replace("~", "~7E").replace("/", "~2F")
        return f"~2E{text[1:]}" if text.startswith(".") else text  # a name of dots alone would lead elsewhere
