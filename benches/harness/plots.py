"""Draws the plots: plots.py RESULTS.json DIRECTORY. Runs in an environment that has matplotlib.

The background stays transparent and the text is grey, so that they can be read on white and on dark pages.
"""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator  # noqa: E402

GREY = "#808a94"
COLOURS = {"a": "#d9822b", "b": "#2f8fd8", "java": "#a66bbe", "go": "#3fa66a"}
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "oxide", "font.family": "sans-serif", "font.size": 9,
         "text.color": GREY, "axes.edgecolor": GREY, "axes.labelcolor": GREY, "xtick.color": GREY, "ytick.color": GREY,
         "axes.titlesize": 10,
         "axes.spines.top": False, "axes.spines.right": False, "grid.color": GREY, "grid.alpha": 0.25,
         "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False, "lines.linewidth": 1.6,
         "lines.markersize": 4}

BARS = {"100b-1p": "1 part.", "100b-12p-keyless": "12 part.\nno key", "100b-12p-keys": "12 part.\nkeys",
        "100b-100p-keys": "100 part.\nkeys", "100b-12p-4threads": "12 part.\n4 threads"}
CODECS = {"1k-none": "none", "1k-gzip": "gzip", "1k-snappy": "snappy", "1k-lz4": "lz4", "1k-zstd": "zstd"}
RATES = {"latency-1k": "1k/s", "latency-10k": "10k/s", "latency-100k": "100k/s"}
PERCENTILES = {"latency_p50_us": "p50", "latency_p99_us": "p99", "latency_p999_us": "p99.9"}
GROWTH = {"partitions": "partitions", "brokers": "brokers", "threads": "producing threads",
          "size": "bytes of a message"}


def value(results, case, figure, label):
    """The median of a contender's runs, or None."""
    runs = results["cases"].get(case, {"runs": {}})["runs"].get(label, [])
    found = sorted(run[figure] for run in runs if run and run.get(figure) is not None)
    return (found[(len(found) - 1) // 2] + found[len(found) // 2]) / 2 if found else None


def plain(number, _position=None):
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:g}{letter}"
    return f"{number:g}"


def log_axis(axis):
    axis.set_major_formatter(FuncFormatter(plain))
    axis.set_minor_formatter(NullFormatter())
    axis.set_minor_locator(NullLocator())


def bars(axes, results, cases, figure, scale, title, logarithmic=False):
    """A group for each case that has results, a bar for each contender."""
    cases = {case: name for case, name in cases.items() if value(results, case, figure, "b")}
    labels = list(results["titles"])
    width = 0.8 / len(labels)
    for number, label in enumerate(labels):
        found = [value(results, case, figure, label) for case in cases]
        at = [i + (number - (len(labels) - 1) / 2) * width for i, v in enumerate(found) if v is not None]
        axes.bar(at, [v * scale for v in found if v is not None], width * 0.92, color=COLOURS[label],
                 label=results["titles"][label])
    axes.set_xticks(range(len(cases)), cases.values())
    axes.tick_params(axis="x", length=0)
    if logarithmic:
        axes.set_yscale("log")
        log_axis(axes.yaxis)
    axes.set_title(title, loc="left")
    axes.grid(axis="y")


def growth_line(axes, results, growth, figure, scale, title, logarithmic=True):
    for label in ("a", "b"):
        points = sorted((case["at"], value(results, name, figure, label)) for name, case in results["cases"].items()
                        if case["growth"] == growth and value(results, name, figure, label) is not None)
        if points:
            axes.plot([at for at, _ in points], [v * scale for _, v in points], "o-", color=COLOURS[label],
                      label=results["titles"][label])
    axes.set_xscale("log")
    log_axis(axes.xaxis)
    axes.set_xticks(sorted({case["at"] for case in results["cases"].values() if case["growth"] == growth}))
    if logarithmic:
        axes.set_yscale("log")
        log_axis(axes.yaxis)
    else:
        axes.set_ylim(bottom=0)
    axes.set_title(title, loc="left")
    axes.set_xlabel(GROWTH[growth])
    axes.grid(axis="y")


def finish(figure, results, path):
    """Legend above, and below where and when this was measured."""
    m = results["machine"]
    handles = {}
    for axes in figure.axes:
        handles |= dict(zip(*reversed(axes.get_legend_handles_labels())))
    figure.legend(handles.values(), handles.keys(), loc="upper left", ncols=4)
    figure.text(0.99, 0.01, f"{m['cores']} cores, {m['cpu']}, Linux {m['kernel'].split('-')[0]}, {m['time'][:10]}",
                ha="right", fontsize=7)
    figure.tight_layout(rect=(0, 0.03, 1, 0.92))
    figure.savefig(path, transparent=True, metadata={"Date": None})
    plt.close(figure)


def throughput(results, path):
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.2), width_ratios=(5, 4, 5))
    bars(axes[0], results, BARS, "msgs_per_s", 1e-6, "million messages/s, 100 B")
    growth_line(axes[1], results, "size", "mb_per_s", 1, "MB/s by size, 12 partitions")
    bars(axes[2], results, CODECS, "mb_per_s", 1, "MB/s by codec, 1 KiB log lines")
    finish(figure, results, path)


def latency(results, path):
    figure, axes = plt.subplots(1, 3, figsize=(10, 3))
    for each, (name, title) in zip(axes, PERCENTILES.items()):
        bars(each, results, RATES, name, 1, f"latency {title}, us", logarithmic=True)
    tops = [each.get_ylim() for each in axes]
    for each in axes:
        each.set_ylim(min(low for low, _ in tops), max(high for _, high in tops))
    finish(figure, results, path)


def cpu(results, path):
    figure, axes = plt.subplots(1, 2, figsize=(10, 3))
    bars(axes[0], results, BARS, "cpu_us_per_msg", 1, "CPU us per message, 100 B")
    bars(axes[1], results, CODECS, "cpu_us_per_msg", 1, "CPU us per message, 1 KiB log lines")
    finish(figure, results, path)


def growth_plot(results, path):
    figure, axes = plt.subplots(2, 4, figsize=(11, 5.2))
    for column, name in enumerate(GROWTH):
        growth_line(axes[0][column], results, name, "cpu_us_per_msg", 1, "CPU us per message",
                    logarithmic=name in ("partitions", "size"))
        growth_line(axes[1][column], results, name, "peak_rss_kib", 1 / 976.5625, "peak memory, MB", logarithmic=False)
    finish(figure, results, path)


def main():
    results = json.loads(pathlib.Path(sys.argv[1]).read_text())
    directory = pathlib.Path(sys.argv[2])
    plt.rcParams.update(STYLE)
    for name, draw in {"throughput": throughput, "latency": latency, "cpu": cpu, "growth": growth_plot}.items():
        draw(results, directory / f"{name}.svg")


if __name__ == "__main__":
    main()
