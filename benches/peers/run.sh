#!/usr/bin/env bash
# Times guanxi and lifetimes, a Python package, in turn on the same data, checks that both give the same
# answers, and prints a table of seconds and ratios. What it makes lies in the target directory.
#
#     benches/peers/run.sh            # a million customers: about six minutes
#     benches/peers/run.sh --quick    # 20,000 customers: a try
#     benches/peers/run.sh --help
#
# Needs cargo, Python 3.9 to 3.12 (PYTHON=python3.11 names another than python3) and, the first time,
# PyPI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

metadata=$(cargo metadata --no-deps --format-version 1)
[[ $metadata =~ \"target_directory\":\"([^\"]+)\" ]] || exit 1
scratch=${BASH_REMATCH[1]}/peers
requirements=benches/peers/requirements.txt

if ! cmp --silent "$requirements" "$scratch/venv/installed.txt"; then
    "${PYTHON:-python3}" -m venv --clear "$scratch/venv"
    "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$scratch/venv/installed.txt"
fi
cargo bench --quiet --bench peers --no-run

# One thread on both sides: on short vectors more of them only wait for each other.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 RAYON_NUM_THREADS=1
export PYTHONDONTWRITEBYTECODE=1
exec "$scratch/venv/bin/python" benches/peers/peers.py --scratch "$scratch" "$@"
