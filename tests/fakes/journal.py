"""A journal in memory: the notes that no commit went along with."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.state.journal import Note


@dataclass
class MemoryJournal:
    notes: list[Note] = field(default_factory=list)

    def write(self, note: Note) -> None:
        self.notes.append(note)
