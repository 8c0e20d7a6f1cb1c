#!/bin/sh
# Finds a Python, makes $VENV (.venv), installs bringup with all it can use, and graphviz's `dot` when the machine lets us.
# Run again it does nothing: a stamp holds the hash of what was installed. PYTHON=... chooses the interpreter.
set -eu
cd "$(dirname "$0")"
venv=${VENV:-.venv}

say() { echo "environment: $*" >&2; }

# A candidate counts only if it runs: pyenv leaves shims that do not.
runs() { command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        runs "$PYTHON" || { say "PYTHON=$PYTHON does not run, or is not Python 3.10 to 3.13 with venv"; return 1; }
        echo "$PYTHON"
        return
    fi
    # ttnn has wheels for 3.12 and 3.10 only, so these come first.
    for version in 3.12 3.10 3.13 3.11; do
        for candidate in "$HOME"/.pyenv/versions/$version*/bin/python "$HOME"/.local/share/uv/python/cpython-$version*/bin/python "python$version"; do
            if runs "$candidate"; then echo "$candidate"; return; fi
        done
    done
    if runs python3; then echo python3; return; fi
    say "no Python 3.10 to 3.13 with venv found: install python3.12 (and python3.12-venv), or set PYTHON=/path/to/python"
    return 1
}

install_dot() {
    command -v dot >/dev/null 2>&1 && return
    if command -v apt-get >/dev/null 2>&1; then
        sudo=""
        [ "$(id -u)" = 0 ] || sudo="sudo -n"
        if [ -z "$sudo" ] || $sudo true 2>/dev/null; then
            say "installing graphviz for pictures"
            if (DEBIAN_FRONTEND=noninteractive timeout 300 $sudo apt-get install -y -q graphviz ||
                { timeout 120 $sudo apt-get update -q && DEBIAN_FRONTEND=noninteractive timeout 300 $sudo apt-get install -y -q graphviz; }) >/dev/null 2>&1; then
                return
            fi
        fi
    fi
    say "dot (graphviz) is not installed and cannot be from here: everything works but the .svg pictures. Install the package graphviz for them."
}

python=$(find_python)
wanted=$({ cat pyproject.toml constraints.txt environment.sh; "$python" -c 'import sys; print(sys.executable, sys.version)'; } | cksum)
install_dot
if [ -x "$venv/bin/bringup" ] && [ "$(cat "$venv/stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

# One set-up at a time; a lock left by a killed one is taken over when its process is gone.
lock="$venv.lock"
mkdir -p "$(dirname "$venv")"
tries=0
until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || echo)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then rm -rf "$lock"; continue; fi
    tries=$((tries + 1))
    [ "$tries" -gt 900 ] && { say "another set-up holds $lock"; exit 1; }
    sleep 1
done
echo $$ > "$lock/pid"
trap 'rm -rf "$lock"' EXIT
trap 'exit 130' INT TERM
if [ -x "$venv/bin/bringup" ] && [ "$(cat "$venv/stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

say "making $venv with $("$python" --version 2>&1) (about 6 GB, one to three minutes)"
rm -rf "$venv"
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check "$(grep '^uv==' constraints.txt)" 2>/dev/null || say "uv cannot be had: using pip"
if [ -x "$venv/bin/uv" ]; then
    # Bytecode is compiled here, once: imports of torch take three times as long without it.
    "$venv/bin/uv" pip install -q --compile-bytecode --python "$venv/bin/python" -c constraints.txt -e '.[models,ttnn,issues,dev]'
else
    "$venv/bin/python" -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[models,ttnn,issues,dev]'
fi
echo "$wanted" > "$venv/stamp"
"$venv/bin/python" -c 'import ttnn' >/dev/null 2>&1 || say "ttnn has no wheel for this Python or machine: everything up to coverage by table works without it"
say "ready: $venv/bin/bringup --help"
