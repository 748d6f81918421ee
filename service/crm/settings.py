"""Settings of the connectors, from environment variables that begin with LEAD_SCORING_."""

from pathlib import Path

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from features.errors import ConfigError
from service.settings import PREFIX


class HubSpotSettings(BaseSettings):
    """How HubSpot is reached.

    Parameters
    ----------
    hubspot_token : str, optional
        Access token of a private app.
    hubspot_url : str
        Where HubSpot answers.
    hubspot_fields : Path, optional
        File whose entries stand over the standard fields.
    hubspot_client_secret : str, optional
        Of the app whose webhooks are believed.
    hubspot_webhook_url : str, optional
        Target address of the webhooks, as it stands in HubSpot.
    """

    hubspot_client_secret: SecretStr | None = None
    hubspot_webhook_url: str | None = None
    hubspot_token: SecretStr | None = None
    hubspot_url: str = "https://api.hubapi.com"
    hubspot_fields: Path | None = None


class DynamicsSettings(BaseSettings):
    """How Dynamics 365 is reached.

    Parameters
    ----------
    dynamics_url : str, optional
        Where the environment answers.
    dynamics_tenant, dynamics_client, dynamics_secret : str, optional
        Directory, application and its secret.
    dynamics_authority : str
        Where tokens come from; national clouds have others.
    dynamics_webhook_secret : str, optional
        Value of the header that registered webhooks send.
    dynamics_fields : Path, optional
        File whose entries stand over the standard fields.
    """

    dynamics_url: str | None = None
    dynamics_tenant: str | None = None
    dynamics_client: str | None = None
    dynamics_secret: SecretStr | None = None
    dynamics_authority: str = "https://login.microsoftonline.com"
    dynamics_webhook_secret: SecretStr | None = None
    dynamics_fields: Path | None = None


class OdooSettings(BaseSettings):
    """How Odoo is reached.

    Parameters
    ----------
    odoo_url : str, optional
        Where Odoo, 19 or later, answers.
    odoo_key : str, optional
        An API key of a user that may read and write leads.
    odoo_database : str, optional
        Needed where several databases share the address.
    odoo_webhook_secret : str, optional
        Stands in the address that automation rules post to.
    odoo_fields : Path, optional
        File whose entries stand over the standard fields.
    """

    odoo_url: str | None = None
    odoo_key: SecretStr | None = None
    odoo_database: str | None = None
    odoo_webhook_secret: SecretStr | None = None
    odoo_fields: Path | None = None


class SalesforceSettings(BaseSettings):
    """How Salesforce is reached.

    Parameters
    ----------
    salesforce_domain : str, optional
        What stands before `.salesforce.com` in the organization's own address.
    salesforce_key, salesforce_secret : str, optional
        Consumer key and secret of an app that may use the client credentials flow.
    salesforce_organization : str, optional
        Id of the organization whose outbound messages are believed.
    salesforce_message_secret : str, optional
        Stands in the address that outbound messages are sent to.
    salesforce_fields : Path, optional
        File whose entries stand over the standard fields.
    """

    salesforce_domain: str | None = None
    salesforce_key: SecretStr | None = None
    salesforce_secret: SecretStr | None = None
    salesforce_organization: str | None = None
    salesforce_message_secret: SecretStr | None = None
    salesforce_fields: Path | None = None


class WebhookSettings(BaseSettings):
    """How any other CRM is reached.

    Parameters
    ----------
    webhook_url : str, optional
        Where scores are posted.
    webhook_secret : str, optional
        Signs what is posted, and what comes in.
    webhook_fields : Path, optional
        File whose entries stand over the standard fields.
    """

    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    webhook_fields: Path | None = None


class CrmSettings(
    DynamicsSettings, HubSpotSettings, OdooSettings, SalesforceSettings, WebhookSettings
):
    """How the CRM systems are reached; each CRM's settings begin with its name.

    Parameters
    ----------
    crm_push : str
        Names of the CRM systems that the service itself tells scores; by default none.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    crm_push: str = ""

    def fields_file(self, crm: str) -> Path | None:
        """Return the file that stands over a CRM's standard fields."""
        path: Path | None = getattr(self, f"{crm}_fields")
        return path


def read_crm_settings() -> CrmSettings:
    """Return the settings of the environment.

    Raises
    ------
    ConfigError
        Naming the variable.
    """
    try:
        return CrmSettings()
    except ValidationError as error:
        name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0]).upper()
        raise ConfigError(f"{PREFIX}{name}: cannot be read") from None


def secret(value: SecretStr | None, name: str) -> str:
    """Return a secret that is needed.

    Raises
    ------
    ConfigError
        When it is not set.
    """
    if value is None or not value.get_secret_value():
        raise ConfigError(f"{PREFIX}{name}: is needed for this and is not set")
    return value.get_secret_value()
