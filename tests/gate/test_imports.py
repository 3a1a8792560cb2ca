"""Every contract of `.importlinter` turns red when somebody breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from libs.common.tree import repository_root

PLANTED = {
    "libs/common/planted.py": "import services.tasks.base\n",
    "services/grid/cases/planted.py": "",
    "services/grid/cases/models.py": "import services.tasks.base\nimport services.grid.cases.service\n",
    "services/grid/cases/domain.py": "import sqlalchemy\n",
    "services/grid/cases/service.py": "import services.grid.catalogue.repository\n",
    "services/grid/places/service.py": "import services.grid.cases.service\n",
    "services/tasks/base.py": "import services.cli\n",
    "services/tasks/units/service.py": "import services.tasks.work.service\n",
    "libs/common/areas.py": "import httpx\n",
    "services/demo/client.py": "import libs.common.areas\n",
}
CONTRACTS = (
    "The toolbox never imports a service",
    "Services never import each other",
    "Only the command line knows all services",
    "The demo is a client: it knows no service and nothing of the toolbox but tokens and ids",
    "In a room: api, consumers, jobs > schemas, clients > service > repository > models > domain",
    "Rooms of one service use each other's service and domain only",
    "Decisions are pure: no I/O, no framework",
    "The pure toolbox is pure",
    "The rooms of grid stand on each other in one order",
    "The rooms of tasks stand on each other in one order",
)


def lint(folder: Path) -> str:
    """What import-linter says of the tree, on one line."""
    told = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return " ".join(told.split())


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A copy of the tree in which every contract is broken once."""
    root = repository_root()
    for part in ("libs", "services", "tests/gate"):
        shutil.copytree(root / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(root / ".importlinter", tmp_path)
    (tmp_path / "tests/__init__.py").touch()
    for name, line in PLANTED.items():
        file = tmp_path / name
        source = file.read_text("utf-8") if file.exists() else ""
        file.write_text(source + "\n" + line, encoding="utf-8")
    return tmp_path


def test_each_contract_is_kept_here_and_broken_there(planted: Path) -> None:
    here, there = lint(repository_root()), lint(planted)
    for contract in CONTRACTS:
        assert f"{contract} KEPT" in here
        assert f"{contract} BROKEN" in there
