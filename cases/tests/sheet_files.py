"""Owns the hostile and honest files the sheet tests read: built here, byte by byte where a library would refuse."""

import io
import struct
import zipfile

import xlwt
import xlwt.CompoundDoc

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
ROOT_RELATIONS = (
    f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/></cellXfs>'
    "</styleSheet>"
)
HEADING = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>ชื่อ</t></is></c><c r="B1" t="inlineStr"><is><t>นามสกุล</t></is></c></row>'
)


def text(reference, value):
    return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'


def data_rows(count, first=2):
    return "".join(
        f'<row r="{n}">{text(f"A{n}", f"เด็ก{n}")}<c r="B{n}"><v>{n}</v></c></row>' for n in range(first, first + count)
    )


def worksheet(rows, before="", after="", prolog=""):
    return f'{prolog}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def package(sheets, extra=(), workbook_attributes="", states=()):
    """Parts of a workbook by name; `sheets` are worksheet XML texts named แผ่น1, แผ่น2, …"""
    states = states or ["visible"] * len(sheets)
    listed = "".join(
        f'<sheet name="แผ่น{i}" sheetId="{i}" state="{state}" r:id="rId{i}"/>' for i, state in enumerate(states, start=1)
    )
    relations = "".join(
        f'<Relationship Id="rId{i}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT_RELATIONS,
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr {workbook_attributes}/>'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/styles.xml": STYLES,
    }
    parts |= {f"xl/worksheets/sheet{i}.xml": sheet for i, sheet in enumerate(sheets, start=1)}
    return parts | dict(extra)


def zipped(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bomb(unpacked, member="xl/worksheets/sheet1.xml"):
    """A small file whose worksheet unpacks to `unpacked` bytes."""
    buffer = io.BytesIO()
    parts = package([""])
    del parts["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open(member, "w", force_zip64=True) as part:
            part.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            block = b" " * (1 << 20)
            for _ in range(unpacked >> 20):
                part.write(block)
            part.write(b"</sheetData></worksheet>")
    return buffer.getvalue()


def with_declared_size(data, member, size):
    """The zip `data` with another uncompressed size written for `member`, in the local and the central header."""
    data = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        offset = archive.getinfo(member).header_offset
    struct.pack_into("<I", data, offset + 22, size)
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", data, at + 28)[0]
        if bytes(data[at + 46 : at + 46 + length]) == member.encode():
            struct.pack_into("<I", data, at + 24, size)
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(data)


def overlapping(data, victim, other):
    """The zip `data` where the central entry of `other` points at the bytes of `victim`."""
    data = bytearray(data)
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        offset = archive.getinfo(victim).header_offset
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        length = struct.unpack_from("<H", data, at + 28)[0]
        if bytes(data[at + 46 : at + 46 + length]) == other.encode():
            struct.pack_into("<I", data, at + 42, offset)
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(data)


def xls(rows=3, hidden=(), dates_1904=False, storage_name=None, record=b""):
    """A genuine .xls; `record` is put after the first BOF, `storage_name` renames the workbook stream."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = dates_1904
    sheet = book.add_sheet("แผ่น1")
    for row in range(rows + 1):
        sheet.write(row, 0, "ชื่อ" if row == 0 else f"เด็ก{row}")
        sheet.write(row, 1, "เลข" if row == 0 else row)
        sheet.row(row).hidden = row in hidden
    buffer = io.BytesIO()
    if not record:
        book.save(buffer)
    else:
        stream = book.get_biff_data()
        first = 4 + struct.unpack_from("<H", stream, 2)[0]
        # the record moves the sheets on: their BOUNDSHEET offsets are wrong then, which a locked file never gets to use
        xlwt.CompoundDoc.XlsDoc().save(buffer, stream[:first] + record + stream[first:])
    data = buffer.getvalue()
    if storage_name:
        old, new = "Workbook".encode("utf-16-le"), storage_name.encode("utf-16-le")
        at = data.find(old)
        name = new.ljust(64, b"\0")
        data = data[:at] + name + struct.pack("<H", len(new) + 2) + data[at + 66 :]
    return data
