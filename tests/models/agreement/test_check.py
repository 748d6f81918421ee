"""An agreement speaks of nothing that its dataset lacks."""

import pytest

from features.errors import AgreementError
from models.agreement.check import check_against
from tests.models.agreement.test_qualify import TYPES
from tests.models.agreement.written import changed, parsed

KINDS = ("demo_request", "pricing_page", "form_submit", "unsubscribe")


def test_an_agreement_about_what_is_there_is_good() -> None:
    check_against(parsed(), TYPES, KINDS)


@pytest.mark.parametrize(
    ("old", "new", "at", "message"),
    [
        (
            *('"employees"', '"employes"', 'attribute = "employes"'),
            r"icp.criteria\[0\].attribute: the dataset has no attribute 'employes'; did you mean "
            "'employees'",
        ),
        (
            *('"unsubscribe"', '"left"', 'activity = "left"'),
            r"disqualifiers\[3\].activity: the dataset has no kind of activity 'left'; there are: ",
        ),
        (
            *('"pricing_page"\npoints', '"price_page"\npoints', 'activity = "price_page"'),
            r"intent.signals\[1\].activity: the dataset has no kind of activity 'price_page'",
        ),
        (
            *('"form_submit"', '"form_submitted"', '"form_submitted"'),
            r"inquiry\[0\].activity: .* did you mean 'form_submit'",
        ),
        (
            *('country = "country"', 'country = "land"', 'country = "land"'),
            r"disqualifiers\[2\].country: the dataset has no attribute 'land'",
        ),
        (
            *('"industry"\none_of', '"email"\none_of', 'one_of = ["Software'),
            r"icp.criteria\[1\].one_of: email is of type email, the condition needs category",
        ),
        (
            *('attribute = "country", country', 'attribute = "nation", country', '"nation"'),
            r"segments\[0\].when\[0\].attribute: the dataset has no attribute 'nation'",
        ),
    ],
)
def test_what_is_not_there_is_named_with_its_line(
    old: str, new: str, at: str, message: str
) -> None:
    text = changed((old, new))
    line = 1 + next(i for i, one in enumerate(text.splitlines()) if at in one)
    with pytest.raises(AgreementError, match=rf"^agreement.toml:{line}: {message}"):
        check_against(parsed((old, new)), TYPES, KINDS)


def test_what_the_crm_sends_besides_can_be_declared() -> None:
    also = '[also_known]\nattributes = ["customer"]\nactivities = ["left"]\n'
    extra = '[[disqualifiers]]\ncode = "existing_customer"\nattribute = "customer"\nis = true\n'
    changes = (("[recycling]", f"{also}{extra}[recycling]"), ('"unsubscribe"', '"left"'))
    check_against(parsed(*changes), TYPES, KINDS)
    with pytest.raises(AgreementError, match="no attribute 'customer'"):
        check_against(parsed(("[recycling]", f"{extra}[recycling]")), TYPES, KINDS)
