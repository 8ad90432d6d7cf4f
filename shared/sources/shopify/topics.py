"""
Every topic of Shopify, once: its translation, or the reason why it is ignored. A topic in neither
table gets a response, is counted and ignored. Names: shopify.dev/docs/api/webhooks, to 2026-10.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.sources.shopify import availability, carts, orders, people, privacy, products
from shared.sources.shopify.context import Translation

REDACT = "customers/redact"

HANDLED: Mapping[str, Translation] = {
    "products/create": products.saved,
    "products/update": products.saved,
    "products/delete": products.removed,
    "variants/in_stock": availability.in_stock,
    "variants/out_of_stock": availability.out_of_stock,
    "inventory_items/create": products.item_changed,
    "inventory_items/update": products.item_changed,
    "inventory_levels/update": products.level_changed,
    "customers/create": people.saved,
    "customers/update": people.saved,
    "customers/enable": people.saved,
    "customers/disable": people.saved,
    "customers/delete": people.removed,
    "customers/merge": people.merged,
    "customers_email_marketing_consent/update": people.consented,
    "orders/create": orders.created,
    "orders/updated": orders.changed,
    "orders/paid": orders.changed,
    "orders/fulfilled": orders.changed,
    "orders/partially_fulfilled": orders.changed,
    "orders/cancelled": orders.changed,
    "orders/delete": orders.removed,
    "carts/create": carts.saved,
    "carts/update": carts.saved,
    "checkouts/create": carts.started,
    "checkouts/update": carts.started,
    "customers/data_request": privacy.data_requested,
    REDACT: privacy.redacted,
    "shop/redact": privacy.shop_redacted,
    "app/uninstalled": privacy.uninstalled,
}

# Reason -> topics; the actions of a resource follow its slash.
_REASONS: Mapping[str, str] = {
    "orders/updated comes with it and has the whole order": """
        refunds/create orders/edited order_transactions/create
        returns/approve,cancel,close,decline,process,reopen,request,update""",
    "how an order is paid changes nothing that is sent to platforms": """
        tender_transactions/create payment_schedules/due payment_terms/create,delete,update
        disputes/create,update orders/link_requested,risk_assessment_changed
        orders/shopify_protect_eligibility_changed""",
    "how an order is shipped changes nothing that is sent to platforms": """
        fulfillments/create,update fulfillment_events/create,delete
        fulfillment_holds/added,released
        fulfillment_orders/cancellation_request_accepted,cancellation_request_rejected
        fulfillment_orders/cancellation_request_submitted,cancelled,fulfillment_request_accepted
        fulfillment_orders/fulfillment_request_rejected,fulfillment_request_submitted
        fulfillment_orders/fulfillment_service_failed_to_complete,hold_released
        fulfillment_orders/line_items_prepared_for_local_delivery
        fulfillment_orders/line_items_prepared_for_pickup,manually_reported_progress_stopped
        fulfillment_orders/merged,moved,order_routing_complete,placed_on_hold,progress_reported
        fulfillment_orders/rescheduled,scheduled_fulfillment_order_ready,split
        reverse_deliveries/attach_deliverable reverse_fulfillment_orders/dispose
        shipping_addresses/create,update delivery_promise_settings/update""",
    "a draft is no purchase; orders/create comes when it becomes one": """
        draft_orders/create,delete,update""",
    "a checkout is sent once, when it starts": "checkouts/delete",
    "a collection names none of its products": """
        collections/create,delete,update collection_listings/add,remove,update
        collection_publications/create,delete,update""",
    "products/update has the same in full": """
        product_listings/add,remove,update product_publications/create,delete,update
        scheduled_product_listings/add,remove,update product_feeds/create,update
        product_feeds/full_sync,full_sync_finish,incremental_sync""",
    "it changes no stock: inventory_levels/update and products/update do": """
        inventory_levels/connect,disconnect inventory_items/delete
        inventory_transfers/add_items,cancel,complete,ready_to_ship,remove_items
        inventory_transfers/update_item_quantities
        inventory_shipments/add_items,create,delete,mark_in_transit,receive_items,remove_items
        inventory_shipments/update_item_quantities,update_tracking""",
    "platforms accept no tags, segments or totals of a customer": """
        customer.tags_added customer.tags_removed customer.joined_segment customer.left_segment
        customers/purchasing_summary customer_groups/create,delete,update
        segments/create,delete,update""",
    "consent to text messages is not sent": "customers_marketing_consent/update",
    "how a customer pays or signs in is not sent": """
        customer_payment_methods/create,revoke,update customer_account_settings/update""",
    "companies are not sent; the orders of their people are": """
        companies/create,delete,update company_contacts/create,delete,update
        company_contact_roles/assign,revoke company_locations/create,delete,update""",
    "discounts are sent as the prices that were paid": """
        discounts/create,delete,redeemcode_added,redeemcode_removed,update""",
    "subscriptions are sent as the orders that they create": """
        selling_plan_groups/create,delete,update subscription_contracts/activate,cancel,create
        subscription_contracts/expire,fail,pause,update
        subscription_billing_attempts/challenged,failure,success
        subscription_billing_cycles/skip,unskip
        subscription_billing_cycle_edits/create,delete,update""",
    "it is about the shop, not about products, orders or people": """
        shop/update domains/create,destroy,update locales/create,destroy,update
        locations/activate,create,deactivate,delete,update markets/create,delete,update
        markets_backup_region/update profiles/create,delete,update
        checkout_and_accounts_configurations/update themes/create,delete,publish,update
        metaobjects/create,delete,update metafield_definitions/create,delete,update
        publications/delete channels/delete tax_services/create,update
        tax_partners/update tax_summaries/create audit_events/admin_api_activity
        finance_app_staff_member/delete,grant,revoke,update finance_kyc_information/update""",
    "it is about the app, not about the shop": """
        app/scopes_update app_purchases_one_time/update bulk_operations/finish
        app_subscriptions/approaching_capped_amount,update""",
}


def _topics(text: str) -> list[str]:
    found = []
    for word in text.split():
        resource, slash, actions = word.partition("/")
        found += [f"{resource}{slash}{action}" for action in actions.split(",")]
    return found


IGNORED: Mapping[str, str] = {
    topic: reason for reason, text in _REASONS.items() for topic in _topics(text)
}
