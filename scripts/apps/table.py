"""The README's table of programs, from scripts/apps/results.json: the latest result of each program, kept in the repository."""
import json

from clusters import ROOT, Failure

RESULTS = ROOT / "scripts" / "apps" / "results.json"
README = ROOT / "README.md"
BEGIN, END = "<!-- programs: written by make check-apps UPDATE=1 -->", "<!-- end of programs -->"


def update(results):
    """Puts new results in the place of older ones of the same programs, and writes the table."""
    tried = {result["app"] for result in results}
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else []
    merged = sorted([old for old in kept if old["app"] not in tried] + results, key=lambda result: result["app"])
    # A line for each, so that two who add programs don't meet.
    RESULTS.write_text("[\n" + ",\n".join(json.dumps(result) for result in merged) + "\n]\n")
    write(merged)


def write(results):
    text = README.read_text()
    if BEGIN not in text or END not in text:
        raise Failure("README.md lacks the marks of the table of programs")
    before, rest = text.split(BEGIN, 1)
    README.write_text(before + BEGIN + "\n" + table(results) + END + rest.split(END, 1)[1])


def table(results):
    clusters = sorted({result["cluster"] for result in results if result["cluster"]})
    lines = ["| program | version | " + "".join(f"on {name} | " for name in clusters).rstrip(),
             "|---|---|" + "---|" * len(clusters)]
    for name in dict.fromkeys(result["app"] for result in results):
        mine = [result for result in results if result["app"] == name]
        first = mine[0]
        title = first["title"] + (f"; {first['note']}" if first["note"] else "")
        if not first["cluster"]:
            cells = [f"{first['outcome']}: {first['reason']}"] + [""] * (len(clusters) - 1)
        else:
            cells = [cell([result for result in mine if result["cluster"] == cluster]) for cluster in clusters]
        lines.append(f"| {title} | {first['version']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def cell(results):
    return ", ".join(f"{result['mode']} {result['seconds']:.2f} s" if result["outcome"] == "passed"
                     else f"{result['mode']}: {result['outcome']}: {result['reason']}" for result in results)


if __name__ == "__main__":
    write(json.loads(RESULTS.read_text()))
