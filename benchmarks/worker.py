"""The pipe between the bench and its contenders.

Each contender is a separate process, which works only when it is asked to. A message is one line of
JSON: {"recipe": ...} builds the contender for a system, {"steps": k} runs k steps. Every answer is
one line too: {"parameters", "precision", "note", "sums"}, {"seconds", "sums"} or {"error"}.
"""

import json
import os
import subprocess
import sys
import time


def num_cores():
    """Returns how many cores this process may use; as in ganlib, but without TensorFlow."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Worker:
    """The bench's end of the pipe to one contender.

    Args:
        script: path of the script that calls `serve`.
        contender: its argument.
    """

    def __init__(self, script, contender):
        self.process = subprocess.Popen(
            [sys.executable, str(script), contender],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, **message):
        """Returns the answer to a message, a dict.

        Raises:
            RuntimeError: if the answer is an error, or none comes.
        """
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer shows it
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"ended with exit status {self.process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def close(self):
        """Ends the contender's process, and waits until it has ended."""
        self.process.stdin.close()
        self.process.wait()


def serve(build):
    """Answers messages from stdin until it closes.

    A contender has these methods and attributes:
        run(steps): trains; it may return the seconds that count, if not all of them do.
        sums(): the sums of the absolute weights of generator and discriminator, which show that
            both learn.
        parameters: number of trainable weights.
        precision: "float32" or "bfloat16".
        note: what the bench should say beside its name, or "".

    Args:
        build: function of a message's fields that returns a contender.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes to stderr, not into the pipe
    contender = None
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if "steps" in message:
                start = time.perf_counter()
                seconds = contender.run(message["steps"]) or time.perf_counter() - start
                answer = {"seconds": seconds}
            else:
                contender = None  # frees the memory of the previous system first
                contender = build(**message)
                told = ("parameters", "precision", "note")
                answer = {name: getattr(contender, name) for name in told}
            answer["sums"] = contender.sums()
        except Exception as error:  # the bench prints it in the contender's row and goes on
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)
