"""Who somebody is in the browser: no webhook knows, unless the storefront wrote it down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """The campaign that led a visitor here: where it was read (``origin``), and its code."""

    origin: str
    code: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """
    The ids that platforms' own scripts gave a browser; each is None when it is not known.

    ``sc`` is the cookie of Yespo's and eSputnik's script, ``did`` PersonaClick's device and
    ``seance`` its session, last used ``seen_at`` (an `instant`). An empty visitor is nobody known.
    All of it leads to a person: nothing is shown.
    """

    sc: str | None = field(default=None, repr=False)
    did: str | None = field(default=None, repr=False)
    seance: str | None = field(default=None, repr=False)
    seen_at: str | None = field(default=None, repr=False)
    segment: str | None = field(default=None, repr=False)
    campaign: Campaign | None = field(default=None, repr=False)

    def __bool__(self) -> bool:
        return any((self.sc, self.did, self.campaign))

    def over(self, older: Visitor) -> Visitor:
        """
        Fill what is not known here from what was known before.

        A session belongs to its device: with another device nothing of the older session is taken.
        A campaign is the newer of both.
        """
        session = self if self.did is not None and self.seance is not None else older
        if self.did is not None and self.did != older.did:
            session = self
        campaigns = [one for one in (self.campaign, older.campaign) if one is not None]
        return replace(
            self,
            sc=self.sc or older.sc,
            did=self.did or older.did,
            seance=session.seance,
            seen_at=session.seen_at,
            segment=self.segment or older.segment,
            campaign=max(campaigns, key=lambda one: one.at, default=None),
        )


NOBODY = Visitor()
