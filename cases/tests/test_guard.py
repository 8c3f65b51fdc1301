"""Hostile files are refused by name before a parser sees them."""

import io
import stat
import zipfile

import pytest

from cases.intake import biff, guard
from cases.intake.refusal import MIB, SMALL, Limits, SheetRefused, check_file_size, check_rows

from . import sheet_files as files


def refusal_of(data, limits=SMALL):
    with pytest.raises(SheetRefused) as caught:
        guard.open_workbook_zip(io.BytesIO(data), limits)
    return caught.value


def honest(**extra):
    return files.package([files.worksheet(files.HEADING + files.data_rows(3))], extra=extra)


def test_honest_workbook_passes_the_guard():
    archive = guard.open_workbook_zip(io.BytesIO(files.zipped(honest())), SMALL)
    assert "xl/workbook.xml" in archive.namelist()


def test_zip_bomb_over_unpacked_limit_is_x07():
    data = files.bomb(101 * MIB)
    assert len(data) < 200_000
    refusal = refusal_of(data)
    assert refusal.code == "X07"
    assert refusal.message_th == "ไฟล์ใหญ่เกินกำหนดเมื่อคลายออก (เกิน 100 MB)"
    assert refusal.message_en == "The unpacked file is too large (over 100 MB)."


def test_ratio_over_one_hundred_is_x07_even_when_small_enough():
    assert refusal_of(files.bomb(20 * MIB)).code == "X07"


def test_member_count_over_limit_is_refused_with_the_count():
    refusal = refusal_of(files.zipped(honest(**{f"xl/media/{n}.png": b"" for n in range(300)})))
    assert refusal.code == "X08"
    assert "305" in refusal.message_en or "306" in refusal.message_en


@pytest.mark.parametrize("size", [10, 10_000_000])
def test_wrong_declared_size_is_x08(size):
    data = files.with_declared_size(files.zipped(honest()), "xl/worksheets/sheet1.xml", size)
    assert refusal_of(data, Limits(5000, 60, 10 * MIB, 100 * MIB, ratio=10**9)).code == "X08"


def test_bomb_declaring_a_small_size_never_unpacks_further_than_declared():
    data = files.with_declared_size(files.bomb(101 * MIB), "xl/worksheets/sheet1.xml", 1000)
    assert refusal_of(data).code == "X08"


def test_overlapping_members_are_x08():
    data = files.overlapping(files.zipped(honest()), "xl/styles.xml", "xl/worksheets/sheet1.xml")
    assert refusal_of(data).code == "X08"


def test_two_members_of_one_name_are_x08():
    buffer = io.BytesIO(files.zipped(honest()))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/styles.xml", files.STYLES)
    assert refusal_of(buffer.getvalue()).code == "X08"


@pytest.mark.parametrize("name", ["../../etc/x", "/etc/x", "xl/../../x", "..\\x", "C:/x"])
def test_member_leaving_the_package_is_x09(name):
    assert refusal_of(files.zipped(honest(**{name: b"x"}))).code == "X09"


def test_symlink_member_is_x09():
    buffer = io.BytesIO(files.zipped(honest()))
    link = zipfile.ZipInfo("xl/link.xml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert refusal_of(buffer.getvalue()).code == "X09"


def test_external_entity_in_sheet_is_x10():
    prolog = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    sheet = files.worksheet(files.HEADING + files.data_rows(1), prolog=prolog)
    refusal = refusal_of(files.zipped(files.package([sheet])))
    assert (refusal.code, refusal.message_en) == ("X10", "The file has an unsafe part (DTD).")


def test_billion_laughs_in_shared_strings_is_x11():
    laughs = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst>&b;</sst>'
    assert refusal_of(files.zipped(honest(**{"xl/sharedStrings.xml": laughs}))).code == "X11"


def test_dtd_hidden_behind_another_encoding_is_refused():
    sheet = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x><worksheet/>'.encode("utf-16")
    assert refusal_of(files.zipped(files.package([sheet]))).code == "X08"


@pytest.mark.parametrize("cut", range(0, 40, 7))
def test_dtd_split_over_two_reads_is_still_found(cut):
    sheet = " " * (guard.READ_BYTES - cut) + '<!DOCTYPE worksheet PUBLIC "x" "y"><worksheet/>'
    assert refusal_of(files.zipped(files.package([sheet])), Limits(9, 9, 9, 10**9, ratio=10**9)).code in ("X10", "X11")


@pytest.mark.parametrize(
    "part", ["xl/externalLinks/externalLink1.xml", "xl/embeddings/oleObject1.bin", "xl/connections.xml"]
)
def test_external_parts_are_x12(part):
    assert refusal_of(files.zipped(honest(**{part: "<x/>"}))).code == "X12"


def test_relation_to_the_outside_is_x12_but_a_hyperlink_is_not():
    relation = (
        '<Relationships><Relationship Id="r" Type="{}/{}" Target="http://x" TargetMode="External"/></Relationships>'
    )
    name = "xl/worksheets/_rels/sheet1.xml.rels"
    assert refusal_of(files.zipped(honest(**{name: relation.format(files.OFFICE, "image")}))).code == "X12"
    link = files.zipped(honest(**{name: relation.format(files.OFFICE, "hyperlink")}))
    assert guard.open_workbook_zip(io.BytesIO(link), SMALL)


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ({"xl/vbaProject.bin": b"x"}, ".xlsm"),
        ({"[Content_Types].xml": files.TYPES.replace("application/xml", "x.macroEnabled.main+xml")}, ".xlsm"),
        ({"xl/workbook.bin": b"x"}, ".xlsb"),
    ],
)
def test_macro_and_binary_workbooks_are_refused_by_name(extra, word):
    refusal = refusal_of(files.zipped(honest(**extra)))
    assert refusal.code == "UP-08"
    assert word in refusal.message_th
    assert word in refusal.message_en


def test_ods_is_refused_by_name():
    ods = files.zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})
    assert ".ods" in refusal_of(ods).message_en


def test_any_other_zip_is_no_sheet():
    assert refusal_of(files.zipped({"a.txt": "x"})).code == "UP-08"


def test_broken_zip_is_x08():
    assert refusal_of(files.zipped(honest())[:-30]).code == "X08"


@pytest.mark.parametrize("head", [b"%PDF-1.7", b"<html><table>", b"<?xml version='1.0'?>", b"\x89PNG\r\n"])
def test_other_kinds_of_files_are_refused_by_content(head):
    with pytest.raises(SheetRefused) as caught:
        guard.kind_of(io.BytesIO(head + b" more"))
    assert caught.value.code == "UP-08"


def test_encrypted_package_is_x06():
    with pytest.raises(SheetRefused) as caught:
        biff.inspect(files.xls(storage_name="EncryptedPackage"))
    assert caught.value.code == "X06"


def test_xls_with_file_password_is_x06():
    with pytest.raises(SheetRefused) as caught:
        biff.inspect(files.xls(record=b"\x2f\x00\x06\x00" + bytes(6)))
    assert caught.value.code == "X06"


def test_xls_with_macros_is_refused_by_name():
    with pytest.raises(SheetRefused) as caught:
        biff.inspect(files.xls(storage_name="_VBA_PROJECT_CUR"))
    assert caught.value.code == "UP-08"


def test_xls_linking_to_another_file_is_x12():
    with pytest.raises(SheetRefused) as caught:
        biff.inspect(files.xls(record=b"\xae\x01\x08\x00" + bytes(8)))
    assert caught.value.code == "X12"


def test_xls_hidden_rows_and_calendar_are_found():
    hidden, is_1904 = biff.inspect(files.xls(rows=5, hidden=(2, 4), dates_1904=True))
    assert hidden == {0: [3, 5]}
    assert is_1904 is True


def test_ole_chain_that_loops_is_x08():
    data = bytearray(files.xls(rows=200))
    container = biff.Container(bytes(data))
    fat_sector = int.from_bytes(data[76:80], "little")
    start = next(entry[2] for entry in container.entries if entry[0] == "Workbook")
    at = (fat_sector + 1) * 512 + start * 4
    data[at : at + 4] = start.to_bytes(4, "little")
    with pytest.raises(SheetRefused) as caught:
        biff.inspect(bytes(data))
    assert caught.value.code == "X08"


def test_file_size_is_told_with_one_decimal():
    with pytest.raises(SheetRefused) as caught:
        check_file_size(int(10.1 * MIB), SMALL)
    assert caught.value.message_th == "ไฟล์ใหญ่ 10.1 MB เกิน 10 MB"
    with pytest.raises(SheetRefused) as caught:
        check_file_size(10 * MIB + 1, SMALL)
    assert "10.1 MB" in caught.value.message_en
    check_file_size(10 * MIB, SMALL)


def test_row_count_is_told_in_both_languages():
    with pytest.raises(SheetRefused) as caught:
        check_rows(5001, SMALL)
    assert caught.value.message_th == "มี 5,001 แถว เกิน 5,000 กรุณาแบ่งไฟล์"
    assert caught.value.message_en == "5,001 rows; the limit is 5,000. Split the file."
    check_rows(5000, SMALL)
