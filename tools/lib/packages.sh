# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034
# Which Debian packages are missing, and their installation.  Sourced by quickstart and selftest.

# What it takes to build hintsim and to draw with it.  libgvc draws through plugins that the
# package graphviz configures, and text in a PNG needs a font.
build_packages=(
    gcc libc6-dev cmake ninja-build pkg-config
    libyaml-dev libjansson-dev libgraphviz-dev graphviz fonts-dejavu-core
)
# What the tests take besides: small, and with them every preset that uses gcc can be configured.
test_packages=(libcmocka-dev python3 python3-jsonschema python3-yaml groff-base)

# need_packages PACKAGE...: silent if all are there; else says which are not, and installs them.
need_packages()
{
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not Debian; what follows needs the equivalents of: $*"
        return
    fi
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        return
    fi
    local as_root=()
    if [ "$EUID" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Missing packages, and neither root nor sudo to install them.  As root, run:"
            echo "    apt-get install ${missing[*]}"
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing with ${as_root[*]:+sudo }apt-get: ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes \
            --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        cat "$log"
        rm -f "$log"
        echo "apt-get could not install: ${missing[*]}"
        return 1
    fi
    rm -f "$log"
}
