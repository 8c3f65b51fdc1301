"""Pictures of a visit: taken in only as re-encoded JPEG without any metadata, kept under random names.

Limits (SECURITY UP-01–03): JPEG, PNG, WebP or HEIC by content and extension, ≤ 10 MB and ≤ 25 Mpx in, ≤ 2,048 px and
≤ 1 MB out, ten a visit.
"""

import hashlib
import io
import secrets
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import BinaryIO, NamedTuple

import pillow_heif
from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from schools.refusal import Refusal

pillow_heif.register_heif_opener()

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_SIDE = 2048
MAX_STORED = 1024 * 1024
MAX_PER_VISIT = 10
FORMATS = {"JPEG": {".jpg", ".jpeg"}, "PNG": {".png"}, "WEBP": {".webp"}, "HEIF": {".heic", ".heif"}}


class BadPhoto(Refusal):
    """The picture cannot be taken in; `code` is the id of bad_inputs.tsv where one fits."""

    def __init__(self, code: str, message_th: str, message_en: str):
        self.code = code
        super().__init__(message_th, message_en)


class Picture(NamedTuple):
    """A picture ready to be kept: JPEG bytes without metadata."""

    jpeg: bytes
    width: int
    height: int
    source_sha256: str

    def described(self) -> dict[str, str | int]:
        """What a row keeps of it beside the path."""
        kept = hashlib.sha256(self.jpeg).hexdigest()
        return {"sha256": kept, "width": self.width, "height": self.height, "size": len(self.jpeg)}


def take_in(file: BinaryIO, name: str) -> Picture:
    """Re-encode an uploaded picture. Raises BadPhoto; nothing is written."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise BadPhoto("UP-01", "รูปใหญ่เกิน 10 MB กรุณาย่อรูปก่อน", "The picture is over 10 MB. Make it smaller first.")
    picture = _decode(data, name)
    return Picture(*_encode(picture), hashlib.sha256(data).hexdigest())


def _decode(data: bytes, name: str) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=list(FORMATS))
        if picture.width * picture.height > MAX_PIXELS:  # the header alone says so; nothing is decoded yet
            raise BadPhoto("V13", "รูปใหญ่เกิน 25 ล้านพิกเซล", "The picture is over 25 megapixels.")
        if PurePath(name).suffix.lower() not in FORMATS[picture.format]:
            raise BadPhoto(
                "UP-01",
                f"นามสกุลไฟล์ “{PurePath(name).suffix}” ไม่ตรงกับเนื้อไฟล์ ({picture.format})",
                f"The file name says “{PurePath(name).suffix}” but the content is {picture.format}.",
            )
        picture.load()
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise BadPhoto("UP-01", "ไม่ใช่รูป JPEG, PNG, WebP หรือ HEIC", "Not a JPEG, PNG, WebP or HEIC picture.") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise BadPhoto("V14", "รูปไม่ครบหรือเสีย กรุณาแนบใหม่", "The picture is incomplete. Attach it again.") from None
    return picture


def _encode(picture: Image.Image) -> tuple[bytes, int, int]:
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((MAX_SIDE, MAX_SIDE))
    bare = Image.new("RGB", upright.size)  # a fresh image: nothing of the source but its pixels
    bare.paste(upright)
    for quality in (82, 70, 55, 40):
        out = io.BytesIO()
        bare.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= MAX_STORED:
            break
    return out.getvalue(), bare.width, bare.height


def keep(picture: Picture) -> str:
    """Write the picture under a random name; returns its path below MEDIA_ROOT."""
    name = secrets.token_hex(16)
    path = f"photos/{name[:2]}/{name}.jpg"
    target = settings.MEDIA_ROOT / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(picture.jpeg)
    return path


def keep_all(pictures: Iterable[Picture], told: Callable[[str, Picture], None]) -> None:
    """Keep pictures and write their rows (`told(path, picture)`); none is left on the disk when the transaction fails.

    Raises what `told` raises.
    """
    kept: list[str] = []
    try:
        for picture in pictures:
            kept.append(keep(picture))
            told(kept[-1], picture)
    except BaseException:
        for path in kept:
            forget(path)
        raise


def forget(path: str) -> None:
    """Remove a picture whose record was not saved."""
    (settings.MEDIA_ROOT / path).unlink(missing_ok=True)
