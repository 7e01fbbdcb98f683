"""Files as they are handed to services: in a text, a data URL, or a record that holds one."""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import orjson
from pydantic import JsonValue

from one.providers.base.asking import refused

MOST = 25 * 1024 * 1024
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"WAVE", 8, "audio/wav"),
    (b"%PDF-", 0, "application/pdf"),
    (b"ftyp", 4, "video/mp4"),
    (b"\x1aE\xdf\xa3", 0, "video/webm"),
    (b"OggS", 0, "audio/ogg"),
    (b"ID3", 0, "audio/mpeg"),
    (b"\xff\xfb", 0, "audio/mpeg"),
    (b"PK\x03\x04", 0, "application/zip"),
)
_KNOWN = {kind for _, _, kind in _MAGIC}
_SAME = {"audio/mp4": "video/mp4", "video/quicktime": "video/mp4", "audio/x-wav": "audio/wav"}


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    kind: str
    name: str


def read_file(value: JsonValue, name: str = "file") -> File:
    """A file out of what a feature has. Raises Outside for one that is too long, broken, or not of
    the kind that it says.
    """
    said = ""
    if isinstance(value, dict):
        name = str(value.get("name") or name)
        said = str(value.get("contentType") or "")
        held = next((value[key] for key in ("data", "base64", "text", "url") if key in value), None)
        if "base64" in value:
            held = f"data:{said or 'application/octet-stream'};base64,{held}"
        value = value if held is None else held
    if not value:
        raise refused(f"The file {name} is empty.")
    if isinstance(value, str) and value.startswith("data:"):
        head, _, rest = value.partition(",")
        said, content = head[5:].partition(";")[0] or said, _decoded(head, rest, name)
    else:
        content = value.encode() if isinstance(value, str) else orjson.dumps(value)
    if len(content) > MOST:
        raise refused(f"The file {name} is longer than {MOST // 1024 // 1024} MB.")
    return File(content, _kind(content, said, name), name)


def link_of(value: JsonValue) -> str:
    """The address where a file lies that isn't itself here; empty where there is none."""
    if isinstance(value, dict):
        value = value.get("url") or value.get("sourceUrl")
    found = value if isinstance(value, str) else ""
    return found if found.startswith(("https://", "http://")) else ""


def _decoded(head: str, rest: str, name: str) -> bytes:
    try:
        if head.endswith(";base64"):
            return base64.b64decode(rest, validate=True)
        return unquote_to_bytes(rest)
    except binascii.Error as error:
        raise refused(f"The file {name} is broken.") from error


def _kind(content: bytes, said: str, name: str) -> str:
    """What the first bytes say it is. Raises Outside where that isn't what it says itself."""
    found = next((k for magic, at, k in _MAGIC if content[at : at + len(magic)] == magic), "")
    said = said.strip().lower()
    if said in _KNOWN | _SAME.keys() and _SAME.get(said, said) != found:
        raise refused(f"The file {name} says that it is {said}, and is not.")
    if found:
        return said if _SAME.get(said) == found else found
    try:
        content.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return said if said.startswith("text/") or said == "image/svg+xml" else "text/plain"
