#!/bin/sh
# Prints fresh secrets in the form of env.example, for compose.yaml and for the Secret of Kubernetes.
#
# usage: (umask 077; sh deploy/secrets.sh > deploy/.env)
#        Keep what it printed: the database keeps its first password, and a key that is lost must be replaced.
set -eu

random() { od -An -v -N16 -tx1 /dev/urandom | tr -d ' \n'; }

cat <<LINES
POSTGRES_PASSWORD=$(random)
REDIS_PASSWORD=$(random)
FLASHTIX_SECRET_KEY=sk_live_$(random)
FLASHTIX_PUBLISHABLE_KEY=pk_live_$(random)
GRAFANA_PASSWORD=$(random)
LINES
