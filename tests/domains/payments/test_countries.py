"""Where shares can be sent is as the provider's own publications have it."""

from typing import Any, cast

import pytest

from one.domains.payments.countries import reached
from one.web.pages.earnings import COUNTRIES
from tests.sandbox.contract import spec, wheel

OTHERS = {"IS", "LI", "NO"}
"""Of the European Economic Area, and not of the Union."""
JOINED = {"CA", "CH", "GB", "US"}


@pytest.mark.skipif(wheel() is None, reason="needs what Stripe publishes")
def test_the_european_union_is_who_the_provider_says() -> None:
    schemas = cast("dict[str, Any]", spec()["components"]["schemas"])
    options = schemas["tax_product_registrations_resource_country_options"]["properties"]
    union = {
        country.upper()
        for country, option in cast("dict[str, Any]", options).items()
        if "tax_product_registrations_resource_country_options_europe" in str(option)
    }
    assert len(union) == 27
    assert reached("DE") == union | OTHERS | JOINED


def test_who_is_joined_reaches_all_of_them_and_anybody_else_only_home() -> None:
    assert all(reached(one) == reached("US") for one in reached("US"))
    assert reached("AU") == {"AU"}


def test_a_name_is_offered_for_each_but_where_nobody_has_an_account() -> None:
    assert reached("US") - {code for code, _ in COUNTRIES} == {"IS"}
