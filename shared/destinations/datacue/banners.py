"""
Calls for banners in DataCue's API of 2018-09, for completeness. No webhook uses them, and the guide
of 2021-02 has no banners: they are created in DataCue's dashboard.
"""

from __future__ import annotations

from shared.destinations.building.fields import Body
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.calls import Act, CallContext, Collection, delete, set_field, write
from shared.destinations.datacue.payloads import Banner, BannerId, BannerUpdate
from shared.errors import NotExpressible
from shared.http.call import Call


def create(api: Api, *banners: Banner) -> tuple[Call, ...]:
    """Return the calls that create banners."""
    return _write(api, Act.CREATE, banners)


def update(api: Api, *banners: Banner) -> tuple[Call, ...]:
    """Return the calls that update whole banners."""
    return _write(api, Act.UPDATE, banners)


def change(api: Api, banner_id: str, fields: BannerUpdate) -> tuple[Call, ...]:
    """Return the call that updates only the given fields."""
    _check_supported(api)
    return (set_field(api, Collection.BANNERS, (banner_id,), fields, "unknown_banner"),)


def remove(api: Api, *banner_ids: str) -> tuple[Call, ...]:
    """Return the calls that delete banners."""
    if len(banner_ids) == 1:
        _check_supported(api)
        return (delete(api, Collection.BANNERS, banner_ids[0]),)
    return _write(api, Act.DELETE, tuple(BannerId(banner_id=one) for one in banner_ids))


def _write(api: Api, act: Act, rows: tuple[Body, ...]) -> tuple[Call, ...]:
    _check_supported(api)
    return write(api, CallContext(collection=Collection.BANNERS, act=act, rows=rows))


def _check_supported(api: Api) -> None:
    if api.newer:
        raise NotExpressible("the API of 2021-02 has no banners")
