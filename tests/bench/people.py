"""Who calls 调用者: tokens of the machine's own issuer, one subject per connection."""

from __future__ import annotations

from pathlib import Path

from libs.common.clocks import utc_now
from libs.common.http.dev_tokens import JWKS_FILE, DemoScope, DevIssuer
from libs.common.policy import Role
from libs.common.settings import Settings

DISTRICT = "310107"
CITY = "31"
_DEFAULTS = Settings()


class People:
    """Mints tokens; the APIs trust the key set in `jwks`."""

    def __init__(self, folder: Path) -> None:
        self.jwks = folder / JWKS_FILE
        self._issuer = DevIssuer.open(folder, issuer=_DEFAULTS.issuer, audience=_DEFAULTS.audience)

    def token(self, role: Role, subject: str, area: str = DISTRICT) -> str:
        """A fresh token, valid for a quarter of an hour."""
        return self._issuer.mint(role, DemoScope(subject, (area,), subject=subject), utc_now())

    def tokens(self, role: Role, count: int, area: str = DISTRICT) -> list[str]:
        """Tokens of `count` subjects: `<role>-0` and so on."""
        return [self.token(role, f"{role}-{number}", area) for number in range(count)]
