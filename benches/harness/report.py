"""docs/benchmarks: tables, and plots that a script in a Python environment of its own draws; README.md shows these."""
import sys

from harness import table
from harness.build import BENCHES, ROOT, command
from harness.progress import progress

DOCS = ROOT / "docs" / "benchmarks"
MARKERS = ("<!-- plots: written by make bench-report -->", "<!-- end of plots -->")
PLOTS = {"throughput": "Throughput by partitions, size and codec", "latency": "Latency by rate",
         "cpu": "CPU time of a message", "growth": "Cost by partitions, brokers, threads and size"}
ENVIRONMENT = ROOT / ".cache" / "bench-venv"


def environment():
    """The Python that has matplotlib, made once."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / "complete").exists():
        progress("fetching matplotlib")
        command(sys.executable, "-m", "venv", ENVIRONMENT)
        command(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "matplotlib>=3.8")
        (ENVIRONMENT / "complete").touch()
    return python


def describe(results):
    """The machine, the day, and who was compared."""
    m, titles = results["machine"], results["titles"]
    lines = [f"{m['time'][:10]}, {m['cores']} cores ({m['cpu']}), Linux {m['kernel']}, load average at the end "
             f"{m['load']:.1f}.", ""]
    lines += [f"* {titles[label]}: {version}" for label, version in results["versions"].items()]
    return lines


def fill_in_readme(results):
    """The project's README shows the plots, between two markers, once there are any."""
    readme, (before, after) = ROOT / "README.md", MARKERS
    text = readme.read_text()
    if before not in text or after not in text:
        sys.exit(f"benches: {readme} has lost its markers: {before} and {after}")
    head, tail = text.split(before)[0], text.split(after)[1]
    m = results["machine"]
    lines = [before, "", *(f"![{title}](docs/benchmarks/{name}.svg)" for name, title in PLOTS.items()), "",
             f"Measured on {m['time'][:10]} with {m['cores']} cores ({m['cpu']}), Linux {m['kernel'].split('-')[0]}. "
             "All figures, and where others are ahead: [docs/benchmarks](docs/benchmarks/README.md).", "", after]
    readme.write_text(head + "\n".join(lines) + tail)


def write(results, file, docs):
    docs.mkdir(parents=True, exist_ok=True)
    cases, titles = results["cases"], results["titles"]
    groups = {"Cases with goals": {n: c for n, c in cases.items() if not c["growth"] and not n.startswith("kafka-")},
              "Apache Kafka as the sink": {n: c for n, c in cases.items() if n.startswith("kafka-")},
              "Growth": {n: c for n, c in cases.items() if c["growth"]}}
    lines = ["# Measured", "", "Written by `make bench-report`; `benches/README.md` tells how to read it.", "",
             *describe(results), "",
             f"At most {results['pairs']} rounds of {results['seconds']:g} s (at a rate: 2 s at least), profile "
             f"{results['profile']}, everybody in turn; growth and peers take part in fewer. Medians ± half the "
             "spread; ratios are ours by theirs, the median of the rounds'.", ""]
    lines += [f"![{title}]({name}.svg)" for name, title in PLOTS.items()]
    behind = table.ahead(cases, titles)
    lines += ["", "## Where others are ahead of ours", "", *([f"* {line}" for line in behind] or ["Nowhere."])]
    for title, group in groups.items():
        if group:
            lines += ["", f"## {title}", "", *table.table(group, titles)]
    errors = [error for case in cases.values() for error in case["runs"]["errors"]]
    if errors:
        lines += ["", "## Runs that failed", "", *(f"* {error.splitlines()[0]}" for error in errors)]
    (docs / "README.md").write_text("\n".join(lines) + "\n")
    command(environment(), BENCHES / "harness" / "plots.py", file, docs)
    if docs == DOCS:
        fill_in_readme(results)
    progress("", end=True)
    print(f"Report: {docs / 'README.md'}")
