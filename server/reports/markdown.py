"""The report as Markdown: tables that read as text too."""

import re

from paydesk.server.reports.model import MonthReport
from paydesk.server.reports.rows import Section, headline, sections, title

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def as_markdown(report: MonthReport) -> str:
    """The whole report; what customers or the account wrote is escaped."""
    marked = f"[{report.mode}] " if report.mode != "live" else ""
    parts = [f"# {_escaped(marked + title(report))}", headline(report)]
    name = ""
    for section in sections(report):
        if section.name != name:
            name = section.name
            parts.append(f"## {name}")
        parts.append(_table(section))
    parts.append("\n".join(f"- {note}" for note in report.notes))
    parts.append(f"Made {report.made_at:%Y-%m-%d %H:%M} UTC from {report.looked_at:,} objects of Stripe.")
    return "\n\n".join(parts) + "\n"


def _table(section: Section) -> str:
    lines = [f"| {section.currency.upper()} | Amount | Number | |", "| :--- | ---: | ---: | :--- |"]
    for row in section.rows:
        cells = [_escaped(row.item), section.told(row), "" if row.count is None else f"{row.count:,}"]
        if row.is_sum:
            cells = [f"**{cell}**" if cell else "" for cell in cells]
        lines.append(f"| {' | '.join([*cells, _escaped(row.detail)])} |")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
