"""Charts in one house style: what a skill says is to be drawn becomes a PNG for chats or an SVG for pages."""

from paydesk.server.charts.drawing import ChartForm, draw

__all__ = ["ChartForm", "draw"]
