"""One task of the bench in a process of its own: prints its seconds and its peak memory as JSON, and ends."""

import json
import sys

import django


def main() -> None:
    django.setup()
    from dropout.bench import figures, importing, sheets
    from dropout.bench.measuring import peak_megabytes

    task, arguments = sys.argv[1], json.loads(sys.argv[2])
    module, name = task.split(".")
    seconds = {"figures": figures, "importing": importing, "sheets": sheets}[module].TASKS[name](*arguments)
    sys.stdout.write(json.dumps({"seconds": seconds, "megabytes": peak_megabytes()}) + "\n")


if __name__ == "__main__":
    main()
