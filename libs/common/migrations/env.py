"""Alembic environment of the toolbox's tables."""

from alembic import context

from libs.common.migration import TOOLBOX, run
from libs.common.toolbox import METADATA

run(context, METADATA, TOOLBOX)
