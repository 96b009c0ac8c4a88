"""Exchange rates and country specs: the sandbox's fixed table of rates, and where accounts may be."""

from typing import Any, Final

from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.countries import CURRENCY_OF, banks_take
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.lists import DEFAULT_LIMIT
from paydesk.server.sandbox.params import CURRENCIES, PAGING
from paydesk.server.sandbox.routes import Resource

resource = Resource()

_INDIVIDUAL: Final = ["external_account", "individual.dob.day", "individual.dob.month", "individual.dob.year"]
_COMPANY: Final = ["company.name", "company.tax_id", "external_account"]


def _rates(call: Call, code: str) -> Object:
    settlement = call.store.settlement
    # How many of each other currency one of `code` is worth: "the base id currency converts to the key currency".
    rates = {other: float(settlement.rate(code, other)) for other in sorted(settlement.rates) if other != code}
    return {"id": code, "object": "exchange_rate", "rates": rates}


@resource.get("/v1/exchange_rates", PAGING)
def list_rates(call: Call) -> Answer:
    """The rates from every currency that the table knows."""
    return _page(call, {code: code for code in sorted(call.store.settlement.rates)}, _rates)


@resource.get("/v1/exchange_rates/{rate_id}")
def retrieve_rates(call: Call, rate_id: str) -> Answer:
    """The rates from one currency to every other."""
    if rate_id.lower() not in call.store.settlement.rates:
        raise missing("exchange rate", rate_id, "rate_id")
    return _rates(call, rate_id.lower())


def _spec(call: Call, country: str) -> Object:
    del call
    return {
        "id": country,
        "object": "country_spec",
        "default_currency": CURRENCY_OF[country],
        "supported_bank_account_currencies": {code: [country] for code in banks_take(country)},
        "supported_payment_currencies": sorted(CURRENCIES),
        "supported_payment_methods": ["ach", "card", "stripe"] if country == "US" else ["card", "stripe"],
        "supported_transfer_countries": sorted(CURRENCY_OF),
        "verification_fields": {
            "company": {"additional": ["representative.id_number"], "minimum": [*_COMPANY, "tos_acceptance.date"]},
            "individual": {"additional": ["individual.id_number"], "minimum": [*_INDIVIDUAL, "tos_acceptance.date"]},
        },
    }


@resource.get("/v1/country_specs", PAGING)
def list_specs(call: Call) -> Answer:
    """Every country that an account can be in."""
    return _page(call, {country: country for country in sorted(CURRENCY_OF)}, _spec)


@resource.get("/v1/country_specs/{country}")
def retrieve_spec(call: Call, country: str) -> Answer:
    """What holds in one country."""
    if country not in CURRENCY_OF:
        raise StripeError(f"Country '{country[:60]}' is unknown.", status=404, code="resource_missing", param="country")
    return _spec(call, country)


def _page(call: Call, every: dict[str, str], made: Any) -> Object:
    """A page of a table whose ids are words in order of the alphabet."""
    sent = call.params
    ids = list(every)
    for name in ("starting_after", "ending_before"):
        if name in sent and sent[name] not in every:
            raise missing("object", sent[name], name, status=400)
    limit = sent.get("limit", DEFAULT_LIMIT)
    if "ending_before" in sent:
        end = ids.index(sent["ending_before"])
        start, has_more = max(end - limit, 0), end > limit
    else:
        start = ids.index(sent["starting_after"]) + 1 if "starting_after" in sent else 0
        end, has_more = start + limit, len(ids) > start + limit
    return {
        "object": "list",
        "data": [made(call, one) for one in ids[start:end]],
        "has_more": has_more,
        "url": call.path,
    }
