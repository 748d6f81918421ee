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
    """

    hubspot_token: SecretStr | None = None
    hubspot_url: str = "https://api.hubapi.com"
    hubspot_fields: Path | None = None


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


class CrmSettings(HubSpotSettings, OdooSettings, WebhookSettings):
    """How the CRM systems are reached; each CRM's settings begin with its name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

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
