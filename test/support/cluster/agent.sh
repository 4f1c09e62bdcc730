#!/usr/bin/env bash
# What ssh is on a cluster: agent.sh [options] HOST COMMAND …, on nodea. As with ssh, little of the
# environment goes along.
set -euo pipefail
while [[ $1 == -* ]]; do shift; done
read -r pid <"$MPI_FUTURES_TEST_HOSTS/$1"
shift
exec nsenter --root --wd=/ --target "$pid" --net --uts --ipc --pid --mount \
  env -i PATH="$PATH" HOME="${HOME:-/}" MPI_FUTURES_TEST_RUN="$MPI_FUTURES_TEST_RUN" sh -c "cd /; $*"
