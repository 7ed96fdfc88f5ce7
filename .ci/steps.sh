# What .ci/run and .ci/nightly share: steps with a name and a time, some of them side by side, and
# the environments they run in. Source it from a script that has `set -euo pipefail`.

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

begun=$SECONDS
table=()
failed=0
logs=$(mktemp -d "${TMPDIR:-/tmp}/talk-calls-ci.XXXXXX")
keep_going=${keep_going:-} # not empty: a step that fails does not keep the next from running

names=() processes=() # of what runs in the background

finish() {
    local code=$? i
    trap - EXIT
    for i in "${!processes[@]}"; do # there are some only when something else failed
        kill -- "-${processes[i]}" 2>/dev/null || true
        table+=("$(printf '      -  %-52s stopped' "${names[i]}")")
    done
    rm -rf "$logs"
    printf '\n%s\n' "=== $((SECONDS - begun)) s in all"
    printf '%s\n' "${table[@]}"
    [ $failed = 0 ] || code=$failed
    [ $code = 0 ] || printf '%s\n' "FAILED (exit $code)"
    exit $code
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

note() { # note NAME SECONDS CODE: a line of the table
    local how=ok
    [ "$3" = 0 ] || { how=FAILED failed=$3; }
    table+=("$(printf '%5d s  %-52s %s' "$2" "$1" $how)")
}

go_on() { # a step that failed is the last, unless all are to be run
    [ $failed = 0 ] || [ -n "$keep_going" ] || exit "$failed"
}

step() { # step NAME COMMAND...: run it now
    local name=$1 start=$SECONDS code=0
    shift
    printf '\n=== %s\n' "$name"
    "$@" || code=$?
    note "$name" $((SECONDS - start)) $code
    go_on
}

start() { # start NAME COMMAND...: run it beside others; `await` shows what it said
    local name=$1 log=$logs/${#names[@]}
    shift
    printf '\n=== %s: begins in the background\n' "$name"
    set -m # a process group of its own, so that all of it can be stopped
    (
        SECONDS=0 code=0
        "$@" || code=$?
        echo "$SECONDS" >"$log.seconds"
        exit $code
    ) >"$log" 2>&1 </dev/null &
    set +m
    names+=("$name") processes+=($!)
}

await() { # await: until all that was started has ended
    local i code
    for i in "${!processes[@]}"; do
        code=0
        wait "${processes[i]}" || code=$?
        unset "processes[i]"
        printf '\n=== %s\n' "${names[i]}"
        cat "$logs/$i"
        note "${names[i]}" "$(cat "$logs/$i.seconds" 2>/dev/null || echo 0)" $code
    done
    names=() processes=()
    go_on
}

did_not_run() { # did_not_run WHAT WHY
    printf '\n%s\n' "!!!!!! DID NOT RUN: $1" "!!!!!! $2"
    table+=("$(printf '      -  %-52s DID NOT RUN: %s' "$1" "$2")")
}

updated= # not empty: the lists of packages are fresh

install() { # install COMMAND-THAT-MUST-WORK PACKAGE...
    local have=$1
    shift
    if ! sh -c "$have" >/dev/null 2>&1; then
        [ -n "$updated" ] || apt-get update -qq || return
        updated=1
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    fi
}

install_python() { # and npm, whose programs check the scripts of the pages
    install "make --version" make &&
        install "python3 -c 'import ensurepip'" python3 python3-venv &&
        install "npm --version" nodejs npm
}

install_services() { # all that a test can need, curl for the lines of the README
    install "curl --version" curl &&
        install "ls /usr/lib/postgresql/*/bin/initdb || command -v initdb" postgresql &&
        install "command -v redis-server || command -v valkey-server" redis-server &&
        install "chromium --version" chromium && # for the call page and the admin
        install "command -v turnserver" coturn && # for the health checks to ask
        install "command -v nats-server" nats-server &&
        install "command -v janus" janus &&
        install "nginx -v" nginx-light && # checks the sample of its configuration
        install "command -v promtool" prometheus && # checks the alerts and the dashboard
        tools/install-signaling-servers
}

find_python() { # find_python VERSION...: the first that is installed, on PATH or by pyenv
    local version python
    for version in "$@"; do
        for python in "python$version" "$HOME/.pyenv/versions/$version".*/bin/python; do
            if "$python" -c "import ensurepip" 2>/dev/null; then
                printf '%s\n' "$python"
                return
            fi
        done
    done
    return 1
}

find_pairs() { # sets oldest and newest (how to call make with them), oldest_name and newest_name
    local python
    if ! python=$(find_python 3.11); then
        python=python3
        did_not_run "Python 3.11" "not installed; $(python3 --version) takes its place"
    fi
    oldest=(make --no-print-directory "PYTHON=$python" "DJANGO=Django~=5.2.0" VENV=.venv-oldest)
    oldest_name="$("$python" --version), Django 5.2"
    local django=6.1
    if ! python=$(find_python 3.13 3.14 3.12); then
        python=python3 django=5.2
        did_not_run "Django 6.1" "no python3.13, 3.14 or 3.12; $(python3 --version) and 5.2 take its place"
    fi
    newest=(make --no-print-directory "PYTHON=$python" "DJANGO=Django~=$django.0" VENV=.venv-newest)
    newest_name="$("$python" --version), Django $django"
}

find_all() { # Python, make, npm, and the pairs of Python and Django
    step "Python, make and npm" install_python
    find_pairs
}

strictly() { # strictly COMMAND...: a test that is skipped, as something is missing, is an error
    TALK_CALLS_REQUIRE_ALL=1 "$@"
}
