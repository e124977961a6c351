"""A commit's pipeline, run again in a clone: no output, no run cache, no cache of the user's."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from stages.fetch_mnist import CACHE, GIVEN, MD5

# What DVC and the libraries keep outside of a repository, and where they look for settings.
KEPT = (
    *("DVC_SITE_CACHE_DIR", "DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR"),
)
DVC = (sys.executable, "-m", "dvc")


class RerunError(Exception):
    """The commit could not be run; the text says why."""


def environ() -> dict[str, str]:
    """The environment without what git sets for its hooks: it would lead to another repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def git(root: Path, *arguments: str) -> str:
    """Runs git without hooks, and returns what it prints."""
    command = ["git", "-c", "core.hooksPath=/dev/null", *arguments]
    done = subprocess.run(
        command, cwd=root, env=environ(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RerunError(" ".join(done.stderr.split()))
    return done.stdout.strip()


def resolve(root: Path, rev: str) -> str:
    """Finds the commit of an experiment or a revision."""
    listed = git(root, "for-each-ref", "--format=%(refname) %(objectname)", "refs/exps/*/*/*")
    refs = (line.split() for line in listed.splitlines())
    named = [commit for name, commit in refs if name.split("/")[-1] == rev]
    if len(named) > 1:
        raise RerunError(f"{rev}: {len(named)} experiments of that name; name the commit instead")
    try:
        return named[0] if named else git(root, "rev-parse", "--verify", f"{rev}^{{commit}}")
    except RerunError:
        raise RerunError(f"{rev}: no commit, branch, tag or experiment of that name") from None


def clone(root: Path, commit: str, folder: Path) -> None:
    """Checks a commit out to `folder`, which reads git's objects from `root`."""
    git(root, "clone", "--quiet", "--shared", "--no-checkout", "--template=", ".", str(folder))
    git(folder, "checkout", "--quiet", "--detach", commit)
    (folder / ".dvc" / "config.local").write_text("[cache]\n    dir = cache\n")


def bring_data(root: Path, folder: Path) -> None:
    """Copies what `.dvc` files name from the user's DVC cache, and MNIST's files if they exist.

    Copied here instead of pulled by DVC, which removes what it finds damaged at the source.
    """
    pointers = git(folder, "ls-files", "*.dvc").splitlines()
    if pointers:
        asked = [*DVC, "cache", "dir"]
        done = subprocess.run(asked, cwd=root, env=environ(), capture_output=True, text=True)
        if done.returncode != 0:
            raise RerunError(" ".join(done.stderr.split()))
        cache = (root / done.stdout.strip()).resolve()
        for pointer in pointers:
            for out in yaml.safe_load((folder / pointer).read_text(encoding="utf-8"))["outs"]:
                _copy_object(cache, folder / ".dvc" / "cache", out["md5"])
    for name in MD5:
        for path in filter(Path.is_file, (CACHE / name, root / GIVEN / name)):
            (folder / GIVEN).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / GIVEN / name)


def _copy_object(cache: Path, own: Path, digest: str) -> None:
    name = Path("files", "md5", digest[:2], digest[2:])
    if not (cache / name).is_file():
        return  # DVC will say so, if a stage needs it
    (own / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(cache / name, own / name)
    if digest.endswith(".dir"):
        for entry in json.loads((own / name).read_bytes()):
            _copy_object(cache, own, entry["md5"])


def rerun(folder: Path, scratch: Path) -> None:
    """Runs all stages; each is named on stderr when it starts.

    Raises:
        RerunError: a stage failed, or data is missing.
    """
    env = environ() | {name: str(scratch / name) for name in KEPT}
    env["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), env["PATH"]))
    checkout = [*DVC, "checkout", "--quiet", "--allow-missing"]
    subprocess.run(checkout, cwd=folder, env=env, check=False)
    process = subprocess.Popen(
        [*DVC, "repro", "--no-run-cache"],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    printed = []
    try:
        for line in process.stdout or ():
            printed.append(line)
            if line.startswith("Running stage"):
                print(line.rstrip(":\n"), file=sys.stderr, flush=True)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    if process.wait() != 0:
        said = "".join(printed[-20:]).strip()
        missing = "\nIt is not in your DVC cache: bring it with dvc pull or dvc add."
        raise RerunError(said + missing * ("missing data" in said))
