"""A journal in memory: the notes that no commit went along with."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.state.journal import JournalEntry


@dataclass
class MemoryJournal:
    notes: list[JournalEntry] = field(default_factory=list)

    def write(self, note: JournalEntry) -> None:
        self.notes.append(note)
