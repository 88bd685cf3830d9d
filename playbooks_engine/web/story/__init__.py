"""The whole story of one event: what came, what was considered, what ran, and why nothing did."""

from playbooks_engine.web.story.answering import answer
from playbooks_engine.web.story.gathering import Entry, gather
from playbooks_engine.web.story.standing import Standing, circumstances, standings

__all__ = ["Entry", "Standing", "answer", "circumstances", "gather", "standings"]
