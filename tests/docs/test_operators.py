"""Both operators' guides tell the same, and everything that they have one type exists."""

from __future__ import annotations

import re
import shlex

import pytest
import typer
import typer.main
from typer.core import TyperGroup

from libs.common.telemetry import metrics_text
from libs.common.tree import repository_root
from services.cli import SERVICES, app

GUIDES = ("operators.md", "operators.zh-CN.md")
COMMAND = re.compile(r"(?:\.venv/bin/jiayuan|docker compose run .* [a-z]+-(?:worker|api)) (.*)")
GIVEN = re.compile(r"`jiayuan ([a-z-]+)")


def guide(name: str) -> str:
    """The text of a guide."""
    return (repository_root() / "docs/guides" / name).read_text("utf-8")


def typed(name: str) -> list[str]:
    """The lines that a guide has one type."""
    blocks = re.findall(r"^ *```bash\n(.*?)^ *```", guide(name), re.M | re.S)
    return [line.strip() for block in blocks for line in block.splitlines()]


def top() -> TyperGroup:
    """The command line as it is typed."""
    command = typer.main.get_command(app)
    assert isinstance(command, TyperGroup)
    return command


def parse(words: list[str]) -> None:
    """Take the words as the command line does, and do nothing. Raises `typer.TyperException`."""
    group, context = top(), typer.Context(top())
    while True:
        name, command, words = group.resolve_command(context, words)
        assert command is not None
        if not isinstance(command, TyperGroup):
            command.make_context(name, words, parent=context)
            return
        group, context = command, typer.Context(command, parent=context)


def test_both_guides_have_the_same_commands_and_figures() -> None:
    english, chinese = (typed(name) for name in GUIDES)
    assert english == chinese
    figures, other = (sorted(set(re.findall(r"jiayuan_[a-z_]+", guide(name)))) for name in GUIDES)
    assert figures == other


@pytest.mark.parametrize("line", sorted(set(typed(GUIDES[0]))))
def test_every_command_exists(line: str) -> None:
    found = COMMAND.fullmatch(line)
    if found is None:
        assert line.split()[0] in {"make", "docker", "install"}, line
        return
    words = shlex.split(found.group(1))
    parse(words)
    if words[0] == "republish":
        assert words[2] in SERVICES[words[1]].restaters
    if words[0] == "recount":
        assert words[2] in SERVICES[words[1]].recounts
    if words[0] == "reread":
        read = {event.topic.name for event in SERVICES[words[1]].handlers if event.topic.full_state}
        assert read.issuperset(words[2:])


def test_a_command_that_does_not_exist_is_found() -> None:
    for words in (["restart"], ["backup"], ["backup", "x", "--compress"], ["audit", "trust", "grid"]):
        with pytest.raises(typer.TyperException):
            parse(words)


@pytest.mark.parametrize("name", GUIDES)
def test_what_the_text_names_exists(name: str) -> None:
    assert set(GIVEN.findall(guide(name))) <= set(top().commands)
    known = metrics_text().decode()
    for figure in re.findall(r"`(jiayuan_[a-z_]+)`", guide(name)):
        assert figure.removesuffix("_total") in known, figure
    nouns = {noun for service in SERVICES.values() for noun in service.restaters}
    told = guide(name)
    assert [noun for noun in sorted(nouns) if noun not in told] == []
