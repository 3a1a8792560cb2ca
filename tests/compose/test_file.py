"""What can be said of docker-compose.yml without starting it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer.main

from libs.common.embedded import cluster, jars
from libs.common.embedded.postgres import DURABLE, SETTINGS
from libs.common.settings import Settings
from libs.common.tree import repository_root
from services.cli import SERVICES, app
from tests.compose import composition
from tests.compose.composition import COMPLETED, FILE, HEALTHY, NotUnderstood, Part
from tests.compose.conftest import prepare
from tests.compose.deployment import in_order, jobs
from tests.compose.places import Places
from tests.compose.programs import (
    BROKER,
    DATABASE,
    GATEWAY,
    OURS,
    NotInstalled,
    image_environment,
    nginx,
)

TRIAL = "deploy/trial.yml"
OF_THE_TERMINAL = {"JIAYUAN_VAR"}
"""Where `jiayuan token` keeps its keys."""


@pytest.fixture
def parts(data: Path) -> dict[str, Part]:
    return composition.read({"COMPOSE_DATA": str(data)})


@pytest.fixture
def trial(data: Path) -> dict[str, Part]:
    return composition.read({"COMPOSE_DATA": str(data)}, FILE, TRIAL)


def ours(parts: Mapping[str, Part]) -> list[Part]:
    """The parts that run our image."""
    return [part for part in parts.values() if part.image == OURS]


def test_every_service_has_an_api_and_a_worker(parts: dict[str, Part]) -> None:
    for name in SERVICES:
        commands = {f"{name}-{part}": parts[f"{name}-{part}"].command[:2] for part in ("api", "worker")}
        assert commands == {f"{name}-api": ["serve", name], f"{name}-worker": ["work", name]}
    assert {part.image for part in parts.values()} == {OURS, BROKER, DATABASE, GATEWAY}


def test_what_stays_is_checked_and_what_ends_is_waited_for(trial: dict[str, Part]) -> None:
    assert jobs(trial) == {name for name, part in trial.items() if part.runs_once}
    for part in trial.values():
        assert bool(part.check) is not part.runs_once, part.name
        for name, condition in part.waits.items():
            assert condition == (COMPLETED if trial[name].runs_once else HEALTHY), (part.name, name)
    assert in_order(trial)


def test_a_circle_of_waits_is_found(parts: dict[str, Part]) -> None:
    said = {**parts["postgres"].said, "depends_on": {"grid-api": {"condition": HEALTHY}}}
    part = Part("postgres", said, {}, repository_root())
    with pytest.raises(ValueError, match="wait for each other"):
        in_order({**parts, "postgres": part})


def test_commands_exist_and_take_their_options(trial: dict[str, Part]) -> None:
    known = typer.main.get_group(app).commands
    for part in ours(trial):
        name, *words = part.command
        assert name in known, part.command
        known[name].make_context(name, words)


def test_variables_are_settings(trial: dict[str, Part]) -> None:
    known = {f"JIAYUAN_{name.upper()}" for name in Settings.model_fields} | OF_THE_TERMINAL
    for part in ours(trial):
        told = {name for name in part.environment if name.startswith("JIAYUAN_")}
        assert told <= known, part.name
        assert {name.upper() for name in part.secrets} <= known, part.name


def test_nothing_secret_stands_in_a_file(data: Path) -> None:
    secrets = [file.read_text() for file in (data / "secrets").iterdir() if file.name != "kafka_login"]
    assert len(secrets) == len(set(secrets)) == 10
    assert all(re.fullmatch(r"[0-9a-f]{48}", secret) for secret in secrets)
    for name in (FILE, TRIAL, "deploy/Dockerfile", "deploy/kafka/compose.properties"):
        text = (repository_root() / name).read_text("utf-8")
        assert not re.search(
            r"(?i)(password|secret|token)\w*\s*[:=]\s*[\"']?[0-9a-z]{8,}[\"']?\s*$", text, re.M
        )
        assert "://" not in re.sub(
            r"\w+://(127\.0\.0\.1|\w+@postgres|/|grid|kafka|localhost|0\.0\.0\.0)", "", text
        )


def test_a_second_preparation_changes_nothing(data: Path) -> None:
    def held() -> dict[str, tuple[bytes, int]]:
        files = [file for file in data.rglob("*") if file.is_file()]
        return {file.name: (file.read_bytes(), file.stat().st_ino) for file in files}

    before = held()
    prepare(data)
    assert held() == before
    assert (data / "secrets").stat().st_mode & 0o777 == 0o700

    (data / "secrets" / "grid_kafka_password").unlink()
    prepare(data)
    changed = {name for name, now in held().items() if now != before[name]}
    assert changed == {"grid_kafka_password", "kafka_login"}


def test_every_secret_is_used_and_made(data: Path, parts: dict[str, Part]) -> None:
    used = {file for part in parts.values() for file in part.secrets.values()}
    assert used == set((data / "secrets").iterdir())


def test_versions_are_pinned_and_those_of_the_tests(parts: dict[str, Part]) -> None:
    root = repository_root()
    versions = {part.image: str(part.said["image"]).rpartition(":")[2] for part in parts.values()}
    assert all(re.fullmatch(r"\d+(\.\d+)+", version) for version in versions.values()), versions
    kafka = (jars.deploy_folder() / "coordinates").read_text().split("+")[0].rpartition(":")[2]
    assert versions[BROKER] == kafka
    assert versions[OURS] == tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    bases = re.findall(r"^FROM (\S+)", (root / "deploy" / "Dockerfile").read_text("utf-8"), re.M)
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases), bases


def test_the_database_is_made_as_the_embedded_one(parts: dict[str, Part]) -> None:
    postgres = parts["postgres"]
    assert "/var/lib/postgresql" in postgres.mounts, "the image of PostgreSQL 18 refuses .../data"
    said = set(postgres.environment["POSTGRES_INITDB_ARGS"].split())
    assert said == set(cluster.INITDB) - {"--username=postgres"}
    words = postgres.command[1:]
    settings = dict(word.split("=", 1) for word in words[1::2])
    private = {name: SETTINGS[name] for name in SETTINGS if name.startswith(("log_", "timezone", "jit"))}
    assert private.items() <= settings.items()
    assert not set(DURABLE) & set(settings)


def test_our_processes_may_do_little(trial: dict[str, Part]) -> None:
    for part in [*ours(trial), trial["gateway"]]:
        assert part.said["read_only"] is True
        assert part.said["cap_drop"] == ["ALL"]
        assert part.said["security_opt"] == ["no-new-privileges:true"]
    assert trial["gateway"].said["networks"] == ["edge"], "no way from the gateway to the data"
    docker = (repository_root() / "deploy" / "Dockerfile").read_text("utf-8")
    assert re.search(r"^USER (?!0|root)\d+", docker, re.M)
    assert 'ENTRYPOINT ["python", "-m", "services.cli"]' in docker
    assert image_environment()["PYTHONPATH"] == "/srv/jiayuan"


def test_every_published_port_is_the_gateways(parts: dict[str, Part]) -> None:
    published = {name: part.said["ports"] for name, part in parts.items() if "ports" in part.said}
    assert published == {"gateway": ["127.0.0.1:8080:8080"]}


def test_files_that_are_mounted_exist(trial: dict[str, Part]) -> None:
    for part in trial.values():
        for source in part.mounts.values():
            if source.startswith("."):
                assert (repository_root() / source).is_file(), source


def test_scripts_are_scripts(parts: dict[str, Part]) -> None:
    for name in ("deploy/prepare.sh", "deploy/postgres/init.sh", "deploy/kafka/start.sh"):
        subprocess.run(["bash", "-n", name], cwd=repository_root(), check=True)
        assert (repository_root() / name).stat().st_mode & 0o111, name


def test_the_guide_explains_every_setting() -> None:
    guide = (repository_root() / "docs" / "guides" / "deployment.md").read_text("utf-8")
    assert set(re.findall(r"`JIAYUAN_([A-Z_]+)`", guide)) - {"VERSION"} == set(
        map(str.upper, Settings.model_fields)
    )


def test_a_machine_without_nginx_is_told_the_package() -> None:
    with pytest.raises(NotInstalled, match="apt-get install nginx-light"):
        nginx("", may_install=False)


class TestReading:
    """The reader of the file itself."""

    def test_variables_and_defaults(self) -> None:
        said = composition._filled({"a": ["${X:-one}:${Y}", "$${X}"], "b": 1}, {"Y": "two"})
        assert said == {"a": ["one:two", "${X}"], "b": 1}

    def test_one_file_over_another(self) -> None:
        under, over = {"a": {"x": 1, "l": [1]}, "b": 2}, {"a": {"y": 3, "l": [2]}, "b": 4}
        assert composition.laid_over(under, over) == {"a": {"x": 1, "y": 3, "l": [1, 2]}, "b": 4}

    def test_a_check_by_shell_is_refused(self) -> None:
        part = Part("a", {"healthcheck": {"test": ["CMD-SHELL", "true"]}}, {}, repository_root())
        with pytest.raises(NotUnderstood, match="CMD-SHELL"):
            _ = part.check

    def test_names_ports_and_paths_are_found_here(self, parts: dict[str, Part], place: Path) -> None:
        places = Places(parts, place)
        grid, database = parts["grid-api"], places.ports["postgres", 5432]
        said = places.here(grid, "postgresql+asyncpg://grid@postgres:5432/grid")
        assert said == f"postgresql+asyncpg://grid@127.0.0.1:{database}/grid"
        assert places.here(grid, "/run/secrets") == str(place / "grid-api" / "secrets")
        assert places.here(grid, "file:///var/lib/jiayuan/media") == f"file://{place}/volumes/media"
        own = str(places.ports["grid-api", 8000])
        assert places.arguments(grid, ["--host", "0.0.0.0", "--port", "8000"]) == [
            "--host",
            "127.0.0.1",
            "--port",
            own,
        ]
        assert places.here(grid, "http://127.0.0.1:8000/readyz") == f"http://127.0.0.1:{own}/readyz"
        assert places.here(grid, "my-postgres:5432 kafka:1") == "my-postgres:5432 kafka:1"
