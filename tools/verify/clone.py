"""A commit in a temporary clone, run there without its outputs and without the user's caches."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from stages.harness import paths
from stages.sources.mnist import CACHE
from tools.verify.comparison import LOCK, Files, Lock, read_files

# What DVC and the libraries keep outside of a repository, and where they look for settings.
KEPT = (
    *("DVC_SITE_CACHE_DIR", "DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR"),
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR"),
)
DVC = (sys.executable, "-m", "dvc")


class RerunError(Exception):
    """The commit could not be run; the text says why."""


def environ() -> dict[str, str]:
    """Gives the environment without git's variables: in a hook they name another repository."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


def ask(root: Path, *command: str) -> str:
    """Runs a command in `root` and returns what it prints; raises a RerunError if it fails."""
    done = subprocess.run(
        command, cwd=root, env=environ(), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RerunError(" ".join(done.stderr.split()))
    return done.stdout.strip()


def git(root: Path, *arguments: str) -> str:
    """Runs git without hooks and returns what it prints."""
    return ask(root, "git", "-c", "core.hooksPath=/dev/null", *arguments)


def resolve(root: Path, rev: str) -> str:
    """Finds the commit of an experiment or a revision."""
    named = git(root, "for-each-ref", "--format=%(objectname)", f"refs/exps/*/*/{rev}").split()
    if len(named) > 1:
        raise RerunError(f"{rev}: {len(named)} experiments of that name; name the commit instead")
    try:
        return named[0] if named else git(root, "rev-parse", "--verify", f"{rev}^{{commit}}")
    except RerunError:
        raise RerunError(f"{rev}: no commit, branch, tag or experiment of that name") from None


def check_out(root: Path, commit: str, folder: Path) -> None:
    """Checks a commit out to `folder`, which reads git's objects from `root`."""
    git(root, "clone", "--quiet", "--shared", "--no-checkout", "--template=", ".", str(folder))
    git(folder, "checkout", "--quiet", "--detach", commit)
    (folder / ".dvc" / "config.local").write_text("[cache]\n    dir = cache\n")


def bring_data(root: Path, folder: Path) -> None:
    """Copies the data of the chosen source from the user's DVC cache.

    DVC itself would remove a damaged object from the user's cache.
    """
    params = yaml.safe_load((folder / "params.yaml").read_text("utf-8"))
    chosen = (paths.SOURCES / params["data"]["source"]).as_posix()
    pointers = git(folder, "ls-files", f"{chosen}.dvc", f"{chosen}/*.dvc").splitlines()
    cache = (root / ask(root, *DVC, "cache", "dir")).resolve() if pointers else root
    for pointer in pointers:
        for out in yaml.safe_load((folder / pointer).read_text("utf-8"))["outs"]:
            _copy_object(cache, folder / ".dvc" / "cache", out["md5"])


def _copy_object(cache: Path, own: Path, digest: str) -> None:
    name = Path("files", "md5", digest[:2], digest[2:])
    if not (cache / name).is_file():
        return  # DVC reports it if a stage needs it
    (own / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(cache / name, own / name)
    if digest.endswith(".dir"):
        for entry in json.loads((own / name).read_bytes()):
            _copy_object(cache, own, entry["md5"])


def forget(folder: Path, lock: Lock) -> Files:
    """Removes the outputs and the lock file; returns the outputs that git tracks."""
    committed: Files = {}
    for path in (out["path"] for entry in lock.values() for out in entry.get("outs", ())):
        committed |= read_files(folder, path)
        shutil.rmtree(folder / path, ignore_errors=True)
    for name in (*committed, LOCK):
        (folder / name).unlink(missing_ok=True)
    return committed


def rerun(folder: Path, scratch: Path) -> None:
    """Runs all stages; prints the name of each to stderr when it starts.

    Raises:
        RerunError: a stage failed, or data is missing.
    """
    env = environ() | {name: str(scratch / name) for name in KEPT} | {"MNIST_DIR": str(CACHE)}
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
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, signal.SIGKILL)
        raise
    if process.wait() != 0:
        said = "".join(printed[-20:]).strip()
        missing = "\nIt is not in your DVC cache: get it with dvc pull or dvc add."
        raise RerunError(said + missing * ("missing data" in said))


def list_untracked(folder: Path) -> set[str]:
    """Lists the files that git neither tracks nor ignores, or that DVC has only staged."""
    status = git(folder, "status", "--porcelain", "--untracked-files=all").splitlines()
    return {line.split(maxsplit=1)[1] for line in status if line.split()[0] in ("??", "A", "AM")}


def list_edited(folder: Path, lock: Lock) -> list[str]:
    """Lists what the stages depend on and commits have changed after they changed dvc.lock.

    For a folder dvc.lock has a single MD5, which does not tell which of its files has changed.
    """
    deps = {dep["path"] for entry in lock.values() for dep in entry["deps"]}
    outs = {out["path"] for entry in lock.values() for out in entry.get("outs", ())}
    recorded = git(folder, "log", "-1", "--format=%H", "--", LOCK)
    names = git(folder, "diff", "--name-only", recorded, "HEAD", "--", *sorted(deps - outs))
    return [f"{name}: edited after dvc.lock was committed" for name in names.splitlines()]
