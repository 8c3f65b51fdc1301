"""Pictures: nothing of a file stays but its pixels, whatever kind it is (UP-01 to UP-03)."""

import io
import struct
import tracemalloc
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from cases import photos
from cases.tests.test_visits import picture

CANARY = "16.4321N-103.5060E"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><place>{CANARY}</place></x:xmpmeta>'.encode()
ICC = b"\0" * 40 + CANARY.encode() + b"\0" * 70


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = CANARY  # what it shows
    exif.get_ifd(0x8825)[29] = CANARY  # of GPS
    return exif


def _png_words() -> PngInfo:
    words = PngInfo()
    words.add_text("Comment", CANARY)
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return words


TELLING = {  # a picture of each kind that says where it was taken in every way its kind has
    "a.jpg": lambda: picture(exif=_exif(), comment=CANARY.encode(), icc_profile=ICC, xmp=XMP),
    "a.png": lambda: picture(fmt="PNG", exif=_exif(), pnginfo=_png_words()),
    "a.webp": lambda: picture(fmt="WEBP", exif=_exif(), xmp=XMP, icc_profile=ICC),
    "a.heic": lambda: picture(fmt="HEIF", exif=_exif(), xmp=XMP),
}


@pytest.mark.parametrize("name", TELLING)
def test_nothing_of_a_picture_stays_but_its_pixels_whatever_its_kind(name):
    source = TELLING[name]()
    assert CANARY.encode() in source.getvalue(), "the test itself must have something to lose"
    kept = photos.take_in(source, name).jpeg
    assert CANARY.encode() not in kept
    for mark in (b"Exif", b"http://ns.adobe.com", b"ICC_PROFILE", b"Photoshop"):
        assert mark not in kept
    opened = Image.open(io.BytesIO(kept))
    assert (opened.format, opened.size) == ("JPEG", (640, 480))
    assert not opened.getexif()
    assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def _huge_png(side: int = 50_000) -> io.BytesIO:
    """A picture of 1 bit a pixel whose header says 50,000 × 50,000, with all its rows: some 300 MB unpacked."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\0" * (side // 8 + 1)
    rows = b"".join(packer.compress(row * 100) for _ in range(side // 100)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def test_a_picture_of_too_many_pixels_is_refused_by_its_header_and_never_unpacked():
    huge = _huge_png()
    tracemalloc.start()
    try:
        with pytest.raises(photos.BadPhoto) as bad:
            photos.take_in(huge, "a.png")
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert bad.value.code in ("V13", "UP-01")
    assert most < 20 * 1024 * 1024


@pytest.mark.parametrize(
    ("head", "name"),
    [
        *((b"%PDF-1.7\n%picture", "a.pdf.jpg"), (b"GIF89a<script>alert(1)</script>", "a.jpg")),
        *((b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "a.png"), (b"BM" + b"\0" * 60, "a.jpg")),
        *((b"II*\0" + b"\0" * 60, "a.jpg"), (b"PK\x03\x04" + b"\0" * 60, "a.webp"), (b"\0" * 64, "a.heic")),
        *((b"\x89PNG\r\n\x1a\n", "a.png"), (b"RIFF\x10\0\0\0WEBP", "a.webp"), (b"\xff\xd8\xff\xe0", "a.jpg")),
        *((b"MZ" + b"\0" * 60, "a.jpg"), (b"#!/bin/sh\n", "a.png"), (b"\0\0\0\x18ftypheic", "a.heic")),
    ],
)
def test_what_only_pretends_to_be_a_picture_is_refused_in_two_languages(head, name):
    with pytest.raises(photos.BadPhoto) as bad:
        photos.take_in(io.BytesIO(head), name)
    assert bad.value.code in ("UP-01", "V14")
    assert bad.value.message_th
    assert bad.value.message_en


@pytest.mark.parametrize("name", ["a.jpg.php", "a", "a.svg", "a.jpeg.exe", "a.png"])
def test_a_true_picture_under_another_kinds_name_is_refused(name):
    with pytest.raises(photos.BadPhoto):
        photos.take_in(picture(), name)


def test_what_is_kept_is_at_most_a_megabyte_and_2048_pixels_a_side():
    noise = Image.effect_noise((4000, 3000), 120).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=60)
    out.seek(0)
    kept = photos.take_in(out, "a.jpg")
    assert max(kept.width, kept.height) == photos.MAX_SIDE == 2048
    assert len(kept.jpeg) <= photos.MAX_STORED == 1024 * 1024
