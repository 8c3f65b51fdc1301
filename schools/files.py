"""How a stored file leaves the house: only by a view that has asked who it is for, never by an address of its own.

Nothing serves MEDIA_ROOT, UPLOAD_DIR or EXPORT_DIR directly. What leaves cannot run, be guessed at or be kept (UP-05).
"""

from pathlib import Path

from django.http import FileResponse, Http404

SANDBOX = "default-src 'none'; sandbox"
INLINE = frozenset({"image/jpeg", "image/png", "image/webp"})  # what a page shows; all else is a download


def send_file(folder: Path, path: str, *, name: str, content_type: str) -> FileResponse:
    """The file `path` under `folder`, shown if it is a picture, else downloaded under `name` (Thai is fine, RFC 6266).

    Raises Http404 when it is not there, or not under `folder`.
    """
    whole = (folder / path).resolve()
    if not whole.is_relative_to(folder.resolve()) or not whole.is_file():
        raise Http404
    answer = FileResponse(
        whole.open("rb"), as_attachment=content_type not in INLINE, filename=name, content_type=content_type
    )
    answer["Content-Security-Policy"] = SANDBOX  # a page that a file pretends to be may load and run nothing
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
