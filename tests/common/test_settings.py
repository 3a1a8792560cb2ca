"""Secrets come from files, and a URL need not hold its password."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from libs.common.settings import Settings
from libs.common.tree import repository_root

SAID = "from libs.common.settings import Settings; s = Settings(); print(s.database_url.get_secret_value())"


@pytest.mark.parametrize(
    "url, password, whole",
    [
        (
            "postgresql+asyncpg://grid@db:5432/grid",
            "a/b c",
            "postgresql+asyncpg://grid:a%2Fb c@db:5432/grid",
        ),
        ("postgresql+asyncpg://grid:own@db/grid", "other", "postgresql+asyncpg://grid:own@db/grid"),
        ("postgresql+asyncpg://grid@db/grid", "", "postgresql+asyncpg://grid@db/grid"),
        ("", "alone", ""),
    ],
)
def test_a_password_beside_its_url(url: str, password: str, whole: str) -> None:
    made = Settings(database_url=SecretStr(url), database_password=SecretStr(password))
    assert made.database_url.get_secret_value() == whole
    assert "a/b" not in repr(made)


def test_secrets_are_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "jiayuan_database_password").write_text("from-a-file\n")
    told = {"JIAYUAN_SECRETS_DIR": str(tmp_path), "JIAYUAN_DATABASE_URL": "postgresql+asyncpg://grid@db/grid"}
    ran = subprocess.run(
        [sys.executable, "-c", SAID],
        cwd=repository_root(),
        env={"PATH": os.defpath, **told},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "postgresql+asyncpg://grid:from-a-file@db/grid"
