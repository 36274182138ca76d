# Sourced by the other scripts from the portal's folder; not run by itself.
# $venv is the virtual environment to use: .venv, or one for the Python in PYTHON (a command or an
# absolute path), such as .venv-3.13.0, so that two Pythons never share one.

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# Only one runs at a time in this folder until the caller ends or closes descriptor 9: the other waits.
take_turn() { # name of the lock, what is waited for in Thai, in English
    command -v flock >/dev/null || return 0
    mkdir -p .cache
    exec 9>".cache/$1.lock"
    flock -n 9 || {
        echo "$2 รอให้เสร็จก่อน · $3; waiting for it"
        flock 9
    }
}

venv=.venv
PYTHON=${PYTHON-}
if [ -n "$PYTHON" ]; then
    python_version=$("$PYTHON" -c 'import platform; print(platform.python_version())' 2>/dev/null) || fail \
        "เรียก PYTHON=$PYTHON ไม่ได้ ระบุชื่อคำสั่งหรือที่อยู่เต็มของ Python 3.11 ขึ้นไป แล้วสั่งใหม่อีกครั้ง" \
        "PYTHON=$PYTHON cannot be run. Name a Python 3.11 or newer, by its command or its full path."
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || fail \
        "PYTHON=$PYTHON เป็นรุ่น $python_version แต่ต้องเป็น Python 3.11 ขึ้นไป" \
        "PYTHON=$PYTHON is Python $python_version; 3.11 or newer is needed."
    venv=.venv-$python_version
fi
