"""Settings, in one place: the only reader of the environment. A secret never leaves by an error or a repr."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from paydesk.server.errors import SettingsError
from paydesk.skills.base import Mode

LogLevel = Literal["debug", "info", "warning", "error"]
_MODES: Mapping[str, Mode] = {"sk_test_": "test", "rk_test_": "test", "sk_live_": "live", "rk_live_": "live"}


def _default_home() -> Path:
    import platformdirs

    return platformdirs.user_data_path("paydesk")


def names_in(text: str | frozenset[str]) -> frozenset[str]:
    """Comma-separated names as a set."""
    return frozenset(part.strip() for part in text.split(",") if part.strip()) if isinstance(text, str) else text


Names = Annotated[frozenset[str], NoDecode, BeforeValidator(names_in)]


class Settings(BaseSettings):
    """What the operator decided. Variables are `PAYDESK_` and the field's name, but for Stripe's own two."""

    # An empty variable is how many hosts write "not set".
    model_config = SettingsConfigDict(
        env_prefix="PAYDESK_", env_ignore_empty=True, frozen=True, extra="ignore", populate_by_name=True
    )

    stripe_secret_key: Annotated[
        SecretStr | None,
        Field(
            validation_alias=AliasChoices("STRIPE_SECRET_KEY", "STRIPE_API_KEY"),
            description="Stripe's secret or restricted key; without one the sandbox is used",
        ),
    ] = None
    stripe_api_base: Annotated[str | None, Field(description="Another address for Stripe's API, such as a sandbox")] = (
        None
    )
    stripe_account: Annotated[str | None, Field(description="Act on this connected account (acct_...)")] = None
    allow_live: Annotated[bool, Field(description="1 lets a live key in")] = False
    home: Annotated[Path, Field(description="Where paydesk keeps its files")] = Field(default_factory=_default_home)
    database_url: Annotated[str | None, Field(description="The desk's database; a SQLite file in home by default")] = (
        None
    )
    read_only: Annotated[bool, Field(description="1 removes every tool that writes")] = False
    toolsets: Annotated[str, Field(description="Toolsets to offer, comma-separated: default, all, or names")] = (
        "default"
    )
    tools: Annotated[Names, Field(description="Only these tools, or besides toolsets that are named")] = frozenset()
    exclude_tools: Annotated[Names, Field(description="Tools never to offer")] = frozenset()
    sandbox_state: Annotated[Path | None, Field(description="The sandbox's file; in home by default")] = None
    sandbox_seed: Annotated[int, Field(description="The seed of the sandbox's business")] = 7
    policy: Annotated[Path | None, Field(description="The policy for writes; policy.toml in home by default")] = None
    approval_port: Annotated[
        int,
        Field(ge=0, le=65535, description="Where the approval page of `paydesk stdio` listens; any free port without"),
    ] = 0
    public_url: Annotated[
        str | None,
        Field(
            pattern=r"^https?://[A-Za-z0-9.\[\]:-]+$",
            description="How people's browsers reach `paydesk http`, e.g. https://desk.example, for approval links",
        ),
    ] = None
    stripe_webhook_secret: Annotated[
        SecretStr | None,
        Field(description="Secrets of webhook endpoints (whsec_...), comma-separated; those registered here are kept"),
    ] = None
    encryption_key: Annotated[
        SecretStr | None,
        Field(description="What kept secrets are encrypted with, newest first; a key file in home by default"),
    ] = None
    mirror: Annotated[
        Literal["auto", "off"],
        Field(description="auto keeps a mirror of the account to count from; off asks Stripe each time"),
    ] = "auto"
    log_level: Annotated[LogLevel, Field(description="debug, info, warning or error")] = "warning"

    @property
    def mode(self) -> Mode:
        """Sandbox without a key, else what the key's prefix says."""
        key = self.stripe_secret_key
        return "sandbox" if key is None else _MODES[key.get_secret_value()[:8]]

    @property
    def sandbox_file(self) -> Path:
        """The sandbox's own SQLite file."""
        return self.sandbox_state or self.home / "sandbox.sqlite3"

    @property
    def policy_file(self) -> Path:
        """Where the policy for writes stands, if there is one."""
        return self.policy or self.home / "policy.toml"

    @property
    def store_url(self) -> str:
        """The database URL of the desk's own store."""
        return self.database_url or f"sqlite:///{self.home / 'paydesk.sqlite3'}"


def load_settings(**given: Any) -> Settings:
    """Read the environment, with `given` (a command's options) over it; None in `given` means not given.

    Raises SettingsError that names the variable and what would be right, never its value.
    """
    spoken = {name: value for name, value in given.items() if value is not None}
    try:
        settings = Settings(**spoken)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False, include_context=False)[0]
        variable = _variable(str(first["loc"][0]))
        raise SettingsError(f"{variable} cannot be used: {first['msg']}.", field=variable) from None
    _check_key(settings)
    return settings


def _variable(field: str) -> str:
    if field in ("stripe_secret_key", "STRIPE_SECRET_KEY", "STRIPE_API_KEY"):
        return "STRIPE_SECRET_KEY"
    return f"PAYDESK_{field.upper()}"


def _check_key(settings: Settings) -> None:
    """Refuse a key of the wrong kind, a live key without leave, and an address without a key."""
    if settings.stripe_secret_key is None:
        if settings.stripe_api_base is not None:
            raise SettingsError(
                "PAYDESK_STRIPE_API_BASE is set but there is no key.",
                field="STRIPE_SECRET_KEY",
                next_step="Set STRIPE_SECRET_KEY (any sk_test_ key for a sandbox), or unset PAYDESK_STRIPE_API_BASE.",
            )
        return
    key = settings.stripe_secret_key.get_secret_value()
    if key[:8] not in _MODES or len(key) < 12 or not key.isascii() or not key.isprintable():
        kind = "a publishable key" if key.startswith("pk_") else "not a secret or restricted key"
        raise SettingsError(
            f"STRIPE_SECRET_KEY is {kind}.",
            field="STRIPE_SECRET_KEY",
            next_step="Use a key that begins with sk_test_ or rk_test_, or none for the sandbox.",
        )
    if settings.mode == "live" and not settings.allow_live:
        raise SettingsError(
            "STRIPE_SECRET_KEY is a live key, and live keys are refused by default.",
            field="STRIPE_SECRET_KEY",
            next_step="Use a test key, or set PAYDESK_ALLOW_LIVE=1 if real money is meant.",
        )
