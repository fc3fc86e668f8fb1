"""The peers of a scan; each is None where it is not there."""

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from support.rounds import Program, say

HERE = Path(__file__).resolve().parent
NEEDLE = '"type":"tool_called"'

JQ_STATS = """
reduce inputs as $e ({}; .[$e.type] |= {
  events: (.events + 1), tokens_in: (.tokens_in + $e.metadata.tokens_in),
  tokens_out: (.tokens_out + $e.metadata.tokens_out), cost_usd: (.cost_usd + $e.metadata.cost_usd)})
"""


def work_folder():
    return Path(os.environ.get("TMPDIR", "."))


def found(program):
    return program if shutil.which(program.words[0]) else None


def ripgrep(log):
    return found(Program("rg", ["rg", NEEDLE, log.path]))


def ripgrep_count(log):
    return found(Program("rg -c", ["rg", "-c", NEEDLE, log.path]))


def cat(log):
    return found(Program("cat", ["cat", log.path], sink=work_folder() / "cat.out"))


def wc(log):
    return found(Program("wc -l", ["wc", "-l", log.path]))


def jq_stats(log):
    return found(Program("jq", ["jq", "-n", JQ_STATS, log.path], once=True))


@functools.cache
def npm_folder(name, package):
    """Where a peer is installed, by npm when it is asked for first; None where that fails."""
    folder = work_folder() / name.lower()
    if not (folder / "node_modules" / package).exists():
        if not shutil.which("npm"):
            return None
        folder.mkdir(exist_ok=True)
        print(f"installing {name}", file=sys.stderr)
        done = subprocess.run(["npm", "install", "--silent", "--prefix", folder, package],
                              stdout=sys.stderr)
        if done.returncode != 0:
            return None
    about = folder / "node_modules" / package / "package.json"
    say(version_of=name, version=json.loads(about.read_text(encoding="utf-8"))["version"])
    return folder


def duckdb_folder():
    return npm_folder("DuckDB", "@duckdb/node-api")


def duckdb_query(query):
    folder = duckdb_folder()
    if folder is None:
        return None
    return Program("DuckDB", ["node", HERE / "duckdb_query.cjs", folder, query],
                   sink=work_folder() / "duckdb.out", own_clock=True)


def ccusage(config_dir):
    """Its native program, over the transcripts in `config_dir`/projects."""
    package = "@ccusage/ccusage-linux-x64"
    folder = npm_folder("ccusage", package)
    if folder is None:
        return None
    program = folder / "node_modules" / package / "bin/ccusage"
    program.chmod(0o755)
    return Program("ccusage", ["env", f"CLAUDE_CONFIG_DIR={config_dir}", program, "daily", "--offline", "--json"])


def duckdb_stats(log):
    folder = duckdb_folder()
    if folder is None:
        return None
    return Program("DuckDB", ["node", HERE / "duckdb_stats.cjs", folder, log.path],
                   sink=work_folder() / "duckdb.out", own_clock=True)
