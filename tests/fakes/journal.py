"""A journal in memory: the entries that were written without a commit."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.state.journal import JournalEntry


@dataclass
class MemoryJournal:
    notes: list[JournalEntry] = field(default_factory=list)

    def write(self, entry: JournalEntry) -> None:
        self.notes.append(entry)
