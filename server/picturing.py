"""Words that ask for a picture or a table: "chart revenue by month", "failed payments this year as CSV"."""

import re
from datetime import date

from paydesk.skills.base import Json, Skill
from paydesk.skills.period import GroupBy

_ASKS = re.compile(r"\b(?:chart|graph|plot|diagram)(?:s|ed)?\b", re.IGNORECASE)
_COMMANDS = re.compile(
    r"^(\W*(?:please |can you |could you )?)(?:chart|graph|plot|draw)\s+(?:me |us |out )?(?=\w)", re.IGNORECASE
)
_POLITE = r"^(\W*(?:please |can you |could you )?)"
_AS_TABLE = re.compile(
    r",?\s+(?:as|in|to|into)\s+(?:an?\s+)?(?:csv|spreadsheet|excel)(?:\s+(?:file|format|table|sheet))?\b", re.IGNORECASE
)
_TABLE_OF = re.compile(
    _POLITE + r"(?:(?:give|make|get|send|show)\s+(?:me|us)\s+)?(?:an?\s+|the\s+)?"
    r"(?:csv|spreadsheet)(?:\s+file)?\s+(?:of|with)\s+",
    re.IGNORECASE,
)
_EXPORTS = re.compile(_POLITE + r"(?:export|download)\s+(?=\w)", re.IGNORECASE)
#: Days of a period up to which its days, then its weeks, make a picture; longer ones are drawn by month.
_BY_DAY_MOST, _BY_WEEK_MOST = 62, 200


def plain(text: str) -> str:
    """The sentence with a command to draw or to export said as one to show, which is what it means beyond the form."""
    if asks_for_table(text):
        text = _EXPORTS.sub(r"\1show ", _TABLE_OF.sub(r"\1show ", _AS_TABLE.sub("", text)), count=1)
    return _COMMANDS.sub(r"\1show ", text, count=1)


def asks_for_table(text: str) -> bool:
    """Whether a list is to be CSV: "as csv", "a spreadsheet of ..."."""
    return bool(_AS_TABLE.search(text) or _TABLE_OF.search(text))


def with_table(skill: Skill, arguments: Json, text: str) -> Json:
    """The arguments, with the table that the sentence asks for; what is no list is answered as ever."""
    from paydesk.skills.reading import Listed

    can = "detail" in skill.params.model_fields and issubclass(skill.answers, Listed)
    if not can or not asks_for_table(text):
        return arguments
    # Whoever exports wants more than what is read at a glance; how many there are beyond is said.
    more: Json = {"limit": 100} if "limit" in skill.params.model_fields and "limit" not in arguments else {}
    return {**arguments, **more, "detail": "csv"}


def with_chart(skill: Skill, arguments: Json, text: str) -> Json:
    """The arguments, with the chart that the sentence asks for; a period is drawn in parts where it names none."""
    fields = skill.params.model_fields
    if "chart" not in fields or not (_ASKS.search(text) or _COMMANDS.search(text)):
        return arguments
    arguments = {**arguments, "chart": True}
    by = _grouping(arguments) if "group_by" not in arguments else None
    return {**arguments, "group_by": by} if by else arguments


def _grouping(arguments: Json) -> GroupBy | None:
    """What parts a picture of this period and metric has; None where the metric cannot be split by time."""
    from paydesk.skills.errors import SkillError
    from paydesk.skills.metrics import OF_ALL_TIME, check_grouping

    start, end, metric = arguments.get("start"), arguments.get("end"), arguments["metric"]
    if start and end:
        days = (date.fromisoformat(end) - date.fromisoformat(start)).days
    else:  # open to one side, or the last thirty days, or all there is
        days = _BY_WEEK_MOST + 1 if start or end or metric in OF_ALL_TIME else _BY_DAY_MOST
    by: GroupBy = "day" if days <= _BY_DAY_MOST else "week" if days <= _BY_WEEK_MOST else "month"
    try:
        check_grouping(metric, by)
    except SkillError:
        return None
    return by
