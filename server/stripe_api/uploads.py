"""A file on this machine as a write carries it: by path, size and hash, and read again when it is sent.

So the journal holds no copy of anybody's papers, and what is sent is what a person said yes to, byte for byte.
"""

import hashlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio

from paydesk.server.errors import NotSent
from paydesk.server.limits import UPLOAD_BYTES
from paydesk.skills.base import Json

PATH = "/v1/files"
_AGAIN = "Propose the upload again."


class Named(BytesIO):
    """Bytes with the name that the library puts beside them."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


def carried(path: Path, content: bytes) -> Json:
    """The parameter `file` of a write that uploads `content`, which stands at `path`."""
    return {"name": path.name, "path": str(path), "sha256": _hash(content), "size": len(content)}


def read(path: Path, *, most: int = UPLOAD_BYTES) -> bytes:
    """What stands in a file, and never more than one byte beyond `most`. Raises OSError."""
    with path.open("rb") as opened:
        return opened.read(most + 1)


async def filled(params: Mapping[str, Any]) -> Json:
    """The parameters of an upload with the file itself. Raises NotSent where it is gone or no longer the same."""
    file = params["file"]
    try:
        content = await anyio.to_thread.run_sync(read, Path(file["path"]))
    except OSError:
        raise NotSent("The file is no longer where it was.", code="file_gone", next_step=_AGAIN) from None
    if _hash(content) != file["sha256"]:
        raise NotSent("The file is not what it was when it was proposed.", code="file_changed", next_step=_AGAIN)
    return {**params, "file": Named(content, str(file["name"]))}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
