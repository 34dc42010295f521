"""From runs to figures: medians, spreads, ratios, and who is ahead of us where."""
import statistics

from cases import HIGHER
from harness.contenders import TITLES


def values(figure, runs):
    return [run.get(figure.name) if run else None for run in runs]


def ratios(ours, others):
    """Of the rounds in which both ran."""
    return [b / a for a, b in zip(others, ours) if a and b is not None]


def compared(figure, ours, others):
    """One contender beside ours, or None if it has no such figure."""
    known = [v for v in others if v is not None]
    if not known:
        return None
    median, found = statistics.median(known), ratios(ours, others)
    ratio = statistics.median(found) if found else None
    return {"median": median, "spread": (max(known) - min(known)) / median if median else 0.0, "runs": len(known),
            "ratio": ratio, "ratio_min": min(found, default=None), "ratio_max": max(found, default=None),
            "ahead": ratio is not None and (round(ratio, 2) < 1 if figure.better == HIGHER else round(ratio, 2) > 1)}


def summary(figure, runs):
    """One row of the table, or None when ours has no figure. Ratios are ours by theirs."""
    ours = values(figure, runs["b"])
    sides = {label: compared(figure, ours, values(figure, runs[label])) for label in TITLES if label in runs}
    sides = {label: side for label, side in sides.items() if side}
    if "b" not in sides:
        return None
    ratio = sides["a"]["ratio"] if "a" in sides else None
    met = None
    if figure.goal is not None and ratio is not None:
        met = round(ratio, 2) >= figure.goal if figure.better == HIGHER else round(ratio, 2) <= figure.goal
    return {"figure": figure.name, "unit": figure.unit, "scale": figure.scale, "better": figure.better,
            "goal": figure.goal, "met": met, "sides": sides}


def number(value):
    if value == 0 or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}" if abs(value) >= 0.01 else f"{value:.5f}"


def cell(row, label):
    """A peer's cell has how ours compares; one that is ahead of ours is marked."""
    side = row["sides"].get(label)
    if not side:
        return ""
    text = f"{number(side['median'] * row['scale'])} ±{side['spread'] * 50:.0f} %"
    if label in ("java", "go") and side["ratio"] is not None:
        text += f" ({side['ratio']:.2f}x)"
    return text + (" **ahead**" if side["ahead"] and label != "b" else "")


def table_row(case, row, labels):
    goal = "" if row["goal"] is None else f"{'>=' if row['better'] == HIGHER else '<='} {row['goal']:g}"
    met = {None: "", True: "yes", False: "no"}[row["met"]]
    a = row["sides"].get("a") or {"ratio": None}
    ratio = "-" if a["ratio"] is None else f"{a['ratio']:.2f}x ({a['ratio_min']:.2f}-{a['ratio_max']:.2f})"
    name = row["figure"] + (f", {row['unit']}" if row["unit"] else "")
    return [case, name, cell(row, "a"), cell(row, "b"), ratio, goal, met, *(cell(row, p) for p in labels)]


def table(cases, titles):
    """Lines of Markdown: `cases` are {name: {"figures": rows}}."""
    labels = [p for p in ("java", "go") if any(p in row["sides"] for c in cases.values() for row in c["figures"])]
    rows = [["case", "figure", titles["a"], titles["b"], f"{titles['b']} / {titles['a']}", "goal", "met",
             *(titles[p] for p in labels)]]
    rows += [table_row(name, row, labels) for name, case in cases.items() for row in case["figures"]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(c.ljust(width) for c, width in zip(row, widths)) + " |" for row in rows]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def ahead(cases, titles):
    """A line for each cell in which another one is better than ours."""
    return [f"{name}, {row['figure']}: {titles[label]} (ours / {titles[label]} is {side['ratio']:.2f})"
            for name, case in cases.items() for row in case["figures"]
            for label, side in row["sides"].items() if label != "b" and side["ahead"]]
