"""Settings, from environment variables that begin with LEAD_SCORING_."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from features.errors import ConfigError

PREFIX = "LEAD_SCORING_"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """How the service runs.

    Parameters
    ----------
    host, port
        Where it listens.
    workers : int
        Processes that answer; what is told of requests under way is told of each.
    artifacts : Path
        Folder of bundles.
    dataset : str, optional
        Whose champion answers; not needed where there is only one.
    agreement : Path
        File that decides the labels.
    unsigned_agreement : "allow" or "refuse", optional
        Whether an agreement may decide that not both sides have signed; by default only where
        the service listens on this machine alone.
    bundle_key : str, optional
        With it, only bundles signed with it are loaded.
    body_bytes, batch_body_bytes : int
        Largest body of a request for one lead, and for a batch.
    batch_leads, lead_activities : int
        Most leads of a batch, and most activities of a lead.
    reasons : int
        Reasons in an answer.
    database_url : str, optional
        Where decisions are kept: `sqlite:///<file>`, `postgresql://...`, or `none`; by default
        an SQLite file in the dataset's folder of bundles.
    decisions : "durable" or "relaxed"
        Whether a decision is durable before it is answered.
    writer : "process" or "thread"
        Who writes decisions: a process beside each one that answers, or a thread of it.
    unrecorded : "refuse" or "answer"
        What happens to a lead whose decision cannot be kept.
    exploration_share : float
        Share of the leads below the lines that are offered to sales all the same.
    holdout_share : float
        Share of new leads that the agreement does not route, to judge it by.
    retention_days : float, optional
        Leads are erased of which nothing was heard for so long; by default they stay.
    rescore_hours : float
        How often stored leads are scored again, because time has passed; 0: never.
    without_model : "rules" or "refuse"
        What happens to leads while no model can be loaded: the agreement's rules answer, or 503.
    requests_per_minute : int, optional
        How often each key may ask; by default as often as it likes.
    arrival_seconds : float
        A request has to be there after so long.
    keep_alive_seconds : int
        A connection on which nothing is asked is closed after so long.
    most_under_way : int
        Requests under way at once; more are refused. A batch counts as 50.
    crowd : int
        Requests under way at once from which on only few are taken until all can be again.
    longest_wait_seconds : float
        A request that waited longer for its turn is refused.
    drain_seconds : float
        So long requests under way may take when the service is told to end.
    dashboard : "on" or "off"
        Whether there are pages under /app, where the extra `dashboard` is installed.
    dashboard_port : int, optional
        Where the pages answer that have a process of their own; by default the port after `port`.
    crm_link : str, optional
        Address of a lead in the CRM, with `{lead_id}` in it, which the pages link to.
    login_link : str, optional
        SHA-256 of the secret of a link that logs in to the pages once, a dot, and until when, in
        seconds since 1970; `make run` sets it.
    log_level : "debug", "info", "warning" or "error"
    experiment : str
        Name under which they are drawn; another one draws others.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(gt=0, lt=65_536)] = 8000
    workers: Annotated[int, Field(gt=0, le=64)] = 1
    artifacts: Path = Path("models/artifacts")
    dataset: str | None = None
    agreement: Path = Path("agreement.toml")
    unsigned_agreement: Literal["allow", "refuse"] | None = None
    bundle_key: SecretStr | None = None
    body_bytes: Annotated[int, Field(gt=0)] = 2_000_000
    batch_body_bytes: Annotated[int, Field(gt=0)] = 20_000_000
    batch_leads: Annotated[int, Field(gt=0)] = 1000
    lead_activities: Annotated[int, Field(ge=0)] = 2000
    reasons: Annotated[int, Field(ge=0)] = 5
    database_url: SecretStr | None = None
    decisions: Literal["durable", "relaxed"] = "durable"
    writer: Literal["process", "thread"] = "process"
    unrecorded: Literal["refuse", "answer"] = "refuse"
    exploration_share: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    holdout_share: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    experiment: Annotated[str, Field(min_length=1, max_length=100)] = "first"

    retention_days: Annotated[float | None, Field(gt=0)] = None
    without_model: Literal["rules", "refuse"] = "rules"
    requests_per_minute: Annotated[int | None, Field(gt=0)] = None
    arrival_seconds: Annotated[float, Field(gt=0)] = 30.0
    keep_alive_seconds: Annotated[int, Field(gt=0)] = 75
    most_under_way: Annotated[int, Field(gt=0)] = 1000
    crowd: Annotated[int, Field(gt=0)] = 96
    longest_wait_seconds: Annotated[float, Field(gt=0)] = 1.0
    drain_seconds: Annotated[int, Field(gt=0)] = 20
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    dashboard: Literal["on", "off"] = "on"
    dashboard_port: Annotated[int | None, Field(gt=0, lt=65_536)] = None
    crm_link: Annotated[str | None, Field(pattern=r"^https?://.*\{lead_id\}")] = None
    login_link: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}\.[0-9]{1,12}$")] = None
    rescore_hours: Annotated[float, Field(ge=0)] = 24.0

    @property
    def allows_unsigned(self) -> bool:
        """Whether an agreement may decide that not both sides have signed."""
        if self.unsigned_agreement is None:
            return self.host in LOOPBACK
        return self.unsigned_agreement == "allow"

    @property
    def port_of_pages(self) -> int:
        """Where the pages answer: with several workers they have a process of their own."""
        if self.workers == 1:
            return self.port
        return self.port + 1 if self.dashboard_port is None else self.dashboard_port

    @property
    def key(self) -> bytes | None:
        """The bundle key as bytes."""
        return None if self.bundle_key is None else self.bundle_key.get_secret_value().encode()


def read_settings() -> Settings:
    """Return the settings of the environment.

    Raises
    ------
    ConfigError
        Naming the variable and what was expected.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"{PREFIX}{name}: {first['msg']}") from None
