"""An issuer whose tokens are forged in every way that is known to have worked somewhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from libs.common.settings import Settings

SHARED = b"a-secret-that-the-issuer-shares-with-somebody-else"
"""What the key set names as a symmetric key: it must not count."""
TYPE = "at+jwt"


class Forger:
    """The issuer's RSA key, a thief's, and the issuer's key set as the services know it."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.key = generate_private_key(public_exponent=65537, key_size=2048)
        self.thief = generate_private_key(public_exponent=65537, key_size=2048)

    async def jwks(self) -> bytes:
        """The key set."""
        shared = {"kty": "oct", "kid": "shared", "alg": "HS256", "k": _encoded(SHARED)}
        return orjson.dumps({"keys": [{**public(self.key), "kid": "real"}, shared]})

    def claims(self, **more: Any) -> dict[str, Any]:
        """What a leader's token says, changed; None leaves a claim out."""
        said = {
            "iss": Settings().issuer,
            "aud": Settings().audience,
            "sub": "leader-1",
            "iat": at(self.now),
            "exp": at(self.now + timedelta(minutes=15)),
            "roles": ["leader"],
            "areas": ["31"],
        }
        return {name: value for name, value in (said | more).items() if value is not None}

    def good(self) -> str:
        """A token as it should be."""
        return self.signed()

    def signed(self, key: RSAPrivateKey | None = None, *, said: Any = None, **head: Any) -> str:
        """Signed by the issuer (or by `key`), with headers changed; None leaves one out."""
        told = {"typ": TYPE, "kid": "real", "alg": "RS256"} | head
        kept = {name: value for name, value in told.items() if value is not None}
        text = f"{_part(kept)}.{_part(said or self.claims())}"
        algorithm = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256)
        return f"{text}.{_encoded(algorithm.sign(text.encode(), key or self.key))}"

    def hostile(self) -> dict[str, str]:
        """Every forged token, by what is wrong with it."""
        return {**self._unsigned(), **self._confused(), **self._headed(), **self._mistaken()}

    def _unsigned(self) -> dict[str, str]:
        head, body, seal = self.good().split(".")
        raised = _part(self.claims(roles=["administrator"]))
        none = {
            f"alg {alg!r}": f"{_part({'typ': TYPE, 'kid': 'real', 'alg': alg})}.{body}."
            for alg in ("none", "None", "nOnE", "", None)
        }
        return {
            **none,
            "no signature": f"{head}.{body}.",
            "two parts": f"{head}.{body}",
            "four parts": f"{head}.{body}.{seal}.{seal}",
            "another body under the signature": f"{head}.{raised}.{seal}",
            "a broken signature": f"{head}.{body}.{seal[:-8]}AAAAAAAA",
        }

    def _confused(self) -> dict[str, str]:
        """Keys and algorithms taken for each other."""
        known = self.key.public_key()
        numbers = known.public_numbers()
        forms = {
            "PEM": known.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "PEM without its end": known.public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
            ).strip(),
            "PKCS#1": known.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
            "DER": known.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            "JWK": orjson.dumps(public(self.key)),
            "modulus": numbers.n.to_bytes(256, "big"),
            "nothing": b"",
        }
        made = {
            f"HS256 keyed with the public key as {name}": self._sealed(key) for name, key in forms.items()
        }
        made["HS256 with the key set's shared secret"] = self._sealed(SHARED, kid="shared")
        made["HS256 named RS256"] = self._sealed(forms["PEM"], alg="RS256")
        made["another algorithm of the same key"] = self.signed(alg="RS512")
        made["PS256 named over RS256"] = self.signed(alg="PS256")
        made["an algorithm that does not exist"] = self.signed(alg="RS257")
        return made

    def _headed(self) -> dict[str, str]:
        """Headers that bring a key, name one strangely, or demand what nobody understands."""
        own = {**public(self.thief), "kid": "real"}
        far = "https://thief.invalid/jwks.json"
        brought: dict[str, Mapping[str, Any]] = {
            "an embedded jwk": {"jwk": own},
            "an embedded jwk under a kid of its own": {"jwk": own | {"kid": "thief"}, "kid": "thief"},
            "jku": {"jku": far},
            "x5u": {"x5u": far},
            "x5c": {"x5c": [_encoded(b"certificate")]},
        }
        kids = {
            "path": "../../../../dev/null",
            "query": "' UNION SELECT 'a' --",
            "command": "real;cat /etc/passwd",
            "address": far,
            "nothing": "",
            "NUL": "real\x00",
            "list": ["real"],
            "number": 1,
            "long": "r" * 4000,
            "other case": "REAL",
            "none": None,
        }
        demands: dict[str, Mapping[str, Any]] = {
            "crit unknown": {"crit": ["unheard-of"], "unheard-of": True},
            "crit of a known header": {"crit": ["exp"], "exp": 1},
            "crit empty": {"crit": []},
            "crit no list": {"crit": "exp"},
            "b64": {"crit": ["b64"], "b64": False},
            **{f"typ {typ!r}": {"typ": typ} for typ in ("dpop+jwt", "logout+jwt", "JWE", "", None, ["JWT"])},
        }
        return {
            **{f"by a thief, with {name}": self.signed(self.thief, **head) for name, head in brought.items()},
            "by a thief, nothing else": self.signed(self.thief),
            **{f"kid: {name}": self.signed(kid=kid) for name, kid in kids.items()},
            **{name: self.signed(**head) for name, head in demands.items()},
        }

    def _mistaken(self) -> dict[str, str]:
        """Well signed, but meant for another, or for another time."""
        hour = timedelta(hours=1)
        wrong: dict[str, dict[str, Any]] = {
            "audience": {"aud": "another"},
            "no audience": {"aud": None},
            "odd audience": {"aud": {"a": 1}},
            "issuer": {"iss": "https://id.thief.invalid"},
            "no issuer": {"iss": None},
            "issuer list": {"iss": [Settings().issuer]},
            "no subject": {"sub": None},
            "a service's own name": {"sub": "system:grid"},
            "a key's name": {"sub": "key:1"},
            "NUL in the subject": {"sub": "a\x00"},
            "NUL in the token's name": {"jti": "a\x00"},
            "a token's name that is none": {"jti": {}},
            "NUL in areas and roles": {"areas": ["31\x00"], "roles": ["a\x00"]},
            "expired": {"iat": at(self.now - hour), "exp": at(self.now - hour * 5 / 6)},
            "no expiry": {"exp": None},
            "too long": {"exp": at(self.now + hour)},
            "for ever": {"exp": 10**18},
            "a term for ever": {"until": 10**18},
            "no time": {"exp": "never"},
            "issued later": {"iat": at(self.now + hour), "exp": at(self.now + hour)},
            "not yet": {"nbf": at(self.now + hour)},
            "no issue time": {"iat": None},
        }
        return {name: self.signed(said=self.claims(**claims)) for name, claims in wrong.items()}

    def _sealed(self, secret: bytes, **head: Any) -> str:
        text = f"{_part({'typ': TYPE, 'kid': 'real', 'alg': 'HS256'} | head)}.{_part(self.claims())}"
        return f"{text}.{_encoded(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def public(key: RSAPrivateKey) -> dict[str, Any]:
    """The public half as a JWK."""
    made: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return made | {"alg": "RS256", "use": "sig"}


def at(moment: datetime) -> int:
    """As tokens tell the time."""
    return int(moment.timestamp())


def _part(value: Any) -> str:
    return _encoded(orjson.dumps(value))


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
