"""How a stored file leaves the house."""

import pytest
from django.http import Http404
from django.test import override_settings
from django.urls import path

from dropout import urls as real_urls
from schools.files import send_file

FOLDER = None


def sent(request, name):
    return send_file(FOLDER, name, name="รายชื่อ เด็ก.xlsx", content_type=request.GET["type"])


urlpatterns = [path("sent/<path:name>", sent), *real_urls.urlpatterns]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a1b2").write_bytes(b"<script>alert(1)</script>")
    (tmp_path / "secret").write_text("outside")
    monkeypatch.setattr(f"{__name__}.FOLDER", inside)
    with override_settings(ROOT_URLCONF=__name__):
        yield inside


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "shown"), [("image/jpeg", "inline"), ("text/html", "attachment"), ("image/svg+xml", "attachment")]
)
def test_file_leaves_sandboxed_unsniffed_unstored_and_by_its_thai_name(client, cast, folder, kind, shown):
    client.force_login(cast.teacher)
    answer = client.get("/sent/a1b2", {"type": kind})
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"].startswith(shown)
    assert "filename*=utf-8''%E0%B8%A3" in answer["Content-Disposition"]
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("name", ["../secret", "/etc/hostname", "none", ".", "a1b2/../../secret"])
def test_nothing_outside_the_folder_leaves(folder, name):
    with pytest.raises(Http404):
        send_file(folder, name, name="x", content_type="image/jpeg")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/media/a1b2", "/uploads/a1b2", "/exports/a1b2", "/static/../media/a1b2"])
def test_no_address_leads_to_a_stored_file(client, cast, address):
    client.force_login(cast.ministry)
    assert client.get(address).status_code == 404
