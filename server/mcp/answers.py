"""What a call brought about, as MCP carries it: one block of text and the same as structured content."""

import logging
import secrets
import traceback

from mcp.types import CallToolResult, ImageContent, TextContent

from paydesk.server.errors import PaydeskError
from paydesk.skills.base import Mode, Outcome, Result

logger = logging.getLogger("paydesk.mcp")
MODE_KEY = "paydesk/mode"


def answer(result: Result, mode: Mode) -> CallToolResult:
    """A result: its sentence and lines for readers of text, its JSON for programs.

    A write that Stripe refused is an error to the model, though its outcome is told like any other.
    """
    structured = result.structured()
    lines = [result.sentence(), *result.lines()]
    if structured.get("next_cursor"):  # who reads only the text has to be able to ask for more
        lines.append(f"next_cursor {structured['next_cursor']}")
    if structured.get("conversation"):  # the same for going on
        lines.append(f"conversation {structured['conversation']}")
    failed = isinstance(result, Outcome) and result.state == "failed"
    return _result("\n".join(lines), structured, mode, is_error=failed)


async def answer_with_picture(result: Result, mode: Mode) -> CallToolResult:
    """`answer`, and after its text the chart that was asked for, as PNG; figures never wait on a picture that fails."""
    told = answer(result, mode)
    chart = result.drawing()
    if chart is None:
        return told
    from base64 import b64encode

    from paydesk.server.charts import draw

    try:
        picture = await draw(chart, "png", mode)
    except PaydeskError as wrong:
        return told.model_copy(update={"content": [*told.content, TextContent(type="text", text=wrong.as_text())]})
    image = ImageContent(type="image", data=b64encode(picture).decode(), mime_type="image/png")
    return told.model_copy(update={"content": [*told.content, image]})


def refusal(error: PaydeskError, mode: Mode) -> CallToolResult:
    """An error the caller can act on; the output schemas are open so that `{"error": ...}` fits them."""
    told = error.as_dict()
    marks = {"code": "code", "field": "field", "stripe_code": "Stripe code", "decline_code": "decline code"}
    marks |= {"request_id": "Stripe request"}
    trail = ", ".join(f"{label} {told[key]}" for key, label in marks.items() if told.get(key))
    return _result(f"{error.as_text()}\n({trail})", {"error": told}, mode, is_error=True)


def breakdown(crash: Exception, where: str, mode: Mode) -> CallToolResult:
    """A fault of ours: the caller gets a number to quote, the log the place without a single value."""
    return refusal(masked(crash, where), mode)


def masked(crash: Exception, where: str) -> PaydeskError:
    """The error that stands for a fault of ours; what was raised goes to the log by type and place only."""
    incident = secrets.token_hex(4)
    frames = traceback.extract_tb(crash.__traceback__)[-6:]
    place = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    # No message and no values: an exception's text may hold a key or a customer's data.
    logger.error("incident %s in %s: %s at %s", incident, where, type(crash).__name__, place)
    return PaydeskError(
        f"Something went wrong inside paydesk (incident {incident}); it is not your request.",
        code="internal_error",
        next_step="Try once more; if it stays, look for the incident in paydesk's log.",
    )


def marked(text: str, mode: Mode) -> str:
    """The text, saying so where it comes from the sandbox."""
    return f"[sandbox] {text}" if mode == "sandbox" else text


def _result(text: str, structured: dict[str, object], mode: Mode, *, is_error: bool) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=marked(text, mode))],
        structured_content=structured,
        is_error=is_error,
        _meta={MODE_KEY: mode},
    )
