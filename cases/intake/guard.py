"""Owns the decision whether bytes may be parsed at all: kind by content, and the zip's honesty, size and parts.

Runs in the parsing child before any sheet parser. Rules: SECURITY UP-08..11 and IM-06; X06-X12 of bad_inputs.tsv.
"""

import re
import stat
import zipfile
import zlib

from .refusal import MIB, SheetRefused, refused

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
READ_BYTES = 1 << 18
NO_MEMORY = "Error -4 "  # how zlib.error begins when memory ran out: no fault of the file's
RATIO_FROM_BYTES = MIB  # below this a high ratio costs nothing: a template of empty bordered cells packs 1:60

XML_NAMES = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
DTD = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
EXTERNAL_PARTS = re.compile(
    r"^xl/(externalLinks|embeddings|activeX|queryTables|webextensions|model)/|^xl/connections\.xml$", re.IGNORECASE
)
MACRO_PARTS = re.compile(r"(^|/)vbaProject\.bin$|^xl/macrosheets/|^xl/dialogsheets/", re.IGNORECASE)
EXTERNAL_RELATION = re.compile(rb"<[^<>]*TargetMode\s*=\s*[\"']External[\"'][^<>]*>", re.IGNORECASE)


def kind_of(stream):
    """ "zip", "ole" or "text", by content alone; refuses pages, pictures and other things that are no sheet (UP-08)."""
    stream.seek(0)
    head = stream.read(4096)
    stream.seek(0)
    if head.startswith(OLE_MAGIC):
        return "ole"
    if head.startswith(b"PK"):
        return "zip"
    if not head:
        raise refused("no_rows")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"<meta", b"mime-version")):
        raise refused("web_page")
    if text.startswith((b"%pdf", b"{\\rtf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"\x1f\x8b", b"rar!", b"7z\xbc\xaf")):
        raise refused("not_a_sheet")
    return "text"


def open_workbook_zip(stream, limits):
    """A ZipFile whose every member was checked and read once to its end; raises SheetRefused.

    After this the declared sizes and checksums are known to be true, so later reads are bounded by them.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise refused("structure") from error
    members = archive.infolist()
    if len(members) > limits.members:
        raise refused("members", count=len(members), limit=limits.members)
    for member in members:
        _check_member(member)
    _check_layout(archive, members)
    _check_sizes(members, limits)
    _check_kind({member.filename for member in members})
    for member in members:
        _read_through(archive, member)
    return archive


def _check_member(member):
    """X09 for names that leave the package and for links; X06/X08 for locked or exotic members."""
    name = member.orig_filename
    parts = name.split("/")
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if is_link or "\\" in name or "\0" in name or name.startswith("/") or ".." in parts or ":" in parts[0]:
        raise refused("member_name")
    if member.flag_bits & 0x1:
        raise refused("password")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused("structure")


def _check_layout(archive, members):
    """X08: two members of one name, members that overlap (quoted bombs), or that lie outside the file."""
    names = [member.filename.lower() for member in members]
    if len(set(names)) != len(names):
        raise refused("structure")
    ordered = sorted(members, key=lambda member: member.header_offset)
    ends = [member.header_offset for member in ordered[1:]] + [archive.start_dir]
    for member, end in zip(ordered, ends, strict=True):
        local_header = 30 + len(member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437"))
        if member.header_offset < 0 or member.header_offset + local_header + member.compress_size > end:
            raise refused("structure")


def _check_sizes(members, limits):
    """X07 by the declared sizes; `_read_through` proves them afterwards."""
    if sum(member.file_size for member in members) > limits.unpacked_bytes:
        raise refused("unpacked", limit=limits.unpacked_bytes // MIB)
    for member in members:
        if member.file_size > RATIO_FROM_BYTES and member.file_size > limits.ratio * max(member.compress_size, 1):
            raise refused("ratio", limit=limits.ratio)


def _check_kind(names):
    """UP-08 and X12 by the parts the package has."""
    if any(MACRO_PARTS.search(name) for name in names):
        raise refused("macro")
    if any(name.lower() == "xl/workbook.bin" for name in names):
        raise refused("xlsb")
    if any(EXTERNAL_PARTS.search(name) for name in names):
        raise refused("external")
    if "[Content_Types].xml" in names and "xl/workbook.xml" in names:
        return
    if "mimetype" in names or "content.xml" in names:
        raise refused("ods")
    raise refused("not_a_sheet")


def _read_through(archive, member):
    """Unpack one member to nowhere: zipfile stops at the declared size and compares the checksum (X08);
    XML parts are searched for DTDs (X10, X11) and relations to the outside (X12) on the way.
    """
    is_xml = XML_NAMES.search(member.filename)
    tail, size = b"", 0
    try:
        with archive.open(member) as part:
            while chunk := part.read(READ_BYTES):
                size += len(chunk)
                if is_xml:
                    if not tail:
                        _check_encoding(chunk)
                    _check_xml(member.filename, tail + chunk)
                    tail = chunk[-1024:]
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
        if str(error).startswith(NO_MEMORY):
            raise MemoryError from error
        raise refused("structure") from error
    if size != member.file_size:
        raise refused("structure")


def _check_encoding(chunk):
    """X08 for XML in UTF-16/32: Excel writes UTF-8 only, and the searches below would be blind in anything else."""
    if b"\0" in chunk[:64] or chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refused("structure")


def _check_xml(name, text):
    """Refuse a DTD anywhere; in relations refuse outside targets that are not plain hyperlinks."""
    if b"<!" in text and DTD.search(text):
        raise refused("dtd_external" if re.search(rb"\b(SYSTEM|PUBLIC)\b", text) else "dtd_entities")
    if name.endswith(".rels"):
        for relation in EXTERNAL_RELATION.findall(text):
            if b"/hyperlink" not in relation:
                raise refused("external")
    elif name == "[Content_Types].xml" and b"macroEnabled" in text:
        raise refused("macro")


__all__ = ["SheetRefused", "kind_of", "open_workbook_zip"]
