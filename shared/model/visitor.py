"""Visitors: browser identities. A webhook has them only if the storefront wrote them into it."""

from __future__ import annotations

from msgspec import field

from shared.model.value import Hidden, Value, replace


class Campaign(Value):
    """The campaign that led a visitor to the shop: where it was read (``origin``), and its code."""

    origin: str
    code: str
    at: str


class Visitor(Value):
    """
    The ids that platforms' scripts assigned to a browser; each is None if it is unknown.

    ``tracker_cookie`` is the cookie of Yespo's and eSputnik's script (stored as ``sc``),
    ``device_id`` PersonaClick's device (``did``) and ``session_id`` its session (``seance``), last
    used ``seen_at`` (an `instant`). An empty visitor is unknown. All fields identify a person: they
    are hidden.
    """

    tracker_cookie: Hidden[str | None] = field(name="sc", default=None)
    device_id: Hidden[str | None] = field(name="did", default=None)
    session_id: Hidden[str | None] = field(name="seance", default=None)
    seen_at: Hidden[str | None] = None
    segment: Hidden[str | None] = None
    campaign: Hidden[Campaign | None] = None

    def __bool__(self) -> bool:
        return any((self.tracker_cookie, self.device_id, self.campaign))

    def over(self, older: Visitor) -> Visitor:
        """
        Return this visitor with unknown fields from an older one.

        A session belongs to its device: with another device the older session is not used. The
        campaign is the newer of both.
        """
        session = self if self.device_id is not None and self.session_id is not None else older
        if self.device_id is not None and self.device_id != older.device_id:
            session = self
        campaigns = [one for one in (self.campaign, older.campaign) if one is not None]
        return replace(
            self,
            tracker_cookie=self.tracker_cookie or older.tracker_cookie,
            device_id=self.device_id or older.device_id,
            session_id=session.session_id,
            seen_at=session.seen_at,
            segment=self.segment or older.segment,
            campaign=max(campaigns, key=lambda one: one.at, default=None),
        )


NOBODY = Visitor()
