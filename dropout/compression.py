"""Pages and API answers travel compressed; files go as they are, being compressed already or streamed.

Django pads each answer by a random length and masks the CSRF token anew in every answer, so that the size tells nothing
of a secret beside what somebody else put into the page (BREACH).
"""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

COMPRESSED = ("text/html", "application/json", "application/problem+json", "text/csv")


class CompressPages(GZipMiddleware):
    """gzip for what is text and whole; static files are WhiteNoise's, compressed once at start-up."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.streaming or not response.get("Content-Type", "").startswith(COMPRESSED):
            return response
        return super().process_response(request, response)
