"""Every CRM by its name, and what it can do here."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import NamedTuple

from features.errors import ConfigError
from service.clock import Clock
from service.crm.dynamics_in import dynamics_in
from service.crm.dynamics_out import dynamics_out
from service.crm.dynamics_pull import dynamics_pull
from service.crm.hubspot_in import hubspot_in
from service.crm.hubspot_out import hubspot_out
from service.crm.hubspot_pull import hubspot_pull
from service.crm.odoo_in import odoo_in
from service.crm.odoo_out import odoo_out
from service.crm.odoo_pull import odoo_pull
from service.crm.reader import Reader
from service.crm.receiver import Receiver
from service.crm.salesforce_in import salesforce_in
from service.crm.salesforce_out import salesforce_out
from service.crm.salesforce_pull import salesforce_pull
from service.crm.settings import CrmSettings
from service.crm.webhook_out import webhook_out
from service.crm.writer import Writer


class Crm(NamedTuple):
    """What one CRM can do here; None: nothing of that kind.

    Parameters
    ----------
    library : str
        Module that talks to it, of the extra `crm`.
    writer, reader : function of settings and clock
        Makes what tells it, and what reads it.
    receiver : function of settings
        Makes what understands its webhooks; None where no secret is agreed on.
    media_type : str
        Of its webhooks.
    """

    library: str
    writer: Callable[[CrmSettings, Clock], Writer]
    reader: Callable[[CrmSettings, Clock], Reader] | None = None
    receiver: Callable[[CrmSettings], Receiver | None] | None = None
    media_type: str = "application/json"


CRMS: Mapping[str, Crm] = {
    "dynamics": Crm("msal", dynamics_out, dynamics_pull, dynamics_in),
    "hubspot": Crm("hubspot", hubspot_out, hubspot_pull, hubspot_in),
    "odoo": Crm("httpx2", odoo_out, odoo_pull, odoo_in),
    "salesforce": Crm(
        "simple_salesforce", salesforce_out, salesforce_pull, salesforce_in, "text/xml"
    ),
    "webhook": Crm("httpx2", webhook_out),
}


def crm_named(name: str) -> Crm:
    """Return a CRM whose library is there.

    Raises
    ------
    ConfigError
        When it is not.
    """
    crm = CRMS[name]
    if find_spec(crm.library) is None:
        raise ConfigError(f"{crm.library} is missing; install the extra: lead-scoring[crm]")
    return crm
