"""File links: addresses under which a file may be had without a key, until they expire."""

from typing import Any, Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call, Page
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.pages import shell
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    clearable,
    merged_metadata,
    metadata,
    moment_or,
    required,
    text,
    timestamp,
)
from paydesk.server.sandbox.resources import files
from paydesk.server.sandbox.routes import Resource


def shown(call: Call, link: Object) -> Object:
    """Whether it has expired follows from the time."""
    link["expired"] = _is_over(call, link)
    return visible(link)


FILE_LINK: Final = Kind(
    name="file_link",
    prefix="link_",
    called="file link",
    param="link",
    indexed=("file", "_token"),
    expands=("file",),
    shows=shown,
)

resource = Resource()


def _is_over(call: Call, link: Object) -> bool:
    return link["expires_at"] is not None and link["expires_at"] <= call.now


def make(call: Call, file: Object, sent: dict[str, Any], prefix: str = "") -> Object:
    """Store a link to a file; StripeError for a purpose whose files nobody but the owner may see."""
    if file["purpose"] not in files.LINKED:
        raise StripeError(
            f"File links cannot be made for files with the purpose {file['purpose']}.",
            param=f"{prefix}[create]" if prefix else "file",
        )
    expires_at = sent.get("expires_at")
    _check_future(call, expires_at, f"{prefix}[expires_at]" if prefix else "expires_at")
    token = call.new_id("test_", 40)
    link: Object = {
        "id": call.new_id("link_1"),
        "object": FILE_LINK.name,
        "created": call.now,
        "expired": False,
        "expires_at": expires_at,
        "file": file["id"],
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "url": f"{call.origin or files.NOWHERE}/links/{token}",
        "_token": token,
    }
    return call.create(link)


def _check_future(call: Call, at: int | None, param: str) -> None:
    if at is not None and at <= call.now:
        raise StripeError("The `expires_at` timestamp must be in the future.", param=param)


@resource.post("/v1/file_links", {"expires_at": timestamp(), "file": required(text()), "metadata": metadata()})
def create(call: Call) -> Answer:
    """A link to a file."""
    return make(call, call.mention("file", call.params["file"], "file"), call.params)


@resource.get("/v1/file_links", {**LISTING, "expired": boolean(), "file": text()})
def list_all(call: Call) -> Answer:
    """Links, newest first, by file and whether they have expired."""
    over = "json_extract(o.body, '$.expires_at') IS NOT NULL AND json_extract(o.body, '$.expires_at') <= ?"
    only = None
    if "expired" in call.params:
        only = (over if call.params["expired"] else f"NOT ({over})", [call.now])
    return lists.page(call, FILE_LINK.name, {"file": call.params.get("file")}, matching=only)


@resource.get("/v1/file_links/{link}")
def retrieve(call: Call, link: str) -> Answer:
    """One link."""
    return call.get(FILE_LINK.name, link)


@resource.post(
    "/v1/file_links/{link}",
    {"expires_at": clearable(moment_or("now")), "metadata": metadata()},
)
def update(call: Call, link: str) -> Answer:
    """Move the end of a link (`now` ends it at once, an empty value lets it last), or change its metadata."""
    found = call.get(FILE_LINK.name, link)
    sent = call.params
    if _is_over(call, found) and "expires_at" in sent:
        raise StripeError("This file link has expired. An expired link cannot be changed.", param="expires_at")
    if "expires_at" in sent:
        wanted = sent["expires_at"]
        at = call.now if wanted == "now" else None if wanted is None else timestamp().read(wanted, "expires_at")
        if wanted != "now":
            _check_future(call, at, "expires_at")
        found["expires_at"] = at
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    return call.save(found)


@resource.get("/links/{token}")
def follow(call: Call, token: str) -> Answer:
    """Ours: what stands at a link's address; no key is needed there."""
    found = next(iter(call.every(FILE_LINK.name, {"_token": token}, limit=1)), None)
    if found is None or _is_over(call, found):
        return Page(shell.page("Nothing here", "This link is not (or no longer) good."), status=404)
    return files.download(call, found["file"])
