"""Alembic environment of the service's own tables."""

from alembic import context

from libs.common.migration import run
from services.disputes.main import SERVICE

run(context, SERVICE.metadata, SERVICE.name)
