"""PNGs made small: the drawing library packs fast and loosely, and a chat carries every byte in base64."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def packed(png: bytes) -> bytes:
    """The same picture, its pixels packed anew (https://www.w3.org/TR/png-3/); without what is not its image."""
    head, pixels = b"", b""
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            head = content
        elif kind == b"IDAT":
            pixels += content
        at += 12 + length
    again = zlib.compress(zlib.decompress(pixels), 9)
    chunks = ((b"IHDR", head), (b"IDAT", again), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
