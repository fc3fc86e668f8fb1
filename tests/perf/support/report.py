"""What the benchmarks found: results/NAME.jsonl, and RESULTS.md and the plots made of them.

The first line of a file says when and on what; each other is a row, a series of a plot, or the
version of a peer, as the benchmark printed it.
"""

import json

from support import machine, plot

HEAD = """# Measured

Written by `tests/perf/run`; CONTRIBUTING.md says how to read it. A ratio says how many times better
ours is than the peer, measured in the same run on the same bytes, whatever the unit; a *limit* in the
peer's place is a figure to stay within. State *r*: the log lies in the page cache as readahead
left it; *a*: as many small appends did. A peer that was missing is named so.
"""


def save(folder, about, found):
    (folder / "results").mkdir(parents=True, exist_ok=True)
    about["peers"] = {**machine.peer_versions(),
                      **{it["version_of"]: it["version"] for it in found if "version_of" in it}}
    lines = [json.dumps(it, ensure_ascii=False) for it in [about, *found]]
    path = folder / "results" / f"{about['benchmark']}.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def load(folder, order):
    """(about, found) of every file: those in `order` first, then the others."""
    files = {path.stem: path for path in sorted((folder / "results").glob("*.jsonl"))}
    for name in [it for it in order if it in files] + [it for it in files if it not in order]:
        about, *found = map(json.loads, files[name].read_text(encoding="utf-8").splitlines())
        yield about, found


def number(value):
    if value is None:
        return "missing"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def times(value):
    return "" if value is None else f"{value:.2f}×" if value < 10 else f"{value:,.0f}×"


def cells(row):
    work = row["work"] + (f" ({row['state']})" if row.get("state") else "")
    peer, aim, ratio = row.get("peer", ""), row.get("aim"), row.get("ratio")
    met = "" if aim is None or ratio is None else "yes" if ratio >= aim else "**no**"
    against = f"{peer}: {number(row.get('peer_value'))}" if peer else ""
    return [work, f"{number(row['ours'])} {row['unit']}", against, times(ratio), times(aim), met,
            row.get("note", "")]


def table(rows):
    head = ["work", "ours", "peer", "ratio", "aim", "met", ""]
    lines = [head, ["---", "---:", "---:", "---:", "---:", "---", "---"], *map(cells, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def named(values):
    return "; ".join(f"{name} {value or 'missing'}" for name, value in values.items())


def origin(about, usual):
    parts = [about["date"], about.get("commit") and f"commit {about['commit']}",
             about.get("size") and f"{about['size']:,} {about['of']}", about.get("note")]
    if about.get("machine") != usual:
        parts.append(named(about.get("machine", {})))
    return "; ".join(filter(None, parts)) + "."


def write(folder, order):
    files = list(load(folder, order))
    newest = max((about for about, _ in files), key=lambda it: (it["date"], "machine" in it))
    usual = newest.get("machine", {})
    peers = {name: version for about, _ in files for name, version in about.get("peers", {}).items()}
    text = [HEAD, f"Measured on: {named(usual)}.\nPeers: {named(peers)}.\n"]
    plots = {}
    for about, found in files:
        text += [f"## {about['benchmark']}\n", origin(about, usual) + "\n"]
        rows = [it for it in found if "work" in it]
        if rows:
            text.append(table(rows) + "\n")
        for series in (it for it in found if "plot" in it):
            plots.setdefault(series["plot"], []).append(series)
    if plots:
        text.append("## How it grows\n")
    for title, series in plots.items():
        name = title.replace(" ", "-") + ".svg"
        (folder / name).write_text(plot.svg(title, series), encoding="utf-8")
        text.append(f"![{title}]({name})\n")
    (folder / "RESULTS.md").write_text("\n".join(text), encoding="utf-8")
