#!/bin/bash
# Run once, by the image, in an empty cluster: a database and a role of its own for each service 每个服务一库一角色.
# Nobody else may connect: services meet over events only.
set -e
for service in grid tasks disputes targets; do
    export PASSWORD_FILE="${SECRETS:-/run/secrets}/${service}_database_password"
    test -s "$PASSWORD_FILE"
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=service="$service" \
        --username="$POSTGRES_USER" --dbname=postgres <<'SQL'
\set password `cat "$PASSWORD_FILE"`
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL
done
