"""One line on the terminal that tells how far a run of the benchmark is, and how long it will take still."""
import sys
import time


def progress(text, end=False):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{'' if end else text}")
    elif not end:
        sys.stderr.write(text + "\n")
    sys.stderr.flush()


class Estimate:
    """What remains: the guess of every run to come, corrected by how long those so far took."""

    def __init__(self, guesses_s):
        self.remaining_s = sum(guesses_s)
        self.total = len(guesses_s)
        self.done = 0
        self.guessed_s = self.took_s = 0.0

    def begin(self, text):
        self.started = time.monotonic()
        factor = self.took_s / self.guessed_s if self.guessed_s > 10 else 1.0
        left_s = int(self.remaining_s * factor)
        progress(f"[{self.done + 1}/{self.total}] {text} ({left_s // 60}:{left_s % 60:02d} left)")

    def end(self, guess_s):
        self.done += 1
        self.took_s += time.monotonic() - self.started
        self.guessed_s += guess_s
        self.remaining_s -= guess_s

    def skip(self, guesses_s):
        """Runs that a former call already did."""
        self.done += len(guesses_s)
        self.remaining_s -= sum(guesses_s)
