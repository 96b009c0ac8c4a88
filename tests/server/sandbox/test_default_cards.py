"""A ready card name may be the new customer's card and default at once, as Stripe's own examples have it."""

CARD = "pm_card_visa"


def test_a_ready_name_given_twice_is_one_card(talk) -> None:
    """Stripe: `payment_method=pm_card_visa` with the same name as default makes one card, which is the default."""
    made = talk.post(
        "/v1/customers", name="Ann", payment_method=CARD, invoice_settings={"default_payment_method": CARD}
    )
    cards = talk.get(f"/v1/customers/{made['id']}/payment_methods")
    assert [card["id"] for card in cards["data"]] == [made["invoice_settings"]["default_payment_method"]]
