"""What the billing portal's configurations and sessions take."""

from typing import Any, Final

from paydesk.server.sandbox.params import (
    boolean,
    choice,
    clearable,
    integer,
    list_of,
    mapping,
    metadata,
    required,
    text,
    unserved,
)

_REASONS: Final = (
    *("customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex"),
    *("too_expensive", "unused"),
)
_PRORATIONS: Final = choice("always_invoice", "create_prorations", "none")
_UPDATES: Final = clearable(list_of(choice("address", "email", "name", "phone", "shipping", "tax_id")))
_PRODUCT: Final = mapping(
    {
        "adjustable_quantity": mapping({"enabled": required(boolean()), "maximum": integer(1), "minimum": integer(0)}),
        "prices": required(list_of(text())),
        "product": required(text()),
    }
)


def features(*, is_new: bool) -> Any:
    """What customers may do; a new configuration must say of each feature whether it is on."""
    must = required if is_new else lambda param: param
    return mapping(
        {
            "customer_update": mapping({"allowed_updates": _UPDATES, "enabled": must(boolean())}),
            "invoice_history": mapping({"enabled": required(boolean())}),
            "payment_method_update": mapping(
                {"enabled": required(boolean()), **unserved("payment_method_configuration")}
            ),
            "subscription_cancel": mapping(
                {
                    "cancellation_reason": mapping(
                        {
                            "enabled": required(boolean()),
                            "options": must(clearable(list_of(choice(*_REASONS)))),
                            **unserved("feedback_options"),
                        }
                    ),
                    "enabled": must(boolean()),
                    "mode": choice("at_period_end", "immediately"),
                    "proration_behavior": _PRORATIONS,
                }
            ),
            "subscription_update": mapping(
                {
                    "billing_cycle_anchor": choice("now", "unchanged"),
                    "default_allowed_updates": clearable(list_of(choice("price", "promotion_code", "quantity"))),
                    "enabled": must(boolean()),
                    "products": clearable(list_of(_PRODUCT, maximum=10)),
                    "proration_behavior": _PRORATIONS,
                    "schedule_at_period_end": mapping(
                        {
                            "conditions": clearable(
                                list_of(
                                    mapping({"type": required(choice("decreasing_item_amount", "shortening_interval"))})
                                )
                            )
                        }
                    ),
                    "trial_update_behavior": choice("continue_trial", "end_trial"),
                }
            ),
        }
    )


SHARED: Final = {
    "business_profile": mapping(
        {
            "headline": clearable(text(60)),
            "privacy_policy_url": clearable(text()),
            "terms_of_service_url": clearable(text()),
        }
    ),
    "default_return_url": clearable(text()),
    "login_page": mapping({"enabled": required(boolean())}),
    "metadata": metadata(),
    "name": clearable(text(256)),
}
CREATE: Final = {**SHARED, "features": required(features(is_new=True))}
UPDATE: Final = {**SHARED, "active": boolean(), "features": features(is_new=False)}
_AFTER: Final = mapping(
    {
        "hosted_confirmation": mapping({"custom_message": text(500)}),
        "redirect": mapping({"return_url": required(text())}),
        "type": required(choice("hosted_confirmation", "portal_homepage", "redirect")),
    }
)
_FLOW: Final = mapping(
    {
        "after_completion": _AFTER,
        "subscription_cancel": mapping(
            {
                "retention": mapping(
                    {
                        "coupon_offer": required(mapping({"coupon": required(text())})),
                        "type": required(choice("coupon_offer")),
                    }
                ),
                "subscription": required(text()),
            }
        ),
        "subscription_update": mapping({"subscription": required(text())}),
        "subscription_update_confirm": mapping(
            {
                "discounts": list_of(mapping({"coupon": text(), "promotion_code": text()})),
                "items": required(list_of(mapping({"id": required(text()), "price": text(), "quantity": integer(0)}))),
                "subscription": required(text()),
            }
        ),
        "type": required(
            choice(
                *("customer_update", "payment_method_update", "subscription_cancel", "subscription_update"),
                "subscription_update_confirm",
            )
        ),
    }
)
_LOCALES: Final = (
    "auto bg cs da de el en en-AU en-CA en-GB en-IE en-IN en-NZ en-SG es es-419 et fi fil fr fr-CA hr hu "
    "id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW"
)
SESSION: Final = {
    "configuration": text(),
    "customer": required(text()),
    "flow_data": _FLOW,
    "locale": choice(*_LOCALES.split()),
    "return_url": text(),
    **unserved("customer_account", "on_behalf_of"),
}
OF_FLOW: Final = ("subscription_cancel", "subscription_update", "subscription_update_confirm")
