"""
``python -m cli.local.stand_ins``: both stores on loopback, to try `shoprelay check`, `connect` and
`audit` on before a real shop is at hand. They know what the real ones know, and forget it all.
"""

from __future__ import annotations

import sys
import threading

from cli.local.shopify.double import AdminDouble
from cli.local.shopify.held import Held
from cli.local.woocommerce.double import RestDouble
from cli.local.woocommerce.keys import Key

_TOKEN = "shpat_demo"  # noqa: S105 - of a store that is none
_KEY = Key(name="ck_demo", secret="cs_demo", may="read_write")  # noqa: S106 - as above
_TOLD = """\
A Shopify store and a WooCommerce store answer until Ctrl-C. In the merchant's file:

[shopify]
shop = "demo-store.myshopify.com"
admin_url = "{shopify}"

[woocommerce]
url = "{woocommerce}"

and in the secret: "access_token": "{token}" for shopify, "consumer_key": "{key}" and
"consumer_secret": "{secret}" for woocommerce.
"""


def main() -> int:
    """Start both, say where they are, and wait for Ctrl-C."""
    shopify = AdminDouble(Held(tokens={_TOKEN}))
    with shopify, RestDouble(keys=(_KEY,)) as woocommerce:
        told = _TOLD.format(
            shopify=shopify.url,
            woocommerce=woocommerce.url,
            token=_TOKEN,
            key=_KEY.name,
            secret=_KEY.secret,
        )
        sys.stdout.write(told)
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
