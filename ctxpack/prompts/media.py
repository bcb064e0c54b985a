"""Tokens of parts that are no plain text: images by their size, documents and search results by what they say."""

from binascii import Error, a2b_base64
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ctxpack.tokens.images import ImageRule, image_size

# Parts whose tokens nothing in the body tells.
_OPAQUE = ("file", "input_audio", "container_upload")
# Pixels assumed of an image that stands elsewhere, or whose header does not say.
_ASSUMED = (1024, 1024)


@dataclass(frozen=True, slots=True)
class MediaCounter:
    """Counts a part's text as text, an image by its size, an unknown part as its JSON. Always an estimate.

    Attributes:
        count: tokens of a text.
        flat: tokens of a file that only the provider can read, and of an image without a rule.
        rule: how the model's provider counts images, None where that is not known.

    Thread-safety: that of `count`. Complexity: linear in the part's bytes.
    """

    count: Callable[[str], int]
    flat: int
    rule: ImageRule | None

    def tokens(self, part: object) -> int:
        fields = _object(part)
        kind = fields.get("type")
        if kind == "document":
            return self._texts(fields, "title", "context") + self._document(_object(fields.get("source")))
        if kind == "search_result":
            return self._texts(fields, "title", "source") + self._content(fields.get("content"))
        return self.flat if kind in _OPAQUE else self._simple(part)

    def _simple(self, part: object) -> int:
        """Tokens of a part that holds no others."""
        fields = _object(part)
        if fields.get("type") == "image":
            return self._image(_object(fields.get("source")).get("data"), None)
        if fields.get("type") == "image_url":
            image = fields.get("image_url")
            linked = {"url": image} if isinstance(image, str) else _object(image)
            return self._image(_embedded(linked.get("url")), linked.get("detail"))
        if fields.get("type") == "text":
            return self._texts(fields, "text")
        return self.count(msgspec.json.encode(part).decode())

    def _image(self, data: object, detail: object) -> int:
        if self.rule is None:
            return self.flat
        size = image_size(data) if isinstance(data, str) else None
        return self.rule.tokens(*(size or _ASSUMED), low=detail == "low")

    def _document(self, source: dict[str, object]) -> int:
        kind, data = source.get("type"), source.get("data")
        if kind == "content":
            return self._content(source.get("content"))
        if kind == "text" and isinstance(data, str):
            return self.count(data)
        if kind == "base64" and isinstance(data, str) and str(source.get("media_type")).startswith("text/"):
            return self.count(_decoded(data))
        return self.flat

    def _content(self, content: object) -> int:
        """Tokens of a content that is a string or an array of parts."""
        if isinstance(content, str):
            return self.count(content)
        return sum(map(self._simple, content)) if isinstance(content, list) else 0

    def _texts(self, fields: dict[str, object], *names: str) -> int:
        return sum(self.count(text) for name in names if isinstance(text := fields.get(name), str))


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _embedded(url: object) -> str | None:
    """The base64 of a data URL."""
    return url.partition(";base64,")[2] if isinstance(url, str) and url.startswith("data:") else None


def _decoded(data: str) -> str:
    try:
        return a2b_base64(data).decode(errors="replace")
    except (Error, ValueError):
        return data
