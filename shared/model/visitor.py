"""Who somebody is in the browser: no webhook knows, unless the storefront wrote it down."""

from __future__ import annotations

from msgspec import field

from shared.model.value import Hidden, Value, replace


class Campaign(Value):
    """The campaign that led a visitor here: where it was read (``origin``), and its code."""

    origin: str
    code: str
    at: str


class Visitor(Value):
    """
    The ids that platforms' own scripts gave a browser; each is None when it is not known.

    ``sc`` is the cookie of Yespo's and eSputnik's script, ``did`` PersonaClick's device and
    ``seance`` its session, last used ``seen_at`` (an `instant`). An empty visitor is nobody known.
    All of it leads to a person: nothing is shown.
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
        Fill what is not known here from what was known before.

        A session belongs to its device: with another device nothing of the older session is taken.
        A campaign is the newer of both.
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
