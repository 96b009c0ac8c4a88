"""What an operation takes: each parameter's type, and Stripe's words when a value does not fit.

A declaration is a mapping of names to `Param`s made by the functions below. `read` turns a decoded form into typed
values: int, bool, str, list, dict; None where an empty string cleared a clearable parameter. What was not sent is not
in the result, so `"email" in params` tells an update from silence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from paydesk.server.sandbox.errors import StripeError, missing_parameter, unserved_parameter
from paydesk.server.sandbox.forms import Upload

MAX_TEXT: Final = 5_000
MAX_INTEGER: Final = 2**53
# Seconds since 1970 up to the year 3000; milliseconds sent by mistake lie beyond it.
MAX_TIMESTAMP: Final = 32_503_680_000
METADATA_KEYS: Final = 50
METADATA_KEY_LENGTH: Final = 40
METADATA_VALUE_LENGTH: Final = 500

Reader = Callable[[Any, str], Any]
Declaration = Mapping[str, "Param"]

# Stripe names the currencies that it knows in the error; the order is the one it answers with.
_CODES: Final = (
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf "
    "clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl hrk htg huf idr "
    "ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr "
    "mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd "
    "shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar "
    "zmw usdc btn ghs eek lvl svc vef ltl sll mro"
)
CURRENCIES: Final = tuple(_CODES.split())
_KNOWN_CURRENCIES: Final = frozenset(CURRENCIES)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a parameter looks like, for whoever compares it with Stripe's specification; reading goes without it.

    - `type`: "string", "integer", "number", "boolean", "timestamp", "file", "object" (known names), "table" (free
      names), "array", "either" (one of two), "unserved" (refused in plain words)
    - `inner`: of an object its declaration, of a table or array its elements, of "either" both
    - `words`: all that a string may be; empty where any text will do
    """

    type: str
    inner: "Declaration | tuple[Param, ...]" = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: how its text is read, whether it must be there, whether an empty string clears it."""

    read: Reader
    is_required: bool = False
    is_clearable: bool = False
    shape: Shape = Shape("string")


def required(param: Param) -> Param:
    """The same, but an error where it is not sent."""
    return replace(param, is_required=True)


def clearable(param: Param) -> Param:
    """The same, but `name=` (an empty string) unsets the field: None in the result."""
    return replace(param, is_clearable=True)


def read(declaration: Declaration, form: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Typed values of a form; StripeError for unknown, missing or misshapen parameters, in that order."""
    unknown = [_name(prefix, name) for name in form if name not in declaration]
    if unknown:
        many = "s" if len(unknown) > 1 else ""
        raise StripeError(
            f"Received unknown parameter{many}: {', '.join(unknown)}", code="parameter_unknown", param=unknown[0]
        )
    for name, param in declaration.items():
        if param.is_required and name not in form:
            raise missing_parameter(_name(prefix, name))
    return {name: _read_one(declaration[name], value, _name(prefix, name)) for name, value in form.items()}


def _name(prefix: str, name: str) -> str:
    return f"{prefix}[{name}]" if prefix else name


def _read_one(param: Param, value: Any, name: str) -> Any:
    if value == "":
        if param.is_clearable:
            return None
        raise StripeError(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a non-empty "
            "value.",
            code="parameter_invalid_empty",
            param=name,
        )
    return param.read(value, name)


def text(maximum: int = MAX_TEXT) -> Param:
    """A string of at most `maximum` characters."""

    def read_text(value: Any, name: str) -> str:
        if not isinstance(value, str):
            raise StripeError(f"Invalid string: {_echo(value)}", param=name)
        if len(value) > maximum:
            raise StripeError(
                f"Invalid string: {value[:20]}...{value[-5:]}; must be at most {maximum} characters", param=name
            )
        return value

    return Param(read_text)


def _echo(value: Any) -> str:
    return value if isinstance(value, str) else "{...}"


_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,12})?", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


def integer(minimum: int | None = None, maximum: int = MAX_INTEGER) -> Param:
    """A whole number within bounds, both inclusive."""

    def read_integer(value: Any, name: str) -> int:
        if not isinstance(value, str) or not _INTEGER.fullmatch(value.strip()):
            raise StripeError(f"Invalid integer: {_echo(value)}", code="parameter_invalid_integer", param=name)
        number = int(value)
        if minimum is not None and number < minimum:
            raise _out_of_bounds(f"greater than or equal to {minimum}", name)
        if number > maximum:
            raise _out_of_bounds(f"less than or equal to {maximum}", name)
        return number

    return Param(read_integer, shape=Shape("integer"))


def _out_of_bounds(bound: str, name: str) -> StripeError:
    return StripeError(f"This value must be {bound}.", code="parameter_invalid_integer", param=name)


def amount(minimum: int = 0) -> Param:
    """Minor units of a currency; what may be charged in one is money.check_chargeable's to say."""
    return integer(minimum)


def decimal(*, minimum: str | None = None, maximum: str | None = None) -> Param:
    """A decimal number, kept as `Decimal`."""

    def read_decimal(value: Any, name: str) -> Decimal:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise StripeError(f"Invalid decimal: {_echo(value)}", code="parameter_invalid_decimal", param=name)
        number = Decimal(value)
        now = f"(it currently is '{float(number)}')"
        if minimum is not None and number < Decimal(minimum):
            raise StripeError(f"This value must be greater than or equal to {minimum} {now}.", param=name)
        if maximum is not None and number > Decimal(maximum):
            raise StripeError(f"This value must be less than or equal to {maximum} {now}.", param=name)
        return number

    return Param(read_decimal, shape=Shape("number"))


def upload() -> Param:
    """A file of a multipart body: `forms.Upload`."""

    def read_upload(value: Any, name: str) -> Upload:
        if not isinstance(value, Upload):
            raise StripeError(f"Invalid file: {name} must be sent as a file in a multipart/form-data body.", param=name)
        return value

    return Param(read_upload, shape=Shape("file"))


def boolean() -> Param:
    """`true` or `false`."""

    def read_boolean(value: Any, name: str) -> bool:
        if value not in ("true", "false"):
            raise StripeError(f"Invalid boolean: {_echo(value)}", param=name)
        return bool(value == "true")

    return Param(read_boolean, shape=Shape("boolean"))


def choice(*allowed: str) -> Param:
    """One of a few words."""
    listed = (
        f"{', '.join(allowed[:-1])}{',' if len(allowed) > 2 else ''} or {allowed[-1]}" if allowed[1:] else allowed[0]
    )

    def read_choice(value: Any, name: str) -> str:
        if value not in allowed:
            raise StripeError(f"Invalid {name}: must be one of {listed}", param=name)
        return str(value)

    return Param(read_choice, shape=Shape("string", words=allowed))


def currency() -> Param:
    """A three-letter currency code in either case; lower case in the result."""

    def read_currency(value: Any, name: str) -> str:
        code = str(value).lower()
        if code not in _KNOWN_CURRENCIES:
            raise StripeError(
                f"Invalid currency: {_echo(value)}. "
                f"Stripe currently supports these currencies: {', '.join(CURRENCIES)}",
                param=name,
            )
        return code

    return Param(read_currency)


def timestamp() -> Param:
    """Seconds since 1970."""

    def read_timestamp(value: Any, name: str) -> int:
        if not isinstance(value, str) or not _INTEGER.fullmatch(value):
            raise StripeError(
                f"Invalid timestamp: {_echo(value)}. Must be an integer Unix timestamp, in seconds.", param=name
            )
        if abs(int(value)) > MAX_TIMESTAMP:
            raise StripeError(f"Invalid timestamp: {value}. It must lie between the years 1 and 3000.", param=name)
        return int(value)

    return Param(read_timestamp, shape=Shape("timestamp"))


def moment_or(*words: str) -> Param:
    """Seconds since 1970 or a word (`trial_end=now`); text in the result, for whoever knows what the word means."""
    seconds = timestamp()

    def read_moment(value: Any, name: str) -> str:
        if value not in words:
            seconds.read(value, name)
        return str(value)

    return Param(read_moment, shape=Shape("either", (choice(*words), seconds) if words else (seconds,)))


def mapping(inner: Declaration) -> Param:
    """A hash with known names: `address[city]=...`."""

    def read_mapping(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise StripeError("Invalid object", param=name)
        return read(inner, value, name)

    return Param(read_mapping, shape=Shape("object", inner))


def table(inner: Param) -> Param:
    """A hash with free names, all of one type: `currency_options[eur]=...`."""

    def read_table(value: Any, name: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise StripeError("Invalid object", param=name)
        return {key: _read_one(inner, one, _name(name, key)) for key, one in value.items()}

    return Param(read_table, shape=Shape("table", (inner,)))


def list_of(inner: Param, maximum: int = 100) -> Param:
    """A list: `a[]=x`, `a[0]=x`. In the order of the indexes."""

    def read_list(value: Any, name: str) -> list[Any]:
        if not isinstance(value, dict) or not all(key.isdecimal() for key in value):
            raise StripeError("Invalid array", param=name)
        if len(value) > maximum:
            raise StripeError(f"Array {name} exceeds the maximum length of {maximum}.", param=name)
        ordered = sorted(value.items(), key=lambda item: int(item[0]))
        return [_read_one(inner, one, _name(name, key)) for key, one in ordered]

    return Param(read_list, shape=Shape("array", (inner,)))


def either(nested: Param, plain: Param) -> Param:
    """A parameter that takes a hash or list, or a plain word: `created=1` and `created[gte]=1`."""
    shape = Shape("either", (nested, plain))
    return Param(lambda value, name: (nested if isinstance(value, dict) else plain).read(value, name), shape=shape)


def unserved(*names: str) -> dict[str, Param]:
    """Parameters that Stripe knows and the sandbox refuses with a plain word, rather than ignore."""

    def refuse(_value: Any, name: str) -> Any:
        raise unserved_parameter(name)

    return {name: Param(refuse, is_clearable=True, shape=Shape("unserved")) for name in names}


def metadata() -> Param:
    """Up to 50 keys of 40 characters, values of 500; an empty value unsets its key, an empty hash all of them."""

    def read_metadata(value: Any, name: str) -> dict[str, str]:
        if not isinstance(value, dict):
            raise StripeError("Invalid object", param=name)
        for key, one in value.items():
            if len(key) > METADATA_KEY_LENGTH:
                raise StripeError(
                    f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters, but you passed in a key that is "
                    f"{len(key)} characters. Invalid key: {key}",
                    param=name,
                )
            if not isinstance(one, str):
                raise StripeError("Invalid string: {...}", param=f"{name}[{key}]")
            if len(one) > METADATA_VALUE_LENGTH:
                raise StripeError(
                    f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters, but you passed in a value "
                    f"that is {len(one)} characters. Invalid value: {one}",
                    param=f"{name}[{key}]",
                )
        return dict(value)

    return Param(read_metadata, is_clearable=True, shape=Shape("table", (text(METADATA_VALUE_LENGTH),)))


def merged_metadata(old: Mapping[str, str] | None, sent: Mapping[str, str] | None) -> dict[str, str]:
    """Metadata after an update: sent keys replace, empty ones go, `None` (metadata=) clears all."""
    if sent is None:
        return {}
    merged = {**(old or {}), **sent}
    merged = {key: value for key, value in merged.items() if value != ""}
    if len(merged) > METADATA_KEYS:
        raise StripeError(
            f"Metadata can have up to {METADATA_KEYS} keys, but the result would have {len(merged)}.", param="metadata"
        )
    return merged


def address() -> Param:
    """A postal address."""
    parts = ("city", "country", "line1", "line2", "postal_code", "state")
    return mapping({part: clearable(text()) for part in parts})


ADDRESS_FIELDS: Final = ("city", "country", "line1", "line2", "postal_code", "state")


def whole_address(sent: Mapping[str, Any] | None) -> dict[str, Any]:
    """An address with every field, null where none was sent."""
    return {field: (sent or {}).get(field) for field in ADDRESS_FIELDS}


def times() -> Param:
    """A filter by time: one second exactly, or bounds `gt`, `gte`, `lt`, `lte`."""
    return _bounds(timestamp())


def amounts() -> Param:
    """A filter by amount, in the same way."""
    return _bounds(integer())


def _bounds(one: Param) -> Param:
    return either(mapping(dict.fromkeys(("gt", "gte", "lt", "lte"), one)), one)


PAGING: Final[Declaration] = {"ending_before": text(), "limit": integer(1, 100), "starting_after": text()}
LISTING: Final[Declaration] = {**PAGING, "created": times()}
SEARCHING: Final[Declaration] = {"limit": integer(1, 100), "page": text(), "query": required(text())}
EXPANDING: Final[Declaration] = {"expand": list_of(text())}
