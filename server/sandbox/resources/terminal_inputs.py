"""Terminal: questions that a reader asks the customer, and the test helpers that answer them or let them go by."""

from typing import Any, Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    boolean,
    choice,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
)
from paydesk.server.sandbox.resources import terminal_readers
from paydesk.server.sandbox.routes import Resource

resource = Resource()

_MOST_INPUTS: Final = 5
_INPUT: Final = mapping(
    {
        "custom_text": required(
            mapping(
                {"description": text(), "skip_button": text(), "submit_button": text(), "title": required(text(40))}
            )
        ),
        "required": boolean(),
        "selection": mapping(
            {
                "choices": required(
                    list_of(
                        mapping(
                            {
                                "id": required(text(50)),
                                "style": choice("primary", "secondary"),
                                "text": required(text()),
                            }
                        )
                    )
                )
            }
        ),
        "toggles": list_of(
            mapping({"default_value": choice("disabled", "enabled"), "description": text(), "title": text()})
        ),
        "type": required(choice("email", "numeric", "phone", "selection", "signature", "text")),
    }
)
# What the simulated customer enters.
_ENTERED: Final = {"email": "customer@example.com", "numeric": "42", "phone": "+15555550100", "text": "Hello"}


@resource.post(
    "/v1/terminal/readers/{reader}/collect_inputs",
    {"inputs": required(list_of(_INPUT, _MOST_INPUTS)), "metadata": metadata()},
)
def collect(call: Call, reader: str) -> Answer:
    """Ask the customer something; the reader waits for answers."""
    found = terminal_readers.of(call, reader)
    inputs = [_asked(one, at) for at, one in enumerate(call.params["inputs"])]
    about = {"inputs": inputs, "metadata": merged_metadata({}, call.params.get("metadata") or {})}
    return terminal_readers.begin(call, found, "collect_inputs", about)


def _asked(sent: dict[str, Any], at: int) -> Object:
    kind = sent["type"]
    if kind == "selection" and "selection" not in sent:
        raise missing_parameter(f"inputs[{at}][selection]")
    words = {name: sent["custom_text"].get(name) for name in ("description", "skip_button", "submit_button", "title")}
    toggles = [
        {"default_value": one.get("default_value"), "description": one.get("description"), "title": one.get("title")}
        for one in sent.get("toggles", [])
    ]
    body: Object = {"custom_text": words, "required": sent.get("required", False), "toggles": toggles, "type": kind}
    if kind == "selection":
        choices = [{"style": None, **one} for one in sent["selection"]["choices"]]
        body["selection"] = {"choices": choices, "id": None, "text": None}
    else:
        body[kind] = {"value": None}
    return body


def _waiting(call: Call, reader: str) -> tuple[Object, list[Object]]:
    found = terminal_readers.of(call, reader)
    action = found["action"]
    if not action or action["type"] != "collect_inputs" or action["status"] != "in_progress":
        raise StripeError("The reader is not collecting inputs.")
    return found, action["collect_inputs"]["inputs"]


@resource.post(
    "/v1/test_helpers/terminal/readers/{reader}/succeed_input_collection",
    {"skip_non_required_inputs": choice("all", "none")},
)
def succeed(call: Call, reader: str) -> Answer:
    """The customer answers everything, or only what is required."""
    found, inputs = _waiting(call, reader)
    skips = call.params.get("skip_non_required_inputs") == "all"
    for one in inputs:
        one["skipped"] = skips and not one["required"]
        if not one["skipped"]:
            _enter(call, one)
    return terminal_readers.end(call, found)


def _enter(call: Call, asked: Object) -> None:
    kind = asked["type"]
    if kind == "selection":
        chosen = asked["selection"]["choices"][0]
        asked["selection"].update(id=chosen["id"], text=chosen["text"])
    elif kind == "signature":
        asked["signature"]["value"] = call.new_id("file_1", 23)
    else:
        asked[kind]["value"] = _ENTERED[kind]
    for toggle in asked["toggles"]:
        toggle["value"] = toggle["default_value"] or "disabled"


@resource.post("/v1/test_helpers/terminal/readers/{reader}/timeout_input_collection")
def time_out(call: Call, reader: str) -> Answer:
    """Nobody answers."""
    found, _ = _waiting(call, reader)
    message = "The customer did not answer in time."
    return terminal_readers.end(call, found, code="terminal_reader_timeout", message=message)
