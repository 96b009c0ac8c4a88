"""Ids as Stripe makes them: what an argument must look like before it becomes part of a request's path."""

import re
from typing import Annotated

from pydantic import Field

from paydesk.skills.errors import SkillError

SubscriptionId = Annotated[str, Field(max_length=100)]

_BODY = r"_[A-Za-z0-9_]{1,80}"


def checked_id(text: str, *prefixes: str, field: str) -> str:
    """`text`, where it is an id of one of the prefixes (`sub`, `in`, ...). Raises SkillError `invalid_id`."""
    if re.fullmatch(rf"(?:{'|'.join(prefixes)}){_BODY}", text, re.ASCII):
        return text
    kinds = " or ".join(f"{prefix}_..." for prefix in prefixes)
    raise SkillError(f"{field} must be an id of the form {kinds}.", code="invalid_id", field=field)
