"""The bank's page for 3D Secure, and the calls that do without it. None of this has an API at Stripe."""

from typing import Final

from paydesk.server.sandbox import authentication, intents, money, paying, setting_up
from paydesk.server.sandbox.call import Answer, Call, Page
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.pages import shell
from paydesk.server.sandbox.params import choice, required, text
from paydesk.server.sandbox.routes import Resource

_OUTCOME: Final = {"outcome": required(choice("succeed", "fail"))}
_ACCOUNT: Final = {"account": text(40)}
_AT: Final = authentication.PAGE + "{intent}"
resource = Resource()


def _waiting(call: Call, identifier: str) -> Object:
    """The intent that waits for its customer; StripeError for one that does not."""
    kind = "setup_intent" if identifier.startswith("seti_") else "payment_intent"
    found = call.get(kind, identifier)
    if found["status"] != "requires_action":
        raise intents.unexpected(
            f"This {intents.name(found)} does not wait for the customer: it is {found['status']}.", found
        )
    return found


def _answer(call: Call, intent: Object, *, succeeded: bool) -> Object:
    action = (intent["next_action"] or {}).get("type")
    if action == "verify_with_microdeposits":
        raise StripeError("This bank account is verified with `verify_microdeposits`, not by its owner's answer.")
    flow = setting_up if intent["object"] == "setup_intent" else paying
    answered: Object = flow.authenticated(call, intent, succeeded=succeeded)
    return answered


@resource.post("/_sandbox/payment_intents/{intent}/authenticate", _OUTCOME)
def authenticate(call: Call, intent: str) -> Answer:
    """Ours: what the customer does on the bank's page, which has no API at Stripe."""
    return _answer(call, _waiting(call, intent), succeeded=call.params["outcome"] == "succeed")


@resource.post("/_sandbox/setup_intents/{intent}/authenticate", _OUTCOME)
def authenticate_setup(call: Call, intent: str) -> Answer:
    """Ours: the same for a setup intent."""
    return authenticate(call, intent)


@resource.get(_AT, _ACCOUNT)
def ask(call: Call, intent: str) -> Answer:
    """Ours: the bank's page, with a button for each answer."""
    found = _find(call, intent)
    if found is None or found["status"] != "requires_action":
        return Page(shell.page("Nothing to do here", "This payment does not wait for you (any more)."), status=404)
    if found["next_action"]["type"] == "verify_with_microdeposits":
        words = "The deposit's descriptor holds the code SM11AA. Verify it with a call of verify_microdeposits."
        return Page(shell.page("Look for a deposit", words))
    what = "Save your card"
    if found["object"] == "payment_intent":
        what = f"Pay {money.written(found['amount'], found['currency'])}"
    text_ = found["description"] or "3D Secure test page of the sandbox"
    account = call.params.get("account")
    hidden = shell.hidden("account", account)
    form = (
        f'<form method="post" class="choices">{hidden}<button class="yes" name="outcome" value="succeed">Succeed'
        '</button><button name="outcome" value="fail">Fail</button></form>'
    )
    return Page(shell.page(what, text_, form))


@resource.post(_AT, {**_OUTCOME, **_ACCOUNT})
def answer(call: Call, intent: str) -> Answer:
    """Ours: the customer's answer on the bank's page; the browser is sent to the intent's return_url."""
    found = _find(call, intent)
    if found is None or found["status"] != "requires_action":
        return Page(shell.page("Nothing to do here", "This payment does not wait for you (any more)."), status=404)
    return_url = (found["next_action"].get("redirect_to_url") or {}).get("return_url")
    succeeded = call.params["outcome"] == "succeed"
    found = _answer(_books(call), found, succeeded=succeeded)
    went_well = found["status"] in ("succeeded", "requires_capture", "requires_confirmation")
    where = authentication.way_back(found, return_url, succeeded=went_well)
    if where:
        return Page(goes_to=where)
    return Page(
        shell.page("Done", "You may close this page." if went_well else "It did not go through. You may close this.")
    )


def _books(call: Call) -> Call:
    account = call.params.get("account")
    return call.of(account) if account and account != call.account else call


def _find(call: Call, intent: str) -> Object | None:
    return _books(call).find("setup_intent" if intent.startswith("seti_") else "payment_intent", intent)
