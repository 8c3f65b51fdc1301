"""What every chart shares: links that may be missing, and coordinates written in few bytes."""

from django.utils.html import format_html
from django.utils.safestring import SafeString


def linked(url: str, text: SafeString | str) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text) if url else format_html("{}", text)


def coordinate(number: float) -> str:
    """A coordinate with at most two decimals and no needless zeros: bytes count on a phone."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
