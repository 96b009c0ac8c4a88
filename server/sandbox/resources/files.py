"""Files: what is uploaded as evidence, for identification, as a logo; Stripe serves this on files.stripe.com.

Purposes, kinds of content, sizes and life: https://docs.stripe.com/file-upload
"""

import base64
from dataclasses import dataclass
from typing import Final

from paydesk.server.sandbox import lists, periods
from paydesk.server.sandbox.call import Answer, Call, Download
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.forms import Upload
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    choice,
    mapping,
    metadata,
    required,
    timestamp,
    upload,
)
from paydesk.server.sandbox.routes import Resource

# In-process there is no address to download from, so it is the one that Stripe's would have.
NOWHERE: Final = "https://files.stripe.com"
_KB: Final = 1024
_MB: Final = 1024 * _KB
_PICTURES: Final = ("jpg", "png")
_PAPERS: Final = ("pdf", *_PICTURES)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What may be uploaded for a purpose. `lives_s` None: for good; `is_own`: its owner may download it again."""

    types: tuple[str, ...]
    largest: int
    lives_s: int | None = None
    is_own: bool = True


# A whole request has 17 MB here (app.py), so what may be larger at Stripe is held to 16.
_PURPOSES: Final = {
    "account_requirement": Purpose(_PAPERS, 16 * _MB, is_own=False),
    "additional_verification": Purpose(_PAPERS, 16 * _MB, is_own=False),
    "business_icon": Purpose((*_PICTURES, "gif"), 512 * _KB),
    "business_logo": Purpose((*_PICTURES, "gif"), 512 * _KB),
    "customer_signature": Purpose((*_PICTURES, "svg"), 4 * _MB, 7 * periods.DAY_S),
    "dispute_evidence": Purpose(_PAPERS, 5 * _MB, 274 * periods.DAY_S),
    "identity_document": Purpose(_PAPERS, 16 * _MB, is_own=False),
    "issuing_regulatory_reporting": Purpose(("json",), 256 * _KB, 730 * periods.DAY_S),
    "pci_document": Purpose(("pdf",), 16 * _MB),
    "platform_terms_of_service": Purpose(("pdf", "txt", "md"), 16 * _MB, is_own=False),
    "tax_document_user_upload": Purpose((*_PAPERS, "csv", "docx", "xlsx"), 16 * _MB),
    "terminal_android_apk": Purpose(("apk",), 16 * _MB),
    "terminal_reader_splashscreen": Purpose((*_PICTURES, "gif"), 2 * _MB),
    "terminal_wifi_certificate": Purpose(("pem", "crt", "cer"), 16 * _MB, is_own=False),
    "terminal_wifi_private_key": Purpose(("pem", "key"), 16 * _MB, is_own=False),
}
# What Stripe itself makes, and lists may be asked for.
_MADE: Final = (
    *("document_provider_identity_document", "finance_report_run", "financial_account_statement"),
    *("identity_document_downloadable", "selfie", "sigma_scheduled_query"),
)
# The purposes whose files links may be made to (Stripe's OpenAPI, `file_links`).
LINKED: Final = frozenset(
    {"business_icon", "business_logo", "customer_signature", "dispute_evidence", "finance_report_run"}
    | {"financial_account_statement", "identity_document_downloadable", "issuing_regulatory_reporting"}
    | {"pci_document", "selfie", "sigma_scheduled_query", "tax_document_user_upload", "terminal_android_apk"}
    | {"terminal_reader_splashscreen"}
)
_BEGINNINGS: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
# What begins alike (or with nothing of its own) is told apart by the name that the sender gave it.
_BY_NAME: Final = ("apk", "cer", "crt", "csv", "docx", "json", "key", "md", "pem", "svg", "txt", "xlsx")
_CONTENT_TYPES: Final = {
    "gif": "image/gif",
    "jpg": "image/jpeg",
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
    "csv": "text/csv",
    "txt": "text/plain",
}
_NAME_LENGTH: Final = 255


def _links(call: Call, file: Object) -> Object:
    found = call.every("file_link", {"file": file["id"]})
    linked: Object = {
        "object": "list",
        "data": [{name: value for name, value in one.items() if not name.startswith("_")} for one in found],
        "has_more": False,
        "url": f"/v1/file_links?file={file['id']}",
    }
    return linked


def shown(call: Call, file: Object) -> Object:
    """With the links that there are."""
    if file["purpose"] in LINKED:
        file["links"] = _links(call, file)
    return file


FILE: Final = Kind(name="file", prefix="file_", called="file upload", param="file", indexed=("purpose",), shows=shown)

resource = Resource()


@resource.post(
    "/v1/files",
    {
        "file": required(upload()),
        "file_link_data": mapping({"create": required(boolean()), "expires_at": timestamp(), "metadata": metadata()}),
        "purpose": required(choice(*_PURPOSES)),
    },
)
def create(call: Call) -> Answer:
    """Keep a file, after a look at what it is and how large."""
    sent = call.params
    given: Upload = sent["file"]
    rule = _PURPOSES[sent["purpose"]]
    kind = _kind_of(given)
    _check(given, kind, sent["purpose"], rule)
    identifier = call.new_id("file_1")
    file: Object = {
        "id": identifier,
        "object": FILE.name,
        "created": call.now,
        "expires_at": None if rule.lives_s is None else call.now + rule.lives_s,
        "filename": _plain_name(given.filename) or f"{identifier}.{kind}",
        "purpose": sent["purpose"],
        "size": len(given.content),
        "title": None,
        "type": kind,
        "url": f"{call.origin or NOWHERE}/v1/files/{identifier}/contents",
    }
    if rule.is_own:
        # Beside the object, so that lists need not read it.
        call.store.set_fact(_kept_at(call, identifier), base64.b64encode(given.content).decode())
    else:
        file["url"] = None
    call.create(file, emits="file.created")
    wanted = sent.get("file_link_data", {})
    if wanted.get("create"):
        # A link names its file, and a file lists its links.
        from paydesk.server.sandbox.resources import file_links

        file_links.make(call, file, wanted, "file_link_data")
    return shown(call, dict(file))


def _kept_at(call: Call, identifier: str) -> str:
    return f"file:{call.account}:{identifier}"


def _plain_name(name: str) -> str:
    """The last part of a name, without what no file system takes."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(one for one in last if one.isprintable())[:_NAME_LENGTH]


def _kind_of(given: Upload) -> str | None:
    for beginning, kind in _BEGINNINGS:
        if given.content.startswith(beginning):
            return kind
    ending = given.filename.rpartition(".")[2].lower()
    return ending if ending in _BY_NAME else None


def _check(given: Upload, kind: str | None, purpose: str, rule: Purpose) -> None:
    if not given.content:
        raise StripeError("The file that was uploaded is empty.", param="file")
    if len(given.content) > rule.largest:
        limit = f"{rule.largest // _MB} MB" if rule.largest >= _MB else f"{rule.largest // _KB} KB"
        raise StripeError(f"The file is too large: for the purpose {purpose} it may have up to {limit}.", param="file")
    if kind not in rule.types:
        raise StripeError(
            f"Invalid file type: for the purpose {purpose} a file must be one of {', '.join(rule.types)}, by its "
            "content.",
            param="file",
        )


@resource.get("/v1/files", {**LISTING, "purpose": choice(*_PURPOSES, *_MADE)})
def list_all(call: Call) -> Answer:
    """Files, newest first, by purpose."""
    return lists.page(call, FILE.name, {"purpose": call.params.get("purpose")})


@resource.get("/v1/files/{file}")
def retrieve(call: Call, file: str) -> Answer:
    """One file; its content is at its `url`."""
    return call.get(FILE.name, file)


@resource.get("/v1/files/{file}/contents")
def contents(call: Call, file: str) -> Answer:
    """The file itself, for who has the key. Stripe's OpenAPI leaves this path out; a file's `url` names it."""
    return download(call, file)


def download(call: Call, identifier: str) -> Download:
    """A file to be saved; 404 for one that may not be had again, or that has expired."""
    found = call.get(FILE.name, identifier)
    kept = call.store.fact(_kept_at(call, identifier))
    if kept is None or (found["expires_at"] is not None and found["expires_at"] <= call.now):
        raise StripeError(
            f"The contents of {identifier} cannot be downloaded: its purpose ({found['purpose']}) does not allow it, "
            "or it has expired.",
            status=404,
        )
    kind = _CONTENT_TYPES.get(found["type"], "application/octet-stream")
    return Download(base64.b64decode(kept), kind, found["filename"])
