"""Settings 配置: everything that differs between deployments, from `JIAYUAN_*` variables."""

from __future__ import annotations

import os
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url


class Settings(BaseSettings):
    """One deployment's settings. A service reads its own database's URL only."""

    model_config = SettingsConfigDict(
        env_prefix="JIAYUAN_", extra="ignore", secrets_dir=os.environ.get("JIAYUAN_SECRETS_DIR") or None
    )

    secrets_dir: str = ""
    """Folder of files that are named like the variables, in lower case: secrets that stand in no environment.
    Read when the process starts; a variable of the environment wins over a file."""

    database_url: SecretStr = SecretStr("")
    """The service's own database, `postgresql+asyncpg://...`."""
    database_password: SecretStr = SecretStr("")
    """Its password, where the URL holds none."""
    pool_size: int = Field(default=10, ge=1, le=200)

    bus: Literal["local", "kafka"] = "local"
    bus_urls: dict[str, SecretStr] = Field(default_factory=dict)
    """Local bus: per producing service the URL of its database, under this reader's role."""
    kafka_bootstrap: str = ""
    kafka_username: str = ""
    kafka_password: SecretStr = SecretStr("")
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_tls: bool = False
    """Encrypt the connections to Kafka; outside one machine a password must not travel without."""
    kafka_ca_file: str = ""
    """Certificates that the brokers are trusted by, if not the system's."""
    kafka_prefix: str = Field(default="", pattern=r"^[a-z0-9.-]{0,60}$")
    """Before the names of topics and groups, where several deployments share one cluster."""

    source: str = "urn:cn:jiayuan:demo"
    """CloudEvents `source` prefix: organisation and system of this deployment."""
    public_url: str = "http://127.0.0.1:8000"

    issuer: str = "https://id.jiayuan.invalid"
    audience: str = "jiayuan"
    jwks_url: str = ""
    jwks_file: str = ""
    role_claim: str = "roles"
    claims: dict[str, str] = Field(default_factory=dict)
    """Where a token says it, dotted: keys of `name roles areas unit body estates since until scopes`."""
    role_names: dict[str, str] = Field(default_factory=dict)
    """The provider's role names -> ours, where they differ."""
    requests_per_second: float = Field(default=0, ge=0)
    """Each caller's share of one process, with a burst of ten seconds' worth; 0 sets no limit."""
    visits_per_second: float = Field(default=5, ge=0)
    """Each address's share of one process for what can be read without signing in; 0 sets no limit."""
    guesses_per_second: float = Field(default=0.5, ge=0)
    """How often an address may ask for a number that is not there, with a burst of ten seconds' worth."""
    address_header: str = ""
    """Header in which the gateway names the caller's address, where nothing passes the gateway by."""
    body_limit: int = Field(default=1 << 20, ge=1024)

    media_limit: int = Field(default=12 << 20, ge=1024)
    """Most bytes of one photo as it is uploaded."""
    media_url: str = "memory:///"
    """Where photos lie: `file:///...`, `s3://bucket/prefix` or `memory:///` (obstore)."""

    notice_gateways: dict[str, SecretStr] = Field(default_factory=dict)
    """Where notices go out, by channel (`sms`, `wechat`, `email`): `https://...`, `smtp://...`, `file:///...`."""
    notice_secret: SecretStr = SecretStr("")
    """What messages to an HTTP gateway are signed with."""
    notice_link: str = ""
    """The page that a reporter's message leads to, with `{token}`; the open API's own address if empty."""

    log_level: str = "INFO"
    log_json: bool = True

    @model_validator(mode="after")
    def _with_password(self) -> Settings:
        url, password = self.database_url.get_secret_value(), self.database_password.get_secret_value()
        if url and password and make_url(url).password is None:
            whole = make_url(url).set(password=password)
            self.database_url = SecretStr(whole.render_as_string(hide_password=False))
        return self
