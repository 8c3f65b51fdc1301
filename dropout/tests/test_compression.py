"""What travels compressed: pages and API answers, not files."""

import gzip

from django.http import FileResponse, HttpResponse
from django.test import RequestFactory

from dropout.compression import CompressPages

ASKED = {"HTTP_ACCEPT_ENCODING": "gzip"}
LONG = "งานของฉัน" * 200


def through(response):
    return CompressPages(lambda request: response)(RequestFactory().get("/", **ASKED))


def test_a_page_is_compressed_and_reads_the_same(client, db):
    answer = client.get("/login/", **ASKED)
    assert answer["Content-Encoding"] == "gzip"
    assert "เข้าสู่ระบบ" in gzip.decompress(answer.content).decode()


def test_a_file_goes_as_it_is(tmp_path):
    path = tmp_path / "รายชื่อ.xlsx"
    path.write_text(LONG)
    with path.open("rb") as handle:
        sent = through(FileResponse(handle))
        assert "Content-Encoding" not in sent
        assert b"".join(sent.streaming_content).decode() == LONG
    assert "Content-Encoding" not in through(HttpResponse(LONG.encode(), content_type="image/jpeg"))


def test_who_does_not_ask_for_gzip_gets_plain_text():
    plain = CompressPages(lambda request: HttpResponse(LONG))(RequestFactory().get("/"))
    assert "Content-Encoding" not in plain
