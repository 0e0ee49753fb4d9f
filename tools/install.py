"""Make .venv hold what the requirements files pin; do nothing when it already does.

Runs before anything is installed, on whatever Python a machine has: standard library only, and
no syntax so new that an old Python could not say what it lacks.
"""

import hashlib
import os
import subprocess
import sys
import time

WANTED = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOG = os.path.join(VENV, "install.log")
# While this file is there, nobody knows which packages are whole.
UNFINISHED = os.path.join(VENV, "installing")


def main(files):
    if sys.version_info < WANTED:
        found = ".".join(str(part) for part in sys.version_info[:2])
        sys.exit(
            f"ecomops needs Python 3.11 or newer, and this is {found}. "
            "Name a newer one: make run PYTHON=python3.12"
        )
    digest = fingerprint(files)
    stamp = os.path.join(VENV, "installed-" + files[-1])
    if read(stamp) == digest:
        return
    os.chdir(ROOT)
    if os.path.exists(UNFINISHED) or not has_pip():
        phase("Environment", make_environment)
    with open(UNFINISHED, "w"):
        pass
    phase("Packages", lambda: install(files))
    with open(stamp, "w") as stream:
        stream.write(digest)


def fingerprint(files):
    digest = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for name in files:
        digest.update(read(os.path.join(ROOT, name)).encode())
    return digest.hexdigest()


def read(path):
    try:
        with open(path) as stream:
            return stream.read()
    except OSError:
        return ""


def has_pip():
    if not os.path.exists(PYTHON):
        return False
    asked = [PYTHON, "-m", "pip", "--version"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.run(asked, **silent).returncode == 0


def make_environment():
    result = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if result.returncode != 0:
        sys.exit(
            "Python could not make a virtual environment. On Debian and Ubuntu: "
            "apt-get install python3-venv\n" + result.stdout.decode(errors="replace")
        )


def install(files):
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off"]
    for name in files:
        command += ["-r", name]
    with open(LOG, "w") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT).returncode
    os.remove(UNFINISHED)
    if code == 0:
        return
    if "No space left on device" in read(LOG):
        sys.exit("The disk is full: packages need about 1.5 GB. Make room and start again.")
    sys.exit("Packages could not be installed; see " + LOG + "\n" + read(LOG)[-2000:])


def phase(name, work):
    """Do one piece of work; its name first, its duration after."""
    terminal = sys.stdout.isatty()
    began = time.time()
    sys.stdout.write(f"  {name:<14} ..." + ("" if terminal else "\n"))
    sys.stdout.flush()
    work()
    line = f"✓ {name:<14} {time.time() - began:6.1f} s"
    sys.stdout.write(("\r\x1b[2K" if terminal else "") + line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
